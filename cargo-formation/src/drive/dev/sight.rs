//! What `dev` sees: the watch, what the latest build has read, and the table read again.

use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::SystemTime;

use rustix::pipe::{PipeFlags, pipe_with};

use super::rewound;
use super::shape::{Heard, Reread, Seen, Shape};
use crate::drive::{Incoming, Wiring};
use crate::formation::Target;
use crate::narrate::notice;
use crate::plan::watch::{BadGlob, Changes, Knowledge};
use crate::supervise::{BuildId, Command, Event, Whom};
use crate::world::children::{ChildId, Order};
use crate::world::clock;
use crate::world::dep_info::dep_info;
use crate::world::metadata;
use crate::world::shim::Limit;
use crate::world::watch::{Mark, Watch};

/// The numbers of the cargos that are asked about the workspace begin here.
pub(super) const QUESTIONS: u64 = 1 << 40;

/// What `dev` sees.
pub(super) struct Sight {
    watch: Watch,
    reread: Reread,
    reading: Reading,
    asked: u64,
    /// When the latest build began, on the clock that stamps files, too.
    began: Option<(Mark, SystemTime)>,
    seen: Seen,
    limit: Limit,
}

/// Whether the table is being read again.
#[derive(Clone, Copy, Debug)]
enum Reading {
    No,
    /// It is, because of this; what it says was true after the mark.
    Since(Mark, Reason),
    /// It is, and something has changed since: once more after that.
    Stale(Mark, Reason),
}

/// Why the table is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// An environment file has changed, and nothing that cargo reads.
    Environment,
    /// A manifest may have.
    Table,
}

