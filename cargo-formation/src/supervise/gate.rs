//! `release`: runs to its end before anything starts, and again when it changed, if it is to.

use std::time::Duration;

use super::member::Standing;
use super::notice::{Awaited, Notice};
use super::outbox::Outbox;
use super::protocol::{BuildId, Errors, Owner, ReleaseSpec, Rerun, RunId, RunNews};
use super::run::{Lapse, Run, Times};
use super::version::Version;
use super::view::{self, Seen};
use crate::formation::{Exit, ExitCode, Identity, Moment};

/// What stands between an artifact and the instances that want to run it.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) spec: ReleaseSpec,
    state: State,
    standing: Standing,
    /// How often it has run.
    runs: u32,
}

#[derive(Debug)]
enum State {
    /// It has not run yet.
    Waiting,
    /// It runs; its artifact is of this build.
    Running { run: Run, build: BuildId },
    /// This version of it succeeded.
    Passed { of: Version },
    /// It failed like this with the artifact of this build.
    Refused { build: BuildId, exit: Exit },
}

/// How a run of `release` came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Passed,
    Refused(Exit),
}

impl Gate {
    pub(super) fn new(spec: ReleaseSpec) -> Self {
        Self { spec, state: State::Waiting, standing: Standing::Wanted, runs: 0 }
    }

    /// It goes on, as this says.
    pub(super) fn replan(&mut self, spec: ReleaseSpec) {
        (self.spec, self.standing) = (spec, Standing::Wanted);
    }

    /// The formation has none any more. One that runs is seen to its end.
    pub(super) fn drop_when_over(&mut self) {
        self.standing = Standing::Dropped;
    }

    /// Whether nothing is left of one that the formation has no more.
    pub(super) fn is_dropped(&self) -> bool {
        self.standing == Standing::Dropped && !self.is_running()
    }

    /// What the errors of a build mean that begins now.
    pub(super) fn errors(&self) -> Errors {
        match (&self.state, self.spec.rerun) {
            (State::Passed { .. }, Rerun::Never) => Errors::Shown,
            (State::Waiting | State::Running { .. } | State::Refused { .. }, _)
            | (State::Passed { .. }, Rerun::WhenChanged) => Errors::Held,
        }
    }

    /// Run it, if the latest artifact calls for it.
    pub(super) fn reconcile(
        &mut self,
        artifact: Option<(Identity, BuildId)>,
        now: Moment,
        out: &mut Outbox,
    ) {
        let Some((code, build)) = artifact else { return };
        let version = Version { code, setup: self.spec.setup, again: 0 };
        let due = match self.state {
            State::Waiting => true,
            State::Running { .. } => false,
            State::Passed { of } => self.spec.rerun == Rerun::WhenChanged && of != version,
            State::Refused { build: refused, .. } => build > refused,
        };
        if due {
            out.say(Notice::ReleaseStarts);
            let times = Times { now, startup: Duration::MAX, grace: self.spec.grace };
            let run = Run::begin(Owner::Release, version, times, out);
            self.runs += 1;
            self.state = State::Running { run, build };
        }
    }

    /// Whether what the latest build made may start.
    pub(super) fn is_open(&self, built: Option<(Identity, BuildId)>, latest: BuildId) -> bool {
        match (&self.state, self.spec.rerun) {
            (State::Passed { .. }, Rerun::Never) => true,
            // Another setup of the same code has begun to run by now.
            (State::Passed { of }, Rerun::WhenChanged) => built == Some((of.code, latest)),
            (State::Waiting | State::Running { .. } | State::Refused { .. }, _) => false,
        }
    }

