//! What can be found to differ, and who may care.

use std::path::PathBuf;

use crate::formation::{Certainty, ProcessName};

/// A path that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Which.
    pub path: PathBuf,
    /// How it differs.
    pub change: Change,
}

/// How a path differs from what was last seen of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It was there and is there, and was written, touched or replaced in between.
    Modified,
    /// It is gone.
    Vanished,
    /// It is there for the first time, or had not been looked at before.
    Appeared,
    /// It is a directory in which files may have come and gone before it was first looked at.
    Listing,
}

impl Change {
    /// What two changes of a path are as one; nothing, if it came and went.
    #[must_use]
    pub fn then(self, second: Self) -> Option<Self> {
        match (self, second) {
            (Self::Appeared, Self::Vanished) => None,
            // It went and came: it may be another.
            (Self::Vanished, Self::Appeared) => Some(Self::Modified),
            (first, second) => Some(first.max(second)),
        }
    }
}

/// Who cares about a change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// Cargo reads it, or may: a build is due.
    Build(Certainty),
    /// The table, or what cargo says of the workspace, may be another.
    Table,
    /// The environment of processes may be another.
    Environment,
    /// The build of this type reads it, and cargo does not know.
    Input(ProcessName),
    /// Processes of this type are to be restarted.
    Restart(ProcessName),
}
