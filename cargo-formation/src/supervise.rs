//! The decisions of `dev`: an event and the time in, actions out.
//!
//! One state machine sees everything: the phase of the formation, its builds,
//! `release`, and every instance. It must not know processes, files, sockets,
//! tokio or a clock, so that a million random histories of it can be checked
//! in seconds. After every event, what is wanted meets what is, once, in
//! `Instance::reconcile`; there is no other place that starts or replaces a run.

mod conclusion;
mod gate;
mod instance;
mod notice;
mod outbox;
mod protocol;
mod rebuild;
mod run;
#[cfg(test)]
mod tests;

use std::time::Duration;

use self::gate::{Gate, Verdict};
use self::instance::{Failure, Instance, Turn};
pub use self::notice::{Awaited, Fate, Next, Notice};
use self::outbox::Outbox;
pub use self::protocol::{
    Action, BinaryId, BuildEnd, BuildId, BuildNews, Edits, Event, InstanceId, InstanceSpec,
    OnFailure, Owner, ReleaseSpec, Replacement, Rerun, RunId, RunNews, Spec, StopReason,
};
use self::rebuild::Rebuild;
use crate::formation::{ExitCode, Identity, Moment};

/// After this long somebody who waits wants to know for whom; then after twice as long, and so on.
const FIRST_WAITING_NOTICE: Duration = Duration::from_secs(1);

/// Signals this close together are one request: when a terminal window is closed, both the
/// kernel and the shell send `SIGHUP`, and a Ctrl-C may arrive by way of a parent, too.
const SAME_REQUEST: Duration = Duration::from_millis(200);

