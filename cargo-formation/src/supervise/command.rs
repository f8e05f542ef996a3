//! What becomes of what somebody has asked of a formation that runs.
//!
//! A command changes what is wanted, at once; what becomes of that is answered when it is
//! known, exactly once. Whoever asked may be gone by then.

use super::asked::{Answer, Command, Outcome, Ticket};
use super::gate::Gate;
use super::instance::Instance;
use super::member::{Asked, Hold, Member};
use super::protocol::{Action, BuildEnd, Whom};
use super::round::Builds;
use super::{Phase, Supervise};
use crate::formation::{Moment, RunName, Target};

/// The commands that are not answered yet.
#[derive(Debug, Default)]
pub(super) struct Tickets(Vec<Pending>);

#[derive(Debug)]
struct Pending {
    ticket: Ticket,
    wish: Wish,
}

/// What has to come about before the answer.
#[derive(Debug)]
enum Wish {
    /// Each of these is where it was to go.
    Each(Vec<(Seat, Aim)>),
    /// Everything is up.
    Ready,
    /// Everything is up and new, and nothing moves.
    Idle,
}

/// Where somebody sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seat {
    Member(usize),
    Service(usize),
}

/// Where somebody was to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aim {
    /// It runs, and was started for this request or a later one.
    Up { again: u32 },
    /// Nothing of it runs.
    Down,
    /// None of ours: it is somebody else's now.
    Nowhere,
    /// Nowhere: it is scheduled, and the run before goes on.
    Busy,
}

impl Supervise {
    /// Do what was asked for. With a ticket, it will be answered.
    pub(super) fn ask(&mut self, ticket: Option<Ticket>, command: &Command, now: Moment) {
        if self.is_ending() {
            // Who is looked at no more has only the usual time to end.
            if let Command::Resume(whom) = command {
                let seats = self.named(whom);
                self.change(command, &seats, now);
            }
            if let Some(ticket) = ticket {
                self.out.push(Action::Answer(ticket, Answer::Ending));
            }
            return;
        }
        let wish = match command {
            Command::Ready => Ok(Wish::Ready),
            Command::Idle => Ok(Wish::Idle),
            Command::Restart(_)
            | Command::Renew(_)
            | Command::Stop(_)
            | Command::Start(_)
            | Command::Lend(_)
            | Command::GiveBack(_)
            | Command::Suspend(_)
            | Command::Resume(_)
            | Command::Settle(_) => self.meant(command).map(|seats| {
                let seats = self.spare_scheduled(command, seats);
                self.change(command, &seats, now);
                self.aims(command, seats)
            }),
        };
        match (ticket, wish) {
            (Some(ticket), Ok(wish)) => self.tickets.0.push(Pending { ticket, wish }),
            (Some(ticket), Err(target)) => {
                self.out.push(Action::Answer(ticket, Answer::Unknown(target)));
            }
            (None, _) => {}
        }
    }

    /// Why nothing would be done, whatever was asked for; nothing if something would.
    #[must_use]
    pub fn objection(&self, command: &Command) -> Option<Answer> {
        if self.is_ending() {
            return Some(Answer::Ending);
        }
        self.meant(command).err().map(Answer::Unknown)
    }

    /// Nobody waits for this answer any more. What was asked for happens all the same.
    pub(super) fn forget(&mut self, ticket: Ticket) {
        self.tickets.0.retain(|pending| pending.ticket != ticket);
    }

    fn change(&mut self, command: &Command, seats: &[Seat], now: Moment) {
        let mut is_changed = false;
        for seat in seats {
            let leaves = self.leaves(*seat);
            let back = self.hold_of_who_is_back(*seat);
            let (asked, instance) = self.asked_mut(*seat);
            let before = (asked.hold, asked.again);
            match command {
                Command::Renew(_) if !asked.is_free() => {}
                Command::Restart(_) | Command::Renew(_) => asked.restart(),
                // If it is wanted again one day, that does not depend on how long it took.
                Command::Stop(_) if leaves => {}
                Command::Stop(_) => asked.set(Hold::Stopped),
                // What ended, or waits for its time, starts now.
                Command::Start(_) if instance.is_vacant() => asked.restart(),
                Command::Start(_) => asked.set(Hold::Free),
                Command::Lend(_) => asked.hold = Hold::Lent,
                Command::GiveBack(_) => asked.give_back(back),
                Command::Suspend(_) => {
                    asked.debuggers += 1;
                    instance.set_patience(asked.patience());
                }
                Command::Resume(_) => {
                    asked.debuggers = asked.debuggers.saturating_sub(1);
                    instance.set_patience(asked.patience());
                }
                Command::Settle(_) | Command::Ready | Command::Idle => {}
            }
            is_changed |= (asked.hold, asked.again) != before;
        }
        if is_changed {
            self.begin_round(Builds::No, now);
        }
    }

