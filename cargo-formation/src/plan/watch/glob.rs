//! The globs of `watch` and `inputs`.
//!
//! Relative to the workspace root, in the grammar of `.gitignore`: `*` stays in a
//! directory, `**` does not, `!` takes out again, what names a directory names all that is
//! in it. Unlike there, a glob without a slash means the root alone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::{Meaning, dep_info, scratch};
use crate::formation::{ProcessName, ProcessType};

/// The globs of every process type.
#[derive(Clone, Debug, Default)]
pub(super) struct Globs {
    lines: Vec<Line>,
}

/// The globs of one key of one process type.
#[derive(Clone, Debug)]
struct Line {
    meaning: Meaning,
    root: PathBuf,
    globs: Gitignore,
    /// Where what they match can lie: paths without a wildcard.
    bases: BTreeSet<Base>,
}

/// Where what a glob matches can lie.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Base {
    /// Exactly there, or below: the glob has no wildcard.
    Literal(PathBuf),
    /// Below there.
    Below(PathBuf),
}

impl Base {
    fn path(&self) -> &Path {
        match self {
            Self::Literal(path) | Self::Below(path) => path,
        }
    }
}

/// A glob that is none. The others of its type have their effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadGlob {
    /// Whose it is.
    pub process: ProcessName,
    /// The glob.
    pub glob: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Globs {
    pub(super) fn read(root: &Path, processes: &[ProcessType]) -> (Self, Vec<BadGlob>) {
        let (mut lines, mut bad) = (Vec::new(), Vec::new());
        for process in processes {
            let restart = Meaning::Restart(process.name.clone());
            let input = Meaning::Input(process.name.clone());
            let keys = [(&process.watch, restart), (&process.inputs, input)];
            for (globs, meaning) in keys {
                if !globs.is_empty() {
                    lines.push(Line::read(root, &process.name, globs, meaning, &mut bad));
                }
            }
        }
        (Self { lines }, bad)
    }

    pub(super) fn bases(&self) -> impl Iterator<Item = &Base> {
        self.lines.iter().flat_map(|line| &line.bases)
    }

    /// What the globs without a wildcard name.
    pub(super) fn literals(&self) -> impl Iterator<Item = &PathBuf> {
        self.bases().filter_map(|base| match base {
            Base::Literal(path) => Some(path),
            Base::Below(_) => None,
        })
    }

    /// Whether a glob without a wildcard names this path.
    pub(super) fn is_literal(&self, path: &Path) -> bool {
        self.literals().any(|literal| literal == path)
    }

    /// Add what a change of this file means.
    pub(super) fn of(&self, path: &Path, meanings: &mut BTreeSet<Meaning>) {
        let lines = self.lines.iter().filter(|line| line.matches(path));
        meanings.extend(lines.map(|line| line.meaning.clone()));
    }

    /// Add what a change of an unknown file in this directory can mean.
    pub(super) fn below(&self, directory: &Path, meanings: &mut BTreeSet<Meaning>) {
        let below = |line: &&Line| line.bases.iter().any(|base| directory.starts_with(base.path()));
        meanings.extend(self.lines.iter().filter(below).map(|line| line.meaning.clone()));
    }
}

impl Line {
    fn read(
        root: &Path,
        process: &ProcessName,
        globs: &[String],
        meaning: Meaning,
        bad: &mut Vec<BadGlob>,
    ) -> Self {
        let mut builder = GitignoreBuilder::new(root);
        builder.allow_unclosed_class(false);
        let mut bases = BTreeSet::new();
        for glob in globs {
            let (sign, body) =
                glob.strip_prefix('!').map_or(("", glob.as_str()), |body| ("!", body));
            let body = body.trim_start_matches("./").trim_start_matches('/');
            if let Err(error) = builder.add_line(None, &format!("{sign}/{body}")) {
                let reason = without_glob(&error.to_string());
                bad.push(BadGlob { process: process.clone(), glob: glob.clone(), reason });
            } else if sign.is_empty() {
                bases.insert(base(root, body));
            }
        }
        // It only fails if a glob was refused, and those were left out.
        let globs = builder.build().unwrap_or_else(|_| Gitignore::empty());
        Self { meaning, root: root.to_path_buf(), globs, bases }
    }

    fn matches(&self, path: &Path) -> bool {
        let Ok(relative) = path.strip_prefix(&self.root) else { return false };
        match self.globs.matched_path_or_any_parents(relative, false) {
            // An editor's scratch counts only if that very file was named.
            Match::Ignore(_) => {
                !scratch::is_of_editor(path) || self.bases.contains(&Base::Literal(path.into()))
            }
            Match::None | Match::Whitelist(_) => false,
        }
    }
}

