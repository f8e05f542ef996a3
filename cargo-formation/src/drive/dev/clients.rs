//! Clients that steer this formation: what they ask, as events, and what they are answered.

use std::collections::BTreeMap;

use tokio::time::timeout;

use super::Loop;
use super::changes::Table;
use super::loans::{Loan, Loans};
use super::shape::Shape;
use super::sight::Sight;
use crate::control::{Became, Names, Quantities, Reply, Request, Until};
use crate::drive::FAREWELL;
use crate::formation::{Certainty, Formation, ProcessName, RunName, Target, nearest};
use crate::narrate::notice;
use crate::supervise::{Answer, Command, Event, Outcome, StopReason, Ticket, Whom};
use crate::world::control::{ClientId, Door, Listening, News, Replies};
use crate::world::history::TOOL;

/// Who waits for what.
#[derive(Debug, Default)]
pub(super) struct Clients {
    door: Option<Door>,
    waiting: BTreeMap<Ticket, Waiting>,
    /// Those that are told the end by the end of their connection.
    seeing_out: Vec<Replies>,
    pub(super) loans: Loans,
}

#[derive(Debug)]
struct Waiting {
    replies: Replies,
    command: Command,
}

impl Clients {
    pub(super) fn new(door: Option<Door>) -> Self {
        Self { door, ..Self::default() }
    }

    /// Nobody comes in any more.
    pub(super) fn close(&self) {
        self.door.iter().for_each(Door::shut);
    }

    /// The formation has ended: everybody who has asked hears it, by the end of the connection
    /// if by nothing else. Who takes nothing is not waited for.
    pub(super) async fn see_out(mut self) {
        let door = self.door.take();
        drop(self);
        if let Some(door) = door {
            let _ = timeout(FAREWELL, door.see_out()).await;
        }
    }

    /// The formation ends: say so now, and by the end of the connection when it has.
    fn tell_the_end(&mut self, replies: &Replies) {
        replies.send(Reply::Ending { pid: std::process::id() });
        self.seeing_out.push(replies.clone());
    }
}

impl Loop {
    /// What a client wants.
    pub(super) fn client(&mut self, news: News) -> Vec<Event> {
        match news {
            News::Asked(ClientId(number), request, replies) => {
                let events = self.asked(Ticket(number), request, &replies);
                events.unwrap_or_else(|reason| {
                    replies.send(Reply::refused(reason));
                    Vec::new()
                })
            }
            News::Left(ClientId(number)) => self.left(Ticket(number)),
        }
    }

    /// What comes of a request, or why nothing does.
    fn asked(
        &mut self,
        ticket: Ticket,
        request: Request,
        replies: &Replies,
    ) -> Result<Vec<Event>, String> {
        Ok(match request {
            Request::Ps => {
                self.show(replies.clone());
                Vec::new()
            }
            Request::Down => self.down(replies),
            Request::Lend { name } => self.lend(ticket, &name, replies)?,
            Request::Debug(names) => self.debug(ticket, &names, replies)?,
            Request::Logs(wish) => {
                self.check_names(&wish.names)?;
                replies.listen(Listening::start(&self.history, wish));
                Vec::new()
            }
            Request::Attach(wish) => {
                self.attach(&wish, replies)?;
                Vec::new()
            }
            Request::Scale(quantities) => self.scale(ticket, &quantities, replies)?,
            Request::Wait { until: Until::Ready } => {
                vec![self.wait_for(ticket, Command::Ready, replies)]
            }
            Request::Wait { until: Until::Idle } => {
                // Something may have been saved that nobody has seen yet.
                let look = Event::Edited(Certainty::Possible);
                vec![look, self.wait_for(ticket, Command::Idle, replies)]
            }
            Request::Restart(names) if names.names.is_empty() => {
                self.with_release(|it| it.change(ticket, &names, replies, Command::Renew))?
            }
            Request::Restart(names) => {
                self.with_release(|it| it.begin(ticket, &names, replies, Command::Restart))?
            }
            Request::Stop(names) => self.change(ticket, &names, replies, Command::Stop)?,
            Request::Start(names) => {
                self.with_release(|it| it.begin(ticket, &names, replies, Command::Start))?
            }
        })
    }

    /// Have something started, and before that `release` once more, if it has failed: nothing
    /// would start otherwise.
    fn with_release(
        &mut self,
        start: impl FnOnce(&mut Self) -> Result<Vec<Event>, String>,
    ) -> Result<Vec<Event>, String> {
        let again = self.release_again();
        Ok(again.into_iter().chain(start(self)?).collect())
    }

    /// What has `release` tried again, if it has failed.
    pub(super) fn release_again(&self) -> Option<Event> {
        self.supervise.has_release_failed().then_some(Event::Edited(Certainty::Known))
    }

