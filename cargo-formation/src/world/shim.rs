//! The few steps between our `fork` and the program of a run.
//!
//! They must happen in the new process and before its `exec`; doing them between `fork`
//! and `exec` of our own process would be `unsafe`. So the tool starts itself, and this is
//! what it does then: a session of its own, the limits the user had, the program's name.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit, setsid};

use crate::formation::ExitCode;

/// The first argument that makes the tool a shim.
pub const ARGUMENT: &str = "__exec";

/// What the tool's own helpers are called in a list of processes.
pub(super) const NAME: &str = "cargo-formation";

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// The file to execute.
    pub file: &'a Path,
    /// What it is told that it is called.
    pub name: &'a OsStr,
    /// The rest of its arguments.
    pub args: &'a [OsString],
}

/// A command that becomes `program` in a session of its own.
///
/// Environment, working directory and streams are the caller's to set.
#[must_use]
pub fn command(program: Program<'_>, limit: Limit) -> Command {
    let mut command = Command::new(own_executable());
    command.arg0(NAME).arg(ARGUMENT).arg(limit.to_string()).arg(program.name).arg(program.file);
    command.args(program.args);
    command
}

/// The file this tool runs from. On Linux by a name that stays right when the file is
/// replaced or deleted, as happens when the tool itself is rebuilt.
pub(super) fn own_executable() -> OsString {
    if cfg!(target_os = "linux") {
        return OsString::from("/proc/self/exe");
    }
    std::env::current_exe().map_or_else(|_| OsString::from("cargo-formation"), OsString::from)
}

/// The soft limit of open files, as the user had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(Option<u64>);

impl Limit {
    /// What it is.
    #[must_use]
    pub fn current() -> Self {
        Self(getrlimit(Resource::Nofile).current)
    }

    /// Raise our own as far as it goes, and remember what it was.
    #[must_use]
    pub fn raise() -> Self {
        let found = getrlimit(Resource::Nofile);
        let raised = Rlimit { current: found.maximum, maximum: found.maximum };
        // If it stays as it is, fewer instances fit; the message then says so.
        let _ = setrlimit(Resource::Nofile, raised);
        Self(found.current)
    }

    fn restore(self) {
        let maximum = getrlimit(Resource::Nofile).maximum;
        let _ = setrlimit(Resource::Nofile, Rlimit { current: self.0, maximum });
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(limit) => write!(f, "{limit}"),
            None => f.write_str("unlimited"),
        }
    }
}

/// Be the shim: does not return unless the program cannot be executed.
///
/// What went wrong is written to standard error, which is the output of the run.
#[must_use]
pub fn run(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let (Some(limit), Some(name), Some(file)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return ExitCode::USAGE;
    };
    // We are no group leader yet, so this cannot fail.
    let _ = setsid();
    Limit(limit.to_str().and_then(|limit| limit.parse().ok())).restore();
    let error = Command::new(&file).arg0(&name).args(arguments).exec();
    let _ = writeln!(io::stderr(), "cannot run `{}`: {error}", file.to_string_lossy());
    if error.kind() == io::ErrorKind::NotFound { ExitCode::NOT_FOUND } else { ExitCode::CANNOT_RUN }
}
