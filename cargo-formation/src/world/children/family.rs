//! Who belongs to whom, of all that live: by what a process shows, or else by its parent.

use std::collections::{HashMap, HashSet};

use super::census::{Foundling, Sight};
use super::table::{Entry, Signs, own, processes, youngest};

/// The living processes, as far as they concern us.
pub(super) struct Family<Owner> {
    /// Those that belong to somebody.
    pub(super) members: Vec<(Entry, Owner)>,
    /// Those that show nothing, and whose parent is nobody's.
    strays: Vec<Entry>,
}

impl<Owner: Copy> Family<Owner> {
    /// Look at everybody once. `None` when the process table cannot be read.
    pub(super) fn find(signs: impl Fn(&Entry) -> Signs<Owner>) -> Option<(Self, Sight)> {
        let before = youngest();
        let mut family = Self { members: Vec::new(), strays: Vec::new() };
        let mut seen = HashSet::new();
        for entry in processes()? {
            seen.insert(entry.pid);
            match signs(&entry) {
                Signs::Of(owner) => family.members.push((entry, owner)),
                Signs::Another => {}
                Signs::None => family.strays.push(entry),
            }
        }
        family.adopt();
        // Whose parent ended meanwhile is somebody else's child by now.
        let is_lost = |stray: &Entry| stray.parent != 0 && !seen.contains(&stray.parent);
        let was_quiet = before.is_some() && before == youngest();
        let whole = was_quiet && !family.strays.iter().any(is_lost);
        Some((family, if whole { Sight::Whole } else { Sight::Blurred }))
    }

    /// Who shows nothing belongs to whom its parent belongs.
    fn adopt(&mut self) {
        let mut owners: HashMap<u32, Owner> =
            self.members.iter().map(|(entry, owner)| (entry.pid, *owner)).collect();
        loop {
            let known = self.members.len();
            self.strays.retain(|stray| match owners.get(&stray.parent).copied() {
                Some(owner) => {
                    owners.insert(stray.pid, owner);
                    self.members.push((*stray, owner));
                    false
                }
                None => true,
            });
            if self.members.len() == known {
                return;
            }
        }
    }

    /// Those that were left to us.
    pub(super) fn foundlings(&self) -> Vec<Foundling> {
        let us = std::process::id();
        // Process 1 gets the orphans of everybody.
        if us == 1 {
            return Vec::new();
        }
        // What we have just started ourselves is in our session until it makes its own.
        let Some(ours) = own().map(|own| own.session) else { return Vec::new() };
        let left = self.strays.iter().filter(|stray| stray.parent == us && stray.session != ours);
        let found =
            |stray: &Entry| Some(Foundling { session: stray.session?, member: stray.member() });
        left.filter_map(found).collect()
    }
}