    /// Have somebody run, also who is scheduled and was not of the formation here.
    fn begin(
        &mut self,
        ticket: Ticket,
        names: &Names,
        replies: &Replies,
        command: impl FnOnce(Whom) -> Command,
    ) -> Result<Vec<Event>, String> {
        let whom = whom(&names.names, &self.shape.formation)?;
        let mut events = self.plan_scheduled(&whom)?;
        if names.wait || events.is_empty() {
            events.extend(self.ask_for(ticket, command(whom), replies, names.wait));
        } else {
            // Whoever is planned from now on is nobody yet, and will be when this is done.
            events.push(Event::Asked(None, command(whom)));
            replies.send(Reply::Done { became: Vec::new() });
        }
        Ok(events)
    }

    /// A client has gone: what it had for as long as it was there comes back.
    fn left(&mut self, ticket: Ticket) -> Vec<Event> {
        let waiting = self.clients.waiting.remove(&ticket);
        let forgotten = waiting.iter().map(|_| Event::Forgotten(ticket));
        let returned = self.clients.loans.end(ticket);
        if let Some(Loan::Instance { target, run: Some(run), .. }) = &returned {
            self.routes.take_back(*run, target.process());
        }
        let returned = returned.map(|loan| Event::Asked(None, loan.end()));
        forgotten.chain(returned).collect()
    }

    fn change(
        &mut self,
        ticket: Ticket,
        names: &Names,
        replies: &Replies,
        command: impl FnOnce(Whom) -> Command,
    ) -> Result<Vec<Event>, String> {
        let whom = whom(&names.names, &self.shape.formation)?;
        Ok(self.ask_for(ticket, command(whom), replies, names.wait))
    }

    /// Have something done, and answer when it is, or at once.
    fn ask_for(
        &mut self,
        ticket: Ticket,
        command: Command,
        replies: &Replies,
        wait: bool,
    ) -> Vec<Event> {
        if wait {
            return vec![self.wait_for(ticket, command, replies)];
        }
        match self.supervise.objection(&command) {
            None => replies.send(Reply::Done { became: Vec::new() }),
            Some(Answer::Ending) => self.clients.tell_the_end(replies),
            Some(objection) => {
                replies.send(reply(&objection, &self.shape.formation, self.builds.failure()));
            }
        }
        vec![Event::Asked(None, command)]
    }

    pub(super) fn wait_for(
        &mut self,
        ticket: Ticket,
        command: Command,
        replies: &Replies,
    ) -> Event {
        let waiting = Waiting { replies: replies.clone(), command: command.clone() };
        self.clients.waiting.insert(ticket, waiting);
        Event::Asked(Some(ticket), command)
    }

    /// Tell a client what came of what it asked for.
    pub(super) fn answer(&mut self, ticket: Ticket, answer: &Answer) {
        // A table that is being read may change what is wanted: that is asked again.
        let reads = self.sight.as_ref().is_some_and(Sight::is_reading);
        let waiting = &mut self.clients.waiting;
        let is_early = |it: &Waiting| it.command == Command::Idle && reads;
        if *answer != Answer::Ending && waiting.get(&ticket).is_some_and(is_early) {
            return;
        }
        let Some(Waiting { replies, command }) = waiting.remove(&ticket) else { return };
        if let Some(reply) = self.lent(ticket, answer) {
            replies.send(reply);
            return;
        }
        if *answer == Answer::Ending {
            self.clients.tell_the_end(&replies);
        } else if command == Command::Idle && self.table == Table::Refused {
            let reason = "what was saved of the table or the environment cannot be, and the \
                          formation is as it was before";
            replies.send(Reply::Failed { reason: reason.into(), became: Vec::new() });
        } else {
            replies.send(reply(answer, &self.shape.formation, self.builds.failure()));
        }
    }

    /// What was read is known now: whoever waits for the end of everything asks once more.
    pub(super) fn ask_again(&self) -> Vec<Event> {
        let idle = self.clients.waiting.iter().filter(|(_, it)| it.command == Command::Idle);
        let again = idle.flat_map(|(ticket, waiting)| {
            let asked = Event::Asked(Some(*ticket), waiting.command.clone());
            [Event::Forgotten(*ticket), asked]
        });
        again.collect()
    }

    /// Whether each of these has lines, or may have.
    fn check_names(&self, names: &[String]) -> Result<(), String> {
        let formation = &self.shape.formation;
        for name in names.iter().filter(|name| *name != TOOL) {
            let target: Target = name.parse().map_err(|error| format!("`{name}`: {error}"))?;
            let process = target.process();
            if formation.get(process).is_none() && formation.service(process).is_none() {
                return Err(unknown(process, formation));
            }
        }
        Ok(())
    }

    fn down(&mut self, replies: &Replies) -> Vec<Event> {
        self.clients.tell_the_end(replies);
        // Twice is once: nobody who waits for the end wants it to be hasty.
        if self.supervise.is_ending() {
            return Vec::new();
        }
        vec![Event::Stop(StopReason::Client)]
    }

