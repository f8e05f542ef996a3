//! What is said of what was found and not taken over as it stood.

use std::fmt;

use crate::scaffold::found::At;
use crate::scaffold::reason::Reason;

/// Something that whoever adopts the table should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// An entry of a file is not taken over.
    NotTaken {
        /// Where it stands.
        at: At,
        /// Its name, if it has one.
        name: String,
        /// Why.
        why: Reason,
    },
    /// An entry of a file is taken over without a part of what it says.
    Without {
        /// Where it stands.
        at: At,
        /// Its name.
        name: String,
        /// The parts.
        left: Vec<String>,
    },
    /// Two files say different things of one name.
    Differs {
        /// What is not taken over.
        at: At,
        /// The name.
        name: String,
        /// What is.
        taken: At,
    },
    /// What is deployed becomes a backing service, which is not.
    OnlyHere {
        /// Where it stands.
        at: At,
        /// Its name.
        name: String,
    },
    /// A binary becomes no process type.
    NotProposed {
        /// The binary.
        binary: String,
        /// The package that has it.
        package: String,
        /// Why.
        why: Reason,
    },
    /// No entry of any file runs these binaries.
    Unmentioned(Vec<String>),
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTaken { at, name, why } if name.is_empty() => write!(f, "{at}: {why}"),
            Self::NotTaken { at, name, why } => {
                write!(f, "{at}: `{}` is not taken over: {why}", name.escape_debug())
            }
            Self::Without { at, name, left } => {
                let left: Vec<String> =
                    left.iter().map(|part| format!("`{}`", part.escape_debug())).collect();
                write!(f, "{at}: `{name}` is taken over without {}", left.join(", "))
            }
            Self::Differs { at, name, taken } => {
                write!(f, "{at}: `{name}` is taken over from {taken}, which says something else")
            }
            Self::OnlyHere { at, name } => write!(
                f,
                "{at}: `{name}` runs no binary of the workspace: it becomes a backing service, \
                 for development only"
            ),
            Self::NotProposed { binary, package, why } => {
                let binary = binary.escape_debug();
                write!(f, "the binary `{binary}` of package `{package}` is not proposed: {why}")
            }
            Self::Unmentioned(names) => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                write!(
                    f,
                    "nothing that was found runs {}; `cargo formation run` knows every binary",
                    names.join(", ")
                )
            }
        }
    }
}
