//! A service of an existing compose file, as an ordinary process in the foreground.
//!
//! The tool starts itself as this, in a session like any run. It has the engine start the
//! service and says that it is up; then it shows its log until the container ends, or until
//! it is asked to stop.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::shim::{self, Limit, NAME, Program, own_executable};
use crate::formation::ExitCode;

/// The first argument that makes the tool run a service of a compose file.
pub const ARGUMENT: &str = "__compose";

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// What the compose file calls it.
    pub name: &'a str,
    /// Whether it stays when the formation ends.
    pub end: End,
    /// How long the container may take to stop before the engine kills it.
    pub grace: Duration,
    /// A file to lock, so that two services of one file are not started at the same moment.
    pub lock: &'a Path,
}

/// What happens to the container when the formation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is stopped, if it did not run before.
    Stop,
    /// It goes on.
    Keep,
}

/// A command that is this service, in a session of its own.
///
/// It says `READY=1` at the socket in its environment when the service is up; it ends with 0
/// when it was asked to.
#[must_use]
pub fn command(service: Service<'_>, limit: Limit) -> Command {
    let Service { name, end, grace, lock } = service;
    let executable = own_executable();
    let end = match end {
        End::Stop => "stop",
        End::Keep => "keep",
    };
    let args = [ARGUMENT, name, end, &grace.as_secs().to_string()].map(OsString::from);
    let args = [&args[..], &[lock.into()]].concat();
    shim::command(
        Program { file: Path::new(&executable), name: OsStr::new(NAME), args: &args },
        limit,
    )
}

/// Be the service: returns when it has ended.
#[must_use]
pub fn run(_arguments: impl Iterator<Item = OsString>) -> ExitCode {
    ExitCode::PROBLEM
}