    /// Everybody whom a command is about, or who is meant and not there.
    fn meant(&self, command: &Command) -> Result<Vec<Seat>, Target> {
        match command {
            Command::Restart(whom)
            | Command::Renew(whom)
            | Command::Stop(whom)
            | Command::Start(whom)
            | Command::Suspend(whom) => self.present(whom),
            Command::Lend(target) | Command::GiveBack(target) => {
                self.present(&Whom::These(vec![target.clone()]))
            }
            // Of whom nobody is wanted, nobody may be there; and whoever has left needs no more.
            Command::Settle(whom) | Command::Resume(whom) => Ok(self.named(whom)),
            Command::Ready | Command::Idle => Ok(Vec::new()),
        }
    }

    /// Those who are named, each of whom has to be there.
    fn present(&self, whom: &Whom) -> Result<Vec<Seat>, Target> {
        if let Whom::These(targets) = whom {
            let here: Vec<_> = self.seats().filter(|(seat, _)| self.is_here(*seat)).collect();
            let is_there = |target: &&Target| here.iter().any(|(_, name)| target.means(name));
            if let Some(unknown) = targets.iter().find(|target| !is_there(target)) {
                return Err(unknown.clone());
            }
        }
        Ok(self.named(whom))
    }

    /// Those of the formation who are meant, and those that leave it, as long as they do.
    fn named(&self, whom: &Whom) -> Vec<Seat> {
        let named = self.seats().filter(|(seat, name)| whom.means(name) && self.is_here(*seat));
        named.map(|(seat, _)| seat).collect()
    }

    fn seats(&self) -> impl Iterator<Item = (Seat, &RunName)> {
        let members = self.members.iter().enumerate();
        let members = members.map(|(id, member)| (Seat::Member(id), &member.instance.name));
        let services = self.services.seats();
        members.chain(services.map(|(id, instance, _)| (Seat::Service(id), &instance.name)))
    }

    /// Whether somebody is of the formation, or something of it is still alive.
    fn is_here(&self, seat: Seat) -> bool {
        let (instance, asked, wanted) = self.seat(seat);
        wanted || !asked.is_free() || !instance.is_gone()
    }

    /// Whether somebody is not of the formation any more, and nobody has stopped it before.
    fn leaves(&self, seat: Seat) -> bool {
        let (_, asked, wanted) = self.seat(seat);
        !wanted && asked.is_free()
    }

    /// What has to come about. Who is lent is nobody's to start or to stop.
    fn aims(&self, command: &Command, seats: Vec<Seat>) -> Wish {
        let moves = matches!(command, Command::Restart(_) | Command::Start(_) | Command::Stop(_));
        let aims = seats.into_iter().map(|seat| match self.seat(seat).1.hold {
            Hold::Lent if moves => (seat, Aim::Nowhere),
            Hold::Free if self.is_busy(command, seat) => (seat, Aim::Busy),
            Hold::Lent | Hold::Stopped | Hold::Scheduled | Hold::Free => (seat, self.aim(seat)),
        });
        Wish::Each(aims.collect())
    }

    fn aim(&self, seat: Seat) -> Aim {
        let (_, Asked { again, .. }, wanted) = self.seat(seat);
        if wanted { Aim::Up { again } } else { Aim::Down }
    }

    fn asked_mut(&mut self, seat: Seat) -> (&mut Asked, &mut Instance) {
        match seat {
            Seat::Member(id) => {
                let member = &mut self.members[id];
                (&mut member.asked, &mut member.instance)
            }
            Seat::Service(id) => self.services.asked_mut(id),
        }
    }

    /// Answer whatever can be answered now.
    pub(super) fn answer(&mut self) {
        let pending = std::mem::take(&mut self.tickets.0);
        for Pending { ticket, wish } in pending {
            match self.progress(&wish) {
                Some(answer) => self.out.push(Action::Answer(ticket, answer)),
                None => self.tickets.0.push(Pending { ticket, wish }),
            }
        }
    }

    /// What can be said of a wish, if it is over.
    fn progress(&self, wish: &Wish) -> Option<Answer> {
        if self.is_ending() {
            return Some(Answer::Ending);
        }
        match wish {
            Wish::Each(seats) => {
                let come = seats.iter().map(|(seat, aim)| Some((*seat, self.come(*seat, *aim)?)));
                Some(self.over(come.collect::<Option<_>>()?))
            }
            Wish::Ready => self.all_up(),
            Wish::Idle if self.moves() => None,
            Wish::Idle => self.all_new(),
        }
    }

