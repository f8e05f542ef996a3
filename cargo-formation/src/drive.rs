//! The loop: an event, a decision, its actions, performed in the world.
//!
//! It awaits only the next event. What takes time happens elsewhere and reports back.

mod building;
mod dev;
mod ending;
mod once;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::formation::ProcessName;
use crate::narrate::Paint;
use crate::supervise::{BuildId, StopReason};
use crate::world::build::CargoNews;
use crate::world::children::{ChildId, Children, Order, Report, Token};
use crate::world::clock::Clock;
use crate::world::control;
use crate::world::guard;
use crate::world::keyboard::{Key, Keyboard};
use crate::world::output::{self, Life, Writer};
use crate::world::ready::health::Finding;
use crate::world::router;
use crate::world::signals;
use crate::world::watch;

pub use self::building::{Outcome, Tally};
use self::dev::Seen;
pub use self::dev::{Anew, Cargos, Dev, Errand, Eyes, Heard, Look, Reread, Shape, dev};
pub use self::once::{Once, build_once};

/// Who takes nothing for so long has stopped reading.
const FAREWELL: Duration = Duration::from_secs(1);

/// Everything that can come in.
#[derive(Debug)]
enum Incoming {
    /// About a child.
    Child(Report),
    /// From a cargo.
    Cargo(ChildId, CargoNews),
    /// A signal.
    Heard(signals::Heard),
    /// What a run has written until its life had come so far has been read.
    Drained(ChildId, Life),
    /// A run is up.
    Ready(ChildId),
    /// What was found out about the health of a run that is up.
    Health(ChildId, Finding),
    /// A run listens at these ports, and not where it was told to.
    Elsewhere(ChildId, Vec<u16>),
    /// A run has found an address in use; the one beside it listens at these untold.
    AddressInUse(ChildId, Vec<u16>),
    /// What a router has seen.
    Routed(ProcessName, router::News),
    /// A process of a run has written a PID file.
    PidFile(ChildId, PathBuf),
    /// What the watch sees.
    Watch(watch::News),
    /// What a build has read.
    Read(BuildId, Seen),
    /// The workspace, read again.
    Anew(Box<Anew>),
    /// A client wants something.
    Client(control::News),
    /// A key was pressed.
    Key(Key),
    /// We were stopped, and go on.
    Continued,
    /// The terminal that we run at has another size.
    Resized,
    /// Nobody reads standard output any more.
    OutputClosed,
}

/// The parts of the world that a loop needs, wired to one inbox.
struct Wiring {
    clock: Clock,
    writer: Writer,
    children: Children,
    token: Token,
    inbox: UnboundedReceiver<Incoming>,
    sender: UnboundedSender<Incoming>,
}

impl Wiring {
    /// To be called inside of a local task set.
    fn connect(clock: Clock, paint: Paint) -> io::Result<Self> {
        let (sender, inbox) = unbounded_channel();
        let send = |sender: &UnboundedSender<Incoming>, incoming| {
            // The inbox outlives everything that reports to it, but for the last moments.
            let _ = sender.send(incoming);
        };
        let token = Token::random();
        let reports = sender.clone();
        let children =
            Children::start(token.clone(), move |report| send(&reports, Incoming::Child(report)))?;
        let heard = sender.clone();
        signals::listen(move |signal| send(&heard, Incoming::Heard(signal)))?;
        let closed = sender.clone();
        let writer = output::start(paint, move || send(&closed, Incoming::OutputClosed))?;
        let resized = sender.clone();
        signals::listen_for_resizing(move || send(&resized, Incoming::Resized))?;
        children.order(Order::Guard(Box::new(guard::command(&token))));
        Ok(Self { clock, writer, children, token, inbox, sender })
    }

    /// The keys of the terminal, if there is one.
    fn keyboard(&self) -> io::Result<Option<Keyboard>> {
        let sender = self.sender.clone();
        let keyboard = Keyboard::listen(move |key| drop(sender.send(Incoming::Key(key))))?;
        if keyboard.is_some() {
            let sender = self.sender.clone();
            signals::listen_for_continuing(move || drop(sender.send(Incoming::Continued)))?;
        }
        Ok(keyboard)
    }

    /// The end: wait until everything is written. Whoever reads it and takes nothing is not
    /// waited for, and neither is anybody after one more signal, which is returned.
    async fn finish(mut self) -> Option<StopReason> {
        self.children.dismiss();
        let mut flushed = self.writer.flush();
        loop {
            let written = self.writer.written();
            let patience = timeout(FAREWELL, async {
                tokio::select! {
                    // A signal that is there already counts, however quickly all is written.
                    biased;
                    reason = stop(&mut self.inbox) => reason,
                    _ = &mut flushed => None,
                }
            });
            match patience.await {
                Ok(reason) => return reason,
                Err(_) if self.writer.written() == written => return None,
                Err(_) => {}
            }
        }
    }
}

/// Wait for a signal that asks to stop.
async fn stop(inbox: &mut UnboundedReceiver<Incoming>) -> Option<StopReason> {
    while let Some(incoming) = inbox.recv().await {
        if let Incoming::Heard(signals::Heard::Stop(reason)) = incoming {
            return Some(reason);
        }
    }
    None
}
