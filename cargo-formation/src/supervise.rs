//! The decisions of `dev`: an event and the time in, actions out.
//!
//! One state machine sees everything: the phase of the formation, its builds,
//! `release`, and every instance. It must not know processes, files, sockets,
//! tokio or a clock, so that a million random histories of it can be checked
//! in seconds. After every event, what is wanted meets what is, once, in
//! `Instance::reconcile`; there is no other place that starts or replaces a run.

mod asked;
mod command;
mod conclusion;
mod gate;
mod instance;
mod member;
mod notice;
mod outbox;
mod protocol;
mod rebuild;
mod replan;
mod rollout;
mod round;
mod run;
mod schedule;
mod services;
mod stopping;
#[cfg(test)]
mod tests;
mod traffic;
mod version;
mod view;

use std::collections::BTreeSet;

pub use self::asked::{Answer, Command, Outcome, Ticket};
use self::command::Tickets;
use self::gate::{Gate, Verdict};
use self::instance::{Failure, Instance};
use self::member::Member;
pub use self::notice::{Awaited, Fate, Next, Notice, Settled};
use self::outbox::Outbox;
pub use self::protocol::{
    Action, AtTheEnd, BinaryId, BuildEnd, BuildId, BuildNews, Edits, Errors, Event, Hope,
    InstanceId, InstanceSpec, Occasion, OnFailure, Owner, Policy, ReleaseSpec, Replacement, Rerun,
    RunId, RunNews, ServiceId, ServiceSpec, Spec, StopReason, Traffic, Whom,
};
use self::rebuild::Rebuild;
use self::round::{Builds, Round};
use self::services::Services;
use self::traffic::Routes;
pub use self::version::{Setup, Version};
pub use self::view::{Seen, SeenRun, State};
use crate::formation::{Certainty, ExitCode, Identity, Moment, ProcessName, RunName};

/// The state of a whole formation in development.
#[derive(Debug)]
pub struct Supervise {
    phase: Phase,
    services: Services,
    rebuild: Rebuild,
    gate: Option<Gate>,
    /// The instances, by their numbers; those that are not wanted any more are still among them.
    members: Vec<Member>,
    binaries: Vec<Artifact>,
    /// What has changed and not settled yet.
    round: Option<Round>,
    edits: Edits,
    on_failure: OnFailure,
    at_the_end: AtTheEnd,
    /// The exit code of the first process that failed.
    first_failure: Option<ExitCode>,
    /// Who gets the requests.
    routes: Routes,
    /// Who waits for an answer.
    tickets: Tickets,
    out: Outbox,
}

/// What is known of a binary.
#[derive(Clone, Copy, Debug, Default)]
struct Artifact {
    /// The latest that was built, and by which build.
    built: Option<(Identity, BuildId)>,
    /// The latest that may run.
    released: Option<Identity>,
}

/// Where the formation is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing has begun.
    Ahead,
    /// The backing services are on their way.
    Preparing,
    /// It builds and runs.
    Up,
    /// Everything was asked to stop.
    Stopping { code: ExitCode, since: Moment, tell: Moment },
    /// Everything was killed.
    Killing { code: ExitCode },
    /// The tool has been told to end.
    Over,
}

impl Supervise {
    /// Nothing happens before `Event::Started`.
    #[must_use]
    pub fn new(spec: Spec) -> Self {
        let members = spec.instances.into_iter().enumerate();
        Self {
            phase: Phase::Ahead,
            services: Services::new(spec.services),
            rebuild: Rebuild::new(spec.edits),
            gate: spec.release.map(Gate::new),
            members: members.map(|(id, spec)| Member::new(InstanceId(id), spec)).collect(),
            binaries: vec![Artifact::default(); spec.binaries],
            round: None,
            edits: spec.edits,
            on_failure: spec.on_failure,
            at_the_end: spec.at_the_end,
            first_failure: None,
            routes: Routes::default(),
            tickets: Tickets::default(),
            out: Outbox::default(),
        }
    }