    fn scale(
        &mut self,
        ticket: Ticket,
        asked: &Quantities,
        replies: &Replies,
    ) -> Result<Vec<Event>, String> {
        if self.supervise.is_ending() {
            self.clients.tell_the_end(replies);
            return Ok(Vec::new());
        }
        let (shape, scaled) = self.shape.scaled(&asked.quantities)?;
        let before = self.shape.clone();
        let (mut events, problems) = self.rescale(shape);
        events.extend(self.start_added(&before));
        let whom = match scaled {
            Some(processes) => Whom::These(processes.into_iter().map(Target::Process).collect()),
            None => Whom::All,
        };
        if let Some(problem) = problems.into_iter().next() {
            replies.send(Reply::Failed { reason: problem, became: Vec::new() });
        } else {
            events.extend(self.ask_for(ticket, Command::Settle(whom), replies, asked.wait));
        }
        Ok(events)
    }

    /// From now on other quantities are run. What cannot be is said, and returned.
    pub(super) fn rescale(&mut self, shape: Shape) -> (Vec<Event>, Vec<String>) {
        let builds = shape.plan.build != self.shape.plan.build;
        let (mut events, problems) = self.adopt(shape);
        if builds {
            events.insert(0, Event::Lacking);
        }
        for problem in &problems {
            self.wiring.writer.say(notice::error(problem));
        }
        (events, problems)
    }
}

/// Who is meant by these names.
pub(super) fn whom(names: &[String], formation: &Formation) -> Result<Whom, String> {
    if names.is_empty() {
        return Ok(Whom::All);
    }
    let targets = names.iter().map(|name| target(name, formation)).collect::<Result<_, _>>()?;
    Ok(Whom::These(targets))
}

pub(super) fn target(name: &str, formation: &Formation) -> Result<Target, String> {
    let target: Target = name.parse().map_err(|error| format!("`{name}`: {error}"))?;
    let process = target.process();
    if process.is_release() {
        return Err(
            "`release` runs by itself, once and where it has changed; run it by hand with \
                    `cargo formation run release`"
                .into(),
        );
    }
    if formation.get(process).is_none() && formation.service(process).is_none() {
        return Err(unknown(process, formation));
    }
    Ok(target)
}

/// Nobody is called this, and who is.
pub(super) fn unknown(name: &ProcessName, formation: &Formation) -> String {
    let types = formation.processes.iter().map(|process| &process.name);
    let services = formation.settings.services.iter().map(|service| &service.name);
    let known: Vec<&str> = types.chain(services).map(ProcessName::as_str).collect();
    let near = nearest(name.as_str(), known.iter().copied());
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("nothing is called `{name}` in this formation, which has {}{near}", known.join(", "))
}

/// An answer, in the words of the protocol.
fn reply(answer: &Answer, formation: &Formation, why_not_built: &str) -> Reply {
    let failed = |reason: &str| Reply::Failed { reason: reason.into(), became: Vec::new() };
    match answer {
        Answer::Over(came) => {
            let became: Vec<Became> = came.iter().map(became).collect();
            match notice::failed(came) {
                None => Reply::Done { became },
                Some(reason) => Reply::Failed { reason, became },
            }
        }
        Answer::Unknown(target @ Target::Instance(_))
            if formation.get(target.process()).is_some() =>
        {
            Reply::refused(format!(
                "there is no `{target}` now; `cargo formation scale {}=…` changes how many there are",
                target.process()
            ))
        }
        Answer::Unknown(target) if formation.get(target.process()).is_some() => {
            let reason = format!(
                "no instance of `{target}` is wanted here; `cargo formation scale {target}=1` \
                 starts one"
            );
            Reply::refused(reason)
        }
        Answer::Unknown(target) => Reply::refused(unknown(target.process(), formation)),
        Answer::NotBuilt => failed(why_not_built),
        Answer::NotReleased => failed("`release` failed"),
        Answer::Ending => failed("the formation ends"),
    }
}

pub(super) fn became((name, outcome): &(RunName, Outcome)) -> Became {
    let (word, pid, exit) = match outcome {
        Outcome::Up(pid) => ("up", *pid, None),
        Outcome::Finished => ("finished", None, None),
        Outcome::Stopped => ("stopped", None, None),
        Outcome::Scheduled => ("scheduled", None, None),
        Outcome::Busy(pid) => ("busy", *pid, None),
        Outcome::Failed(exit) => ("failed", None, Some(exit.to_string())),
        Outcome::Late => ("late", None, None),
        Outcome::Refused(pid) => ("refused", *pid, None),
        Outcome::NotBuilt => ("not-built", None, None),
        Outcome::NotReleased => ("not-released", None, None),
        Outcome::Spared(pid) => ("spared", *pid, None),
        Outcome::Blocked => ("blocked", None, None),
        Outcome::Lent => ("lent", None, None),
        Outcome::Overtaken => ("overtaken", None, None),
    };
    Became { name: name.to_string(), outcome: word.into(), pid, exit }
}
