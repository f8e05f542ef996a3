//! The history on disk: files of bounded size, of which the newest are kept.
//!
//! The newest file is locked as long as the tool lives, however it ends: so a follower knows that
//! nothing more will come.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::super::clock;
use super::directory::{self, RunKey, Segment, segments};
use super::record::encode_end;
use super::{Block, Head, Subscription, VERSION};

/// How large a file may become, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;
/// How many files are kept of one workspace.
const MOST_FILES: usize = 8;
/// Of how many runs of the tool.
const MOST_RUNS: usize = 5;
/// How much is written at once, if there is so much, in bytes.
const AT_ONCE: usize = 256 * 1024;

/// The history of this run of the tool on disk.
#[derive(Debug)]
pub struct Journal {
    directory: PathBuf,
    head: Head,
    segment: Segment,
    file: File,
    size: u64,
    last: Last,
}

/// What was written last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Whole,
    /// Perhaps a part of a line.
    Torn,
}

impl Journal {
    /// Begin one in this directory, for the workspace at `root`, in which these may write. What
    /// is too old goes.
    ///
    /// # Errors
    /// When the directory cannot be made or written to.
    pub fn open(directory: &Path, root: &Path, names: Vec<(String, usize)>) -> io::Result<Self> {
        directory::make(directory)?;
        sweep(directory)?;
        // A clock that was set back must not put this run before the last.
        let last = segments(directory)?.last().map_or(0, |last| last.run.began);
        let began = clock::micros().max(last + 1);
        let pid = std::process::id();
        let head = Head { formation: VERSION, root: root.into(), pid, began, names };
        let segment = Segment { run: RunKey { began, pid }, number: 0 };
        let (file, size) = begin(directory, segment, &head)?;
        prune(directory)?;
        Ok(Self { directory: directory.into(), head, segment, file, size, last: Last::Whole })
    }

    /// Write everything that comes, until nothing does; then say how many lines that were, with those
    /// that did not come.
    pub(super) fn keep(
        &mut self,
        blocks: &mut Subscription,
        all: impl FnOnce() -> Option<u64>,
        trouble: impl FnOnce(io::Error) + Send,
    ) {
        stand_back();
        let mut trouble = Some(trouble);
        let (mut lines, mut text) = (0, Vec::new());
        while let Some(block) = blocks.wait() {
            text.clear();
            let mut next = Some(block);
            while let Some(block) = next.take() {
                lines = block.first + block.lines;
                self.learn(&block);
                block.encode(&mut text);
                next = if text.len() < AT_ONCE { blocks.more() } else { None };
            }
            if let Err(error) = self.write(&text)
                && let Some(trouble) = trouble.take()
            {
                trouble(error);
            }
        }
        let mut end = Vec::new();
        encode_end(all().unwrap_or(lines), &mut end);
        // Without it the lock still says that this is the end.
        let _ = self.write(&end);
    }

    /// Whose lines are in the files that are gone is still known.
    fn learn(&mut self, block: &Block) {
        let is_new = |(name, _): &(String, usize)| **name != *block.by.name;
        if block.by.run.is_some() && self.head.names.iter().all(is_new) {
            self.head.names.push((block.by.name.to_string(), block.by.colour));
        }
    }

    /// Write whole lines. What cannot be written is dropped, and its numbers will be missing.
    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        if self.size + text.len() as u64 > LARGEST {
            self.rotate()?;
        }
        if self.last == Last::Torn {
            self.file.write_all(b"\n")?;
        }
        self.last = Last::Torn;
        self.file.write_all(text)?;
        self.last = Last::Whole;
        self.size += text.len() as u64;
        Ok(())
    }

    /// The next file. It is there and locked before the one before is given up.
    fn rotate(&mut self) -> io::Result<()> {
        let segment = Segment { number: self.segment.number + 1, ..self.segment };
        (self.file, self.size) = begin(&self.directory, segment, &self.head)?;
        (self.segment, self.last) = (segment, Last::Whole);
        prune(&self.directory)
    }
}

/// Make a file, and its size. It gets its name when it is locked and has its head.
fn begin(directory: &Path, segment: Segment, head: &Head) -> io::Result<(File, u64)> {
    let staged = directory.join(format!(".{}", segment.name()));
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&staged)?;
    // Some file systems cannot lock; then followers end with what is written last.
    let _ = file.try_lock();
    let mut text = Vec::new();
    head.encode(&mut text);
    file.write_all(&text)?;
    fs::rename(&staged, directory.join(segment.name()))?;
    Ok((file, text.len() as u64))
}

