//! The engine that reads compose files, and how it is spoken to.

use std::io;
use std::process::{Command, Stdio};

use super::work::{Step, Work};
use crate::formation::Exit;
use crate::world::children::TAG;
use crate::world::ready::NOTIFY_SOCKET;

/// The commands that read compose files, in the order in which they are tried.
const ENGINES: [&[&str]; 4] =
    [&["docker", "compose"], &["docker-compose"], &["podman", "compose"], &["podman-compose"]];

/// An engine that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Engine(&'static [&'static str]);

/// What came of looking for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Engine(Engine),
    /// There is none; this program is there, without the command.
    Nothing(Option<&'static str>),
    /// Somebody asked us to end.
    Asked,
}

impl Engine {
    /// Find one: the first that knows its version.
    pub(super) async fn find(work: &mut Work) -> Found {
        let mut incomplete = None;
        for words in ENGINES {
            let engine = Self(words);
            let mut command = engine.command(&["version"]);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            match work.run(command).await {
                Ok(Step::Ended(Exit::Code(0))) => return Found::Engine(engine),
                Ok(Step::Ended(_)) => incomplete = incomplete.or(words.first().copied()),
                Ok(Step::Asked) => return Found::Asked,
                // It is not there, or cannot be run.
                Err(_) => {}
            }
        }
        Found::Nothing(incomplete)
    }

    /// One of its commands. It writes plain lines; its containers do not belong to the run.
    pub(super) fn command(self, args: &[&str]) -> Command {
        let mut words = self.0.iter().chain(args);
        let mut command = Command::new(words.next().unwrap_or(&"docker"));
        command.args(words).stdin(Stdio::null());
        command.env("COMPOSE_ANSI", "never").env("COMPOSE_PROGRESS", "plain");
        // An engine without a daemon is the parent of its containers. They would be stopped
        // with us by the one, and with the other speak to whom they do not know.
        command.env_remove(TAG).env_remove(NOTIFY_SOCKET);
        command
    }

    /// The command as somebody would type it.
    pub(super) fn spelled(self, args: &[&str]) -> String {
        shell_words::join(self.0.iter().chain(args))
    }
}

/// Why there is none, and what to do.
pub(super) fn missing(service: &str, incomplete: Option<&str>) -> String {
    let what = match incomplete {
        Some(program) => format!("`{program}` is installed, and cannot read compose files"),
        None => "nothing is installed that reads compose files".to_owned(),
    };
    format!(
        "cannot run `{service}`: {what}; install the plugin `docker compose`, or `podman-compose`"
    )
}

/// Say to whoever waits for it that the service is up; see `sd_notify(3)`.
///
/// # Errors
/// When nobody listens at the socket.
#[expect(clippy::disallowed_methods, reason = "a helper of its own, which is told by a variable")]
pub(super) fn say_ready() -> io::Result<()> {
    let Some(path) = std::env::var_os(NOTIFY_SOCKET) else { return Ok(()) };
    let socket = std::os::unix::net::UnixDatagram::unbound()?;
    socket.send_to(b"READY=1\n", path).map(drop)
}