    /// Decide what is to be done about an event.
    pub fn handle(&mut self, event: Event, now: Moment) -> Vec<Action> {
        if self.phase == Phase::Over {
            return Vec::new();
        }
        self.choose_errors();
        match event {
            Event::Started => self.started(now),
            Event::Woke => {}
            Event::Stop(reason) => self.stop(reason, now),
            Event::Edited(certainty) => self.edited(certainty, now),
            // What a build that is under way makes is good for the others.
            Event::Lacking => self.build_more(Certainty::Possible, now),
            Event::Replanned(spec) => self.replan(*spec, now),
            Event::Asked(ticket, command) => self.ask(ticket, &command, now),
            Event::Forgotten(ticket) => self.forget(ticket),
            Event::Due(process) => self.due(&process),
            Event::Understood(build) => self.rebuild.understood(build),
            Event::Build(build, news) => self.build_news(build, news, now),
            Event::Run(run, news) => self.run_news(run, &news, now),
        }
        self.woke(now);
        self.prepare(now);
        self.keep_schedules();
        self.reconcile(now);
        self.end_round(now);
        self.answer();
        self.conclude(now);
        self.welcome(now);
        self.route();
        self.out.take()
    }

    /// When the next event is due even if nothing happens: send `Event::Woke` then.
    #[must_use]
    pub fn deadline(&self) -> Option<Moment> {
        let tell = match self.phase {
            Phase::Stopping { tell, .. } => Some(tell),
            Phase::Over => return None,
            Phase::Ahead | Phase::Preparing | Phase::Up | Phase::Killing { .. } => None,
        };
        let instances = self.members.iter().filter_map(|member| member.instance.deadline());
        let gate = self.gate.as_ref().and_then(Gate::deadline);
        let services = self.services.deadline();
        instances.chain(gate).chain(services).chain(self.rebuild.deadline()).chain(tell).min()
    }

    /// The code that runs, and that which would be started. Nothing else will be, without
    /// another build.
    #[must_use]
    pub fn codes(&self) -> BTreeSet<Identity> {
        let of_runs = self.members.iter().flat_map(|member| member.instance.codes());
        let of_builds = self
            .binaries
            .iter()
            .flat_map(|artifact| [artifact.released, artifact.built.map(|(identity, _)| identity)]);
        of_runs.chain(of_builds.flatten()).collect()
    }

    fn started(&mut self, now: Moment) {
        if self.phase == Phase::Ahead {
            self.phase = Phase::Preparing;
            self.services.begin(now);
        }
    }

    /// What code is built against comes first.
    fn prepare(&mut self, now: Moment) {
        if self.phase != Phase::Preparing {
            return;
        }
        if self.services.have_been_ready() {
            self.phase = Phase::Up;
            self.rebuild.begin(now, &mut self.out);
        } else if let Some((name, exit)) = self.services.missing(self.on_failure) {
            self.out.say(Notice::StoppingWithout { name, exit });
            self.wind_down(ExitCode::SERVICE, now);
        }
    }

    /// Code may compile only after `release` has run.
    fn choose_errors(&mut self) {
        self.rebuild.set_errors(self.gate.as_ref().map_or(Errors::Shown, Gate::errors));
    }

    fn edited(&mut self, certainty: Certainty, now: Moment) {
        if self.edits == Edits::Watched {
            self.build_more(certainty, now);
        }
    }

    fn build_more(&mut self, certainty: Certainty, now: Moment) {
        if self.phase == Phase::Up {
            self.begin_round(Builds::Yes, now);
            self.rebuild.edited(certainty, now, &mut self.out);
        }
    }

    fn build_news(&mut self, build: BuildId, news: BuildNews, now: Moment) {
        match news {
            BuildNews::Artifact(binary, identity) => {
                if let Some(artifact) = self.binaries.get_mut(binary.0)
                    && build == self.rebuild.latest()
                {
                    artifact.built = Some((identity, build));
                }
            }
            BuildNews::Waited(waited) => self.rebuild.waited(waited),
            BuildNews::Ended(end) => {
                if self.rebuild.ended(build, end, now, &mut self.out) {
                    self.after_build(now);
                }
            }
        }
    }

