//! What the kernel tells: one watch for each directory, and from its events back to the
//! paths by which we know them.
//!
//! Directories and not files, since most editors save by putting another file in place.
//! Without recursion, since `notify` loses what is made in a new directory before it
//! watches that, and since a target directory would drown everything else.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};

use notify::{ErrorKind, RecursiveMode, Watcher};

/// The watches.
pub(super) struct Arms {
    /// What the system offers. Without it nothing is told, and everything is looked for.
    watcher: Option<Box<dyn Watcher + Send>>,
    /// The real path of each directory that is watched, or should be.
    real: BTreeMap<PathBuf, PathBuf>,
    /// The ways in which each real directory is known: the kernel knows only one.
    known: HashMap<PathBuf, BTreeSet<PathBuf>>,
    /// Real directories that cannot be watched.
    unwatched: BTreeSet<PathBuf>,
    trouble: Option<Trouble>,
}

impl fmt::Debug for Arms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arms").field("known", &self.known.len()).finish_non_exhaustive()
    }
}

/// Why changes are found by looking, not by being told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The system gives no more watches.
    Watches,
    /// The system gives no more watchers.
    Watchers,
    /// Something else, in the system's words.
    Other(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, remedy) = match self {
            Self::Watches => (
                "the limit of watched directories is reached",
                "; raise it with `sysctl fs.inotify.max_user_watches=524288`",
            ),
            Self::Watchers => (
                "the limit of watchers is reached",
                "; raise it with `sysctl fs.inotify.max_user_instances=512`",
            ),
            Self::Other(reason) => (reason.as_str(), ""),
        };
        write!(f, "some changes are noticed late: {what}{remedy}")
    }
}

impl From<&notify::Error> for Trouble {
    fn from(error: &notify::Error) -> Self {
        match &error.kind {
            ErrorKind::MaxFilesWatch => Self::Watches,
            // `EMFILE` of `inotify_init(2)`.
            ErrorKind::Io(error)
                if error.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error()) =>
            {
                Self::Watchers
            }
            ErrorKind::Io(error) => Self::Other(error.to_string()),
            ErrorKind::Generic(_)
            | ErrorKind::PathNotFound
            | ErrorKind::WatchNotFound
            | ErrorKind::InvalidConfig(_) => Self::Other(error.to_string()),
        }
    }
}

impl Arms {
    pub(super) fn new(watcher: Result<Box<dyn Watcher + Send>, notify::Error>) -> Self {
        let (watcher, trouble) = match watcher {
            Ok(watcher) => (Some(watcher), None),
            Err(error) => (None, Some(Trouble::from(&error))),
        };
        let (real, known) = (BTreeMap::new(), HashMap::new());
        Self { watcher, real, known, unwatched: BTreeSet::new(), trouble }
    }

    /// What is wrong, once.
    pub(super) fn trouble(&mut self) -> Option<Trouble> {
        self.trouble.take()
    }

    /// Whether everything is told.
    pub(super) fn is_told_everything(&self) -> bool {
        self.watcher.is_some() && self.unwatched.is_empty()
    }

    /// Watch a directory, if it is not watched yet.
    pub(super) fn arm(&mut self, directory: &Path) {
        if self.real.contains_key(directory) {
            return;
        }
        // What is gone cannot be watched; whoever looks next sees that.
        let Ok(real) = directory.canonicalize() else { return };
        self.real.insert(directory.to_path_buf(), real.clone());
        let known = self.known.entry(real.clone()).or_default();
        let first = known.is_empty();
        known.insert(directory.to_path_buf());
        if first {
            self.watch(&real);
        }
    }

    /// Watch it no longer.
    pub(super) fn disarm(&mut self, directory: &Path) {
        let Some(real) = self.real.remove(directory) else { return };
        let Some(known) = self.known.get_mut(&real) else { return };
        known.remove(directory);
        if known.is_empty() {
            self.known.remove(&real);
            self.unwatched.remove(&real);
            self.unwatch(&real);
        }
    }

    /// Watch it anew: what has its path is not, or may not be, what was watched.
    pub(super) fn rearm(&mut self, directory: &Path) {
        if let Some(real) = self.real.get(directory).cloned() {
            let others = self.known.remove(&real).unwrap_or_default();
            self.unwatched.remove(&real);
            self.unwatch(&real);
            for other in &others {
                self.real.remove(other);
            }
            for other in others.iter().filter(|other| *other != directory) {
                self.arm(other);
            }
        }
        self.arm(directory);
    }

    /// Try again what could not be watched.
    pub(super) fn retry(&mut self) {
        let trouble = self.trouble.clone();
        for real in std::mem::take(&mut self.unwatched) {
            self.watch(&real);
        }
        // That has been said.
        self.trouble = trouble;
    }

    /// The paths by which we know what an event is about.
    pub(super) fn known(&self, path: &Path) -> BTreeSet<PathBuf> {
        let itself = self.known.get(path).into_iter().flatten().cloned();
        let in_it = path.parent().and_then(|parent| self.known.get(parent));
        let name = path.file_name().unwrap_or_default();
        itself.chain(in_it.into_iter().flatten().map(|known| known.join(name))).collect()
    }

    fn watch(&mut self, real: &Path) {
        let Some(watcher) = &mut self.watcher else { return };
        if let Err(error) = watcher.watch(real, RecursiveMode::NonRecursive) {
            // What is gone again is no trouble: whoever looks next sees that.
            if self.unwatched.is_empty() && !matches!(error.kind, ErrorKind::PathNotFound) {
                self.trouble = Some(Trouble::from(&error));
            }
            self.unwatched.insert(real.to_path_buf());
        }
    }

    fn unwatch(&mut self, real: &Path) {
        if let Some(watcher) = &mut self.watcher {
            // It may be gone, and its watch with it.
            let _ = watcher.unwatch(real);
        }
    }
}
