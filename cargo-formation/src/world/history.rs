//! What was written and said, kept: the last of it in memory, for whoever follows, and more on
//! disk, for whoever comes later.
//!
//! Every line has a number. Whoever takes blocks, a disk or a follower, has a bounded queue;
//! what finds no room there is dropped, and the numbers show it. So nobody who reads the history
//! holds back a process that writes.

mod directory;
mod following;
mod journal;
mod reading;
mod record;
mod recorder;

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::timeout;

pub use self::directory::directory;
pub use self::following::{Following, Patience};
pub use self::journal::Journal;
pub use self::reading::{Reading, Runs};
pub use self::record::{Block, Ends, Head, Record, Speaker, TOOL, VERSION};
pub use self::recorder::Recorder;
use super::clock;

/// How much is kept in memory, in bytes.
const KEPT: usize = 4 * 1024 * 1024;
/// How much may wait for the disk, or for one follower, in bytes.
const WAITING: usize = 4 * 1024 * 1024;
/// The history of this tool's run. Its clones are one.
#[derive(Clone, Debug, Default)]
pub struct History(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    /// The number of the next line.
    next: u64,
    blocks: VecDeque<Arc<Block>>,
    /// What the blocks take, in bytes.
    size: usize,
    takers: Vec<Taker>,
    /// Told when everything is on disk.
    written: Option<oneshot::Receiver<()>>,
}

/// Somebody who takes blocks.
#[derive(Debug)]
struct Taker {
    blocks: UnboundedSender<Waiting>,
    room: Arc<Semaphore>,
}

/// A block that waits for whoever takes it, and its room.
#[derive(Debug)]
struct Waiting(
    Arc<Block>,
    #[expect(dead_code, reason = "held until it is dropped")] OwnedSemaphorePermit,
);

/// The blocks of a history, those that are kept and those that come, in their order. What was
/// dropped between them is told by their numbers, see [`Count`].
#[derive(Debug)]
pub struct Subscription {
    past: VecDeque<Arc<Block>>,
    coming: UnboundedReceiver<Waiting>,
}

impl History {
    /// Whoever records what a run writes: one of this name, number and colour.
    #[must_use]
    pub fn recorder(&self, name: &str, run: u64, colour: usize) -> Recorder {
        Recorder::new(
            self.clone(),
            Speaker { name: name.into(), run: Some(run), pid: None, colour },
        )
    }

    /// The tool says something. The end of the line is added.
    pub fn said(&self, line: &[u8]) {
        let by = Speaker { name: TOOL.into(), run: None, pid: None, colour: 0 };
        self.record(by, [line, b"\n"].concat(), Ends::Line);
    }