    /// A build ended that nobody cancelled: without edits to wait for, a failure is the end.
    fn after_build(&mut self, now: Moment) {
        let failed = self.rebuild.outcome() == Some(BuildEnd::Failed);
        let release_runs = self.gate.as_ref().is_some_and(Gate::is_running);
        if !failed || self.phase != Phase::Up || release_runs || self.build_again(now) {
            return;
        }
        self.rebuild.errors_stay(&mut self.out);
        // What runs goes on without what was to be built beside it.
        if self.edits == Edits::Ignored && !self.rebuild.has_succeeded() {
            self.out.say(Notice::StoppingAfterBuild);
            self.wind_down(ExitCode::BUILD, now);
        }
    }

    fn build_again(&mut self, now: Moment) -> bool {
        let again = self.rebuild.repeat(now, &mut self.out);
        if again {
            self.out.say(Notice::BuildAgain);
        }
        again
    }

    fn run_news(&mut self, run: RunId, news: &RunNews, now: Moment) {
        if let Some(gate) = self.gate.as_mut().filter(|gate| gate.has(run)) {
            if let Some(verdict) = gate.news(news, now, &mut self.out) {
                self.release_ended(verdict, now);
            }
            return;
        }
        let failure = if self.services.have(run) {
            self.services.news(run, news, now, &mut self.out)
        } else {
            self.instance_news(run, news, now)
        };
        if let Some((name, Failure(exit))) = failure
            && self.on_failure == OnFailure::Exit
            && matches!(self.phase, Phase::Preparing | Phase::Up)
        {
            self.out.say(Notice::StoppingAfter(name));
            self.wind_down(exit.code(), now);
        }
    }

    fn instance_news(
        &mut self,
        run: RunId,
        news: &RunNews,
        now: Moment,
    ) -> Option<(RunName, Failure)> {
        let mut instances = self.members.iter_mut().map(|member| &mut member.instance);
        let instance = instances.find(|instance| instance.has(run))?;
        let failure = instance.news(run, news, now, &mut self.out);
        let name = instance.name.clone();
        if matches!(news, RunNews::AddressInUse(_)) && instance.is_alone() {
            self.stand_alone(name.process());
        }
        let failure = failure?;
        self.first_failure.get_or_insert(failure.0.code());
        Some((name, failure))
    }

    /// What one instance has found out is so for all of its type.
    fn stand_alone(&mut self, process: &ProcessName) {
        let instances = self.members.iter_mut().map(|member| &mut member.instance);
        instances.filter(|it| it.name.process() == process).for_each(Instance::stand_alone);
    }

    fn release_ended(&mut self, verdict: Verdict, now: Moment) {
        match verdict {
            Verdict::Passed => {
                self.rebuild.released();
                self.choose_errors();
                if self.phase == Phase::Up {
                    self.after_build(now);
                }
            }
            Verdict::Refused(exit) => {
                self.rebuild.errors_stay(&mut self.out);
                let final_failure =
                    self.edits == Edits::Ignored || self.on_failure == OnFailure::Exit;
                if final_failure && self.phase == Phase::Up {
                    self.rebuild.errors_so_far_stay(&mut self.out);
                    let name = self.gate.as_ref().map(|gate| gate.spec.name.clone());
                    if let Some(name) = name {
                        self.out.say(Notice::StoppingAfter(name));
                    }
                    self.wind_down(exit.code(), now);
                }
            }
        }
    }

    /// Whatever time alone has brought.
    fn woke(&mut self, now: Moment) {
        self.rebuild.woke(now, &mut self.out);
        let verdict = self.gate.as_mut().and_then(|gate| gate.woke(now, &mut self.out));
        if let Some(verdict) = verdict {
            self.release_ended(verdict, now);
        }
        for member in &mut self.members {
            member.instance.woke(now, &mut self.out);
        }
        self.services.woke(now, &mut self.out);
        self.say_who_is_awaited(now);
    }
}
