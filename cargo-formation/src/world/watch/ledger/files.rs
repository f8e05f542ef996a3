//! Files: compared with what was seen of them.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

use super::{Ledger, Unknown, is_absence};
use crate::plan::watch::{Change, Difference};
use crate::world::clock;
use crate::world::watch::fingerprint::{Seen, Stamp};

impl Ledger {
    /// Look at a file that is known.
    pub(super) fn check(&mut self, directory: &Path, name: &OsStr) {
        let path = directory.join(name);
        let Some(known) = self.directories.get_mut(directory) else { return };
        let Some(seen) = known.files.get_mut(name) else { return };
        let change = match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => {
                let differs = seen.again(&path, &metadata, Stamp::of(clock::wall()));
                differs.then_some(Change::Modified)
            }
            Err(error) if !is_absence(&error) => None,
            Ok(_) | Err(_) => {
                known.files.remove(name);
                Some(Change::Vanished)
            }
        };
        self.found.extend(change.map(|change| Difference { path, change }));
    }

    pub(super) fn check_all(&mut self, path: &Path) {
        let known = self.directories.get(path).map(|known| known.files.keys().cloned().collect());
        let names: Vec<OsString> = known.unwrap_or_default();
        for name in names {
            self.check(path, &name);
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