impl Sight {
    /// Begin to look. What was written after `since` is told.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub(super) fn open(
        shape: &Shape,
        reread: Reread,
        since: Mark,
        limit: Limit,
        wiring: &Wiring,
    ) -> io::Result<Self> {
        let seen = Seen::default();
        let sender = wiring.sender.clone();
        let (set, bad) = shape.watch_set(&seen);
        complain(&bad, wiring);
        let watch = Watch::start(set, since, wiring.clock, move |news| {
            let _ = sender.send(Incoming::Watch(news));
        })?;
        let reading = Reading::No;
        Ok(Self { watch, reread, reading, asked: 0, began: None, seen, limit })
    }

    /// A build begins now.
    pub(super) fn build_begins(&mut self, wiring: &Wiring) {
        self.began = Some((Mark::now(wiring.clock), clock::wall()));
    }

    /// A build is over: find out what it has read.
    pub(super) fn build_ended(
        &mut self,
        build: BuildId,
        artifacts: Vec<PathBuf>,
        knowledge: Knowledge,
        scripts: impl IntoIterator<Item = (String, PathBuf)>,
        wiring: &Wiring,
    ) {
        self.seen.scripts.extend(scripts);
        let mut seen = self.seen.clone();
        let sender = wiring.sender.clone();
        tokio::task::spawn_local(async move {
            let read = tokio::task::spawn_blocking(move || dep_info(&artifacts, knowledge)).await;
            if let Ok(dep_info) = read {
                seen.dep_info = dep_info;
                let _ = sender.send(Incoming::Read(build, seen));
            }
        });
    }

    /// What a build has read is known: look at it from now on, and say when all is told.
    pub(super) fn build_read(&mut self, build: BuildId, seen: Seen, shape: &Shape) {
        self.seen = seen;
        if let Some((mark, _)) = self.began {
            self.watch.update(shape.watch_set(&self.seen).0, mark);
        }
        self.watch.check(build.0);
    }

    /// Something has changed.
    pub(super) fn changes(
        &mut self,
        changes: &Changes,
        shape: &Shape,
        wiring: &Wiring,
    ) -> Vec<Event> {
        shape.touch_for(&changes.unseen);
        if let Some((_, began)) = self.began {
            for path in rewound::repair(&changes.build, began) {
                wiring.writer.say(rewound::line(&path));
            }
        }
        let mut events = Vec::new();
        if !changes.restart.is_empty() {
            let types = changes.restart.keys().cloned().map(Target::Process).collect();
            events.push(Event::Asked(None, Command::Renew(Whom::These(types))));
        }
        let reason = match (changes.table.is_empty(), changes.environment.is_empty()) {
            (false, _) => Some(Reason::Table),
            (true, false) => Some(Reason::Environment),
            (true, true) => None,
        };
        if let Some(reason) = reason {
            self.read_again(reason, wiring);
        }
        // What a changed table asks to be built is known when it has been read.
        if !changes.build.is_empty() && reason != Some(Reason::Table) {
            events.push(Event::Edited(changes.certainty));
        }
        events
    }

    /// Whether the table is being read.
    pub(super) fn is_reading(&self) -> bool {
        !matches!(self.reading, Reading::No)
    }

    fn read_again(&mut self, reason: Reason, wiring: &Wiring) {
        let mark = Mark::now(wiring.clock);
        self.reading = match self.reading {
            Reading::No => {
                self.ask(wiring);
                Reading::Since(mark, reason)
            }
            Reading::Since(mark, before) | Reading::Stale(mark, before) => {
                Reading::Stale(mark, reason.max(before))
            }
        };
    }

    /// Ask cargo about the workspace, and read the rest when it has answered.
    fn ask(&mut self, wiring: &Wiring) {
        self.asked += 1;
        let child = self.child();
        if let Err(error) = self.start(child, wiring) {
            let stderr = format!("cannot ask cargo about the workspace: {error}").into_bytes();
            let anew = self.reread.understand(&Heard { stderr, ..Heard::default() });
            let _ = wiring.sender.send(Incoming::Anew(Box::new(anew)));
        }
    }

    fn start(&self, child: ChildId, wiring: &Wiring) -> io::Result<()> {
        let mut command = metadata::asking(&self.reread.question, self.limit);
        let (stdout, out) = pipe_with(PipeFlags::CLOEXEC)?;
        let (stderr, err) = pipe_with(PipeFlags::CLOEXEC)?;
        command.stdin(std::process::Stdio::null()).stdout(out).stderr(err);
        wiring.children.order(Order::Spawn { child, command: Box::new(command) });
        let (reread, sender) = (self.reread.clone(), wiring.sender.clone());
        std::thread::Builder::new().name("cargo's answer".into()).spawn(move || {
            let anew = reread.understand(&hear(stdout, stderr));
            let _ = sender.send(Incoming::Anew(Box::new(anew)));
        })?;
        Ok(())
    }

    fn child(&self) -> ChildId {
        ChildId(QUESTIONS + self.asked)
    }

    /// The table has been read. Why, and whether that is what it says now.
    pub(super) fn was_read(&mut self, shape: Option<&Shape>, wiring: &Wiring) -> Option<Reason> {
        match std::mem::replace(&mut self.reading, Reading::No) {
            Reading::No => None,
            Reading::Since(mark, reason) => {
                if let Some(shape) = shape {
                    let (set, bad) = shape.watch_set(&self.seen);
                    complain(&bad, wiring);
                    self.watch.update(set, mark);
                }
                Some(reason)
            }
            Reading::Stale(mark, reason) => {
                self.reading = Reading::Since(mark, reason);
                self.ask(wiring);
                None
            }
        }
    }

    /// Nothing is of interest any more.
    pub(super) fn close(&self, wiring: &Wiring) {
        if !matches!(self.reading, Reading::No) {
            wiring.children.order(Order::Kill(self.child()));
        }
    }
}

/// Say which globs of the table match nothing because they are none.
fn complain(bad: &[BadGlob], wiring: &Wiring) {
    for BadGlob { process, glob, reason } in bad {
        let text =
            format!("`{glob}` of `{process}` is no glob, and nothing is watched by it: {reason}");
        wiring.writer.say(notice::warning(&text));
    }
}

/// Everything that comes out of both, to their ends.
fn hear(stdout: OwnedFd, stderr: OwnedFd) -> Heard {
    let read = |pipe: OwnedFd| {
        let mut bytes = Vec::new();
        // What came before an error is what there is.
        let _ = std::fs::File::from(pipe).read_to_end(&mut bytes);
        bytes
    };
    std::thread::scope(|scope| {
        let stderr = scope.spawn(move || read(stderr));
        let stdout = read(stdout);
        Heard { stdout, stderr: stderr.join().unwrap_or_default() }
    })
}
