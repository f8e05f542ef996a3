//! `release`: runs to its end before anything starts, and again when it changed, if it is to.

use std::time::Duration;

use super::notice::{Awaited, Notice};
use super::outbox::Outbox;
use super::protocol::{BuildId, Owner, ReleaseSpec, Rerun, RunId, RunNews};
use super::run::{Lapse, Run, Times};
use crate::formation::{Exit, ExitCode, Identity, Moment};

/// What stands between an artifact and the instances that want to run it.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) spec: ReleaseSpec,
    state: State,
}

#[derive(Debug)]
enum State {
    /// It has not run yet.
    Waiting,
    /// It runs; its artifact is of this build.
    Running { run: Run, build: BuildId },
    /// This identity of it succeeded.
    Passed { of: Identity },
    /// It failed with the artifact of this build.
    Refused { build: BuildId },
}

/// How a run of `release` came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Passed,
    Refused(Exit),
}

impl Gate {
    pub(super) fn new(spec: ReleaseSpec) -> Self {
        Self { spec, state: State::Waiting }
    }

    /// Run it, if the latest artifact calls for it.
    pub(super) fn reconcile(
        &mut self,
        artifact: Option<(Identity, BuildId)>,
        now: Moment,
        out: &mut Outbox,
    ) {
        let Some((identity, build)) = artifact else { return };
        let due = match self.state {
            State::Waiting => true,
            State::Running { .. } => false,
            State::Passed { of } => self.spec.rerun == Rerun::WhenChanged && of != identity,
            State::Refused { build: refused } => build > refused,
        };
        if due {
            out.say(Notice::ReleaseStarts);
            let times = Times { now, startup: Duration::MAX, grace: self.spec.grace };
            let run = Run::begin(Owner::Release, identity, times, out);
            self.state = State::Running { run, build };
        }
    }

    /// Whether what the latest build made may start.
    pub(super) fn is_open(&self, built: Option<(Identity, BuildId)>, latest: BuildId) -> bool {
        match (&self.state, self.spec.rerun) {
            (State::Passed { .. }, Rerun::Never) => true,
            (State::Passed { of }, Rerun::WhenChanged) => built == Some((*of, latest)),
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
        let (identity, build) = (run.identity, *build);
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
            RunNews::NotSpawned(reason) => {
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
            RunNews::Ready | RunNews::Idle => None,
        }?;
        Some(self.conclude(identity, build, verdict, out))
    }

    fn conclude(&mut self, of: Identity, build: BuildId, exit: Exit, out: &mut Outbox) -> Verdict {
        if exit.success() {
            self.state = State::Passed { of };
            out.say(Notice::ReleaseSucceeded);
            Verdict::Passed
        } else {
            self.state = State::Refused { build };
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
                let (of, build) = (run.identity, *build);
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

    /// Whether it is running at all.
    pub(super) fn is_running(&self) -> bool {
        self.run().is_some()
    }

    pub(super) fn deadline(&self) -> Option<Moment> {
        self.run().filter(|run| !run.is_starting()).and_then(Run::deadline)
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
