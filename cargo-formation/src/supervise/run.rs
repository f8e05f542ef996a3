//! One execution: from the wish to start it until nothing of its tree is alive.

use std::time::Duration;

use super::notice::{Awaited, Fate, Notice};
use super::outbox::Outbox;
use super::protocol::{Action, Owner, RunId};
use super::version::Version;
use super::view::{SeenRun, State};
use crate::formation::{Exit, Moment, RunName};

/// How long a killed process may take to be gone before the tool goes on without it.
///
/// A process in uninterruptible sleep, or one of another user, can outlive `SIGKILL`.
const ABANDON_AFTER: Duration = Duration::from_secs(5);

/// One execution of a binary.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) id: RunId,
    pub(super) version: Version,
    pub(super) pid: Option<u32>,
    /// How its leader ended; the rest of its tree may live on.
    pub(super) exit: Option<Exit>,
    grace: Duration,
    stage: Stage,
}

/// Where a run is on its way. It only ever moves down this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It was started, or is about to be, and has until then to become ready.
    Starting { until: Moment },
    /// It had its time to become ready and is left alone.
    Late,
    /// It is up.
    Ready { since: Moment, health: Health },
    /// It gets nothing new and finishes what it has.
    Draining { until: Moment },
    /// Its leader ended by itself; what is left of its tree then is killed.
    Ended { until: Moment },
    /// It was asked to stop; what is left of it then is killed.
    Stopping { until: Moment },
    /// It was killed; if something is left of it then, the tool goes on without it.
    Killed { until: Moment },
}

/// Whether a run that is up answers as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Well,
    Unwell,
}

/// What has become of a run because time passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lapse {
    /// It did not become ready in time.
    Late,
    /// It did not finish what it had in time, and was asked to stop.
    Drained,
    /// It did not stop in time, and was killed.
    Killed,
    /// It could not even be killed.
    Abandoned,
}

impl Run {
    /// Begin: the process is started by the world.
    pub(super) fn begin(owner: Owner, version: Version, times: Times, out: &mut Outbox) -> Self {
        let id = out.next_run();
        out.push(Action::Spawn { run: id, owner, version });
        let stage = Stage::Starting { until: times.now + times.startup };
        Self { id, version, pid: None, exit: None, grace: times.grace, stage }
    }

    /// It is up. True if it was not known to be.
    pub(super) fn ready(&mut self, now: Moment) -> bool {
        let news = matches!(self.stage, Stage::Starting { .. } | Stage::Late);
        if news {
            self.stage = Stage::Ready { since: now, health: Health::Well };
        }
        news
    }

    /// What is known of its health. True if that is news.
    pub(super) fn fares(&mut self, news: Health) -> bool {
        match &mut self.stage {
            Stage::Ready { health, .. } => std::mem::replace(health, news) != news,
            Stage::Starting { .. }
            | Stage::Late
            | Stage::Draining { .. }
            | Stage::Ended { .. }
            | Stage::Stopping { .. }
            | Stage::Killed { .. } => false,
        }
    }

    /// It gets nothing new from now on.
    pub(super) fn drain(&mut self, until: Moment) {
        if !self.is_leaving() {
            self.stage = Stage::Draining { until };
        }
    }

    /// Ask it to stop, unless it is on its way already.
    pub(super) fn ask(&mut self, now: Moment, out: &mut Outbox) {
        match self.stage {
            Stage::Starting { .. } | Stage::Late | Stage::Ready { .. } | Stage::Draining { .. } => {
                self.stage = Stage::Stopping { until: now + self.grace };
                out.push(Action::Ask(self.id));
            }
            Stage::Ended { .. } | Stage::Stopping { .. } | Stage::Killed { .. } => {}
        }
    }

    /// Force it to end, whatever it is doing.
    pub(super) fn kill(&mut self, now: Moment, out: &mut Outbox) {
        if !matches!(self.stage, Stage::Killed { .. }) {
            self.stage = Stage::Killed { until: now + ABANDON_AFTER };
            out.push(Action::Kill(self.id));
        }
    }

    /// Its leader ended. True if that was not known. What is left of its tree has the grace.
    pub(super) fn exited(&mut self, exit: Exit, now: Moment) -> bool {
        if self.exit.is_some() {
            return false;
        }
        self.exit = Some(exit);
        if !matches!(self.stage, Stage::Stopping { .. } | Stage::Killed { .. }) {
            self.stage = Stage::Ended { until: now + self.grace };
        }
        true
    }

