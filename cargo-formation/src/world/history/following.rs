//! Goes on reading the history as it grows, until nothing more will come.

use std::fs::{self, File};
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use notify::{RecommendedWatcher, RecursiveMode, Watcher, recommended_watcher};

use super::directory::{self, Segment};
use super::{Reading, Record};

/// How long somebody follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Until the run of the tool ends that is the latest now.
    Run,
    /// Until nobody reads any more.
    Forever,
}

/// Reads a history that grows.
///
/// The kernel tells when a file has, and gives the lock on it back when its writer ends, however
/// that happens. Nothing is asked again and again.
#[derive(Debug)]
pub struct Following {
    reading: Reading,
    patience: Patience,
    /// The file on whose lock a thread waits.
    watched: Option<Segment>,
    woken: Receiver<()>,
    waker: Waker,
    _watcher: RecommendedWatcher,
}

/// Wakes whoever follows.
#[derive(Clone, Debug)]
struct Waker {
    /// Of one: who is to be woken need not be woken twice.
    wake: SyncSender<()>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// The file whose writer has given it up.
    given_up: Option<Segment>,
    /// Nobody reads what is followed here.
    closed: bool,
}

impl Following {
    /// Follow what this reads. `closed` is handed what is to be called when nobody reads it here
    /// any more.
    ///
    /// # Errors
    /// When the directory cannot be made or watched.
    pub fn start(
        mut reading: Reading,
        patience: Patience,
        closed: impl FnOnce(Box<dyn FnOnce() + Send>),
    ) -> io::Result<Self> {
        directory::make(reading.directory())?;
        let (wake, woken) = sync_channel(1);
        let waker = Waker { wake, seen: Arc::default() };
        let events = waker.clone();
        let mut watcher = recommended_watcher(move |_| events.wake()).map_err(io::Error::other)?;
        let directory = fs::canonicalize(reading.directory())?;
        watcher.watch(&directory, RecursiveMode::NonRecursive).map_err(io::Error::other)?;
        if patience == Patience::Run {
            reading.stay();
        }
        let waker_of_reader = waker.clone();
        closed(Box::new(move || waker_of_reader.tell(|seen| seen.closed = true)));
        Ok(Self { reading, patience, watched: None, woken, waker, _watcher: watcher })
    }

    /// The next record, as soon as there is one; nothing when none will come any more.
    pub fn record(&mut self) -> Option<Record> {
        loop {
            // Before it is read: what came until then is read first.
            let seen = self.waker.seen();
            if seen.closed {
                return None;
            }
            if let Some(record) = self.reading.record() {
                return Some(record);
            }
            if self.patience == Patience::Run && self.is_over(seen) {
                return None;
            }
            self.watch_lock();
            // It lives as long as we do.
            let _ = self.woken.recv();
        }
    }

    /// Whether it is over because nobody reads any more.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.waker.seen().closed
    }

    /// How many lines were no records.
    #[must_use]
    pub fn damaged(&self) -> u64 {
        self.reading.damaged()
    }

    /// Whether the file that is read is the last one, and its writer is gone.
    fn is_over(&self, seen: Seen) -> bool {
        match self.reading.file() {
            Some((segment, _)) => seen.given_up == Some(segment),
            // There is nothing.
            None => true,
        }
    }

    /// Have a thread wait until the writer of the file that is read gives it up.
    fn watch_lock(&mut self) {
        let Some((segment, file)) = self.reading.file() else { return };
        if self.watched == Some(segment) {
            return;
        }
        self.watched = Some(segment);
        let waker = self.waker.clone();
        let wait = move |file: File| {
            // Where there are no locks, who writes the end has to be believed.
            let _ = file.lock_shared();
            waker.tell(|seen| seen.given_up = Some(segment));
        };
        let thread = thread::Builder::new().name("lock".into());
        let started = file.and_then(|file| thread.spawn(move || wait(file)));
        if started.is_err() {
            // The next record is a reason to try again.
            self.watched = None;
        }
    }
}