/// Remove what a tool that was killed had not finished. Nobody else is at work here: the
/// workspace is locked.
fn sweep(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)?.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// Remove what is too much or too old.
fn prune(directory: &Path) -> io::Result<()> {
    let segments = segments(directory)?;
    let mut runs: Vec<RunKey> = segments.iter().map(|segment| segment.run).collect();
    runs.dedup();
    let oldest = runs.len().saturating_sub(MOST_RUNS);
    let excess = segments.len().saturating_sub(MOST_FILES);
    let old = |(number, segment): &(usize, &Segment)| {
        *number < excess || runs.get(oldest).is_some_and(|oldest| segment.run < *oldest)
    };
    for (_, segment) in segments.iter().enumerate().filter(old) {
        // What somebody else has removed is gone all the same.
        let _ = fs::remove_file(directory.join(segment.name()));
    }
    Ok(())
}

/// What is written here can wait: let those go first who do something. On Linux a priority is
/// that of a thread, see `sched(7)`.
fn stand_back() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, 10);
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::super::{History, Record};
    use super::{Journal, LARGEST, MOST_FILES, MOST_RUNS, segments};

    fn journal(directory: &Path) -> Journal {
        Journal::open(directory, Path::new("/app"), vec![("web.1".into(), 0)]).unwrap()
    }

    /// One run of the tool that writes so many lines of 1,000 bytes.
    fn run(directory: &Path, lines: usize) {
        let history = History::default();
        let mut recorder = history.recorder("late.1", 1, 3);
        let mut subscription = history.subscribe(0);
        let mut journal = journal(directory);
        for line in 0..lines {
            recorder.push(format!("{line:0999}\n").as_bytes());
            if line % 1_000 == 999 {
                let mut text = Vec::new();
                while let Some(block) = subscription.more() {
                    journal.learn(&block);
                    block.encode(&mut text);
                }
                journal.write(&text).unwrap();
            }
        }
    }

    #[test]
    fn files_are_closed_to_others_and_begin_with_a_head() {
        let ground = tempfile::tempdir().unwrap();
        let directory = ground.path().join("state/cargo-formation/app");
        let _journal = journal(&directory);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(directory.parent().unwrap()), 0o700);
        assert_eq!(mode(&directory), 0o700);
        let path = directory.join(segments(&directory).unwrap()[0].name());
        assert_eq!(mode(&path), 0o600);
        let text = fs::read(path).unwrap();
        assert!(matches!(Record::decode(&text), Some(Record::Head(_))));
    }

    #[test]
    fn what_is_too_much_goes_and_names_stay() {
        let ground = tempfile::tempdir().unwrap();
        let directory = ground.path().join("state/app");
        let much = usize::try_from(LARGEST).unwrap() / 1_000 * (MOST_FILES + 2);
        run(&directory, much);
        let files = segments(&directory).unwrap();
        assert_eq!(files.len(), MOST_FILES);
        for file in &files {
            let path = directory.join(file.name());
            assert!(fs::metadata(&path).unwrap().len() <= LARGEST + 1_100_000);
            let text = fs::read(&path).unwrap();
            let head = text.split(|byte| *byte == b'\n').next().unwrap();
            let Some(Record::Head(head)) = Record::decode(head) else { panic!("no head") };
            assert_eq!(head.names, [("web.1".to_owned(), 0), ("late.1".to_owned(), 3)]);
        }
    }

    #[test]
    fn the_last_runs_are_kept() {
        let ground = tempfile::tempdir().unwrap();
        let directory = ground.path().join("state/app");
        for _ in 0..MOST_RUNS + 2 {
            run(&directory, 1);
        }
        assert_eq!(segments(&directory).unwrap().len(), MOST_RUNS);
    }

    #[test]
    fn what_a_killed_tool_had_not_finished_goes() {
        let ground = tempfile::tempdir().unwrap();
        let directory = ground.path().join("state/app");
        drop(journal(&directory));
        fs::write(directory.join(".half"), "").unwrap();
        drop(journal(&directory));
        assert!(!directory.join(".half").exists());
    }

    #[test]
    fn a_line_that_was_torn_spoils_no_other() {
        let ground = tempfile::tempdir().unwrap();
        let directory = ground.path().join("state/app");
        let mut journal = journal(&directory);
        journal.write(b"half a rec").unwrap();
        journal.last = super::Last::Torn;
        journal.write(b"{\"end\":7}\n").unwrap();
        let text = fs::read(directory.join(journal.segment.name())).unwrap();
        let last = text.split(|byte| *byte == b'\n').rev().nth(1).unwrap();
        assert_eq!(Record::decode(last), Some(Record::End { lines: 7 }));
    }
}
