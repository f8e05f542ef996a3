//! One build and nothing else: for `build` and `run`.

use std::io;

use tokio::task::LocalSet;

use super::building::{Building, Outcome, Tally};
use super::{Incoming, Wiring};
use crate::formation::ExitCode;
use crate::narrate::Paint;
use crate::narrate::notice::{self, Tone};
use crate::supervise::StopReason;
use crate::world::build::Cargo;
use crate::world::children::{ChildId, Order};
use crate::world::clock::Clock;
use crate::world::signals::Heard;

/// The one cargo.
const CARGO: ChildId = ChildId(1);

/// What became of the build.
#[derive(Debug)]
pub enum Once {
    /// It ended.
    Ended(Outcome, Tally),
    /// Somebody ended it.
    Stopped(StopReason),
}

impl Once {
    /// The exit code of a tool whose build did not succeed.
    #[must_use]
    pub fn code(&self) -> ExitCode {
        match self {
            Self::Ended(Outcome::Succeeded, _) => ExitCode::SUCCESS,
            Self::Ended(Outcome::Failed, _) => ExitCode::BUILD,
            Self::Stopped(reason) => reason.code(),
        }
    }
}

/// Build, say what cargo says, and return when nothing of cargo is alive.
///
/// # Errors
/// When there are no threads, pipes or signal handlers to be had.
pub fn build_once(cargo: &Cargo, clock: Clock, paint: Paint) -> io::Result<Once> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, build(cargo, clock, paint))
}

async fn build(cargo: &Cargo, clock: Clock, paint: Paint) -> io::Result<Once> {
    let mut wiring = Wiring::connect(clock, paint)?;
    let sender = wiring.sender.clone();
    let streams = cargo.start(&wiring.children, CARGO, move |news| {
        let _ = sender.send(Incoming::Cargo(CARGO, news));
    })?;
    let mut building = Building::new(streams);
    let mut stopped = None;
    let outcome = loop {
        if let Some(outcome) = building.outcome() {
            break outcome;
        }
        let Some(incoming) = wiring.inbox.recv().await else { break Outcome::Failed };
        match incoming {
            Incoming::Cargo(_, news) => {
                building.news(news, wiring.clock.now(), &wiring.writer);
            }
            Incoming::Child(report) => building.child(&report, &wiring.writer),
            Incoming::Heard(Heard::Child) => wiring.children.order(Order::Reap),
            // The first signal asks, the second kills.
            Incoming::Heard(Heard::Stop(reason)) => match stopped {
                None => {
                    stopped = Some(reason);
                    let text = "cargo; interrupt once more to kill it";
                    wiring.writer.say(notice::status(Tone::Good, "Stopping", text));
                    wiring.children.order(Order::Signal(CARGO, rustix::process::Signal::TERM));
                }
                Some(_) => wiring.children.order(Order::Kill(CARGO)),
            },
            Incoming::Drained(..)
            | Incoming::Ready(_)
            | Incoming::Health(..)
            | Incoming::Elsewhere(..)
            | Incoming::AddressInUse(..)
            | Incoming::Routed(..)
            | Incoming::PidFile(..)
            | Incoming::Watch(_)
            | Incoming::Read(..)
            | Incoming::Anew(_)
            | Incoming::Client(_)
            | Incoming::Key(_)
            | Incoming::Continued
            | Incoming::Resized
            | Incoming::OutputClosed => {}
        }
    };
    let stopped = stopped.or(wiring.finish().await);
    Ok(match stopped {
        Some(reason) => Once::Stopped(reason),
        None => Once::Ended(outcome, building.tally),
    })
}