impl Waker {
    fn wake(&self) {
        // Full: it will wake anyhow.
        let _ = self.wake.try_send(());
    }

    fn tell(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        self.wake();
    }

    fn seen(&self) -> Seen {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    use super::super::{History, Journal, Reading, Record, Runs};
    use super::{Following, Patience};

    /// The slowest disk has everything then.
    const PATIENCE: Duration = Duration::from_mins(1);

    const DEADLINE: Duration = Duration::from_mins(1);

    fn history(directory: &Path) -> History {
        let history = History::default();
        let journal = Journal::open(directory, Path::new("/app"), Vec::new()).unwrap();
        history.keep(journal, |error| panic!("{error}")).unwrap();
        history
    }

    /// The texts that come, as they come, and `over` when that is so.
    fn follow(directory: &Path, patience: Patience) -> std::sync::mpsc::Receiver<String> {
        let reading = Reading::open(directory, Runs::Latest).unwrap();
        let mut following = Following::start(reading, patience, |_| {}).unwrap();
        let (texts, came) = channel();
        thread::spawn(move || {
            while let Some(record) = following.record() {
                if let Record::Block(block) = record
                    && block.lines > 0
                {
                    texts.send(String::from_utf8(block.text).unwrap()).unwrap();
                }
            }
            texts.send("over".to_owned()).unwrap();
        });
        came
    }

    #[tokio::test]
    async fn what_is_written_comes_and_the_end_of_the_tool_is_the_end() {
        let ground = tempfile::tempdir().unwrap();
        let directory = ground.path().join("state/app");
        let history = history(&directory);
        let came = follow(&directory, Patience::Run);
        for text in ["one", "two"] {
            history.said(text.as_bytes());
            assert_eq!(came.recv_timeout(DEADLINE).unwrap(), format!("{text}\n"));
        }
        history.said(b"last");
        history.finish(PATIENCE).await;
        assert_eq!(came.recv_timeout(DEADLINE).unwrap(), "last\n");
        assert_eq!(came.recv_timeout(DEADLINE).unwrap(), "over");
    }

    #[tokio::test]
    async fn where_nothing_runs_there_is_nothing_to_wait_for() {
        let ground = tempfile::tempdir().unwrap();
        let directory = ground.path().join("state/app");
        assert_eq!(follow(&directory, Patience::Run).recv_timeout(DEADLINE).unwrap(), "over");
        let history = history(&directory);
        history.said(b"one");
        history.finish(PATIENCE).await;
        let came = follow(&directory, Patience::Run);
        assert_eq!(came.recv_timeout(DEADLINE).unwrap(), "one\n");
        assert_eq!(came.recv_timeout(DEADLINE).unwrap(), "over");
    }

    #[tokio::test]
    async fn who_waits_for_ever_sees_the_next_run_too() {
        let ground = tempfile::tempdir().unwrap();
        let directory = ground.path().join("state/app");
        let came = follow(&directory, Patience::Forever);
        for text in ["one", "two"] {
            let history = history(&directory);
            history.said(text.as_bytes());
            assert_eq!(came.recv_timeout(DEADLINE).unwrap(), format!("{text}\n"));
            history.finish(PATIENCE).await;
        }
    }

    #[tokio::test]
    async fn a_follower_goes_on_over_many_files() {
        let ground = tempfile::tempdir().unwrap();
        let directory = ground.path().join("state/app");
        let history = history(&directory);
        let came = follow(&directory, Patience::Run);
        let long = "x".repeat(1_000_000);
        for number in 0..20 {
            history.said(format!("{number} {long}").as_bytes());
            let text = came.recv_timeout(DEADLINE).unwrap();
            assert!(text.starts_with(&format!("{number} ")), "{}", &text[..20]);
        }
        history.finish(PATIENCE).await;
        assert_eq!(came.recv_timeout(DEADLINE).unwrap(), "over");
    }
}
