//! What `dev` watches, and what a change there means.
//!
//! Pure: what cargo, dep-info and the table say comes in as [`Sources`], out comes a
//! [`WatchSet`]: which directories are looked at and how far ([`Rule`]), and for each
//! [`Difference`] found there, who cares ([`Meaning`]). Whether a path exists, is a
//! directory or is ignored by git is the shell's to say.

mod changes;
mod dep_info;
mod difference;
mod glob;
mod journal;
mod scratch;
mod sources;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use self::glob::Globs;
use crate::formation::Certainty;

pub use self::changes::Changes;
pub use self::dep_info::{DepInfo, Knowledge, NotDepInfo, parse_dep_info};
pub use self::difference::{Change, Difference, Meaning};
pub use self::glob::BadGlob;
pub use self::journal::{Journal, Reconsidered};
pub use self::sources::{BuildScript, LocalPackage, Sources};

/// How far a directory is looked at. What comes later includes what comes before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The files of it that have been named, and no others.
    Named,
    /// Those, and whether packages come and go in the directories directly below.
    Members,
    /// All files in it and below, but for those that git ignores, and other packages.
    Tracked,
    /// All files in it and below.
    Everything,
}

/// What a directory shows itself to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Nothing special.
    Plain,
    /// A package: it has a `Cargo.toml`.
    Package,
    /// Something that can be made again: it has a `CACHEDIR.TAG`, as every target directory
    /// has. See <https://bford.info/cachedir/>.
    Cache,
}

/// What git thinks of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Git {
    /// It counts, or there is no repository.
    Counts,
    /// It is ignored.
    Ignores,
}

/// What is watched, and what it means. See the [module](self).
#[derive(Clone, Debug, Default)]
pub struct WatchSet {
    root: PathBuf,
    /// By directory. There may be hundreds, and each event asks for the one that it lies in.
    packages: HashMap<PathBuf, LocalPackage>,
    /// What cargo writes to.
    artifacts: Vec<PathBuf>,
    knowledge: Knowledge,
    /// What the last good build read; a directory stands for all that is in it.
    inputs: HashSet<PathBuf>,
    /// Where the sources lie that the last good build read.
    source_directories: BTreeSet<PathBuf>,
    /// Single files that somebody cares about, whether they exist or not.
    named: BTreeMap<PathBuf, BTreeSet<Meaning>>,
    /// Those again, by directory.
    names: BTreeMap<PathBuf, BTreeSet<OsString>>,
    places: BTreeMap<PathBuf, Rule>,
    globs: Globs,
}

/// Where the shell looks.
impl WatchSet {
    /// The directories where looking begins, whether they exist or not: a directory before
    /// those in it.
    pub fn places(&self) -> impl Iterator<Item = (&Path, Rule)> {
        self.places.iter().map(|(path, rule)| (path.as_path(), *rule))
    }

    /// The rule of a directory where looking begins; nothing, if it does not begin there.
    #[must_use]
    pub fn place(&self, path: &Path) -> Option<Rule> {
        self.places.get(path).copied()
    }

    /// Whether both look at the same, whatever it means to them.
    #[must_use]
    pub fn looks_as(&self, other: &Self) -> bool {
        let directories = |set: &Self| set.packages.keys().cloned().collect::<BTreeSet<_>>();
        let literal = |set: &Self| set.globs.literals().cloned().collect::<BTreeSet<_>>();
        self.root == other.root
            && self.artifacts == other.artifacts
            && self.places == other.places
            && self.names == other.names
            && self.inputs == other.inputs
            && directories(self) == directories(other)
            && literal(self) == literal(other)
    }

    /// The files to look for in a directory that is looked at for named files.
    #[must_use]
    pub fn wanted(&self, directory: &Path) -> BTreeSet<OsString> {
        let mut wanted = self.names.get(directory).cloned().unwrap_or_default();
        if directory.starts_with(&self.root) {
            wanted.insert(MANIFEST.into());
        }
        wanted
    }

    /// Whether this is one of the files to look for in that directory.
    #[must_use]
    pub fn is_wanted(&self, directory: &Path, name: &OsStr) -> bool {
        name == MANIFEST && directory.starts_with(&self.root)
            || self.names.get(directory).is_some_and(|names| names.contains(name))
    }

    /// Whether somebody cares about exactly this path, whatever git thinks of it.
    #[must_use]
    pub fn is_named(&self, path: &Path) -> bool {
        let names = path.parent().and_then(|directory| self.names.get(directory));
        names.zip(path.file_name()).is_some_and(|(names, name)| names.contains(name))
    }

