//! Where runs write to: a pipe, or a terminal that somebody may be attached to.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;

use rustix::pipe::{PipeFlags, pipe_with};
use tokio::time::timeout;

use super::start::Start;
use crate::drive::FAREWELL;
use crate::formation::RunName;
use crate::supervise::RunNews;
use crate::world::attach::Console;
use crate::world::children::ChildId;
use crate::world::pty::{Pty, Size};

/// The terminals of those that have one, whether a run of them lives or not.
#[derive(Debug)]
pub(super) struct Consoles {
    /// Of the tool's own terminal.
    size: Size,
    of: BTreeMap<RunName, Console>,
}

/// Where a run writes to.
pub(super) struct Outlet {
    /// What is read.
    pub(super) ours: OwnedFd,
    /// What it writes to.
    pub(super) theirs: OwnedFd,
    /// Where it is shown as it comes, if it is a terminal.
    pub(super) console: Option<(ChildId, Console)>,
}

impl Consoles {
    pub(super) fn new(size: Size) -> Self {
        Self { size, of: BTreeMap::new() }
    }

    /// The terminals of this instance or backing service, run after run.
    pub(super) fn of(&mut self, name: &RunName) -> &Console {
        self.of.entry(name.clone()).or_insert_with(|| Console::new(self.size))
    }

    /// The tool's own terminal has this size now.
    pub(super) fn resize(&mut self, size: Size) {
        self.size = size;
        self.of.values().for_each(|console| console.resize(size));
    }

    /// Where a run is to write to that begins now.
    pub(super) fn outlet(&mut self, child: ChildId, start: &Start) -> io::Result<Outlet> {
        if !start.pty {
            let (ours, theirs) = pipe_with(PipeFlags::CLOEXEC)?;
            return Ok(Outlet { ours, theirs, console: None });
        }
        let console = self.of(&start.name);
        let (pty, theirs) = Pty::open(console.size())?;
        console.begin(child, &pty)?;
        let console = Some((child, console.clone()));
        Ok(Outlet { ours: pty.into(), theirs, console })
    }

    /// A run could not be started.
    pub(super) fn not_begun(&self, child: ChildId, error: &io::Error) {
        self.ended(child, &error.to_string());
    }

    /// This is told of a run.
    pub(super) fn told(&self, child: ChildId, news: &[RunNews]) {
        for news in news {
            if let RunNews::Exited(exit) = news {
                self.ended(child, &exit.to_string());
            }
        }
    }

    /// Nothing will run any more: tell whoever is attached, and wait until he knows. Who takes
    /// nothing is not waited for.
    pub(super) async fn see_out(&self) {
        self.of.values().for_each(Console::close);
        let all = async {
            for console in self.of.values() {
                console.seen_out().await;
            }
        };
        let _ = timeout(FAREWELL, all).await;
    }

    fn ended(&self, child: ChildId, how: &str) {
        self.of.values().for_each(|console| console.ended(child, how));
    }
}
