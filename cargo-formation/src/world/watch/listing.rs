//! The names in a directory.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, FileType};
use std::io;
use std::path::Path;

use crate::plan::watch::{Rule, Sort};

/// What makes a directory a package.
pub(super) const MANIFEST: &str = "Cargo.toml";
/// What marks a directory as one that can be made again.
pub(super) const CACHE: &str = "CACHEDIR.TAG";

/// The names in a directory that may be of interest.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) entries: Vec<Entry>,
    kinds: BTreeMap<OsString, Kind>,
}

/// A name.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: OsString,
    pub(super) kind: Kind,
}

/// What has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A file, or a link to one.
    File,
    /// A directory.
    Directory,
    /// A link to a directory.
    LinkToDirectory,
}

impl Listing {
    /// Read the names in `path`; `wanted` alone, if the directory is looked at for these.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub(super) fn read(path: &Path, rule: Rule, wanted: &BTreeSet<OsString>) -> io::Result<Self> {
        let mut entries = Vec::new();
        if rule > Rule::Named {
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                let found = kind(&entry.path(), entry.file_type()?);
                entries.extend(found.map(|kind| Entry { name: entry.file_name(), kind }));
            }
        } else {
            for name in wanted {
                let full = path.join(name);
                // What is not there, or cannot be looked at, has no name.
                let Ok(metadata) = fs::symlink_metadata(&full) else { continue };
                let found = kind(&full, metadata.file_type());
                entries.extend(found.map(|kind| Entry { name: name.clone(), kind }));
            }
        }
        let kinds = entries.iter().map(|entry| (entry.name.clone(), entry.kind)).collect();
        Ok(Self { entries, kinds })
    }

    pub(super) fn has_file(&self, name: &OsStr) -> bool {
        self.kinds.get(name) == Some(&Kind::File)
    }

    pub(super) fn directories(&self) -> impl Iterator<Item = &OsString> {
        self.kinds.iter().filter(|(_, kind)| **kind != Kind::File).map(|(name, _)| name)
    }

    pub(super) fn has_directory(&self, path: &Path) -> bool {
        let kind = path.file_name().and_then(|name| self.kinds.get(name));
        kind.is_some_and(|kind| *kind != Kind::File)
    }
}

/// What it is; nothing, if it is a socket, a pipe, a device, or a link to nowhere.
fn kind(path: &Path, of: FileType) -> Option<Kind> {
    if of.is_dir() {
        return Some(Kind::Directory);
    }
    if of.is_file() {
        return Some(Kind::File);
    }
    let metadata = of.is_symlink().then(|| fs::metadata(path).ok()).flatten()?;
    if metadata.is_dir() {
        Some(Kind::LinkToDirectory)
    } else {
        metadata.is_file().then_some(Kind::File)
    }
}

/// What a directory shows itself to be.
pub(super) fn sort(path: &Path) -> Sort {
    if path.join(MANIFEST).exists() {
        Sort::Package
    } else if path.join(CACHE).exists() {
        Sort::Cache
    } else {
        Sort::Plain
    }
}
