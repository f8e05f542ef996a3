//! The reader of one child's pipe, or of its terminal.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::io::{ioctl_fionbio, ioctl_fionread};
use tokio::net::unix::pipe::Receiver;
use tokio::sync::watch;
use tokio::time::timeout;

use super::super::attach::Console;
use super::super::children::ChildId;
use super::super::clock::time_of_day;
use super::super::history::Recorder;
use super::framer::{Framer, Stamp};
use super::line::Dialect;
use super::returns::Returns;
use super::shown::Shown;
use super::sought::Sought;
use super::tail::Tail;
use super::writer::{Room, Writer};
use super::{Piece, Prefix, Source};
use crate::formation::ProcessName;

/// After this long without news a line that has not ended is shown: it may be a prompt.
///
/// A person who waits for a prompt notices a fifth of a second; a program that writes a
/// line in pieces a tenth of a second apart wants it whole.
const PROMPT_AFTER: Duration = Duration::from_millis(150);
/// After this long when it was a full pipe that ended in the middle of the line: whoever
/// filled it waits for us and not for an answer, and may not have had its turn yet.
const REST_AFTER: Duration = Duration::from_secs(1);
/// How much is read at once: what a pipe holds.
const CHUNK: usize = 64 * 1024;

/// What a reader needs to know.
#[derive(Debug)]
pub struct Reading {
    /// Whose output it is.
    pub source: Source,
    /// Our end of the pipe, or of the terminal.
    pub pipe: OwnedFd,
    /// Where it is shown as it comes, if it is a terminal.
    pub console: Option<(ChildId, Console)>,
    /// What lines start with, without a time.
    pub prefix: Prefix,
    /// Whether lines carry the time of day.
    pub stamp: Stamp,
    /// Who reads what is written.
    pub dialect: Dialect,
    /// How far the life of the child has come.
    pub life: watch::Receiver<Life>,
    /// Whose lines these are, and whose are shown.
    pub shown: (ProcessName, Shown),
    /// What somebody waits for.
    pub sought: Vec<Sought>,
    /// Where its last words are kept.
    pub tail: Tail,
    /// Where all of them are.
    pub recorder: Recorder,
}

/// How far the life of a child has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Life {
    /// Its leader is alive.
    Leader,
    /// Its leader has ended, others may be alive.
    Others,
    /// Nothing of it is alive.
    Gone,
}

/// Read a child's output to its end.
///
/// Each time its life has come further, everything that was written until then is handed to
/// the writer, and then `drained` is called. This waits for nothing: what is left in a pipe
/// is little, and a terminal that takes nothing must not hide that a process has ended.
///
/// # Errors
/// When the pipe cannot be read.
pub async fn read(reading: Reading, writer: Writer, drained: impl Fn(Life)) -> io::Result<()> {
    let Reading { source, pipe, console, prefix, stamp, dialect, mut life, .. } = reading;
    let Reading { shown, sought, tail, recorder, .. } = reading;
    ioctl_fionbio(&pipe, true)?;
    let mut stream = Stream {
        framer: Framer::new(source, prefix.clone(), dialect),
        // For a terminal, too: all that matters is that it can be waited for and read from.
        pipe: Receiver::from_owned_fd_unchecked(pipe)?,
        terminal: console.map(|console| Terminal { console, returns: Returns::default() }),
        waiting: VecDeque::new(),
        patience: PROMPT_AFTER,
        writer,
        prefix,
        stamp,
        shown,
        sought,
        tail,
        recorder,
    };
    loop {
        tokio::select! {
            // A descendant that never stops writing must not hide the end of the leader.
            biased;
            Ok(()) = life.changed() => {
                let come = *life.borrow_and_update();
                if stream.take_what_is_there() == Pipe::Closed {
                    break;
                }
                drained(come);
            }
            pipe = stream.take_or_show() => {
                if pipe == Pipe::Closed {
                    break;
                }
            }
        }
    }
    stream.end();
    drained(Life::Gone);
    Ok(())
}

/// Whether more can come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pipe {
    Open,
    Closed,
}

/// What is done with what comes from a terminal before it is framed.
struct Terminal {
    console: (ChildId, Console),
    returns: Returns,
}

impl Terminal {
    /// Show it to whoever is attached; what is left for the log.
    fn pass(&mut self, bytes: &[u8]) -> Vec<u8> {
        let (child, console) = &self.console;
        console.wrote(*child, bytes);
        self.returns.strip(bytes)
    }
}

