//! Reads what is on disk, the oldest first, and goes on where more has come meanwhile.

use std::fs::{File, TryLockError};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::Record;
use super::directory::{RunKey, Segment, segments};

/// The longest line that is read, in bytes: one that is longer is none of ours.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Of which runs of the tool the history is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// Of all that are kept.
    All,
    /// Of the latest.
    Latest,
}

/// Reads the history in a directory.
#[derive(Debug)]
pub struct Reading {
    directory: PathBuf,
    current: Option<Current>,
    /// The file that was read last: those after it are next.
    after: Option<Segment>,
    /// The run after which nothing is read.
    until: Option<RunKey>,
    damaged: u64,
}

/// A file that is being read.
#[derive(Debug)]
struct Current {
    segment: Segment,
    lines: BufReader<File>,
    /// What has come of a line that has not ended.
    line: Vec<u8>,
}

impl Reading {
    /// Read what is in this directory, which need not be there yet.
    ///
    /// # Errors
    /// When the directory is there and cannot be read.
    pub fn open(directory: &Path, runs: Runs) -> io::Result<Self> {
        let segments = segments(directory)?;
        let latest = segments.last().map(|last| last.run);
        let is_older = |segment: &&Segment| runs == Runs::Latest && Some(segment.run) != latest;
        let after = segments.iter().rfind(is_older).copied();
        Ok(Self { directory: directory.into(), current: None, after, until: None, damaged: 0 })
    }

    /// Whether nothing was ever recorded here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        segments(&self.directory).is_ok_and(|segments| segments.is_empty())
    }

    /// Whether the tool is at work whose history was read last.
    #[must_use]
    pub fn is_live(&self) -> bool {
        let file = self.current.as_ref().map(|current| current.lines.get_ref());
        file.is_some_and(|file| match file.try_lock_shared() {
            Ok(()) => file.unlock().is_err(),
            Err(error) => matches!(error, TryLockError::WouldBlock),
        })
    }

    /// How many lines were no records.
    #[must_use]
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    /// The next record; nothing if there is none at the moment.
    pub fn record(&mut self) -> Option<Record> {
        loop {
            let Some(current) = &mut self.current else {
                self.open_next()?;
                continue;
            };
            match current.next() {
                Line::Record(record) => return Some(record),
                Line::Damaged => self.damaged += 1,
                Line::None => {
                    // Its writer began the next one when it was done with this one.
                    let torn = !current.line.is_empty();
                    self.open_next()?;
                    self.damaged += u64::from(torn);
                }
            }
        }
    }

    /// Read nothing of runs that begin from now on.
    pub(super) fn stay(&mut self) {
        let last = segments(&self.directory).ok().and_then(|all| all.last().copied());
        self.until = last.or(self.after).map(|last| last.run);
    }

    /// The file that is being read, for whoever waits for its end.
    pub(super) fn file(&self) -> Option<(Segment, io::Result<File>)> {
        let current = self.current.as_ref()?;
        Some((current.segment, current.lines.get_ref().try_clone()))
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Begin with the next file, if there is one.
    fn open_next(&mut self) -> Option<()> {
        let all = segments(&self.directory).ok()?;
        let is_next = |segment: &&Segment| {
            self.after.is_none_or(|after| **segment > after)
                && self.until.is_none_or(|until| segment.run <= until)
        };
        for segment in all.iter().filter(is_next) {
            // One that was removed meanwhile was too old.
            if let Ok(file) = File::open(self.directory.join(segment.name())) {
                let lines = BufReader::with_capacity(1 << 16, file);
                self.current = Some(Current { segment: *segment, lines, line: Vec::new() });
                self.after = Some(*segment);
                return Some(());
            }
        }
        None
    }
}

enum Line {
    Record(Record),
    Damaged,
    /// There is no whole line.
    None,
}

