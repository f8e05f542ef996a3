//! Git at work: while it has its index locked, files are half of one commit and half of another.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::fingerprint::Fingerprint;
use crate::formation::Moment;

/// How long one lock holds up what is to be told. Git has it for as long as somebody writes
/// the message of `git commit -a`, and for ever if it was killed.
const LONGEST: Duration = Duration::from_secs(10);
/// How long it does if files keep changing: a large checkout takes its time.
const LONGEST_AT_WORK: Duration = Duration::from_mins(1);
/// Whoever changes nothing for so long is not at work.
const REST: Duration = Duration::from_millis(500);
/// How soon the end of a lock is noticed.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// The locks of the repositories around what is watched.
#[derive(Debug, Default)]
pub(super) struct Barrier {
    locks: BTreeSet<PathBuf>,
    /// The locks that are there, and since when that is known.
    closed: BTreeMap<PathBuf, (Fingerprint, Moment)>,
}

impl Barrier {
    /// These are the repositories.
    pub(super) fn around<'r>(&mut self, repositories: impl IntoIterator<Item = &'r PathBuf>) {
        self.locks = repositories.into_iter().filter_map(|root| lock(root)).collect();
    }

    /// Whether somebody holds a lock, and has not for too long; `latest` is when a difference
    /// was last seen.
    pub(super) fn is_closed(&mut self, latest: Moment, now: Moment) -> bool {
        let mut closed = BTreeMap::new();
        for lock in &self.locks {
            let Ok(metadata) = fs::symlink_metadata(lock) else { continue };
            let fingerprint = Fingerprint::of(&metadata);
            let known = self.closed.get(lock).filter(|(known, _)| known.is_same_file(&fingerprint));
            let since = known.map_or(now, |(_, since)| *since);
            closed.insert(lock.clone(), (fingerprint, since));
        }
        self.closed = closed;
        let longest = if now.since(latest) < REST { LONGEST_AT_WORK } else { LONGEST };
        self.closed.values().any(|(_, since)| now.since(*since) < longest)
    }
}

/// Where git locks the index of a repository. In a worktree `.git` is a file that says where
/// the directory is; see `gitrepository-layout(5)`.
fn lock(root: &Path) -> Option<PathBuf> {
    let git = root.join(".git");
    if git.is_dir() {
        return Some(git.join("index.lock"));
    }
    let text = fs::read_to_string(git).ok()?;
    let directory = text.trim_end_matches('\n').strip_prefix("gitdir: ")?;
    Some(root.join(directory).join("index.lock"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::time::Duration;

    use super::{Barrier, LONGEST, LONGEST_AT_WORK};
    use crate::formation::Moment;

    const START: Moment = Moment::after_start(Duration::ZERO);

    fn barrier(root: &Path) -> Barrier {
        let mut barrier = Barrier::default();
        barrier.around([&root.to_path_buf()]);
        barrier
    }

    #[test]
    fn a_lock_closes_and_its_end_opens() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(".git")).unwrap();
        let mut barrier = barrier(root.path());
        let now = START;
        assert!(!barrier.is_closed(START, now));
        let lock = root.path().join(".git/index.lock");
        fs::write(&lock, "").unwrap();
        assert!(barrier.is_closed(START, now));
        fs::remove_file(&lock).unwrap();
        assert!(!barrier.is_closed(START, now));
    }

    #[test]
    fn a_lock_that_stays_is_not_waited_for_twice() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(".git")).unwrap();
        let mut barrier = barrier(root.path());
        let lock = root.path().join(".git/index.lock");
        fs::write(&lock, "").unwrap();
        let now = START;
        assert!(barrier.is_closed(START, now));
        let late = now + LONGEST;
        assert!(!barrier.is_closed(START, late));
        assert!(!barrier.is_closed(START, late + Duration::from_secs(1)));
        // Files keep changing: git is at work.
        assert!(barrier.is_closed(late, late));
        let too_late = now + LONGEST_AT_WORK;
        assert!(!barrier.is_closed(too_late, too_late));
        // Another lock is another matter.
        let next = root.path().join(".git/next");
        fs::write(&next, "").unwrap();
        fs::rename(&next, &lock).unwrap();
        assert!(barrier.is_closed(START, late));
    }

    #[test]
    fn a_worktree_says_where_its_lock_is() {
        let root = tempfile::tempdir().unwrap();
        let (main, tree) = (root.path().join("main"), root.path().join("tree"));
        fs::create_dir_all(main.join(".git/worktrees/tree")).unwrap();
        fs::create_dir(&tree).unwrap();
        fs::write(tree.join(".git"), "gitdir: ../main/.git/worktrees/tree\n").unwrap();
        fs::write(main.join(".git/worktrees/tree/index.lock"), "").unwrap();
        assert!(barrier(&tree).is_closed(START, START));
        assert!(!barrier(&main).is_closed(START, START));
    }
}
