//! Files: compared with what was seen of them.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use super::{Directory, Ledger, Unknown, is_absence};
use crate::plan::watch::{Change, Difference};
use crate::world::clock;
use crate::world::watch::fingerprint::{Seen, Stamp};

impl Ledger {
    /// Look at a file that is known.
    pub(super) fn check(&mut self, directory: &Path, name: &OsStr) {
        let Some(known) = self.directories.get_mut(directory) else { return };
        let Some(seen) = known.files.get_mut(name) else { return };
        let path = directory.join(name);
        let change = compare(&path, seen);
        if change == Some(Change::Vanished) {
            known.files.remove(name);
        }
        self.found.extend(change.map(|change| Difference { path, change }));
    }

    /// Look at every file that is known in a directory.
    pub(super) fn check_all(&mut self, directory: &Path) {
        if let Some(known) = self.directories.get_mut(directory) {
            known.check_all(directory, &mut self.found);
        }
    }

    /// Come upon a file that counts.
    pub(super) fn meet_file(&mut self, directory: &Path, name: &OsStr, unknown: Unknown) {
        let Some(known) = self.directories.get_mut(directory) else { return };
        if known.files.contains_key(name) {
            return;
        }
        let path = directory.join(name);
        let Ok(metadata) = fs::metadata(&path) else { return };
        let seen = Seen::first(&path, &metadata, Stamp::of(clock::wall()));
        known.files.insert(name.to_owned(), seen);
        let is_news = match unknown {
            Unknown::HasCome => true,
            Unknown::WasThere(since) => seen.fingerprint.newest().may_be_since(since),
        };
        if is_news {
            self.found.push(Difference { path, change: Change::Appeared });
        }
    }

    /// Come upon a file that does not count, or no longer.
    pub(super) fn pass_by(&mut self, directory: &Path, name: &OsStr) {
        if let Some(known) = self.directories.get_mut(directory) {
            known.files.remove(name);
        }
    }
}

impl Directory {
    /// Look at every file that is known in this directory, which has that path.
    pub(super) fn check_all(&mut self, directory: &Path, found: &mut Vec<Difference>) {
        // One path for all.
        let mut path = directory.to_path_buf();
        self.files.retain(|name, seen| {
            path.push(name);
            let change = compare(&path, seen);
            found.extend(change.map(|change| Difference { path: path.clone(), change }));
            path.pop();
            change != Some(Change::Vanished)
        });
    }
}

/// How a file differs from what was seen of it, which is updated.
fn compare(path: &Path, seen: &mut Seen) -> Option<Change> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {
            let differs = seen.again(path, &metadata, Stamp::of(clock::wall()));
            differs.then_some(Change::Modified)
        }
        // Without leave to look nothing can be said.
        Err(error) if !is_absence(&error) => None,
        Ok(_) | Err(_) => Some(Change::Vanished),
    }
}
