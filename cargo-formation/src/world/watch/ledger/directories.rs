//! Directories: come upon, listed, forgotten.
//!
//! The order matters. First a directory is watched, then its date is taken, then its names
//! are read: whatever comes in between is told, or leaves another date.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use super::{Arrival, Directory, Ledger, Unknown, is_absence};
use crate::plan::watch::{Change, Difference, Git, Rule, Sort};
use crate::world::clock;
use crate::world::watch::fingerprint::{Fingerprint, Seen, Stamp};
use crate::world::watch::ignored::RULES;
use crate::world::watch::listing::{CACHE, Kind, Listing, sort};

impl Ledger {
    /// Look at a directory and at all below it, if it is to be looked at and there.
    ///
    /// `before` holds what was known of directories that have yet to be reached again.
    pub(super) fn enter(
        &mut self,
        path: &Path,
        arrival: Arrival,
        before: &mut BTreeMap<PathBuf, Directory>,
    ) {
        if !path.is_dir() {
            return;
        }
        let Some(rule) = self.set.rule(path, arrival.parent, sort(path), arrival.git) else {
            return;
        };
        if self.directories.get(path).is_some_and(|known| known.rule >= rule) {
            return;
        }
        self.arms.arm(path);
        let Some(metadata) = fs::metadata(path).ok().filter(Metadata::is_dir) else {
            self.arms.disarm(path);
            return;
        };
        let seen = Fingerprint::of(&metadata);
        let settled = !seen.is_young(Stamp::of(clock::wall()));
        let known = self.directories.remove(path).or_else(|| before.remove(path));
        let is_new = known.as_ref().is_none_or(|known| known.rule < rule);
        let replaced = known.as_ref().is_some_and(|known| !known.seen.is_same_file(&seen));
        let (files, obstacles) =
            known.map(|known| (known.files, known.obstacles)).unwrap_or_default();
        let directory = Directory { rule, seen, settled, files, obstacles };
        self.directories.insert(path.to_path_buf(), directory);
        self.absent.remove(path);
        let unknown = match arrival.unknown {
            // Whatever is in another directory by that name came with it.
            _ if replaced => Unknown::HasCome,
            Unknown::WasThere(since) if is_new => self.unseen(path, seen, rule, since),
            unknown @ (Unknown::HasCome | Unknown::WasThere(_)) => unknown,
        };
        if replaced {
            self.arms.rearm(path);
            self.check_all(path);
        }
        self.read(path, unknown, before);
    }

    /// What is to be thought of the files in a directory that nobody has looked at before.
    fn unseen(&mut self, path: &Path, seen: Fingerprint, rule: Rule, since: Stamp) -> Unknown {
        if seen.may_be_moved_since(since) {
            return Unknown::HasCome;
        }
        if rule >= Rule::Tracked && seen.newest().may_be_since(since) {
            self.found.push(Difference { path: path.to_path_buf(), change: Change::Listing });
        }
        Unknown::WasThere(since)
    }

