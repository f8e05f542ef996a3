//! From a request to files: those of a new workspace, or of one more process type; and from what
//! other tools run in a workspace to a table.
//!
//! Scaffolds return changes, they do not write them, and must not know where files are. What
//! they write is made of whole files of `templates`, chosen by kind and database; names are put
//! into blanks that are identifiers, so that a template is Rust that can be formatted and read.

mod addition;
mod binaries;
mod blanks;
mod cargo;
mod code;
mod dependencies;
mod deploying;
mod emission;
mod enclosing;
mod found;
pub mod init;
mod keywords;
mod library;
mod manifest;
mod meaning;
pub mod mprocs;
mod name;
mod not_added;
mod parts;
pub mod process_compose;
pub mod procfile;
mod prose;
mod reason;
mod shell;
pub mod table;
mod workspace;
mod yaml;

use std::path::PathBuf;

pub use self::addition::{Added, Addition, add, sources};
pub use self::emission::{Left, Reader};
pub use self::enclosing::enclosing;
pub use self::found::{At, Command, Found};
pub use self::name::{Advice, PackageName, PackageNameError};
pub use self::not_added::NotAdded;
pub use self::reason::{NoTarget, Reason};
pub use self::workspace::{Design, Editor, Made, workspace};
pub use self::yaml::NotYaml;

/// A file that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it belongs, relative to the directory of what is new; absolute, where that is there.
    pub path: PathBuf,
    /// What it held when the change was decided; nothing if it was not there.
    pub before: Option<String>,
    /// What it is to hold.
    pub after: String,
}

impl Change {
    /// A file that was not there.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self { path: path.into(), before: None, after: text.into() }
    }
}

/// What a process type does, as far as there is a template for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Answers requests.
    Web,
    /// Does what waits to be done.
    Worker,
    /// Begins what is due.
    Clock,
    /// Prepares what the others need.
    Release,
}

impl Kind {
    /// All of them, in the order in which they are declared.
    pub const ALL: [Self; 4] = [Self::Web, Self::Worker, Self::Clock, Self::Release];

    /// The usual name of such a type.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Worker => "worker",
            Self::Clock => "clock",
            Self::Release => "release",
        }
    }
}

/// Where the state of a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Database {
    /// In a file.
    Sqlite,
    /// In a server, which is a backing service in development.
    Postgres,
}
