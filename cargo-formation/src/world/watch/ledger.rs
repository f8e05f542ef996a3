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
use std::ops::Bound;
use std::path::{Path, PathBuf};

use super::arms::Arms;
use super::fingerprint::{Fingerprint, Seen, Stamp};
use super::ignored::{Ignored, REPOSITORY, RULES};
use super::listing::MANIFEST;
use crate::plan::watch::{Change, Difference, Git, Rule, WatchSet};

/// What was last seen.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) set: WatchSet,
    pub(super) arms: Arms,
    ignored: Ignored,
    directories: BTreeMap<PathBuf, Directory>,
    /// Places that are not there.
    absent: BTreeSet<PathBuf>,
    /// Directories watched for these.
    lookouts: BTreeSet<PathBuf>,
    found: Vec<Difference>,
    layout: Layout,
}

/// Whether what lies in which package is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    IsAsItWas,
    /// A manifest has come or gone: a directory is a package that was none, or the other way
    /// round.
    MayDiffer,
}

/// What was last seen of a directory.
#[derive(Debug)]
struct Directory {
    rule: Rule,
    seen: Fingerprint,
    /// Whether its date alone proves that its names are what they were.
    settled: bool,
    files: BTreeMap<OsString, Seen>,
    /// Directories where somebody looks for a file.
    obstacles: BTreeSet<OsString>,
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
            absent: BTreeSet::new(),
            lookouts: BTreeSet::new(),
            found: Vec::new(),
            layout: Layout::MayDiffer,
        }
    }

    /// What was found since this was last asked.
    pub(super) fn take(&mut self) -> Vec<Difference> {
        let found = std::mem::take(&mut self.found);
        let is_of_layout =
            |found: &Difference| found.change != Change::Modified && found.path.ends_with(MANIFEST);
        if found.iter().any(is_of_layout) {
            self.layout = Layout::MayDiffer;
        }
        found
    }

    /// The repositories around what is watched.
    pub(super) fn repositories(&self) -> BTreeSet<&PathBuf> {
        self.ignored.repositories()
    }

    /// Watch this from now on.
    pub(super) fn adopt(&mut self, set: WatchSet, since: Stamp) {
        // Most builds have read what those before have read.
        let is_same = self.layout == Layout::IsAsItWas && self.set.looks_as(&set);
        self.set = set;
        if !is_same {
            self.survey(Unknown::WasThere(since));
        }
    }

    /// Go through everything from the beginning. What was seen stays seen; what is no longer
    /// reached is forgotten.
    fn survey(&mut self, unknown: Unknown) {
        self.ignored.clear();
        self.layout = Layout::IsAsItWas;
        let mut before = std::mem::take(&mut self.directories);
        let places: Vec<_> = self.set.places().map(|(path, _)| path.to_path_buf()).collect();
        for place in &places {
            self.enter(place, Arrival { parent: None, git: Git::Counts, unknown }, &mut before);
        }
        for (path, directory) in before {
            self.arms.disarm(&path);
            self.gone_of(&path, &directory);
        }
        let is_absent = |place: &PathBuf| !self.directories.contains_key(place);
        self.absent = places.into_iter().filter(is_absent).collect();
        self.look_out();
    }

    /// Look at what the kernel told something about.
    pub(super) fn look(&mut self, paths: &BTreeSet<PathBuf>) {
        if paths.iter().any(|path| path.ends_with(REPOSITORY)) {
            self.survey(Unknown::HasCome);
        } else if paths.iter().any(|path| path.ends_with(RULES)) {
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
                Some(_) if self.may_be_another_name(parent, name) => {
                    listings.insert(parent.to_path_buf());
                }
                Some(_) | None => {}
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
            self.check_all(path);
            self.list(path);
        }
    }

    /// Look at the directories after this one, and at every file of them, until there were
    /// about so many of both. The last directory; nothing, if there are no more.
    ///
    /// Most of what watching costs is spent here: nothing is looked up, nothing copied.
    pub(super) fn sweep(&mut self, after: Option<PathBuf>, most: usize) -> Option<PathBuf> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let (mut looked_at, mut last, mut listings) = (0, None, Vec::new());
        for (path, known) in self.directories.range_mut((from, Bound::Unbounded)) {
            looked_at += 1 + known.files.len();
            known.check_all(path, &mut self.found);
            if known.rule < Rule::Tracked || !known.has_the_names_of(path) {
                listings.push(path.clone());
            }
            if looked_at >= most {
                last = Some(path.clone());
                break;
            }
        }
        for path in listings {
            self.list(&path);
        }
        last
    }

    /// Whether a directory has to be read again when the kernel tells something about a name
    /// in it that is not known. Somebody who writes a log there does so many times a second.
    fn may_be_another_name(&self, directory: &Path, name: &OsStr) -> bool {
        let Some(known) = self.directories.get(directory) else { return false };
        let is_wanted = || self.set.is_wanted(directory, name);
        match known.rule {
            Rule::Named => is_wanted(),
            Rule::Members => is_wanted() || !known.has_the_names_of(directory),
            Rule::Tracked | Rule::Everything => !known.has_the_names_of(directory),
        }
    }

    /// See whether git ignores what it ignored.
    pub(super) fn sweep_rules(&mut self) {
        if self.ignored.is_stale() {
            self.survey(Unknown::HasCome);
        }
    }

    /// The same, as far as the listings of a sweep have shown it.
    fn sweep_listed_rules(&mut self) {
        if self.ignored.is_listed_otherwise() {
            self.survey(Unknown::HasCome);
        }
    }

    /// Look for what is neither a directory that is known nor in one.
    pub(super) fn sweep_rest(&mut self) {
        self.sweep_listed_rules();
        self.arms.retry();
        self.seek();
    }
}

impl Directory {
    /// Whether the names in it are certainly those that were read.
    fn has_the_names_of(&self, path: &Path) -> bool {
        self.settled && fs::metadata(path).is_ok_and(|now| Fingerprint::of(&now) == self.seen)
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
