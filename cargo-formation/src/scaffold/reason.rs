//! Why something is not taken over.

use std::fmt;
use std::path::PathBuf;

use super::found::At;
use crate::formation::NameError;

/// Why something that another tool runs is not taken over into the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The line is no entry of its file.
    NoEntry,
    /// Its name cannot be that of a process type.
    Name(NameError),
    /// The same name stands there.
    Duplicate(At),
    /// Its name is somebody else's.
    Taken,
    /// Its name makes the same variables as this one.
    TooAlike(String),
    /// There is no program.
    NoProgram,
    /// A quote is not closed.
    Unclosed,
    /// It needs a shell, for this.
    Shell(String),
    /// It has several lines, which only a shell runs.
    Lines,
    /// It has a NUL.
    Nul,
    /// The file uses a template language, in this.
    Templated(String),
    /// The value is not of the kind that its key wants.
    Kind(&'static str),
    /// It has two commands.
    TwoCommands,
    /// It is not to be started.
    Disabled,
    /// Its directory is outside of the workspace.
    Outside(PathBuf),
    /// Its directory is not there.
    NoDirectory(PathBuf),
    /// Where it runs is itself a variable.
    VariableDirectory,
    /// It is not clear which binary target it runs, or whether it runs one.
    Target(NoTarget),
    /// `release` is no binary of the workspace.
    Release,
    /// It starts a compose file whole.
    Compose,
    /// The ports of so many types do not fit.
    TooMany,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEntry => f.write_str("this line is no `name: command`"),
            Self::Name(error) => write!(f, "it cannot be a name: {error}"),
            Self::Duplicate(at) => write!(f, "the name stands at {at} already"),
            Self::Taken => f.write_str("the name is taken"),
            Self::TooAlike(name) => write!(f, "`{name}` makes the same variables"),
            Self::NoProgram => f.write_str("there is no program"),
            Self::Unclosed => f.write_str("a quote is not closed"),
            Self::Shell(what) => shell(f, what),
            Self::Lines => shell(f, "a second line"),
            Self::Nul => f.write_str("a program can be given no NUL"),
            Self::Templated(what) => write!(f, "`{what}` is a template; write what it stands for"),
            Self::Kind(expected) => write!(f, "expected {expected}"),
            Self::TwoCommands => f.write_str("it has two commands"),
            Self::Disabled => f.write_str("it is disabled"),
            Self::Outside(path) => {
                write!(f, "the directory `{}` is not inside of the workspace", shown(path))
            }
            Self::NoDirectory(path) => write!(f, "there is no directory `{}`", shown(path)),
            Self::VariableDirectory => {
                f.write_str("its directory is a variable; the table wants a path")
            }
            Self::Target(why) => why.fmt(f),
            Self::Release => f.write_str(
                "`release` runs a binary of the workspace once, before the others start; this is none",
            ),
            Self::Compose => f.write_str(
                "it names no service of the compose file; each is a backing service: \
                 `{ compose = \"…\" }`",
            ),
            Self::TooMany => f.write_str("the ports of so many process types do not fit"),
        }
    }
}

impl From<NoTarget> for Reason {
    fn from(why: NoTarget) -> Self {
        Self::Target(why)
    }
}

/// Why something runs no binary target that can be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoTarget {
    /// No binary target has this name; the nearest that exists.
    NoBinary(String, Option<String>),
    /// There is no such package.
    NoPackage(String),
    /// Several packages have a binary target of this name.
    Ambiguous(String, Vec<String>),
    /// Cargo would have to choose, among these.
    WhichBinary(Vec<String>),
    /// Cargo would write this binary of two packages to one file; the other is run by this type.
    SameFile(String, String),
    /// It runs an example.
    Example,
    /// It is cargo, and not `cargo run`.
    Cargo(String),
    /// This program starts something of the workspace, in a way that is not understood.
    Starter(String),
    /// It hands over a socket.
    Socket,
}

impl fmt::Display for NoTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBinary(name, near) => {
                write!(f, "the workspace has no binary target `{}`", name.escape_debug())?;
                near.iter().try_for_each(|near| write!(f, "; did you mean `{near}`?"))
            }
            Self::NoPackage(name) => {
                write!(f, "the workspace has no package `{}`", name.escape_debug())
            }
            Self::Ambiguous(name, packages) => write!(
                f,
                "the packages {} have a binary target `{name}` each; say which, in the table: \
                 `package = \"…\"`",
                list(packages)
            ),
            Self::WhichBinary(names) if names.is_empty() => {
                f.write_str("there is no binary target that `cargo run` would run")
            }
            Self::WhichBinary(names) => {
                write!(f, "`cargo run` does not say which binary of {} it runs", list(names))
            }
            Self::SameFile(binary, other) => write!(
                f,
                "cargo would write its binary `{binary}` and that of another package, which is \
                 built for `{other}`, to one file"
            ),
            Self::Example => f.write_str("an example is no part of what is deployed"),
            Self::Cargo(what) => write!(f, "`cargo {}` runs no process type", what.escape_debug()),
            Self::Starter(program) => write!(
                f,
                "what `{}` starts is not understood; write that (`dev` watches by itself)",
                program.escape_debug()
            ),
            Self::Socket => f.write_str(
                "it hands over a socket: write what it starts, and add `socket = true` to the table",
            ),
        }
    }
}

fn shell(f: &mut fmt::Formatter<'_>, what: &str) -> fmt::Result {
    write!(
        f,
        "`{}` needs a shell, and none is involved; put it into a program of its own",
        what.escape_debug()
    )
}

fn shown(path: &std::path::Path) -> String {
    path.to_string_lossy().escape_debug().to_string()
}

fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
