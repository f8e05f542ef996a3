//! Why a process type is not added.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::formation::ProcessName;

/// Why a process type is not added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAdded {
    /// There is a process type of this name, or of one that makes the same variables.
    Declared(ProcessName),
    /// A package has a binary of this name.
    Binary {
        /// The name.
        name: ProcessName,
        /// The package.
        package: String,
    },
    /// This file or directory is there.
    Exists(PathBuf),
    /// The library has a module of this name that is none of ours.
    Module(&'static str),
    /// The library is not at its usual place.
    Library,
    /// Cargo does not look for binaries.
    Undiscovered,
    /// Only `release` runs before the others.
    NotRelease(ProcessName),
    /// The manifest has no place for it.
    Table,
}

impl fmt::Display for NotAdded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |path: &Path| path.display().to_string();
        match self {
            Self::Declared(name) => {
                write!(f, "there is a process type `{name}`; choose another name")
            }
            Self::Binary { name, package } => write!(
                f,
                "package `{package}` has a binary `{name}`; declare it in the table: `{name} = {{}}`"
            ),
            Self::Exists(path) => write!(f, "`{}` is there; nothing is overwritten", shown(path)),
            Self::Module(name) => write!(
                f,
                "the library has a module `{name}`, which is not the one of a new service; rename \
                 it, or write the binary by hand"
            ),
            Self::Library => {
                f.write_str("the library is not at `src/lib.rs`, where it would be extended")
            }
            Self::Undiscovered => {
                f.write_str("`autobins = false`: cargo would not find a binary in `src/bin`")
            }
            Self::NotRelease(name) => write!(
                f,
                "what runs before the others is called `release`, and cannot be called `{name}`"
            ),
            Self::Table => f.write_str("the manifest has no place where it could be declared"),
        }
    }
}

impl std::error::Error for NotAdded {}
