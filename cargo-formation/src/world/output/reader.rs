//! The reader of one child's pipe.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use tokio::net::unix::pipe::Receiver;
use tokio::sync::watch;
use tokio::time::timeout;

use super::super::clock::time_of_day;
use super::framer::{Dialect, Framer, Stamp};
use super::writer::Writer;
use super::{Prefix, Source};

/// After this long without news a line that has not ended is shown: it may be a prompt.
const PROMPT_AFTER: Duration = Duration::from_millis(100);
/// After its leader ended, a pipe that somebody holds open is read until it is silent so long.
const SILENCE: Duration = Duration::from_millis(100);
/// And in any case no longer than this, before the end is announced.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How much is read at once: what a pipe holds.
const CHUNK: usize = 64 * 1024;

/// What a reader needs to know.
#[derive(Debug)]
pub struct Reading {
    /// Whose output it is.
    pub source: Source,
    /// Our end of the pipe.
    pub pipe: OwnedFd,
    /// What lines start with, without a time.
    pub prefix: Prefix,
    /// Whether lines carry the time of day.
    pub stamp: Stamp,
    /// Who reads what is written.
    pub dialect: Dialect,
    /// Becomes `Ended` when the leader of the child has ended.
    pub leader: watch::Receiver<Leader>,
}

/// Whether the leader of a child is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leader {
    /// It is.
    Alive,
    /// It is not.
    Ended,
}

/// Read a child's output to its end; `drained` is called once, when everything its leader
/// can have written is on its way to the writer.
///
/// # Errors
/// When the pipe cannot be read.
pub async fn read(reading: Reading, writer: Writer, drained: impl FnOnce()) -> io::Result<()> {
    let Reading { source, pipe, prefix, stamp, dialect, leader } = reading;
    let mut stream = Stream {
        framer: Framer::new(source, prefix.clone(), dialect),
        pipe: Receiver::from_owned_fd(pipe)?,
        writer,
        prefix,
        stamp,
    };
    let ended = stream.while_alive(leader).await;
    if ended == Pipe::Open {
        // Bounded, because a grandchild may hold the pipe and write for ever.
        let _ = timeout(LAST_WORDS, stream.until_silent()).await;
        stream.show_rest().await;
    }
    drained();
    if ended == Pipe::Open {
        while stream.take().await == Pipe::Open {}
    }
    stream.end().await;
    Ok(())
}

/// Whether more can come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pipe {
    Open,
    Closed,
}

struct Stream {
    framer: Framer,
    pipe: Receiver,
    writer: Writer,
    prefix: Prefix,
    stamp: Stamp,
}

impl Stream {
    /// Read until the leader has ended, or nobody can write any more.
    async fn while_alive(&mut self, mut leader: watch::Receiver<Leader>) -> Pipe {
        loop {
            tokio::select! {
                biased;
                pipe = self.take_or_show() => {
                    if pipe == Pipe::Closed {
                        return Pipe::Closed;
                    }
                }
                _ = leader.wait_for(|leader| *leader == Leader::Ended) => return Pipe::Open,
            }
        }
    }

    async fn until_silent(&mut self) {
        while let Ok(Pipe::Open) = timeout(SILENCE, self.take()).await {}
    }

    /// Take what comes; if nothing does for a while, show what there is of a line.
    async fn take_or_show(&mut self) -> Pipe {
        if !self.framer.has_rest() {
            return self.take().await;
        }
        if let Ok(pipe) = timeout(PROMPT_AFTER, self.take()).await {
            return pipe;
        }
        self.show_rest().await;
        Pipe::Open
    }

    /// Wait for bytes and pass them on.
    async fn take(&mut self) -> Pipe {
        if self.pipe.readable().await.is_err() {
            return Pipe::Closed;
        }
        let mut pieces = Vec::new();
        let pipe = {
            let mut chunk = vec![0; CHUNK];
            match self.pipe.try_read(&mut chunk) {
                Ok(0) => Pipe::Closed,
                Ok(length) => {
                    self.restamp();
                    self.framer.push(&chunk[..length], &mut pieces);
                    Pipe::Open
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Pipe::Open,
                Err(_) => Pipe::Closed,
            }
        };
        self.write(pieces).await;
        pipe
    }

    async fn show_rest(&mut self) {
        let mut pieces = Vec::new();
        self.framer.show(&mut pieces);
        self.write(pieces).await;
    }

    async fn end(&mut self) {
        let mut pieces = Vec::new();
        self.framer.end(&mut pieces);
        self.write(pieces).await;
    }

    async fn write(&mut self, pieces: Vec<super::Piece>) {
        for piece in pieces {
            self.writer.write(piece).await;
        }
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