    /// From now on, write to disk, too. `trouble` is called on another thread when that cannot
    /// be done any more, once.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn keep(
        &self,
        mut journal: Journal,
        trouble: impl FnOnce(io::Error) + Send + 'static,
    ) -> io::Result<()> {
        let (done, written) = oneshot::channel();
        let mut subscription = self.subscribe(0);
        // Of those that come at the very end there may be no room for any: who has taken the last
        // block does not know how many there were.
        let kept = Arc::downgrade(&self.0);
        let all = move || Some(kept.upgrade()?.lock().unwrap_or_else(PoisonError::into_inner).next);
        let work = move || {
            journal.keep(&mut subscription, all, trouble);
            // Nobody may be waiting any more.
            let _ = done.send(());
        };
        thread::Builder::new().name("history".into()).spawn(work)?;
        self.kept().written = Some(written);
        Ok(())
    }

    /// Everything that is kept from the line of this number on, and everything that comes.
    #[must_use]
    pub fn subscribe(&self, from: u64) -> Subscription {
        let mut kept = self.kept();
        // One without lines tells that a run has begun.
        let wanted = kept.blocks.iter().filter(|block| block.first + block.lines.max(1) > from);
        let past = wanted.cloned().collect();
        let (blocks, coming) = unbounded_channel();
        kept.takers.push(Taker { blocks, room: Arc::new(Semaphore::new(WAITING)) });
        Subscription { past, coming }
    }

    /// The number of the first of the last so many lines that are kept of those who are meant.
    #[must_use]
    pub fn last(&self, most: u64, meant: impl Fn(&str) -> bool) -> u64 {
        let kept = self.kept();
        let mut missing = most;
        let mut first = kept.next;
        for block in kept.blocks.iter().rev().filter(|block| meant(&block.by.name)) {
            if missing <= block.lines {
                return block.first + block.lines - missing;
            }
            missing -= block.lines;
            first = block.first;
        }
        first
    }

    /// The end: nothing more comes. Waits until it is on disk, at most so long: there are disks that
    /// take nothing.
    pub async fn finish(&self, patience: Duration) {
        let written = {
            let mut kept = self.kept();
            kept.takers.clear();
            kept.written.take()
        };
        if let Some(written) = written {
            let _ = timeout(patience, written).await;
        }
    }

    /// Somebody has written this.
    fn record(&self, by: Speaker, text: Vec<u8>, ends: Ends) {
        let at = clock::micros();
        let lines = memchr::memchr_iter(b'\n', &text).count() as u64;
        let lines = lines + u64::from(ends == Ends::Middle);
        self.kept().add(Block { first: 0, lines, at, by, text, ends });
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn add(&mut self, block: Block) {
        let block = Arc::new(Block { first: self.next, ..block });
        self.next += block.lines;
        self.takers.retain(|taker| taker.give(&block));
        self.size += block.size();
        self.blocks.push_back(block);
        while self.size > KEPT {
            let oldest = self.blocks.pop_front();
            self.size -= oldest.map_or(self.size, |oldest| oldest.size());
        }
    }
}

impl Taker {
    /// Give a block, if there is room for it. Whether there is somebody who takes.
    fn give(&self, block: &Arc<Block>) -> bool {
        // One that is larger than all the room there is has it to itself.
        let size = u32::try_from(block.size().min(WAITING)).unwrap_or(u32::MAX);
        match Arc::clone(&self.room).try_acquire_many_owned(size) {
            Ok(room) => self.blocks.send(Waiting(Arc::clone(block), room)).is_ok(),
            Err(_) => !self.blocks.is_closed(),
        }
    }
}

impl Subscription {
    /// The next block; nothing when the tool has come to its end.
    pub async fn next(&mut self) -> Option<Arc<Block>> {
        match self.past.pop_front() {
            Some(block) => Some(block),
            None => self.coming.recv().await.map(|Waiting(block, _)| block),
        }
    }

    /// The next block of those that were kept when it began; nothing when these are over.
    pub fn kept(&mut self) -> Option<Arc<Block>> {
        self.past.pop_front()
    }

    /// As [`Self::next`], for a thread that has nothing else to do.
    fn wait(&mut self) -> Option<Arc<Block>> {
        match self.past.pop_front() {
            Some(block) => Some(block),
            None => self.coming.blocking_recv().map(|Waiting(block, _)| block),
        }
    }

    /// The next block, if it is there.
    fn more(&mut self) -> Option<Arc<Block>> {
        let coming = || self.coming.try_recv().ok().map(|Waiting(block, _)| block);
        self.past.pop_front().or_else(coming)
    }
}

/// Counts lines, for whoever wants to know what was dropped between two blocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count(Option<u64>);

impl Count {
    /// Counts from the line of this number on.
    #[must_use]
    pub fn from(line: u64) -> Self {
        Self(Some(line))
    }

    /// How many lines are missing before this block.
    pub fn missing(&mut self, block: &Block) -> u64 {
        let missing = self.missing_before(block.first);
        self.0 = Some(block.first + block.lines);
        missing
    }

