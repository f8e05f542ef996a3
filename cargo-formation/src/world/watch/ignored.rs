//! What git ignores.
//!
//! The rules are git's: the `.gitignore` of the directory and of those above it, to the
//! root of the repository, then `.git/info/exclude`, then the user's own. Without a
//! repository nothing is ignored. See `gitignore(5)`.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::fingerprint::Fingerprint;
use crate::plan::watch::Git;

/// The name of a file with rules.
pub(super) const RULES: &str = ".gitignore";
/// What makes a directory a repository.
pub(super) const REPOSITORY: &str = ".git";
/// Where a repository has the rules that are not in its files.
const EXCLUDES: &str = ".git/info/exclude";

/// The rules of every directory that was asked about.
#[derive(Debug)]
pub(super) struct Ignored {
    /// The repository of each directory.
    repositories: HashMap<PathBuf, Option<PathBuf>>,
    /// The rules of each directory.
    rules: HashMap<PathBuf, Rules>,
    /// What each repository ignores without saying so in its files.
    excludes: HashMap<PathBuf, Rules>,
    /// What the user ignores everywhere.
    global: Gitignore,
    /// Whether a directory was listed whose rules are not those that were read.
    listed: Listed,
}

/// What listings show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listed {
    AsRead,
    Otherwise,
}

/// The rules of one file.
#[derive(Debug)]
struct Rules {
    matcher: Option<Gitignore>,
    read_from: Option<Fingerprint>,
    appearance: Appearance,
}

/// How it is noticed that a file with rules appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Appearance {
    /// By looking for it.
    Sought,
    /// Its directory is listed whenever a name comes.
    Listed,
}

impl Ignored {
    pub(super) fn new() -> Self {
        let (global, _) = Gitignore::global();
        Self {
            repositories: HashMap::new(),
            rules: HashMap::new(),
            excludes: HashMap::new(),
            global,
            listed: Listed::AsRead,
        }
    }

    /// Forget every rule.
    pub(super) fn clear(&mut self) {
        self.repositories.clear();
        self.rules.clear();
        self.excludes.clear();
        self.listed = Listed::AsRead;
    }

    /// Whether one of the files that were read is not what it was, or a repository.
    ///
    /// One that was made in another is not found by this: nobody looks into each directory
    /// for that.
    pub(super) fn is_stale(&self) -> bool {
        let is_other = |(directory, rules): (&PathBuf, &Rules), file| match rules {
            Rules { read_from: None, appearance: Appearance::Listed, .. } => false,
            Rules { read_from, .. } => *read_from != fingerprint(&directory.join(file)),
        };
        self.is_listed_otherwise()
            || self.rules.iter().any(|read| is_other(read, RULES))
            || self.excludes.iter().any(|read| is_other(read, EXCLUDES))
            || self.repositories.iter().any(|(directory, repository)| match repository {
                None => is_repository(directory),
                Some(root) => root == directory && !is_repository(root),
            })
    }

    /// A directory was listed, and will be whenever a name comes or goes; whether it has rules.
    pub(super) fn listed(&mut self, directory: &Path, has_rules: bool) {
        let Some(rules) = self.rules.get_mut(directory) else { return };
        rules.appearance = Appearance::Listed;
        if has_rules && rules.read_from.is_none() {
            self.listed = Listed::Otherwise;
        }
    }

    /// A directory is not listed any more.
    pub(super) fn unlisted(&mut self, directory: &Path) {
        if let Some(rules) = self.rules.get_mut(directory) {
            rules.appearance = Appearance::Sought;
        }
    }

    /// Whether a listing has shown rules that were not read.
    pub(super) fn is_listed_otherwise(&self) -> bool {
        self.listed == Listed::Otherwise
    }

    /// The roots of the repositories that were found.
    pub(super) fn repositories(&self) -> BTreeSet<&PathBuf> {
        self.repositories.values().flatten().collect()
    }

    /// What git thinks of something in a directory that it does not ignore.
    pub(super) fn git(&mut self, path: &Path, is_directory: bool) -> Git {
        let Some(repository) = path.parent().and_then(|parent| self.repository(parent)) else {
            return Git::Counts;
        };
        let inside = path.ancestors().skip(1).take_while(|above| above.starts_with(&repository));
        for directory in inside {
            let found = self.rules(directory).map(|rules| rules.matched(path, is_directory));
            if let Some(git) = found.and_then(|found| decided(&found)) {
                return git;
            }
        }
        let excludes = self.excludes.get(&repository).and_then(|rules| rules.matcher.as_ref());
        let excludes = excludes.map(|rules| rules.matched(path, is_directory));
        let global = self.global.matched(path, is_directory);
        excludes
            .and_then(|found| decided(&found))
            .or_else(|| decided(&global))
            .unwrap_or(Git::Counts)
    }