impl Current {
    fn next(&mut self) -> Line {
        let left = LONGEST.saturating_sub(self.line.len() as u64);
        // What cannot be read is as if it were not there.
        let _ = self.lines.by_ref().take(left).read_until(b'\n', &mut self.line);
        let is_whole = self.line.last() == Some(&b'\n');
        if !is_whole && (self.line.len() as u64) < LONGEST {
            return Line::None;
        }
        let record = Record::decode(&self.line);
        self.line.clear();
        record.map_or(Line::Damaged, Line::Record)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::time::Duration;

    use super::super::{Count, History, Journal, Record};
    use super::{Reading, Runs, segments};

    /// The slowest disk has everything then.
    const PATIENCE: Duration = Duration::from_mins(1);

    /// One run of the tool that writes these lines, each as it comes.
    async fn run(directory: &Path, lines: &[&str]) {
        let history = History::default();
        let journal = Journal::open(directory, Path::new("/app"), Vec::new()).unwrap();
        history.keep(journal, |error| panic!("{error}")).unwrap();
        let mut recorder = history.recorder("app.1", 1, 0);
        for line in lines {
            recorder.push(format!("{line}\n").as_bytes());
        }
        history.finish(PATIENCE).await;
    }

    fn rest(reading: &mut Reading) -> Vec<String> {
        let mut texts = Vec::new();
        while let Some(record) = reading.record() {
            match record {
                Record::Head(_) => texts.push("head".to_owned()),
                Record::Block(block) if block.lines == 0 => {}
                Record::Block(block) => {
                    texts.push(String::from_utf8(block.text).unwrap().trim_end().to_owned());
                }
                Record::End { lines } => texts.push(format!("end {lines}")),
            }
        }
        texts
    }

    fn ground() -> (tempfile::TempDir, std::path::PathBuf) {
        let ground = tempfile::tempdir().unwrap();
        let directory = ground.path().join("state/app");
        (ground, directory)
    }

    #[tokio::test]
    async fn runs_follow_each_other() {
        let (_ground, directory) = ground();
        let mut nothing = Reading::open(&directory, Runs::All).unwrap();
        assert!(nothing.is_empty() && rest(&mut nothing).is_empty());
        run(&directory, &["one", "two"]).await;
        run(&directory, &["three"]).await;
        let mut all = Reading::open(&directory, Runs::All).unwrap();
        assert_eq!(rest(&mut all), ["head", "one", "two", "end 2", "head", "three", "end 1"]);
        let mut latest = Reading::open(&directory, Runs::Latest).unwrap();
        assert_eq!(rest(&mut latest), ["head", "three", "end 1"]);
        run(&directory, &["four"]).await;
        assert_eq!(rest(&mut latest), ["head", "four", "end 1"], "what has come meanwhile");
        assert_eq!(latest.damaged(), 0);
    }

    #[tokio::test]
    async fn what_is_damaged_is_counted_and_the_rest_is_read() {
        let (_ground, directory) = ground();
        run(&directory, &["one", "two", "three"]).await;
        let path = directory.join(segments(&directory).unwrap()[0].name());
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("\"two", "two").replace("three\\n\"", "three")).unwrap();
        let mut all = Reading::open(&directory, Runs::All).unwrap();
        assert_eq!(rest(&mut all), ["head", "one", "end 3"]);
        assert_eq!(all.damaged(), 2);
        // A file of nothing, and one that was cut.
        fs::write(&path, "\0".repeat(1_000_000)).unwrap();
        run(&directory, &["four"]).await;
        let mut all = Reading::open(&directory, Runs::All).unwrap();
        assert_eq!(rest(&mut all), ["head", "four", "end 1"]);
        assert_eq!(all.damaged(), 1);
    }

    #[tokio::test]
    async fn all_lines_of_a_flood_are_there_or_counted() {
        const LINES: usize = 20_000;
        let (_ground, directory) = ground();
        let lines: Vec<String> = (0..LINES).map(|line| format!("{line:0200}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        run(&directory, &lines).await;
        let mut reading = Reading::open(&directory, Runs::All).unwrap();
        let (mut count, mut came, mut missing) = (Count::default(), 0, 0);
        while let Some(record) = reading.record() {
            match record {
                Record::Block(block) => {
                    missing += count.missing(&block);
                    came += block.lines;
                }
                Record::End { lines } => missing += count.missing_before(lines),
                Record::Head(_) => {}
            }
        }
        assert_eq!(came + missing, LINES as u64);
        assert!(came > 0);
    }
}