    /// How many lines are missing before the line of this number.
    #[must_use]
    pub fn missing_before(&self, line: u64) -> u64 {
        self.0.map_or(0, |next| line.saturating_sub(next))
    }
}

#[cfg(test)]
mod tests {
    use super::{Block, Count, History, KEPT, Subscription, WAITING};

    /// Record numbered lines of this width.
    fn write(history: &History, lines: std::ops::Range<u64>, width: usize) {
        let mut recorder = history.recorder("app.1", 1, 0);
        for line in lines {
            recorder.push(format!("{line:0width$}\n").as_bytes());
        }
    }

    /// What is there without waiting.
    fn taken(subscription: &mut Subscription) -> Vec<std::sync::Arc<Block>> {
        std::iter::from_fn(|| subscription.more()).collect()
    }

    /// The lines that came, and those that were missed.
    fn counts(blocks: &[std::sync::Arc<Block>]) -> (u64, u64) {
        let mut count = Count::default();
        let missing = blocks.iter().map(|block| count.missing(block)).sum();
        (blocks.iter().map(|block| block.lines).sum(), missing)
    }

    #[test]
    fn who_comes_late_gets_what_is_kept_and_what_comes() {
        let history = History::default();
        write(&history, 0..3, 5);
        let mut subscription = history.subscribe(1);
        write(&history, 3..5, 5);
        let blocks = taken(&mut subscription);
        let lines = blocks.iter().filter(|block| block.lines > 0);
        let firsts: Vec<u64> = lines.map(|block| block.first).collect();
        assert_eq!(firsts, [1, 2, 3, 4]);
    }

    #[test]
    fn the_last_lines_are_found_whosever_are_between() {
        let history = History::default();
        write(&history, 0..3, 5);
        history.recorder("other.1", 2, 0).push(b"3\n4\n");
        history.recorder("app.1", 3, 0).push(b"5\n6\n");
        let app = |most| history.last(most, |name| name == "app.1");
        assert_eq!([app(0), app(1), app(2), app(3), app(5), app(9)], [7, 6, 5, 2, 0, 0]);
        assert_eq!(history.last(3, |_| true), 4);
        assert_eq!(history.last(3, |name| name == "nobody"), 7);
    }

    #[test]
    fn memory_is_bounded_however_short_the_lines() {
        for width in [1, 60_000] {
            let history = History::default();
            write(&history, 0..100_000 / width as u64 * 60, width);
            let kept = history.kept();
            assert!(kept.size <= KEPT && kept.size > KEPT / 2, "{}", kept.size);
            let sizes: usize = kept.blocks.iter().map(|block| block.size()).sum();
            assert_eq!(kept.size, sizes);
        }
    }

    #[test]
    fn a_follower_who_takes_nothing_holds_nobody_back_and_sees_what_was_dropped() {
        const LINES: u64 = 1_000;
        let history = History::default();
        let mut slow = history.subscribe(0);
        write(&history, 0..LINES, 60_000);
        let mut blocks = taken(&mut slow);
        assert!(blocks.iter().map(|block| block.size()).sum::<usize>() <= WAITING);
        write(&history, LINES..LINES + 1, 10);
        blocks.extend(taken(&mut slow));
        let (came, missing) = counts(&blocks);
        assert!(missing > LINES / 2, "{missing}");
        assert_eq!(came + missing, LINES + 1);
    }

    #[test]
    fn a_follower_who_has_gone_is_forgotten() {
        let history = History::default();
        drop(history.subscribe(0));
        write(&history, 0..1, 5);
        assert_eq!(history.kept().takers.len(), 0);
    }

    #[test]
    fn the_tool_speaks_too_and_a_message_of_several_lines_is_one() {
        let history = History::default();
        history.said(b"error: one\n  two");
        let block = history.subscribe(0).more().unwrap();
        assert_eq!((&*block.by.name, block.lines), ("formation", 2));
        assert_eq!(block.text, b"error: one\n  two\n");
    }
}
