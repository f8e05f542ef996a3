//! What was found to differ lately, and what it was said to mean.
//!
//! What a build reads is known after it. A file that a build is the first to read may be
//! edited while that build runs, when nobody cares about it yet; by the time somebody
//! does, the edit is history. So history is kept until a build that began after it is
//! understood.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::{Change, Difference, Meaning, WatchSet};
use crate::formation::Moment;

/// The differences of late, by path.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    entries: BTreeMap<PathBuf, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    change: Change,
    seen_at: Moment,
    told: BTreeSet<Meaning>,
}

impl Journal {
    /// Note a difference, and say what it means by this set.
    pub fn note(
        &mut self,
        set: &WatchSet,
        difference: &Difference,
        seen_at: Moment,
    ) -> BTreeSet<Meaning> {
        let told = set.meanings(difference);
        let Difference { path, change } = difference;
        let entry = Entry { change: *change, seen_at, told: told.clone() };
        // That it came or went says more than that it was also written.
        let before = self.entries.get(path).map(|before| before.change);
        let change = before.map_or(*change, |before| before.max(*change));
        self.entries.insert(path.clone(), Entry { change, ..entry });
        told
    }

    /// Forget what was seen before `since`, and say what the rest means by this set that it
    /// was not said to mean.
    pub fn reconsider(&mut self, set: &WatchSet, since: Moment) -> Vec<Reconsidered> {
        self.entries.retain(|_, entry| entry.seen_at >= since);
        let mut news = Vec::new();
        for (path, entry) in &mut self.entries {
            let difference = Difference { path: path.clone(), change: entry.change };
            let mut added: BTreeSet<_> =
                set.meanings(&difference).difference(&entry.told).cloned().collect();
            // A build that is due is not more so when it is certain why.
            if entry.told.iter().any(is_build) {
                added.retain(|meaning| !is_build(meaning));
            }
            entry.told.extend(added.iter().cloned());
            if !added.is_empty() {
                news.push(Reconsidered { path: path.clone(), added, seen_at: entry.seen_at });
            }
        }
        news
    }
}

fn is_build(meaning: &Meaning) -> bool {
    matches!(meaning, Meaning::Build(_))
}

/// A difference that means more than it was said to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconsidered {
    /// Which path.
    pub path: PathBuf,
    /// What it means besides.
    pub added: BTreeSet<Meaning>,
    /// When it was seen.
    pub seen_at: Moment,
}