    /// Look again at the names in a directory that is known.
    pub(super) fn list(&mut self, path: &Path) {
        let Some(directory) = self.directories.get_mut(path) else { return };
        let metadata = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => metadata,
            // Without leave to look nothing can be said.
            Err(error) if !is_absence(&error) => return,
            Ok(_) | Err(_) => return self.forget(path, Fate::Gone),
        };
        let seen = Fingerprint::of(&metadata);
        let replaced = !directory.seen.is_same_file(&seen);
        directory.seen = seen;
        directory.settled = !seen.is_young(Stamp::of(clock::wall()));
        if replaced {
            self.arms.rearm(path);
            self.check_all(path);
        }
        self.read(path, Unknown::HasCome, &mut BTreeMap::new());
    }

    /// Read the names in a directory, and compare them with what is known of it.
    pub(super) fn read(
        &mut self,
        path: &Path,
        unknown: Unknown,
        before: &mut BTreeMap<PathBuf, Directory>,
    ) {
        let Some(rule) = self.directories.get(path).map(|directory| directory.rule) else { return };
        let wanted = if rule < Rule::Tracked { self.set.wanted(path) } else { BTreeSet::new() };
        let listing = match Listing::read(path, rule, &wanted) {
            Ok(listing) => listing,
            Err(error) if is_absence(&error) => return self.forget(path, Fate::Gone),
            Err(_) => return,
        };
        let as_cache = self.set.rule(path, Some(rule), Sort::Cache, Git::Counts);
        if rule >= Rule::Tracked && listing.has_file(OsStr::new(CACHE)) && as_cache.is_none() {
            // It has become one since it was come upon: somebody builds here.
            return self.forget(path, Fate::Unwatched);
        }
        let has_rules = listing.has_file(OsStr::new(RULES));
        self.meet_obstacles(path, &listing);
        self.drop_missing(path, &listing, |name| rule > Rule::Named || wanted.contains(name));
        for entry in listing.entries {
            let full = path.join(&entry.name);
            match entry.kind {
                Kind::Directory => {
                    let git = self.git(&full, rule, true);
                    self.meet(&full, Arrival { parent: Some(rule), git, unknown }, before);
                }
                // It may lead anywhere, also to where we are.
                Kind::LinkToDirectory => {
                    let arrival = Arrival { parent: None, git: Git::Counts, unknown };
                    self.meet(&full, arrival, before);
                }
                Kind::File if self.counts(&full, rule, &wanted) => {
                    self.meet_file(path, &entry.name, unknown);
                }
                Kind::File => self.pass_by(path, &entry.name),
            }
        }
        if rule >= Rule::Tracked {
            self.ignored.listed(path, has_rules);
        }
    }

    /// Whether a file is looked at in a directory with this rule.
    fn counts(&mut self, path: &Path, rule: Rule, wanted: &BTreeSet<OsString>) -> bool {
        path.file_name().is_some_and(|name| wanted.contains(name))
            || self.set.is_named(path)
            || rule >= Rule::Tracked && self.git(path, rule, false) == Git::Counts
    }

    /// Drop what a directory no longer holds.
    fn drop_missing(
        &mut self,
        path: &Path,
        listing: &Listing,
        was_looked_for: impl Fn(&OsString) -> bool,
    ) {
        let Some(known) = self.directories.get_mut(path) else { return };
        let missing = |name: &OsString, _: &mut Seen| !listing.has_file(name);
        for (name, _) in known.files.extract_if(.., missing) {
            if was_looked_for(&name) {
                self.found.push(Difference { path: path.join(name), change: Change::Vanished });
            }
        }
        let mut children = self.children(path);
        children.retain(|child| !listing.has_directory(child) && !child.is_dir());
        for child in children {
            self.list(&child);
        }
    }

    /// The known directories directly in a directory.
    fn children(&self, path: &Path) -> Vec<PathBuf> {
        let mut children = Vec::new();
        let mut next = Bound::Excluded(path.to_path_buf());
        while let Some((known, _)) = self.directories.range((next, Bound::Unbounded)).next() {
            let below = known.strip_prefix(path).ok().and_then(|below| below.iter().next());
            let Some(name) = below else { break };
            let child = path.join(name);
            // Past all that is in it: no name can follow this one sooner.
            let mut past = name.to_owned();
            past.push("\0");
            next = Bound::Included(path.join(past));
            if *known == child {
                children.push(child);
            }
        }
        children
    }

    /// Come upon a directory in another.
    fn meet(&mut self, path: &Path, arrival: Arrival, before: &mut BTreeMap<PathBuf, Directory>) {
        let rule = self.set.rule(path, arrival.parent, sort(path), arrival.git);
        match (self.directories.get(path), rule) {
            (None, Some(_)) => self.enter(path, arrival, before),
            (Some(known), Some(rule)) if known.rule != rule => {
                if known.rule > rule {
                    self.forget(path, Fate::Unwatched);
                }
                self.enter(path, arrival, before);
            }
            (Some(known), Some(_)) => {
                let now = fs::metadata(path).map(|metadata| Fingerprint::of(&metadata));
                if now.is_ok_and(|now| !now.is_same_file(&known.seen)) {
                    self.list(path);
                }
            }
            (Some(_), None) => self.forget(path, Fate::Unwatched),
            (None, None) => {}
        }
    }

    /// Come upon directories that stand where somebody looks for a file, or are gone.
    fn meet_obstacles(&mut self, path: &Path, listing: &Listing) {
        let Some(known) = self.directories.get_mut(path) else { return };
        let obstacles: BTreeSet<OsString> = listing
            .directories()
            .filter(|name| {
                let full = path.join(name);
                let rule = || self.set.rule(&full, None, Sort::Plain, Git::Counts);
                self.set.is_named(&full) && rule().is_none()
            })
            .cloned()
            .collect();
        let differ = |name: &OsString, change| Difference { path: path.join(name), change };
        let come = obstacles.difference(&known.obstacles);
        self.found.extend(come.map(|name| differ(name, Change::Appeared)));
        let gone = known.obstacles.difference(&obstacles);
        self.found.extend(gone.map(|name| differ(name, Change::Vanished)));
        known.obstacles = obstacles;
    }

    fn git(&mut self, path: &Path, rule: Rule, is_directory: bool) -> Git {
        if rule == Rule::Everything { Git::Counts } else { self.ignored.git(path, is_directory) }
    }

    /// Forget a directory and all below it.
    pub(super) fn forget(&mut self, path: &Path, fate: Fate) {
        // What is looked at for its own sake, or for the sake of one that is.
        let has_own_reason = |directory: &Path| {
            directory
                .ancestors()
                .take_while(|above| *above != path)
                .any(|above| self.set.place(above).is_some())
        };
        let below = self.directories.range(path.to_path_buf()..);
        let below: Vec<PathBuf> = below
            .map(|(directory, _)| directory)
            .take_while(|directory| directory.starts_with(path))
            .filter(|directory| fate == Fate::Gone || !has_own_reason(directory))
            .cloned()
            .collect();
        for directory in below {
            let Some(known) = self.directories.remove(&directory) else { continue };
            self.arms.disarm(&directory);
            self.ignored.unlisted(&directory);
            if self.set.place(&directory).is_some() {
                self.absent.insert(directory.clone());
            }
            if fate == Fate::Gone {
                self.all_vanished(&directory, &known);
            }
        }
    }

    /// What of a directory that is not reached any more is gone.
    ///
    /// The directory itself may be there again: removed before its parent was read, made
    /// anew since. So it is each file that has to be looked for.
    pub(super) fn gone_of(&mut self, path: &Path, directory: &Directory) {
        for name in directory.files.keys() {
            let path = path.join(name);
            if fs::metadata(&path).is_err_and(|error| is_absence(&error)) {
                self.found.push(Difference { path, change: Change::Vanished });
            }
        }
    }

    fn all_vanished(&mut self, path: &Path, directory: &Directory) {
        for name in directory.files.keys() {
            self.found.push(Difference { path: path.join(name), change: Change::Vanished });
        }
    }
}

/// Why a directory is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is gone, with all that was in it.
    Gone,
    /// It is there, and of no interest any more.
    Unwatched,
}
