//! What was last seen of everything that is watched.
//!
//! The one source of truth: a path is reported if looking at it shows something else than
//! what stands here, and only then. What the kernel tells says merely where to look, and a
//! sweep looks everywhere; neither can make up a change, and neither is trusted to tell all.

mod directories;
mod files;
mod places;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::arms::Arms;
use super::fingerprint::{Fingerprint, Seen, Stamp};
use super::ignored::{Ignored, RULES};
use crate::plan::watch::{Difference, Git, Rule, WatchSet};

/// What was last seen.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) set: WatchSet,
    pub(super) arms: Arms,
    ignored: Ignored,
    directories: BTreeMap<PathBuf, Directory>,
    /// Directories watched for places that are not there.
    lookouts: BTreeSet<PathBuf>,
    found: Vec<Difference>,
}

/// What was last seen of a directory.
#[derive(Debug)]
struct Directory {
    rule: Rule,
    seen: Fingerprint,
    /// Whether its date alone proves that its names are what they were.
    settled: bool,
    files: BTreeMap<OsString, Seen>,
}

/// What a path means that was not looked at before.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unknown {
    /// It has just come.
    HasCome,
    /// It was there. It counts as a difference if it may have been written since then.
    WasThere(Stamp),
}

impl Ledger {
    pub(super) fn new(arms: Arms) -> Self {
        Self {
            set: WatchSet::default(),
            arms,
            ignored: Ignored::new(),
            directories: BTreeMap::new(),
            lookouts: BTreeSet::new(),
            found: Vec::new(),
        }
    }

    /// What was found since this was last asked.
    pub(super) fn take(&mut self) -> Vec<Difference> {
        std::mem::take(&mut self.found)
    }

    /// The repositories around what is watched.
    pub(super) fn repositories(&self) -> BTreeSet<&PathBuf> {
        self.ignored.repositories()
    }

    /// Watch this from now on.
    pub(super) fn adopt(&mut self, set: WatchSet, since: Stamp) {
        self.set = set;
        self.survey(Unknown::WasThere(since));
    }

    /// Go through everything from the beginning. What was seen stays seen; what is no longer
    /// reached is forgotten.
    fn survey(&mut self, unknown: Unknown) {
        self.ignored.clear();
        let mut before = std::mem::take(&mut self.directories);
        let places: Vec<_> = self.set.places().map(|(path, _)| path.to_path_buf()).collect();
        for place in &places {
            self.enter(place, Arrival { parent: None, git: Git::Counts, unknown }, &mut before);
        }
        for (path, directory) in before {
            self.arms.disarm(&path);
            self.gone_of(&path, &directory);
        }
        self.look_out();
    }

    /// Look at what the kernel told something about.
    pub(super) fn look(&mut self, paths: &BTreeSet<PathBuf>) {
        if paths.iter().any(|path| path.file_name() == Some(OsStr::new(RULES))) {
            self.sweep_rules();
        }
        let mut listings = BTreeSet::new();
        for path in paths {
            if self.directories.contains_key(path) {
                // It may be another by that name, and then it is watched by nobody.
                listings.insert(path.clone());
            }
            let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { continue };
            match self.directories.get(parent) {
                Some(directory) if directory.files.contains_key(name) => self.check(parent, name),
                Some(_) => {
                    listings.insert(parent.to_path_buf());
                }
                None => {}
            }
        }
        for path in listings {
            self.list(&path);
        }
        self.seek();
    }

    /// A directory was removed or renamed under the eyes of the kernel, which may have
    /// stopped looking at what has its name now.
    pub(super) fn lost(&mut self, path: &Path) {
        if self.directories.contains_key(path) {
            self.arms.rearm(path);
            self.sweep(path);
        }
    }

    /// Every directory there is, for a sweep to go through.
    pub(super) fn all(&self) -> Vec<PathBuf> {
        self.directories.keys().cloned().collect()
    }

    /// Look at a directory and at every file of it. How many there were.
    pub(super) fn sweep(&mut self, path: &Path) -> usize {
        let files = self.check_all(path);
        let same = self.directories.get(path).is_some_and(|directory| {
            directory.settled
                && directory.rule >= Rule::Tracked
                && fs::metadata(path).is_ok_and(|now| Fingerprint::of(&now) == directory.seen)
        });
        if !same {
            self.list(path);
        }
        files + 1
    }

    /// See whether git ignores what it ignored.
    pub(super) fn sweep_rules(&mut self) {
        if self.ignored.is_stale() {
            self.survey(Unknown::HasCome);
        }
    }

    /// Look for what is neither a directory that is known nor in one.
    pub(super) fn sweep_rest(&mut self) {
        self.arms.retry();
        self.seek();
    }
}

/// How a directory is come upon.
#[derive(Clone, Copy, Debug)]
struct Arrival {
    /// The rule of the directory it is in; none, if that is not why it is looked at.
    parent: Option<Rule>,
    git: Git,
    unknown: Unknown,
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
