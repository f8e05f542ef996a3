//! A service of an existing compose file, as an ordinary process in the foreground.
//!
//! The tool starts itself as this, in a session like any run. It has the engine start the
//! service and says that it is up; then it shows its log until the container ends, or until
//! it is asked to stop.
//!
//! The engine's commands belong to the run, what they start does not: the container is the
//! engine's. If this is killed, the container goes on.

mod containers;
mod engine;
mod life;
mod work;

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tokio::task::LocalSet;

use super::shim::{self, Limit, NAME, Program, Traced, own_executable};
use crate::formation::ExitCode;

/// The first argument that makes the tool run a service of a compose file.
pub const ARGUMENT: &str = "__compose";

/// What happens to the container when the formation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is stopped, if it did not run before.
    Stop,
    /// It goes on.
    Keep,
}

impl End {
    const WORDS: [(&'static str, Self); 2] = [("stop", Self::Stop), ("keep", Self::Keep)];

    fn word(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Keep => "keep",
        }
    }
}

/// What is to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service<'a> {
    /// What the compose file calls it.
    pub name: &'a str,
    /// Whether it stays when the formation ends.
    pub end: End,
    /// How long the container may take to stop before the engine kills it. Who asks this
    /// process to stop has to give it a few seconds more: the engine wants some for itself.
    pub grace: Duration,
    /// A file to lock while containers are made: see `docs/design/readiness.md`.
    pub lock: &'a Path,
}

impl<'a> Service<'a> {
    fn arguments(&self) -> [OsString; 5] {
        // Zero would kill it at once.
        let grace = self.grace.as_secs_f64().ceil().max(1.0).to_string();
        let [argument, name, end, grace] =
            [ARGUMENT, self.name, self.end.word(), &grace].map(OsString::from);
        [argument, name, end, grace, self.lock.into()]
    }

    fn from_arguments(arguments: &'a [OsString]) -> Option<Self> {
        let [name, end, grace, lock] = arguments else { return None };
        let (_, end) = End::WORDS.into_iter().find(|(word, _)| end == word)?;
        let grace = Duration::from_secs(grace.to_str()?.parse().ok()?);
        Some(Self { name: name.to_str()?, end, grace, lock: Path::new(lock) })
    }
}

/// A command that is this service, in a session of its own.
///
/// It says `READY=1` at the socket in its environment when the service is up, and ends with 0
/// when it was asked to stop, with something else when the container ended by itself.
#[must_use]
pub fn command(service: Service<'_>, limit: Limit) -> Command {
    let executable = own_executable();
    let file = Path::new(&executable);
    let (name, args) = (OsStr::new(NAME), &service.arguments()[..]);
    shim::command(Program { file, name, args, traced: Traced::default() }, limit)
}

/// Be the service: returns when it has ended.
#[must_use]
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.collect();
    let Some(service) = Service::from_arguments(&arguments) else { return ExitCode::USAGE };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("cannot run `{}`: {error}", service.name));
            return ExitCode::PROBLEM;
        }
    };
    LocalSet::new().block_on(&runtime, life::live(service))
}

/// A line of our own among those of the service.
fn say(line: &str) {
    // Nobody reads it when the tool is dead.
    let _ = writeln!(io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::{End, Service};

    #[test]
    fn what_is_to_be_run_survives_the_command_line() {
        for (end, grace, seconds) in
            [(End::Stop, 10_000, 10), (End::Keep, 1_200, 2), (End::Stop, 0, 1)]
        {
            let service = Service {
                name: "data base",
                end,
                grace: Duration::from_millis(grace),
                lock: Path::new("/run/x"),
            };
            let arguments = service.arguments();
            let read = Service::from_arguments(&arguments[1..]);
            assert_eq!(read, Some(Service { grace: Duration::from_secs(seconds), ..service }));
        }
        assert_eq!(Service::from_arguments(&["db".into()]), None);
    }
}
