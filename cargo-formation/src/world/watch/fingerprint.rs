//! By what it is seen that a file is not what it was.
//!
//! Date, date of change, size and inode together: a date that went backwards (`mv old new`,
//! `cp -p`) counts as much as one that went forwards, and what keeps date and size
//! (`touch -r`, an edit within one tick of the clock) has another date of change or inode.
//!
//! One gap remains. Stamps are as coarse as a tick of the kernel, up to 10 ms; before Linux
//! 6.13 two writes of the same size within one tick look alike. So a file that was looked
//! at within a tick of its stamp is remembered with its content, until it is looked at later.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use xxhash_rust::xxh3::Xxh3;

/// A moment of the clock that stamps files, in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stamp(i128);

/// No file is stamped earlier than this before the moment in which it was written.
const TICK: i128 = 20_000_000;
/// What is larger is known by its stamps alone.
const MOST_CONTENT: u64 = 1 << 20;

impl Stamp {
    pub(super) fn of(time: SystemTime) -> Self {
        let after = time.duration_since(UNIX_EPOCH).map(|after| after.as_nanos());
        Self(after.ok().and_then(|after| i128::try_from(after).ok()).unwrap_or_default())
    }

    fn new(seconds: i64, nanoseconds: i64) -> Self {
        Self(i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds))
    }

    /// Whether something with this stamp may have been written at `moment` or later.
    pub(super) fn may_be_since(self, moment: Self) -> bool {
        self.0 + TICK >= moment.0
    }
}

/// What tells a file or a directory from what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint {
    device: u64,
    inode: u64,
    size: u64,
    modified: Stamp,
    changed: Stamp,
}

impl Fingerprint {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: Stamp::new(metadata.mtime(), metadata.mtime_nsec()),
            changed: Stamp::new(metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Whether both are of one file, whatever was written to it.
    pub(super) fn is_same_file(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// Whether only the date of change differs, if anything: by a write, or by `chmod`.
    fn is_same_but_changed(&self, other: &Self) -> bool {
        Self { changed: other.changed, ..*self } == *other
    }

    /// The later of its dates.
    pub(super) fn newest(&self) -> Stamp {
        self.modified.max(self.changed)
    }

    /// Whether a directory may have been moved here since, with old files in it: that changes
    /// no date of what it holds, nor its own, but for the date of change.
    pub(super) fn may_be_moved_since(&self, moment: Stamp) -> bool {
        self.changed.may_be_since(moment) && !self.modified.may_be_since(moment)
    }

    /// Whether a change that follows now may leave it as it is. A date in the future says
    /// nothing.
    pub(super) fn is_young(&self, now: Stamp) -> bool {
        self.newest().may_be_since(now) && now.may_be_since(self.newest())
    }
}

/// What was last seen of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) fingerprint: Fingerprint,
    /// The hash of its content, as long as its fingerprint alone proves nothing.
    content: Option<u64>,
}

impl Seen {
    pub(super) fn first(path: &Path, metadata: &Metadata, now: Stamp) -> Self {
        let fingerprint = Fingerprint::of(metadata);
        let young = fingerprint.is_young(now);
        Self { fingerprint, content: young.then(|| content(path, metadata)).flatten() }
    }

    /// Look again. Whether it differs from what was seen.
    pub(super) fn again(&mut self, path: &Path, metadata: &Metadata, now: Stamp) -> bool {
        let before = *self;
        if before.content.is_none() && before.fingerprint == Fingerprint::of(metadata) {
            return false;
        }
        *self = Self::first(path, metadata, now);
        // Editors set mode and owner after the save; that is not another one.
        if before.content.is_none() || !before.fingerprint.is_same_but_changed(&self.fingerprint) {
            return true;
        }
        // It is no longer young if it has no content now: a last comparison.
        before.content != self.content.or_else(|| content(path, metadata))
    }
}

fn content(path: &Path, metadata: &Metadata) -> Option<u64> {
    if metadata.size() > MOST_CONTENT { None } else { hash(path).ok() }
}

fn hash(path: &Path) -> io::Result<u64> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_CONTENT).read_to_end(&mut bytes)?;
    let mut hash = Xxh3::new();
    hash.update(&bytes);
    Ok(hash.digest())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::{Seen, Stamp};

    const LONG_AFTER: Duration = Duration::from_mins(1);

    /// Whether an edit that no stamp shows is seen at the second look.
    fn check(first: Duration, second: &str) -> bool {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("main.rs");
        fs::write(&path, "one").unwrap();
        let metadata = fs::metadata(&path).unwrap();
        let written = metadata.modified().unwrap();
        let mut seen = Seen::first(&path, &metadata, Stamp::of(written + first));
        fs::write(&path, second).unwrap();
        // The old metadata again: as if the clock had not ticked.
        seen.again(&path, &metadata, Stamp::of(written + LONG_AFTER))
    }

    #[test]
    fn an_edit_within_a_tick_is_seen_by_its_content() {
        assert!(check(Duration::ZERO, "two"));
        assert!(!check(Duration::ZERO, "one"));
        assert!(!check(LONG_AFTER, "two"), "what was settled is not read again");
    }

    #[test]
    fn a_mode_that_is_set_after_a_save_is_no_second_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("main.rs");
        fs::write(&path, "one").unwrap();
        let metadata = fs::metadata(&path).unwrap();
        let now = Stamp::of(metadata.modified().unwrap());
        let mut seen = Seen::first(&path, &metadata, now);
        let mut changed = seen.fingerprint;
        changed.changed.0 += 1;
        seen.fingerprint = changed;
        assert!(!seen.again(&path, &metadata, now));
        // Nothing tells that a settled file has the content that it had.
        seen = Seen { fingerprint: changed, content: None };
        assert!(seen.again(&path, &metadata, now));
    }

    #[test]
    fn what_was_young_is_settled_by_the_next_look() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("main.rs");
        fs::write(&path, "one").unwrap();
        let metadata = fs::metadata(&path).unwrap();
        let now = Stamp::of(metadata.modified().unwrap());
        let mut seen = Seen::first(&path, &metadata, now);
        assert!(seen.content.is_some());
        let later = Stamp::of(metadata.modified().unwrap() + LONG_AFTER);
        assert!(!seen.again(&path, &metadata, later));
        assert!(seen.content.is_none());
    }

    #[test]
    fn a_date_in_the_future_is_not_young() {
        let directory = tempfile::tempdir().unwrap();
        let metadata = fs::metadata(directory.path()).unwrap();
        let fingerprint = super::Fingerprint::of(&metadata);
        let written = metadata.modified().unwrap();
        assert!(fingerprint.is_young(Stamp::of(written)));
        assert!(!fingerprint.is_young(Stamp::of(written + LONG_AFTER)));
        assert!(!fingerprint.is_young(Stamp::of(written - LONG_AFTER)));
    }
}