    /// Whether something is under way that may change what runs.
    fn moves(&self) -> bool {
        if self.phase == Phase::Preparing {
            return self.services.come().is_none();
        }
        let wanted = self.members.iter();
        let mut wanted = wanted.filter(|member| member.is_wanted() && !member.is_scheduled());
        let is_told = self.round.is_none() || self.rebuild.is_understood();
        !self.rebuild.is_idle()
            || self.gate.as_ref().is_some_and(Gate::is_running)
            || wanted.any(|member| self.is_moving(member))
            || !is_told
    }

    /// Everything that is wanted runs, and is the newest there is.
    fn all_new(&self) -> Option<Answer> {
        if self.rebuild.outcome() == Some(BuildEnd::Failed) {
            return Some(Answer::NotBuilt);
        }
        if self.gate.as_ref().is_some_and(Gate::has_failed) {
            return Some(Answer::NotReleased);
        }
        self.all_come(|seat| self.aim(seat)).map(|come| self.over(come))
    }

    /// Everything that is wanted is up, as soon as nothing of it may come up any more.
    fn all_up(&self) -> Option<Answer> {
        let mut come = self.all_come(|_| Aim::Up { again: 0 })?;
        for (_, outcome) in &mut come {
            if let Outcome::Refused(pid) | Outcome::Spared(pid) = *outcome {
                *outcome = Outcome::Up(pid);
            }
        }
        Some(self.over(come))
    }

    /// Whether it is there now and then.
    fn comes_and_goes(&self, seat: Seat) -> bool {
        matches!(seat, Seat::Member(id) if self.members[id].is_scheduled())
    }

    /// What has become of everybody who is wanted; who starts again by itself may come up yet.
    fn all_come(&self, aim: impl Fn(Seat) -> Aim) -> Option<Vec<(Seat, Outcome)>> {
        if self.phase == Phase::Preparing {
            let (id, outcome) = self.services.come()?;
            return Some(vec![(Seat::Service(id), outcome)]);
        }
        let seats = self.seats().map(|(seat, _)| (seat, self.seat(seat)));
        // Nobody waits for what comes and goes.
        let wanted = seats.filter(|(seat, (_, _, wanted))| *wanted && !self.comes_and_goes(*seat));
        let come = wanted.map(|(seat, (instance, ..))| {
            let waits = instance.comes_back();
            Some((seat, self.come(seat, aim(seat)).filter(|_| !waits)?))
        });
        come.collect()
    }

    fn over(&self, come: Vec<(Seat, Outcome)>) -> Answer {
        let name = |seat| self.seat(seat).0.name.clone();
        Answer::Over(come.into_iter().map(|(seat, outcome)| (name(seat), outcome)).collect())
    }

    /// What has become of one, if it has come to something.
    fn come(&self, seat: Seat, aim: Aim) -> Option<Outcome> {
        let (instance, asked, wanted) = self.seat(seat);
        match (aim, wanted) {
            (Aim::Nowhere, _) => Some(Outcome::Lent),
            (Aim::Busy, _) => Some(Outcome::Busy(instance.pid())),
            (Aim::Down, true) => Some(Outcome::Overtaken),
            (Aim::Down, false) => instance.is_gone().then_some(match asked.hold {
                Hold::Scheduled => Outcome::Scheduled,
                Hold::Free | Hold::Stopped | Hold::Lent => Outcome::Stopped,
            }),
            // A run by the schedule may have come and gone.
            (Aim::Up { again }, false) => Some(instance.come(again).unwrap_or(Outcome::Overtaken)),
            (Aim::Up { again }, true) => instance.come(again).or_else(|| self.in_vain(seat)),
        }
    }

    /// Why an instance that is wanted does not come to it, if nothing changes that by itself.
    fn in_vain(&self, seat: Seat) -> Option<Outcome> {
        let Seat::Member(id) = seat else { return None };
        let member = &self.members[id];
        if self.phase == Phase::Preparing {
            return self.services.come().map(|_| Outcome::Blocked);
        }
        if self.is_stuck(member) {
            let refused = self.gate.as_ref().is_some_and(Gate::has_failed);
            return Some(if refused { Outcome::NotReleased } else { Outcome::NotBuilt });
        }
        let wanted = self.wanted(id)?;
        self.is_spared(id, wanted).then(|| Outcome::Spared(member.instance.pid()))
    }

    /// Whether there is nothing that an instance may run, and nothing is done about it.
    pub(super) fn is_stuck(&self, member: &Member) -> bool {
        let nothing = self.binaries[member.binary.0].released.is_none();
        let is_tried = !self.rebuild.is_idle() || self.gate.as_ref().is_some_and(Gate::is_running);
        let over = self.phase == Phase::Up && !is_tried && self.rebuild.outcome().is_some();
        nothing && over && member.instance.is_due()
    }
}