    /// Its leader is dead and these of its tree are not. They are asked to stop if nobody has yet.
    ///
    /// Says what a person should know, the first time.
    pub(super) fn survivors(
        &mut self,
        name: RunName,
        pids: &[u32],
        now: Moment,
        out: &mut Outbox,
    ) -> Option<Notice> {
        if !matches!(self.stage, Stage::Ended { .. }) {
            return None;
        }
        self.stage = Stage::Stopping { until: now + self.grace };
        out.push(Action::Ask(self.id));
        let pids = pids.to_vec();
        Some(if self.exit.is_some_and(Exit::success) {
            Notice::Daemonized { name, pids }
        } else {
            Notice::LeftBehind { name, pids }
        })
    }

    /// What has to happen at this moment because of the time.
    pub(super) fn woke(&mut self, now: Moment, out: &mut Outbox) -> Option<Lapse> {
        let until = self.deadline()?;
        if now < until {
            return None;
        }
        match self.stage {
            Stage::Starting { .. } => {
                self.stage = Stage::Late;
                Some(Lapse::Late)
            }
            Stage::Draining { .. } => {
                self.ask(now, out);
                Some(Lapse::Drained)
            }
            Stage::Ended { .. } | Stage::Stopping { .. } => {
                self.kill(now, out);
                Some(Lapse::Killed)
            }
            Stage::Killed { .. } => Some(Lapse::Abandoned),
            Stage::Late | Stage::Ready { .. } => None,
        }
    }

    /// When time alone will change something.
    pub(super) fn deadline(&self) -> Option<Moment> {
        match self.stage {
            Stage::Starting { until }
            | Stage::Draining { until }
            | Stage::Ended { until }
            | Stage::Stopping { until }
            | Stage::Killed { until } => Some(until),
            Stage::Late | Stage::Ready { .. } => None,
        }
    }

    /// How it is.
    pub(super) fn state(&self, now: Moment) -> State {
        match self.stage {
            Stage::Starting { .. } => State::Starting,
            Stage::Late => State::Late,
            Stage::Ready { health: Health::Well, .. } => State::Ready,
            Stage::Ready { health: Health::Unwell, .. } => State::Unwell,
            Stage::Draining { until } => State::Draining(until.since(now)),
            Stage::Ended { until } | Stage::Stopping { until } => State::Stopping(until.since(now)),
            Stage::Killed { .. } => State::Killed,
        }
    }

    /// Which run it is.
    pub(super) fn seen(&self) -> SeenRun {
        SeenRun { id: self.id, pid: self.pid, code: self.version.code }
    }

    /// Whether it may still become ready.
    pub(super) fn is_starting(&self) -> bool {
        matches!(self.stage, Stage::Starting { .. })
    }

    /// Whether it had its time to become ready.
    pub(super) fn is_late(&self) -> bool {
        matches!(self.stage, Stage::Late)
    }

    /// Whether it is up and gets work.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self.stage, Stage::Ready { .. })
    }

    /// Whether it may get requests.
    pub(super) fn is_well(&self) -> bool {
        matches!(self.stage, Stage::Ready { health: Health::Well, .. })
    }

    /// Whether it was killed.
    pub(super) fn is_killed(&self) -> bool {
        matches!(self.stage, Stage::Killed { .. })
    }

    /// Whether it finishes what it has.
    pub(super) fn is_draining(&self) -> bool {
        matches!(self.stage, Stage::Draining { .. })
    }

    /// How long it has been up.
    pub(super) fn healthy_for(&self, now: Moment) -> Duration {
        match self.stage {
            Stage::Ready { since, .. } => now.since(since),
            Stage::Starting { .. }
            | Stage::Late
            | Stage::Draining { .. }
            | Stage::Ended { .. }
            | Stage::Stopping { .. }
            | Stage::Killed { .. } => Duration::ZERO,
        }
    }

    /// What is said of it while it is waited for.
    pub(super) fn awaited(&self, name: RunName, now: Moment) -> Awaited {
        let left = self.deadline().map_or(Duration::ZERO, |until| until.since(now));
        let killed = matches!(self.stage, Stage::Killed { .. });
        let fate = if killed { Fate::GivenUp } else { Fate::Killed };
        Awaited { name, pid: self.pid, left, fate }
    }

    /// How long it may take to stop.
    pub(super) fn grace(&self) -> Duration {
        self.grace
    }

    fn is_leaving(&self) -> bool {
        match self.stage {
            Stage::Starting { .. } | Stage::Late | Stage::Ready { .. } => false,
            Stage::Draining { .. }
            | Stage::Ended { .. }
            | Stage::Stopping { .. }
            | Stage::Killed { .. } => true,
        }
    }
}

/// The times of a run that begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) now: Moment,
    pub(super) startup: Duration,
    pub(super) grace: Duration,
}