    /// News of its run. Says how it came out, once nothing of it is alive.
    pub(super) fn news(
        &mut self,
        news: &RunNews,
        now: Moment,
        out: &mut Outbox,
    ) -> Option<Verdict> {
        let name = self.spec.name.clone();
        let State::Running { run, build } = &mut self.state else { return None };
        let (version, build) = (run.version, *build);
        let verdict = match news {
            RunNews::Spawned(pid) => {
                run.pid.get_or_insert(*pid);
                None
            }
            RunNews::Exited(exit) => {
                run.exited(*exit, now);
                None
            }
            RunNews::Survivors(pids) => {
                if let Some(notice) = run.survivors(name, pids, now, out) {
                    out.say(notice);
                }
                None
            }
            RunNews::Gone => Some(run.exit.unwrap_or(Exit::Unknown)),
            RunNews::NotSpawned(reason, _) => {
                let next = super::notice::Next::Over;
                out.say(Notice::NotSpawned { name, reason: reason.clone(), next });
                Some(Exit::Code(i32::from(ExitCode::CANNOT_RUN.0)))
            }
            RunNews::Unreachable(pid, reason) => {
                out.say(Notice::Unreachable { name, pid: *pid, reason: reason.clone() });
                None
            }
            RunNews::PidFile(path) => {
                out.say(Notice::PidFile { name, path: path.clone() });
                None
            }
            RunNews::Ready
            | RunNews::Idle
            | RunNews::Unwell(_)
            | RunNews::Well
            | RunNews::Elsewhere(_)
            | RunNews::AddressInUse(_) => None,
        }?;
        Some(self.conclude(version, build, verdict, out))
    }

    fn conclude(&mut self, of: Version, build: BuildId, exit: Exit, out: &mut Outbox) -> Verdict {
        if exit.success() {
            self.state = State::Passed { of };
            out.say(Notice::ReleaseSucceeded);
            Verdict::Passed
        } else {
            self.state = State::Refused { build, exit };
            out.say(Notice::ReleaseFailed(exit));
            Verdict::Refused(exit)
        }
    }

    /// Whatever time has brought to its run. Says how it came out, if the tool gave up on it.
    pub(super) fn woke(&mut self, now: Moment, out: &mut Outbox) -> Option<Verdict> {
        let State::Running { run, build } = &mut self.state else { return None };
        let name = self.spec.name.clone();
        match run.woke(now, out)? {
            Lapse::Killed => out.say(Notice::Killed { name, grace: run.grace() }),
            Lapse::Abandoned => {
                let (of, build) = (run.version, *build);
                let exit = run.exit.unwrap_or(Exit::Unknown);
                out.say(Notice::Abandoned { name, pid: run.pid });
                return Some(self.conclude(of, build, exit, out));
            }
            Lapse::Late | Lapse::Drained => {}
        }
        None
    }

    pub(super) fn ask(&mut self, now: Moment, out: &mut Outbox) {
        if let State::Running { run, .. } = &mut self.state {
            run.ask(now, out);
        }
    }

    pub(super) fn kill(&mut self, now: Moment, out: &mut Outbox) {
        if let State::Running { run, .. } = &mut self.state {
            run.kill(now, out);
        }
    }

    /// Whether it is running this run.
    pub(super) fn has(&self, id: RunId) -> bool {
        self.run().is_some_and(|run| run.id == id)
    }

    /// Whether it has succeeded.
    pub(super) fn has_passed(&self) -> bool {
        matches!(self.state, State::Passed { .. })
    }

    /// Whether it has failed, and runs again only with what a newer build makes of it.
    pub(super) fn has_failed(&self) -> bool {
        matches!(self.state, State::Refused { .. })
    }

    /// Whether it is running at all.
    pub(super) fn is_running(&self) -> bool {
        self.run().is_some()
    }

    pub(super) fn deadline(&self) -> Option<Moment> {
        self.run().filter(|run| !run.is_starting()).and_then(Run::deadline)
    }

    /// What is seen of it. Before its first run it is `before`.
    pub(super) fn view(&self, before: view::State, now: Moment) -> Seen {
        let (state, run) = match &self.state {
            State::Waiting => (before, None),
            // There is nothing to be up for.
            State::Running { run, .. } if run.is_starting() => {
                (view::State::Ready, Some(run.seen()))
            }
            State::Running { run, .. } => (run.state(now), Some(run.seen())),
            State::Passed { .. } => (view::State::Finished, None),
            State::Refused { exit, .. } => (view::State::Failed(*exit), None),
        };
        let restarts = self.runs.saturating_sub(1);
        Seen { name: self.spec.name.clone(), state, run, restarts, behind: false }
    }

    /// Who is still waited for while the formation stops.
    pub(super) fn awaited(&self, now: Moment) -> Option<Awaited> {
        Some(self.run()?.awaited(self.spec.name.clone(), now))
    }

    fn run(&self) -> Option<&Run> {
        match &self.state {
            State::Running { run, .. } => Some(run),
            State::Waiting | State::Passed { .. } | State::Refused { .. } => None,
        }
    }
}