/// The state of a whole formation in development.
#[derive(Debug)]
pub struct Supervise {
    phase: Phase,
    rebuild: Rebuild,
    gate: Option<Gate>,
    instances: Vec<Instance>,
    binaries: Vec<Artifact>,
    edits: Edits,
    on_failure: OnFailure,
    /// The exit code of the first process that failed.
    first_failure: Option<ExitCode>,
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
        let instances = spec.instances.into_iter().enumerate();
        Self {
            phase: Phase::Ahead,
            rebuild: Rebuild::new(spec.edits),
            gate: spec.release.map(Gate::new),
            instances: instances.map(|(id, spec)| Instance::new(InstanceId(id), spec)).collect(),
            binaries: vec![Artifact::default(); spec.binaries],
            edits: spec.edits,
            on_failure: spec.on_failure,
            first_failure: None,
            out: Outbox::default(),
        }
    }

    /// Decide what is to be done about an event.
    pub fn handle(&mut self, event: Event, now: Moment) -> Vec<Action> {
        if self.phase == Phase::Over {
            return Vec::new();
        }
        match event {
            Event::Started => self.started(),
            Event::Woke => {}
            Event::Stop(reason) => self.stop(reason, now),
            Event::Edited => self.edited(now),
            Event::Build(build, news) => self.build_news(build, news, now),
            Event::Run(run, news) => self.run_news(run, &news, now),
        }
        self.woke(now);
        self.reconcile(now);
        self.conclude(now);
        self.out.take()
    }

    /// When the next event is due even if nothing happens: send `Event::Woke` then.
    #[must_use]
    pub fn deadline(&self) -> Option<Moment> {
        let tell = match self.phase {
            Phase::Stopping { tell, .. } => Some(tell),
            Phase::Over => return None,
            Phase::Ahead | Phase::Up | Phase::Killing { .. } => None,
        };
        let instances = self.instances.iter().filter_map(Instance::deadline);
        let gate = self.gate.as_ref().and_then(Gate::deadline);
        instances.chain(gate).chain(self.rebuild.deadline()).chain(tell).min()
    }

    /// The run of each instance that requests go to, where one is up.
    pub fn routed(&self) -> impl Iterator<Item = (InstanceId, RunId)> {
        let runs = self.instances.iter().enumerate();
        runs.filter_map(|(id, instance)| Some((InstanceId(id), instance.routed()?)))
    }

    fn started(&mut self) {
        if self.phase == Phase::Ahead {
            self.phase = Phase::Up;
            self.rebuild.begin(&mut self.out);
        }
    }

    /// The first one asks, the second one kills.
    fn stop(&mut self, reason: StopReason, now: Moment) {
        match self.phase {
            Phase::Ahead | Phase::Up => {
                self.out.say(Notice::Stopping(reason));
                self.wind_down(reason.code(), now);
            }
            Phase::Stopping { since, .. } if now.since(since) < SAME_REQUEST => {}
            Phase::Stopping { .. } if reason == StopReason::OutputClosed => {}
            Phase::Stopping { code, .. } => {
                self.phase = Phase::Killing { code };
                self.out.say(Notice::Killing);
                self.rebuild.kill(&mut self.out);
                for instance in &mut self.instances {
                    instance.kill(now, &mut self.out);
                }
                if let Some(gate) = &mut self.gate {
                    gate.kill(now, &mut self.out);
                }
            }
            Phase::Killing { .. } | Phase::Over => {}
        }
    }

    /// Nothing is wanted any more.
    fn wind_down(&mut self, code: ExitCode, now: Moment) {
        if !matches!(self.phase, Phase::Ahead | Phase::Up) {
            return;
        }
        self.phase = Phase::Stopping { code, since: now, tell: now + FIRST_WAITING_NOTICE };
        self.rebuild.stop(now, &mut self.out);
        if let Some(gate) = &mut self.gate {
            gate.ask(now, &mut self.out);
        }
    }

    fn edited(&mut self, now: Moment) {
        if self.phase == Phase::Up && self.edits == Edits::Watched {
            self.rebuild.edited(now, &mut self.out);
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
            BuildNews::Ended(end) => {
                if self.rebuild.ended(build, end, &mut self.out) {
                    self.after_build(now);
                }
            }
        }
    }

    /// A build ended that nobody cancelled: without edits to wait for, a failure is the end.
    fn after_build(&mut self, now: Moment) {
        let failed = self.rebuild.outcome() == Some(BuildEnd::Failed);
        let release_runs = self.gate.as_ref().is_some_and(Gate::is_running);
        if !failed || self.phase != Phase::Up || release_runs || self.build_again() {
            return;
        }
        if self.edits == Edits::Ignored {
            self.out.say(Notice::StoppingAfterBuild);
            self.wind_down(ExitCode::BUILD, now);
        }
    }

    fn build_again(&mut self) -> bool {
        let again = self.rebuild.repeat(&mut self.out);
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
        let Some(instance) = self.instances.iter_mut().find(|instance| instance.has(run)) else {
            return;
        };
        let failure = instance.news(run, news, now, &mut self.out);
        let name = instance.spec.name.clone();
        if let Some(Failure(exit)) = failure {
            self.first_failure.get_or_insert(exit.code());
            if self.on_failure == OnFailure::Exit && self.phase == Phase::Up {
                self.out.say(Notice::StoppingAfter(name));
                self.wind_down(exit.code(), now);
            }
        }
    }

    fn release_ended(&mut self, verdict: Verdict, now: Moment) {
        match verdict {
            Verdict::Passed => {
                self.rebuild.released();
                if self.phase == Phase::Up {
                    self.after_build(now);
                }
            }
            Verdict::Refused(exit) => {
                let final_failure =
                    self.edits == Edits::Ignored || self.on_failure == OnFailure::Exit;
                if final_failure && self.phase == Phase::Up {
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
        for instance in &mut self.instances {
            instance.woke(now, &mut self.out);
        }
        if let Phase::Stopping { code, since, tell } = self.phase
            && now >= tell
        {
            self.phase = Phase::Stopping { code, since, tell: now + now.since(since) };
            let awaited = self.awaited(now);
            if !awaited.is_empty() {
                self.out.say(Notice::Waiting(awaited));
            }
        }
    }

    fn awaited(&self, now: Moment) -> Vec<Awaited> {
        let gate = self.gate.iter().filter_map(|gate| gate.awaited(now));
        gate.chain(self.instances.iter().flat_map(|instance| instance.awaited(now))).collect()
    }

    /// Let what is wanted meet what is, for `release` and then for every instance.
    fn reconcile(&mut self, now: Moment) {
        if self.phase == Phase::Ahead {
            return;
        }
        if self.phase == Phase::Up {
            self.reconcile_release(now);
            self.promote();
        }
        let up = self.phase == Phase::Up;
        for id in 0..self.instances.len() {
            let wanted = self.binaries[self.instances[id].spec.binary.0].released.filter(|_| up);
            let turn = wanted.map_or(Turn::Now, |wanted| self.turn(id, wanted));
            self.instances[id].reconcile(wanted, turn, now, &mut self.out);
        }
    }

    fn reconcile_release(&mut self, now: Moment) {
        if let Some(gate) = &mut self.gate
            && self.rebuild.may_release()
        {
            let latest = self.rebuild.latest();
            let built = self.binaries[gate.spec.binary.0].built;
            gate.reconcile(built.filter(|(_, build)| *build == latest), now, &mut self.out);
        }
    }

    /// What is built may run, if it is current and `release` has had its say.
    fn promote(&mut self) {
        let latest = self.rebuild.latest();
        let open = self
            .gate
            .as_ref()
            .is_none_or(|gate| gate.is_open(self.binaries[gate.spec.binary.0].built, latest));
        if open && self.rebuild.may_swap() {
            // While a build runs, what an earlier one made is out of date or running already.
            let over = self.rebuild.is_idle();
            for artifact in &mut self.binaries {
                if let Some((identity, build)) = artifact.built
                    && (over || build == latest)
                {
                    artifact.released = Some(identity);
                }
            }
        }
    }

    /// Instances of one type give up their runs one after the other, and only as
    /// long as the new code has not shown that it does not work.
    fn turn(&self, id: usize, wanted: Identity) -> Turn {
        let process = &self.instances[id].spec.name.process;
        let mut others = self
            .instances
            .iter()
            .enumerate()
            .filter(|(other, instance)| *other != id && instance.spec.name.process == *process);
        if others.any(|(_, other)| other.is_settling() || other.doubts(wanted)) {
            Turn::Later
        } else {
            Turn::Now
        }
    }
}
