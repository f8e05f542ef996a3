//! What somebody may ask of a formation that runs, and what may come of it.

use super::protocol::Whom;
use crate::formation::{Exit, RunName, Target};

/// Who asked for something: a number that nobody has had before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Start these again, also whoever was stopped.
    Restart(Whom),
    /// Start those of these again that nobody has stopped, and that are not scheduled.
    Renew(Whom),
    /// Stop these, until somebody starts them; a save does not.
    Stop(Whom),
    /// Start these, if they do not run. Of all, those that are scheduled wait for their time.
    Start(Whom),
    /// Stop this instance, and keep its place for somebody who runs it by hand.
    Lend(Target),
    /// Whoever ran this by hand does not any more.
    GiveBack(Target),
    /// Give these all the time they want: somebody looks at them with a debugger.
    Suspend(Whom),
    /// As many have ended that.
    Resume(Whom),
    /// Change nothing; answer when these have come to what is wanted of them.
    Settle(Whom),
    /// Change nothing; answer when everything that is wanted is up.
    Ready,
    /// Change nothing; answer when nothing is under way any more, and everything that is
    /// wanted runs the newest code.
    Idle,
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This, of each that was meant.
    Over(Vec<(RunName, Outcome)>),
    /// Nobody is called this, and nothing was done.
    Unknown(Target),
    /// The newest code could not be built; what could be runs.
    NotBuilt,
    /// `release` has failed; nothing swaps before it succeeds.
    NotReleased,
    /// The formation ends, whatever was asked for.
    Ending,
}

/// What came of a command, of one instance or backing service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is up, as this process if that is known.
    Up(Option<u32>),
    /// It ended well, and stays so.
    Finished,
    /// Nothing of it runs.
    Stopped,
    /// It is scheduled, and waits for its time, or for somebody who asks.
    Scheduled,
    /// It is scheduled and was to start, and the run before goes on, as this process if that is
    /// known.
    Busy(Option<u32>),
    /// It ended like this. It may be started again after a while.
    Failed(Exit),
    /// It had its time to be up, and did not use it.
    Late,
    /// The new run failed beside the old one, which goes on as this process.
    Refused(Option<u32>),
    /// The build failed that it would run.
    NotBuilt,
    /// `release` failed, and it may not start before that succeeds.
    NotReleased,
    /// It goes on as it was: what it would be replaced by has failed elsewhere in its type.
    Spared(Option<u32>),
    /// It does not start, for a backing service is not up.
    Blocked,
    /// Somebody runs it by hand, in its place.
    Lent,
    /// Somebody has asked for the opposite meanwhile.
    Overtaken,
}

impl Outcome {
    /// Whether this is what was asked for.
    #[must_use]
    pub fn is_good(self) -> bool {
        match self {
            Self::Up(_) | Self::Finished | Self::Stopped | Self::Scheduled => true,
            Self::Busy(_)
            | Self::Failed(_)
            | Self::Late
            | Self::Refused(_)
            | Self::NotBuilt
            | Self::NotReleased
            | Self::Spared(_)
            | Self::Blocked
            | Self::Lent
            | Self::Overtaken => false,
        }
    }
}
