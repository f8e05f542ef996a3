//! What a build has read, as cargo says it in the `.d` file beside a binary.
//!
//! One line, `/target/debug/web: /web/src/main.rs /lib/src/lib.rs …`, with a backslash
//! before each space of a path. It names every file that rustc read for the binary and for
//! each local package below it, and every path that a build script declared with
//! `rerun-if-changed`; a directory stands for all that is in it. It names no manifest, no
//! configuration, and nothing of a package from a registry. Cargo writes it after a build
//! that succeeded as a whole: see `output_depinfo.rs` in the source of cargo 1.95.
//!
//! `deps/*.d` and `build/*/output` say more, and where they lie is cargo's own affair.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// What the builds of the binaries have read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DepInfo {
    /// Every path, absolute. Those that are directories stand for all that is in them.
    pub inputs: BTreeSet<PathBuf>,
    /// Whether that is all.
    pub knowledge: Knowledge,
}

/// Whether it is known what the build reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Knowledge {
    /// It has failed, or not ended yet: it may read what nobody named.
    #[default]
    Partial,
    /// The latest build succeeded and has said what it read.
    Complete,
}

/// A text that is no dep-info, or names paths that nobody can find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotDepInfo {
    /// There is no rule in it.
    NoRule,
    /// It has relative paths, as `build.dep-info-basedir` makes them.
    Relative,
}

impl fmt::Display for NotDepInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRule => "there is no rule in it",
            Self::Relative => "its paths are relative (`build.dep-info-basedir`)",
        })
    }
}

impl std::error::Error for NotDepInfo {}

/// The paths that a `.d` file names as read.
///
/// # Errors
/// When it is not what cargo writes.
pub fn parse_dep_info(text: &str) -> Result<BTreeSet<PathBuf>, NotDepInfo> {
    let rule = text.lines().find(|line| !line.starts_with('#') && !line.is_empty());
    // A space in the path of the target has a backslash before it, so this is the first colon
    // that ends a word.
    let colon =
        rule.and_then(|rule| rule.find(": ").or_else(|| rule.strip_suffix(':')?.len().into()));
    let (Some(rule), Some(colon)) = (rule, colon) else { return Err(NotDepInfo::NoRule) };
    let paths: BTreeSet<PathBuf> = words(&rule[colon + 1..]).map(PathBuf::from).collect();
    if paths.iter().all(|path| path.is_absolute()) { Ok(paths) } else { Err(NotDepInfo::Relative) }
}

/// The words of a line; a backslash keeps a space in its word, and is itself else.
fn words(line: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let Some(word) = words.last_mut() else { break };
        match letter {
            '\\' if letters.next_if_eq(&' ').is_some() => word.push(' '),
            ' ' => words.push(String::new()),
            _ => word.push(letter),
        }
    }
    words.into_iter().filter(|word| !word.is_empty())
}

/// A path without `.` and `..`, by its text alone.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                normal.pop();
            }
            std::path::Component::CurDir => {}
            std::path::Component::Prefix(_)
            | std::path::Component::RootDir
            | std::path::Component::Normal(_) => normal.push(part),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::{NotDepInfo, normal, parse_dep_info};

    fn check(text: &str) -> Result<Vec<String>, NotDepInfo> {
        let paths = parse_dep_info(text)?;
        Ok(paths.into_iter().map(|path| path.to_str().unwrap().to_owned()).collect())
    }

    #[track_caller]
    fn good(text: &str, paths: &[&str]) {
        assert_eq!(check(text).unwrap(), paths);
    }

    #[test]
    fn a_rule_names_what_was_read() {
        good("/t/debug/web: /w/a.rs /w/b.rs\n", &["/w/a.rs", "/w/b.rs"]);
        good("/t/debug/web:\n", &[]);
        good("# env-dep:A=1\n\n/t/web: /w/a.rs\n", &["/w/a.rs"]);
    }

    #[test]
    fn spaces_are_escaped_and_backslashes_are_not() {
        good(
            "/my\\ t/web: /my\\ app/a.rs /w/it:\\ here/b.rs /w/c\\d.rs",
            &["/my app/a.rs", "/w/c\\d.rs", "/w/it: here/b.rs"],
        );
        good("/odd:\\ name/web: /w/ä.rs", &["/w/ä.rs"]);
        good("/t/c:d: /w/\\ \\ ", &["/w/  "]);
    }

    #[test]
    fn garbage_is_refused() {
        for text in ["", "\n\n", "no rule", "\u{0}\u{0}", "# only: comments"] {
            assert_eq!(check(text), Err(NotDepInfo::NoRule), "{text:?}");
        }
        assert_eq!(check("web: src/main.rs"), Err(NotDepInfo::Relative));
    }

    #[test]
    fn a_path_without_detours() {
        for (path, expected) in
            [("/a/b/../c", "/a/c"), ("/a/./b", "/a/b"), ("/../a", "/a"), ("/a/..", "/")]
        {
            assert_eq!(normal(path.as_ref()).to_str(), Some(expected));
        }
    }

    proptest! {
        #[test]
        fn whatever_cargo_writes_is_read_back(names in proptest::collection::btree_set("/[a-z: äß]{1,9}[a-z]", 0..9)) {
            let escaped = names.iter().map(|name| name.replace(' ', "\\ "));
            let text = format!("/t/web: {}\n", escaped.collect::<Vec<_>>().join(" "));
            prop_assert_eq!(check(&text), Ok(names.into_iter().collect::<Vec<_>>()));
        }

        #[test]
        fn nothing_is_too_strange(text in any::<String>()) {
            let _ = parse_dep_info(&text);
        }
    }
}
