//! Places that are not there: waited for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{Arrival, Ledger, Unknown};
use crate::plan::watch::{Git, Rule};

impl Ledger {
    /// See whether a place that was not there has come.
    pub(super) fn seek(&mut self) {
        if self.absent.is_empty() && self.lookouts.is_empty() {
            return;
        }
        let arrival = Arrival { parent: None, git: Git::Counts, unknown: Unknown::HasCome };
        for place in self.absent.clone() {
            self.enter(&place, arrival, &mut BTreeMap::new());
        }
        self.look_out();
    }

    /// Watch the nearest directory above each tree that is not there.
    ///
    /// Not above single files: those outside of the workspace lie where everybody writes.
    pub(super) fn look_out(&mut self) {
        let is_tree = |place: &&PathBuf| self.set.place(place) >= Some(Rule::Members);
        let trees = self.absent.iter().filter(is_tree);
        let nearest = |path: &Path| {
            let above = path.ancestors().skip(1);
            above.into_iter().find(|above| above.is_dir()).map(Path::to_path_buf)
        };
        let lookouts: BTreeSet<PathBuf> = trees.filter_map(|path| nearest(path)).collect();
        for old in self.lookouts.difference(&lookouts) {
            if !self.directories.contains_key(old) {
                self.arms.disarm(old);
            }
        }
        for new in &lookouts {
            self.arms.arm(new);
        }
        self.lookouts = lookouts;
    }
}