    /// How a directory is looked at, if it is at all.
    ///
    /// `parent` is the rule of the directory that it was found in, if it was found in one.
    #[must_use]
    pub fn rule(&self, path: &Path, parent: Option<Rule>, sort: Sort, git: Git) -> Option<Rule> {
        if self.is_artifact(path) {
            return None;
        }
        let own = self.place(path);
        let input = self.inputs.contains(path) || self.globs.is_literal(path);
        let input = input.then_some(Rule::Everything);
        own.max(input).max(inherited(path, parent, sort, git))
    }

    /// Whether what lies here is what cargo made. A package in the target directory is not.
    #[must_use]
    pub fn is_artifact(&self, path: &Path) -> bool {
        let is_own =
            |directory: &Path| directory == self.root || self.packages.contains_key(directory);
        let deeper = |artifacts: &Path| {
            // The workspace itself may be the target directory.
            let is_made =
                ["debug", "release"].iter().any(|name| path.starts_with(artifacts.join(name)));
            let between = path.ancestors().take_while(|above| above.starts_with(artifacts));
            !is_made && between.into_iter().any(is_own)
        };
        self.artifacts.iter().any(|artifacts| path.starts_with(artifacts) && !deeper(artifacts))
    }
}

/// How a directory is looked at because of the one that it is in.
fn inherited(path: &Path, parent: Option<Rule>, sort: Sort, git: Git) -> Option<Rule> {
    if path.file_name().is_some_and(|name| REPOSITORIES.iter().any(|known| name == *known)) {
        return None;
    }
    match (parent?, sort, git) {
        (Rule::Everything, ..) => Some(Rule::Everything),
        (Rule::Named, ..) | (_, Sort::Cache, _) | (_, _, Git::Ignores) => None,
        (Rule::Tracked, Sort::Plain, Git::Counts) => Some(Rule::Tracked),
        (Rule::Tracked | Rule::Members, ..) => Some(Rule::Named),
    }
}

/// Where version control keeps its own.
const REPOSITORIES: [&str; 3] = [".git", ".jj", ".hg"];
const MANIFEST: &str = "Cargo.toml";

/// What a change means.
impl WatchSet {
    /// Who cares about a difference; nobody, if this is empty.
    #[must_use]
    pub fn meanings(&self, difference: &Difference) -> BTreeSet<Meaning> {
        let Difference { path, change } = difference;
        if self.is_artifact(path) {
            return BTreeSet::new();
        }
        let mut meanings = self.named.get(path).cloned().unwrap_or_default();
        if path.file_name() == Some(OsStr::new(MANIFEST)) && path.starts_with(&self.root) {
            meanings.extend([Meaning::Build(Certainty::Known), Meaning::Table]);
        }
        if *change == Change::Listing {
            self.globs.below(path, &mut meanings);
        } else {
            self.globs.of(path, &mut meanings);
        }
        if meanings.is_empty() && self.may_be_input(path, *change) {
            meanings.insert(Meaning::Build(self.certainty(path)));
        }
        meanings
    }

    /// Whether cargo may read a file that nobody named.
    fn may_be_input(&self, path: &Path, change: Change) -> bool {
        if scratch::is_of_editor(path) {
            return false;
        }
        if path.ancestors().any(|directory| self.inputs.contains(directory)) {
            return true;
        }
        let Some(package) = self.package_of(path) else { return false };
        match (package.script, self.knowledge, change) {
            (BuildScript::ReadsAnything, ..) | (_, Knowledge::Partial, _) => {
                !scratch::is_of_program(path)
            }
            // What the last good build has not read can matter by being there or not.
            (_, Knowledge::Complete, Change::Modified) => false,
            (_, Knowledge::Complete, Change::Appeared | Change::Vanished) => {
                // A build script is found by its name.
                let is_of_sources =
                    |parent| parent == package.directory || self.is_of_sources(package, parent);
                path.extension() == Some(OsStr::new("rs"))
                    && path.parent().is_some_and(is_of_sources)
            }
            (_, Knowledge::Complete, Change::Listing) => self.is_of_sources(package, path),
        }
    }

    /// Whether it is known that cargo reads a file that it may read.
    fn certainty(&self, path: &Path) -> Certainty {
        let is_input = || path.ancestors().any(|directory| self.inputs.contains(directory));
        if path.extension() == Some(OsStr::new("rs")) || is_input() {
            Certainty::Known
        } else {
            Certainty::Possible
        }
    }

    fn is_of_sources(&self, package: &LocalPackage, directory: &Path) -> bool {
        directory.starts_with(package.directory.join("src"))
            || self.source_directories.contains(directory)
    }

    /// The package that a path lies in: the innermost.
    fn package_of(&self, path: &Path) -> Option<&LocalPackage> {
        path.ancestors().find_map(|directory| self.packages.get(directory))
    }
}
