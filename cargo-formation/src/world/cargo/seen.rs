//! What was said before: cargo repeats the warnings of everything it did not compile.

use std::collections::{BTreeMap, BTreeSet};

use super::messages::Level;
use crate::narrate::build::Target;

/// The diagnostics that were shown, kept from one build to the next.
///
/// A warning is news once: whoever edits `web` does not want those of `worker` again. When
/// a target was compiled, what it no longer warns of is forgotten, and would be news again.
/// An error is news in every build, once. What two targets have in common, by a module of
/// both, is said of the first, as cargo does it.
#[derive(Debug, Default)]
pub struct Seen {
    /// What each target warned of, as far as it still does.
    warnings: BTreeMap<Target, BTreeSet<String>>,
    /// What this build has said so far.
    this_build: BTreeMap<Target, BTreeSet<String>>,
    /// What of it was shown.
    shown: BTreeSet<String>,
}

/// What a diagnostic is to whoever has seen the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// It is to be shown.
    New,
    /// This build has shown it, of another target.
    OfAnother,
    /// It is known.
    Old,
}

impl Seen {
    /// A build begins.
    pub(super) fn begin(&mut self) {
        self.this_build.clear();
        self.shown.clear();
    }

    /// Whether this is to be shown. From then on it has been.
    pub(super) fn news(&mut self, target: &Target, level: Level, rendered: &str) -> News {
        let first = insert(&mut self.this_build, target, rendered);
        let news = match level {
            Level::Error | Level::Reading | Level::Note => first,
            Level::Warning => insert(&mut self.warnings, target, rendered),
        };
        match news {
            false => News::Old,
            true if self.shown.insert(rendered.to_owned()) => News::New,
            true => News::OfAnother,
        }
    }

    /// A target was compiled, not just found fresh: all that it warns of was said in this
    /// build.
    pub(super) fn compiled(&mut self, target: &Target) {
        let now = self.this_build.get(target);
        if let Some(warnings) = self.warnings.get_mut(target) {
            warnings.retain(|warning| now.is_some_and(|now| now.contains(warning)));
        }
    }
}

/// Add it, and say whether it was missing.
fn insert(set: &mut BTreeMap<Target, BTreeSet<String>>, target: &Target, rendered: &str) -> bool {
    match set.get_mut(target) {
        Some(known) => known.insert(rendered.to_owned()),
        None => set.insert(target.clone(), BTreeSet::from([rendered.to_owned()])).is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, News, Seen};
    use crate::narrate::build::{Target, TargetKind};

    /// Each build is a text: `w` and `e` followed by a letter are a warning and an error,
    /// `.` says that the target was compiled. The answer has what is to be shown.
    fn check(builds: &[&str]) -> Vec<String> {
        let target =
            Target { package: "shop".into(), name: "web".into(), kind: TargetKind::Binary };
        let mut seen = Seen::default();
        let mut shown = Vec::new();
        for build in builds {
            seen.begin();
            let mut news = String::new();
            for word in build.split_whitespace() {
                let level = match word.as_bytes()[0] {
                    b'.' => {
                        seen.compiled(&target);
                        continue;
                    }
                    b'e' => Level::Error,
                    _ => Level::Warning,
                };
                if seen.news(&target, level, word) == News::New {
                    news.push_str(word);
                }
            }
            shown.push(news);
        }
        shown
    }

    #[test]
    fn a_warning_is_news_once() {
        assert_eq!(check(&["wa wb wa .", "wa wb", "wa wb wc ."]), ["wawb", "", "wc"]);
    }

    #[test]
    fn a_warning_that_was_gone_is_news_again() {
        assert_eq!(check(&["wa .", ".", "wa ."]), ["wa", "", "wa"]);
        // Not compiled to the end, or fresh: nothing is known to be gone.
        assert_eq!(check(&["wa .", "", "wa ."]), ["wa", "", ""]);
        assert_eq!(check(&["wa", "wa ."]), ["wa", ""]);
    }

    #[test]
    fn what_two_targets_share_is_shown_once() {
        let target = |name: &str| Target {
            package: "shop".into(),
            name: name.into(),
            kind: TargetKind::Binary,
        };
        let (web, worker) = (target("web"), target("worker"));
        let mut seen = Seen::default();
        for _ in 0..2 {
            seen.begin();
            assert_eq!(seen.news(&web, Level::Error, "shared"), News::New);
            assert_eq!(seen.news(&worker, Level::Error, "shared"), News::OfAnother);
            assert_eq!(seen.news(&worker, Level::Error, "shared"), News::Old);
        }
    }

    #[test]
    fn an_error_is_news_in_each_build() {
        assert_eq!(check(&["ea wa ea", "ea wa"]), ["eawa", "ea"]);
    }
}
