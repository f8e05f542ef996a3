//! What the decisions want said. Facts, no words: `narrate` finds those.

use std::time::Duration;

use super::protocol::StopReason;
use crate::formation::{Exit, ExitCode, ProcessName, RunName};

/// Something a person should know.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A run of this instance has begun, as this process.
    Started {
        /// Who.
        name: RunName,
        /// Its process id.
        pid: u32,
        /// The process of the old run that goes on until this one is up.
        beside: Option<u32>,
    },
    /// A backing service is up, for the first time.
    Ready {
        /// Who.
        name: RunName,
        /// How long that took.
        after: Duration,
    },
    /// Every instance of a process type is up, for the first time.
    Up {
        /// Of which type.
        process: ProcessName,
        /// How long that took, from the command.
        after: Duration,
    },
    /// A run that is up does not answer as it should, and gets no requests.
    Unwell {
        /// Who.
        name: RunName,
        /// In which way.
        reason: String,
    },
    /// It answers again, and gets requests.
    WellAgain(RunName),
    /// A run listens elsewhere than it was told.
    Elsewhere {
        /// Who.
        name: RunName,
        /// Where.
        ports: Vec<u16>,
    },
    /// New code cannot start beside old: they would want the same address. From now on the type
    /// stops first.
    CannotOverlap {
        /// Who found out.
        name: RunName,
        /// Where the old run listens that it was not told of.
        ports: Vec<u16>,
    },
    /// The one-off before the others begins.
    ReleaseStarts,
    /// It succeeded.
    ReleaseSucceeded,
    /// It failed; nothing starts or swaps.
    ReleaseFailed(Exit),
    /// A process could not be started.
    NotSpawned {
        /// Who.
        name: RunName,
        /// Why.
        reason: String,
        /// What happens now.
        next: Next,
    },
    /// A process ended without having been asked to.
    Ended {
        /// Who.
        name: RunName,
        /// How.
        exit: Exit,
        /// What happens now.
        next: Next,
    },
    /// A new run failed beside the old one, which goes on.
    CandidateFailed {
        /// Who.
        name: RunName,
        /// How it ended; `None` when it did not become ready in time.
        exit: Option<Exit>,
    },
    /// A process is not ready after all the time it had.
    Late {
        /// Who.
        name: RunName,
        /// How long it had.
        after: Duration,
    },
    /// A leader exited with 0 and left these processes running.
    Daemonized {
        /// Who.
        name: RunName,
        /// What lives on.
        pids: Vec<u32>,
    },
    /// A leader ended and left these processes running.
    LeftBehind {
        /// Who.
        name: RunName,
        /// What lives on.
        pids: Vec<u32>,
    },
    /// A process wrote a PID file.
    PidFile {
        /// Who.
        name: RunName,
        /// Where.
        path: String,
    },
    /// The formation stops because of this.
    Stopping(StopReason),
    /// The formation stops because this process failed.
    StoppingAfter(RunName),
    /// The formation stops because this backing service did not come up.
    StoppingWithout {
        /// Who.
        name: RunName,
        /// How it ended; `None` where it is late, and nobody is there to wait for it.
        exit: Option<Exit>,
    },
    /// The formation stops because the build failed.
    StoppingAfterBuild,
    /// These are still running.
    Waiting(Vec<Awaited>),
    /// Everything that is left is killed, because somebody asked a second time.
    Killing,
    /// A process did not stop in time and is killed.
    Killed {
        /// Who.
        name: RunName,
        /// How long it had.
        grace: Duration,
    },
    /// A process could not be signalled.
    Unreachable {
        /// Who.
        name: RunName,
        /// Which process.
        pid: u32,
        /// Why.
        reason: String,
    },
    /// A process could not even be killed; the tool goes on without it.
    Abandoned {
        /// Who.
        name: RunName,
        /// Its leader, if it was ever known.
        pid: Option<u32>,
    },
    /// The time of a scheduled instance has come, and it still runs: never twice at once.
    Skipped(RunName),
    /// A change has led to this, and nothing is under way any more.
    Settled(Settled),
    /// The build is repeated, because `release` may have made it possible.
    BuildAgain,
    /// Nothing is left to run, and this is the exit code.
    NothingLeft(ExitCode),
    /// Everything that was asked to stop has.
    Stopped,
}

impl Notice {
    /// Whether it answers, or why not, is what this says; of whom.
    #[must_use]
    pub fn of_the_state_of(&self) -> Option<&RunName> {
        match self {
            Self::Started { name, .. }
            | Self::NotSpawned { name, .. }
            | Self::Ended { name, .. }
            | Self::CandidateFailed { name, .. }
            | Self::Late { name, .. }
            | Self::Unwell { name, .. }
            | Self::WellAgain(name)
            | Self::Elsewhere { name, .. }
            | Self::CannotOverlap { name, .. }
            | Self::Daemonized { name, .. }
            | Self::LeftBehind { name, .. }
            | Self::Killed { name, .. }
            | Self::Unreachable { name, .. }
            | Self::Abandoned { name, .. } => Some(name),
            Self::Ready { .. }
            | Self::Up { .. }
            | Self::ReleaseStarts
            | Self::ReleaseSucceeded
            | Self::ReleaseFailed(_)
            | Self::PidFile { .. }
            | Self::Stopping(_)
            | Self::StoppingAfter(_)
            | Self::StoppingWithout { .. }
            | Self::StoppingAfterBuild
            | Self::Waiting(_)
            | Self::Killing
            | Self::Skipped(_)
            | Self::Settled(_)
            | Self::BuildAgain
            | Self::NothingLeft(_)
            | Self::Stopped => None,
        }
    }
}

/// What a change has led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// From the edit until the last one was up.
    pub took: Duration,
    /// How long cargo was at work, if it was.
    pub cargo: Option<Duration>,
    /// How long of that it had to wait for another cargo.
    pub waited: Duration,
    /// The types that run other code than before.
    pub rebuilt: Vec<ProcessName>,
    /// Who ran before, and was started again.
    pub restarted: Vec<RunName>,
    /// Who did not run before.
    pub started: Vec<RunName>,
    /// Who is of the formation no more.
    pub stopped: Vec<RunName>,
    /// Who still runs what it ran, although there is something newer.
    pub behind: Vec<RunName>,
    /// Who should run, and does not.
    pub down: Vec<RunName>,
    /// The types of which all is as it was, and as it should be.
    pub unchanged: Vec<ProcessName>,
}

impl Settled {
    /// Whether anybody was started or stopped.
    #[must_use]
    pub fn has_moved(&self) -> bool {
        !(self.restarted.is_empty() && self.started.is_empty() && self.stopped.is_empty())
    }
}

/// What happens to an instance whose process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is started again after this long.
    Restart(Duration),
    /// It stays ended.
    Over,
    /// It failed this often in a row, and now waits for new code.
    GaveUp(u32),
    /// To start it again would lead to the same: it waits until something is changed.
    InVain,
}

/// A process that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// Who.
    pub name: RunName,
    /// Its process, if it has one.
    pub pid: Option<u32>,
    /// How long until then.
    pub left: Duration,
    /// What then happens.
    pub fate: Fate,
}

/// What happens to a process that is not gone in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is killed.
    Killed,
    /// It was killed, and the tool goes on without it.
    GivenUp,
    /// Nothing, as long as somebody looks at it with a debugger.
    Debugged,
}
