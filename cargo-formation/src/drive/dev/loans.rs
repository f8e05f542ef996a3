//! What clients have for as long as they are there: the place of an instance, for a process that
//! is started by hand, and all the time in the world, for a debugger.

use std::collections::BTreeMap;

use super::Loop;
use super::clients::{became, target, whom};
use crate::control::{Names, Reply};
use crate::formation::{InstanceName, Reach, RunName, Target};
use crate::supervise::{Answer, Command, Event, Outcome, RunId, Ticket, Whom};
use crate::world::control::Replies;

/// The numbers of the runs that are nobody's here begin there; those of instances are below.
const BY_HAND: u64 = 1 << 31;

/// Who has what.
#[derive(Debug, Default)]
pub(super) struct Loans(BTreeMap<Ticket, Loan>);

/// What a client has. As long as the way back to it is open, its end is noticed.
#[derive(Debug)]
pub(super) enum Loan {
    /// The place of an instance.
    Instance {
        target: Target,
        /// By what the router knows what runs there, once it does.
        run: Option<RunId>,
        _replies: Replies,
    },
    /// Everybody's patience with these.
    Time { whom: Whom, _replies: Replies },
}

impl Loan {
    /// How it is given back.
    pub(super) fn end(self) -> Command {
        match self {
            Self::Instance { target, .. } => Command::GiveBack(target),
            Self::Time { whom, .. } => Command::Resume(whom),
        }
    }
}

impl Loans {
    /// A client has gone: what it had.
    pub(super) fn end(&mut self, ticket: Ticket) -> Option<Loan> {
        self.0.remove(&ticket)
    }

    /// Whether somebody looks at one of this name with a debugger.
    pub(super) fn debug(&self, name: &RunName) -> bool {
        let mut loans = self.0.values();
        loans.any(|loan| matches!(loan, Loan::Time { whom, .. } if whom.means(name)))
    }

    fn have(&self, wanted: &Target) -> bool {
        let mut loans = self.0.values();
        loans.any(|loan| matches!(loan, Loan::Instance { target, .. } if target == wanted))
    }
}

impl Loop {
    /// A client wants to run an instance by hand.
    pub(super) fn lend(
        &mut self,
        ticket: Ticket,
        name: &str,
        replies: &Replies,
    ) -> Result<Vec<Event>, String> {
        let target = self.lendable(name)?;
        let loan = Loan::Instance { target: target.clone(), run: None, _replies: replies.clone() };
        self.clients.loans.0.insert(ticket, loan);
        Ok(vec![self.wait_for(ticket, Command::Lend(target), replies)])
    }

    fn lendable(&self, name: &str) -> Result<Target, String> {
        let target = target(name, &self.shape.formation)?;
        let Target::Instance(instance) = &target else {
            return Err(format!("`{name}` is no instance: say which, as in `{name}.1`"));
        };
        let mut planned = self.shape.plan.instances.iter();
        let planned = planned.find(|planned| planned.name == *instance);
        match planned.map(|planned| planned.reach) {
            None => Err(format!("there is no `{name}` now, whose place somebody could take")),
            Some(Reach::Socket) => Err(format!(
                "`{name}` is handed a socket by the tool, which nobody who is started by hand can be"
            )),
            Some(_) if self.clients.loans.have(&target) => {
                Err(format!("somebody has the place of `{name}` already"))
            }
            Some(_) => Ok(target),
        }
    }

    /// The instance is gone, and its place is the client's: what that is told, if this is about
    /// a loan.
    pub(super) fn lent(&mut self, ticket: Ticket, answer: &Answer) -> Option<Reply> {
        let Some(Loan::Instance { target: Target::Instance(name), .. }) =
            self.clients.loans.0.get(&ticket)
        else {
            return None;
        };
        let is_free = matches!(answer, Answer::Over(came)
            if came.iter().all(|(_, outcome)| *outcome == Outcome::Stopped));
        if !is_free {
            return None;
        }
        let base_port = self.shape.surroundings.base_port;
        if !self.is_routed(name) {
            return Some(Reply::Lent { port: None, base_port });
        }
        let (id, name) = (RunId(BY_HAND + ticket.0), name.clone());
        let lent = self.routes.lend(id, &name);
        if let Some(Loan::Instance { run, .. }) = self.clients.loans.0.get_mut(&ticket) {
            *run = lent.is_ok().then_some(id);
        }
        Some(match lent {
            Ok(port) => Reply::Lent { port: Some(port), base_port },
            Err(error) => Reply::refused(format!("no port for `{name}`: {error}")),
        })
    }

    fn is_routed(&self, name: &InstanceName) -> bool {
        let mut planned = self.shape.plan.instances.iter();
        planned.any(|planned| planned.name == *name && planned.reach == Reach::Routed)
    }

    /// A client looks at these with a debugger.
    pub(super) fn debug(
        &mut self,
        ticket: Ticket,
        names: &Names,
        replies: &Replies,
    ) -> Result<Vec<Event>, String> {
        let whom = whom(&names.names, &self.shape.formation)?;
        let seen = self.supervise.view(self.wiring.clock.now()).into_iter();
        let running = seen.filter(|seen| whom.means(&seen.name));
        let running = running.filter_map(|seen| Some((seen.name, seen.run?.pid)));
        let running: Vec<(RunName, Outcome)> =
            running.map(|(name, pid)| (name, Outcome::Up(pid))).collect();
        replies.send(Reply::Debugging { became: running.iter().map(became).collect() });
        let loan = Loan::Time { whom: whom.clone(), _replies: replies.clone() };
        self.clients.loans.0.insert(ticket, loan);
        Ok(vec![Event::Asked(None, Command::Suspend(whom))])
    }
}
