//! What has changed, sorted by who cares.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::Meaning;
use crate::formation::{Certainty, Moment, ProcessName};

/// What has changed. A path can stand in several places; at least one has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// What cargo may read.
    pub build: BTreeSet<PathBuf>,
    /// Whether it is known that cargo reads any of that.
    pub certainty: Certainty,
    /// What the table, or what cargo says of the workspace, is made of.
    pub table: BTreeSet<PathBuf>,
    /// What the environment of processes is made of.
    pub environment: BTreeSet<PathBuf>,
    /// The process types whose build reads any of it without cargo's knowledge.
    pub unseen: BTreeSet<ProcessName>,
    /// Process types that are to be restarted, each with what it watches.
    pub restart: BTreeMap<ProcessName, BTreeSet<PathBuf>>,
    /// When the first of them was seen.
    pub seen_at: Moment,
}

impl Changes {
    /// Whether nobody cares.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { build, table, environment, restart, .. } = self;
        build.is_empty() && table.is_empty() && environment.is_empty() && restart.is_empty()
    }

    /// Every path, once.
    #[must_use]
    pub fn paths(&self) -> BTreeSet<&PathBuf> {
        let Self { build, table, environment, restart, .. } = self;
        let restart = restart.values().flatten();
        build.iter().chain(table).chain(environment).chain(restart).collect()
    }

    /// Add what a change of this path means, seen then.
    pub fn add(&mut self, path: &Path, meanings: BTreeSet<Meaning>, seen_at: Moment) {
        if !meanings.is_empty() {
            self.seen_at = if self.is_empty() { seen_at } else { self.seen_at.min(seen_at) };
        }
        for meaning in meanings {
            let paths = match meaning {
                Meaning::Build(certainty) => {
                    self.certainty = self.certainty.max(certainty);
                    &mut self.build
                }
                Meaning::Input(process) => {
                    self.certainty = Certainty::Known;
                    self.unseen.insert(process);
                    &mut self.build
                }
                Meaning::Table => &mut self.table,
                Meaning::Environment => &mut self.environment,
                Meaning::Restart(process) => self.restart.entry(process).or_default(),
            };
            paths.insert(path.to_path_buf());
        }
    }
}
