//! What cargo says to people: lines, a progress bar, and that it waits for another cargo.

use std::io::{self, Read};

use super::super::ansi;
use super::topic::Topic;

/// What arrived on standard error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StderrNews {
    /// A line, without its end; colours and links are left in it.
    Line(Vec<u8>),
    /// A line of an error, in the same manner.
    Trouble(Vec<u8>),
    /// How the progress bar looks now. Whatever comes next replaces it.
    Progress(String),
    /// Cargo waits for a lock that another cargo holds.
    Blocked(Lock),
    /// It waits no longer: it said something else, or ended.
    Unblocked,
}

/// What cargo waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Another cargo builds into the same target directory.
    ArtifactDirectory,
    /// Another cargo compiles in the same build directory.
    BuildDirectory,
    /// Another cargo downloads or resolves dependencies.
    PackageCache,
    /// Something else, in cargo's words.
    Other(String),
}

impl Lock {
    /// From cargo's description of the lock.
    fn new(description: &str) -> Self {
        match description {
            "artifact directory" => Self::ArtifactDirectory,
            "build directory" => Self::BuildDirectory,
            "package cache" | "shared package cache" | "package cache mutation" => {
                Self::PackageCache
            }
            other => Self::Other(other.to_owned()),
        }
    }
}

/// Read standard error to its end and report what arrives, as it arrives.
///
/// # Errors
/// When reading fails. What came before has been reported.
pub fn read_stderr(mut stderr: impl Read, mut report: impl FnMut(StderrNews)) -> io::Result<()> {
    let mut reader = Reader::default();
    let mut chunk = [0; 4096];
    let result = loop {
        match stderr.read(&mut chunk) {
            Ok(0) => break Ok(()),
            Ok(length) => reader.chunk(&chunk[..length], &mut report),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    reader.end(&mut report);
    result
}

#[derive(Default)]
struct Reader {
    /// What came since the last end of a line or of a bar.
    segment: Vec<u8>,
    /// The bar that a carriage return ended, while nothing came after it.
    bar: Option<Vec<u8>>,
    lock: LockState,
    topic: Topic,
}

#[derive(Default, PartialEq, Eq)]
enum LockState {
    #[default]
    Free,
    Waiting,
}

impl Reader {
    fn chunk(&mut self, mut bytes: &[u8], report: &mut impl FnMut(StderrNews)) {
        while let Some(at) = memchr::memchr2(b'\r', b'\n', bytes) {
            self.push(&bytes[..at]);
            match bytes[at] {
                b'\r' => self.bar_ended(report),
                _ => self.line_ended(report),
            }
            bytes = &bytes[at + 1..];
        }
        self.push(bytes);
    }

    fn push(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.segment.extend_from_slice(bytes);
            self.bar = None;
        }
    }

    /// A bar ends with the return that lets the next one overwrite it, and is not followed
    /// by anything until there is news. So it is reported at once.
    fn bar_ended(&mut self, report: &mut impl FnMut(StderrNews)) {
        let segment = std::mem::take(&mut self.segment);
        let bar = ansi::colours_only(&segment);
        let text = String::from_utf8_lossy(&bar).trim_end().to_owned();
        // The blanks that erase a bar are no bar.
        if !ansi::plain(&bar).trim_ascii().is_empty() {
            self.unblock(report);
            report(StderrNews::Progress(text));
        }
        self.bar = Some(segment);
    }

    fn line_ended(&mut self, report: &mut impl FnMut(StderrNews)) {
        let segment = std::mem::take(&mut self.segment);
        // What looked like a bar was a line that ends with both, as on Windows.
        let segment = self.bar.take().unwrap_or(segment);
        self.line(&segment, report);
    }

    fn line(&mut self, segment: &[u8], report: &mut impl FnMut(StderrNews)) {
        self.unblock(report);
        if let Some(lock) = blocking(segment) {
            self.lock = LockState::Waiting;
            report(StderrNews::Blocked(lock));
            return;
        }
        self.topic = self.topic.of(&ansi::plain(segment));
        let line = ansi::colours_only(segment);
        report(match self.topic {
            Topic::Work => StderrNews::Line(line),
            Topic::Trouble => StderrNews::Trouble(line),
        });
    }

    fn unblock(&mut self, report: &mut impl FnMut(StderrNews)) {
        if std::mem::take(&mut self.lock) == LockState::Waiting {
            report(StderrNews::Unblocked);
        }
    }

    fn end(mut self, report: &mut impl FnMut(StderrNews)) {
        let rest = std::mem::take(&mut self.segment);
        if !ansi::plain(&rest).is_empty() {
            self.line(&rest, report);
        }
        self.unblock(report);
    }
}

/// The lock that cargo waits for, if that is what this line says.
fn blocking(line: &[u8]) -> Option<Lock> {
    let line = ansi::plain(line);
    let text = std::str::from_utf8(&line).ok()?;
    let description = text.trim().strip_prefix("Blocking waiting for file lock on ")?;
    Some(Lock::new(description))
}

#[cfg(test)]
mod tests;