/// What `ignore` says, without the glob, which it repeats.
fn without_glob(message: &str) -> String {
    message.rsplit_once("': ").map_or(message, |(_, reason)| reason).to_owned()
}

/// The part of a glob before its first wildcard.
fn base(root: &Path, glob: &str) -> Base {
    let parts: Vec<&str> = glob.split('/').collect();
    let plain = parts.iter().take_while(|part| !part.contains(['*', '?', '[', '{', '\\'])).count();
    let path = dep_info::normal(&root.join(parts[..plain].join("/")));
    if plain == parts.len() { Base::Literal(path) } else { Base::Below(path) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Base, Globs};
    use crate::plan::sample::process;

    fn globs(watch: &[&str]) -> Globs {
        let mut web = process("web");
        web.watch = watch.iter().map(|&glob| glob.to_owned()).collect();
        let (globs, bad) = Globs::read(Path::new("/shop"), &[web]);
        assert_eq!(bad, []);
        globs
    }

    fn check(watch: &[&str], path: &str) -> bool {
        let mut meanings = std::collections::BTreeSet::new();
        globs(watch).of(&Path::new("/shop").join(path), &mut meanings);
        !meanings.is_empty()
    }

    #[test]
    fn a_glob_starts_at_the_root() {
        assert!(check(&["config.toml"], "config.toml"));
        assert!(check(&["./config.toml"], "config.toml"));
        assert!(!check(&["config.toml"], "web/config.toml"));
        assert!(check(&["**/config.toml"], "web/config.toml"));
        assert!(!check(&["**/*.html"], "/elsewhere/a.html"));
    }

    #[test]
    fn a_star_stays_in_its_directory() {
        assert!(check(&["templates/*.html"], "templates/a.html"));
        assert!(!check(&["templates/*.html"], "templates/deep/a.html"));
        assert!(check(&["templates/**"], "templates/deep/a.html"));
        assert!(check(&["a/{x,y}.sql"], "a/y.sql"));
    }

    #[test]
    fn a_directory_stands_for_what_is_in_it() {
        assert!(check(&[".sqlx"], ".sqlx/query-1.json"));
        assert!(check(&["templates/"], "templates/a/b.html"));
        assert!(!check(&[".sqlx"], ".sqlx-old/query-1.json"));
    }

    #[test]
    fn the_last_that_matches_decides() {
        let watch = ["templates/**", "!templates/*.md"];
        assert!(check(&watch, "templates/a.html"));
        assert!(!check(&watch, "templates/a.md"));
        assert!(!check(&["!templates/*.md"], "templates/a.md"));
    }

    #[test]
    fn what_editors_leave_counts_only_by_name() {
        assert!(!check(&["templates/**"], "templates/.a.html.swp"));
        assert!(check(&["x.swp"], "x.swp"));
    }

    #[test]
    fn names_with_special_letters_match() {
        assert!(check(&["a b/*.txt"], "a b/ü n.txt"));
        assert!(check(&["t/**"], "t/new\nline"));
        assert!(check(&["#x/*"], "#x/a"));
    }

    #[test]
    fn it_is_known_where_matches_can_lie() {
        let globs = globs(&["templates/*/a.html", "!x/**", ".sqlx", "**/*.css", "a/b"]);
        let bases: Vec<&Base> = globs.bases().collect();
        let [root, templates] = ["/shop", "/shop/templates"].map(|path| Base::Below(path.into()));
        let [sqlx, file] = ["/shop/.sqlx", "/shop/a/b"].map(|path| Base::Literal(path.into()));
        assert_eq!(bases, [&sqlx, &file, &root, &templates]);
    }

    #[test]
    fn a_bad_glob_is_told_and_the_others_work() {
        let mut web = process("web");
        web.watch = vec!["a[".into(), "b/*".into()];
        let (globs, bad) = Globs::read(Path::new("/shop"), &[web]);
        assert_eq!(bad.len(), 1);
        assert_eq!((bad[0].process.as_str(), bad[0].glob.as_str()), ("web", "a["));
        assert!(bad[0].reason.contains("unclosed character class"), "{}", bad[0].reason);
        let mut meanings = std::collections::BTreeSet::new();
        globs.of(Path::new("/shop/b/x"), &mut meanings);
        assert_eq!(meanings.len(), 1);
    }
}