/// What comes out of the pipe. Whatever waits here may be cancelled at any time: nothing
/// that was read is lost.
struct Stream {
    framer: Framer,
    pipe: Receiver,
    terminal: Option<Terminal>,
    /// What was read and has found no room at the writer yet.
    waiting: VecDeque<Piece>,
    /// How long a line that has not ended is kept.
    patience: Duration,
    writer: Writer,
    prefix: Prefix,
    stamp: Stamp,
    shown: (ProcessName, Shown),
    /// What somebody waits for, until it has come.
    sought: Vec<Sought>,
    tail: Tail,
    recorder: Recorder,
}

impl Stream {
    /// Take what comes; if nothing does for a while, show what there is of a line.
    async fn take_or_show(&mut self) -> Pipe {
        self.pass_on().await;
        let came = self.pipe.readable();
        let came = if self.framer.has_rest() {
            timeout(self.patience, came).await
        } else {
            Ok(came.await)
        };
        match came {
            Ok(Ok(())) => self.take(),
            Ok(Err(_)) => Pipe::Closed,
            Err(_) => {
                self.show_rest();
                Pipe::Open
            }
        }
    }

    /// Hand on what waits, as soon as there is room for it.
    async fn pass_on(&mut self) {
        while let Some(piece) = self.waiting.front() {
            let room = self.writer.room(piece).await;
            if let Some(piece) = self.waiting.pop_front().filter(|_| self.is_shown()) {
                self.writer.write(piece, room);
            }
        }
    }

    /// Take what has come.
    fn take(&mut self) -> Pipe {
        let mut chunk = vec![0; CHUNK];
        let read = self.pipe.try_read(&mut chunk);
        self.taken(&chunk, read)
    }

    /// Take everything that is in the pipe now, and hand it on whether there is room or not.
    fn take_what_is_there(&mut self) -> Pipe {
        // A terminal tells of less than it has.
        let mut left = ioctl_fionread(&self.pipe).unwrap_or(0).max(CHUNK as u64);
        let mut chunk = vec![0; CHUNK];
        let pipe = loop {
            // Not by way of the runtime, which may not have heard of the last bytes yet.
            let read = rustix::io::read(&self.pipe, &mut chunk).map_err(io::Error::from);
            let length = *read.as_ref().unwrap_or(&0) as u64;
            let pipe = self.taken(&chunk, read);
            // Once more when everything was taken: this may have been the end.
            if pipe == Pipe::Closed || length == 0 || length > left {
                break pipe;
            }
            left -= length;
        };
        if pipe == Pipe::Open {
            self.show_rest();
        }
        self.pass_on_now();
        pipe
    }

    fn taken(&mut self, chunk: &[u8], read: io::Result<usize>) -> Pipe {
        match read {
            Ok(0) => Pipe::Closed,
            Ok(length) => {
                // A pipe is full before all of its pages are.
                self.patience = if length > CHUNK / 2 { REST_AFTER } else { PROMPT_AFTER };
                match &mut self.terminal {
                    None => self.came(&chunk[..length]),
                    Some(terminal) => {
                        let lines = terminal.pass(&chunk[..length]);
                        self.came(&lines);
                    }
                }
                Pipe::Open
            }
            Err(error) if is_temporary(&error) => Pipe::Open,
            // Of a terminal: nobody has it any more (`EIO`).
            Err(_) => Pipe::Closed,
        }
    }

    fn came(&mut self, bytes: &[u8]) {
        self.restamp();
        let mut pieces = Vec::new();
        self.framer.push(bytes, &mut pieces);
        self.waiting.extend(pieces);
        let sought = self.sought.drain(..);
        self.sought = sought.filter_map(|it| it.search(bytes)).collect();
        self.tail.push(bytes);
        self.recorder.push(bytes);
    }

    fn show_rest(&mut self) {
        let mut pieces = Vec::new();
        self.framer.show(&mut pieces);
        self.waiting.extend(pieces);
    }

    fn end(&mut self) {
        let mut pieces = Vec::new();
        self.framer.end(&mut pieces);
        self.recorder.end();
        self.waiting.extend(pieces);
        self.pass_on_now();
    }

    fn pass_on_now(&mut self) {
        let is_shown = self.is_shown();
        for piece in self.waiting.drain(..).filter(|_| is_shown) {
            self.writer.write(piece, Room::default());
        }
    }

    fn is_shown(&self) -> bool {
        let (process, shown) = &self.shown;
        shown.shows(process)
    }

    /// Lines that arrive together carry the same time.
    fn restamp(&mut self) {
        if self.stamp == Stamp::Time {
            let time = time_of_day();
            let stamped = |prefix: &[u8]| [time.as_bytes(), b" ", prefix].concat();
            self.framer.restamp(Prefix {
                line: stamped(&self.prefix.line),
                continuation: stamped(&self.prefix.continuation),
            });
        }
    }
}

fn is_temporary(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests;