    fn rules(&mut self, directory: &Path) -> Option<&Gitignore> {
        if !self.rules.contains_key(directory) {
            self.rules.insert(directory.to_path_buf(), Rules::read(directory, RULES));
        }
        self.rules.get(directory).and_then(|rules| rules.matcher.as_ref())
    }

    /// The root of the repository that a directory is in.
    fn repository(&mut self, directory: &Path) -> Option<PathBuf> {
        if let Some(known) = self.repositories.get(directory) {
            return known.clone();
        }
        let found = if is_repository(directory) {
            self.excludes.insert(directory.to_path_buf(), Rules::read(directory, EXCLUDES));
            Some(directory.to_path_buf())
        } else {
            directory.parent().and_then(|parent| self.repository(parent))
        };
        self.repositories.insert(directory.to_path_buf(), found.clone());
        found
    }
}

impl Rules {
    /// Those in this file, about what is in this directory.
    fn read(directory: &Path, file: &str) -> Self {
        let file = directory.join(file);
        // What it was before it was read: if it is written meanwhile, it is read again.
        let read_from = fingerprint(&file);
        // Git takes the rules that it understands, and so do we.
        let matcher = read_from.and_then(|_| {
            let mut builder = GitignoreBuilder::new(directory);
            let _ = builder.add(&file);
            builder.build().ok()
        });
        let matcher = matcher.filter(|rules| !rules.is_empty());
        Self { matcher, read_from, appearance: Appearance::Sought }
    }
}

fn is_repository(directory: &Path) -> bool {
    directory.join(REPOSITORY).exists()
}

fn fingerprint(path: &Path) -> Option<Fingerprint> {
    fs::metadata(path).ok().map(|metadata| Fingerprint::of(&metadata))
}

fn decided<T>(found: &Match<T>) -> Option<Git> {
    match found {
        Match::None => None,
        Match::Ignore(_) => Some(Git::Ignores),
        Match::Whitelist(_) => Some(Git::Counts),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::Ignored;
    use crate::plan::watch::Git;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn check(root: &Path, path: &str) -> bool {
        let path_of = root.join(path.trim_end_matches('/'));
        Ignored::new().git(&path_of, path.ends_with('/')) == Git::Ignores
    }

    #[test]
    fn the_nearest_rule_decides() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        fs::create_dir(root.join(".git")).unwrap();
        write(root, ".gitignore", "*.db\n/out/\n");
        write(root, "app/.gitignore", "!keep.db\nlocal.toml\n");
        write(root, ".git/info/exclude", "notes.md\n");
        for ignored in ["a.db", "app/a.db", "out/", "app/local.toml", "app/notes.md"] {
            assert!(check(root, ignored), "{ignored}");
        }
        for counts in ["app/keep.db", "out", "app/out/", "local.toml", "src/main.rs"] {
            assert!(!check(root, counts), "{counts}");
        }
    }

    #[test]
    fn rules_end_at_the_repository() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        write(root, ".gitignore", "*\n");
        assert!(!check(root, "main.rs"), "there is no repository");
        fs::create_dir_all(root.join("app/.git")).unwrap();
        assert!(!check(root, "app/main.rs"), "these rules are of no repository");
    }

    #[test]
    fn rules_that_were_read_become_stale() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        fs::create_dir(root.join(".git")).unwrap();
        let mut ignored = Ignored::new();
        assert_eq!(ignored.git(&root.join("a"), false), Git::Counts);
        assert!(!ignored.is_stale());
        write(root, ".gitignore", "a\n");
        assert!(ignored.is_stale());
        ignored.clear();
        assert_eq!(ignored.git(&root.join("a"), false), Git::Ignores);
        assert!(!ignored.is_stale());
        write(root, ".git/info/exclude", "b\n");
        assert!(ignored.is_stale());
        ignored.clear();
        assert_eq!(ignored.git(&root.join("b"), false), Git::Ignores);
        fs::rename(root.join(".git"), root.join("was")).unwrap();
        assert!(ignored.is_stale());
        ignored.clear();
        assert_eq!(ignored.git(&root.join("b"), false), Git::Counts);
        assert!(!ignored.is_stale());
        fs::rename(root.join("was"), root.join(".git")).unwrap();
        assert!(ignored.is_stale());
    }
}
