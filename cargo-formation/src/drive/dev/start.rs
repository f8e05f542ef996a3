//! What is needed to start a run, whatever it is a run of.

use std::cell::Cell;
use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::formation::{Health, ProcessType, Reach, Ready, RunName, StopSignal};
use crate::plan::{PlannedInstance, PlannedService, Readiness, ServiceStart};
use crate::world::build::Built;
use crate::world::compose;
use crate::world::installed::is_installed;
use crate::world::ready::Sign;
use crate::world::ready::health::Question;
use crate::world::shim::{self, Limit, Program, Traced};
use crate::world::silence::{Silence, silent};

/// How long a container may take to stop, unless the table says otherwise: what engines give it.
const CONTAINER_GRACE: Duration = Duration::from_secs(10);

/// Everything that is needed to start a run.
pub(super) struct Start {
    pub(super) name: RunName,
    /// Gives the colour.
    pub(super) position: usize,
    pub(super) dir: PathBuf,
    pub(super) env: Vec<(OsString, OsString)>,
    pub(super) signal: StopSignal,
    /// What shows that it is up; nothing where its start is enough.
    pub(super) sign: Option<Sign>,
    /// What it is asked for as long as it is up.
    pub(super) health: Option<Question>,
    /// Where it is to listen, if it has a port to answer at: there first.
    pub(super) ports: Vec<u16>,
    /// Who may look at it with a debugger.
    pub(super) traced: Traced,
    /// Whether it has a pseudo-terminal.
    pub(super) pty: bool,
    what: What,
    input: Input,
}

/// What is executed.
enum What {
    Program { file: PathBuf, name: OsString, args: Vec<OsString> },
    Compose { service: String, end: compose::End, grace: Duration },
}

/// Where an instance is to answer.
pub(super) enum At {
    /// At a port that only the tool knows of: it is routed.
    Private(u16),
    /// At its own port, if it has one.
    Its,
    /// At a socket that it is handed.
    Socket(Stdio),
}

/// What it reads.
enum Input {
    /// Nothing: the end is there at once.
    Nothing,
    /// Silence, for those who take the end for a request to end.
    Silence,
    /// Nothing; and this socket is handed over.
    Socket(Cell<Option<Stdio>>),
}

impl Start {
    /// What an instance or `release` is started with. One whose requests are routed has a
    /// port that only the tool knows of.
    ///
    /// # Errors
    /// When its build or its working directory is not there any more.
    pub(super) fn instance(
        planned: &PlannedInstance,
        process: Option<&ProcessType>,
        kept: Option<&Built>,
        at: At,
    ) -> io::Result<Self> {
        let built = kept.ok_or_else(|| gone("the build of", Path::new(&planned.binary.name)))?;
        if !built.executable.exists() {
            return Err(gone("its build", &built.executable));
        }
        is_there(&planned.dir)?;
        let (env, args) = match &at {
            At::Private(port) => planned.at(*port, &built.made),
            At::Its | At::Socket(_) => (planned.env_after(&built.made), planned.args.clone()),
        };
        let ports = listens_at(planned, &at);
        let port = match &at {
            At::Private(port) => Some(*port),
            At::Its | At::Socket(_) => planned.ports.first().copied(),
        };
        Ok(Self {
            name: planned.name.clone().into(),
            position: planned.position,
            dir: planned.dir.clone(),
            env,
            signal: process.map_or(StopSignal::Term, |process| process.stop.signal),
            sign: process.and_then(|process| instance_sign(&process.ready, &at, port)),
            health: planned.health.as_ref().zip(port).map(|(health, port)| question(health, port)),
            ports,
            traced: Traced::default(),
            what: What::Program {
                file: built.executable.clone(),
                name: built.path.clone().into(),
                args: args.iter().map(OsString::from).collect(),
            },
            pty: planned.pty,
            input: match at {
                At::Socket(socket) => Input::Socket(Cell::new(Some(socket))),
                At::Private(_) | At::Its => Input::Nothing,
            },
        })
    }

    /// What a backing service is started with.
    ///
    /// # Errors
    /// When its working directory or its program is not there.
    pub(super) fn service(planned: &PlannedService) -> io::Result<Self> {
        is_there(&planned.dir)?;
        let what = match &planned.start {
            ServiceStart::Command { program, args } => {
                installed(program, planned)?;
                What::Program {
                    file: program.clone(),
                    name: program.clone().into(),
                    args: args.iter().map(OsString::from).collect(),
                }
            }
            ServiceStart::Compose { service, keep } => What::Compose {
                service: service.clone(),
                end: if *keep { compose::End::Keep } else { compose::End::Stop },
                grace: planned.stop.timeout.unwrap_or(CONTAINER_GRACE),
            },
        };
        Ok(Self {
            name: RunName::Service(planned.name.clone()),
            position: planned.position,
            dir: planned.dir.clone(),
            env: planned.env.clone(),
            signal: planned.stop.signal,
            sign: sign(&planned.ready, &what),
            health: None,
            ports: Vec::new(),
            traced: Traced::default(),
            pty: planned.pty,
            what,
            input: Input::Silence,
        })
    }

    /// The command with these descriptors as its output and, where that is a terminal, as its
    /// input; and what its input needs for as long as it lives.
    ///
    /// # Errors
    /// When there is no pipe to be had.
    pub(super) fn command(
        &self,
        output: OwnedFd,
        limit: Limit,
        place: &Path,
    ) -> io::Result<(Command, Option<Silence>)> {
        let mut command = match &self.what {
            What::Program { file, name, args } => {
                let program = Program { file, name, args, traced: self.traced };
                match self.input {
                    Input::Socket(_) => shim::command_with_socket(program, limit),
                    Input::Nothing | Input::Silence => shim::command(program, limit),
                }
            }
            What::Compose { service, end, grace } => {
                let lock = &place.join("compose");
                let service = compose::Service { name: service, end: *end, grace: *grace, lock };
                compose::command(service, limit)
            }
        };
        command.current_dir(&self.dir).env_clear().envs(self.env.iter().map(|(n, v)| (n, v)));
        let silence = match &self.input {
            Input::Socket(socket) => {
                command.stdin(socket.take().unwrap_or_else(Stdio::null));
                None
            }
            // On which nothing comes, unless somebody types it.
            Input::Nothing | Input::Silence if self.pty => {
                command.stdin(output.try_clone()?);
                None
            }
            Input::Nothing => {
                command.stdin(Stdio::null());
                None
            }
            Input::Silence => {
                let (stdin, silence) = silent()?;
                command.stdin(stdin);
                Some(silence)
            }
        };
        command.stderr(output.try_clone()?).stdout(output);
        Ok((command, silence))
    }
}

/// What shows that a service is up. What an engine runs is up when the engine says so, which
/// knows the checks of the compose file; a port of its is open before anybody listens behind it.
fn sign(ready: &Readiness, what: &What) -> Option<Sign> {
    match (what, ready) {
        (_, Readiness::Log(text)) => Some(Sign::Log(text.clone())),
        (What::Compose { .. }, _) | (_, Readiness::Notify) => Some(Sign::Notify),
        (What::Program { .. }, Readiness::Started) => None,
        (What::Program { .. }, Readiness::Tcp(port)) => Some(Sign::Tcp(*port)),
        (What::Program { .. }, Readiness::Http { port, path }) => {
            Some(Sign::Http { port: *port, path: path.clone() })
        }
    }
}

/// What shows that an instance is up. One without a port cannot be asked at it. At a port that
/// only it was told of nobody else is to be expected.
fn instance_sign(ready: &Ready, at: &At, port: Option<u16>) -> Option<Sign> {
    match ready {
        Ready::Tcp if matches!(at, At::Private(_)) => port.map(Sign::Reachable),
        Ready::Http(path) if matches!(at, At::Private(_)) => {
            port.map(|port| Sign::Answers { port, path: path.clone() })
        }
        Ready::Started => None,
        Ready::Log(text) => Some(Sign::Log(text.clone())),
        Ready::Notify => Some(Sign::Notify),
        Ready::Tcp => port.map(Sign::Tcp),
        Ready::Http(path) => port.map(|port| Sign::Http { port, path: path.clone() }),
    }
}

fn question(health: &Health, port: u16) -> Question {
    let Health { path, interval, timeout, .. } = health.clone();
    Question { port, path, interval, timeout }
}

/// Where an instance is to listen, the port it answers at first; nothing if it has none.
fn listens_at(planned: &PlannedInstance, at: &At) -> Vec<u16> {
    match (planned.reach, at) {
        (Reach::Nowhere, _) | (_, At::Socket(_)) => Vec::new(),
        // The public port is the router's.
        (_, At::Private(private)) => {
            [*private].into_iter().chain(planned.ports.iter().skip(1).copied()).collect()
        }
        (_, At::Its) => planned.ports.clone(),
    }
}

fn is_there(dir: &Path) -> io::Result<()> {
    if dir.is_dir() { Ok(()) } else { Err(gone("its working directory", dir)) }
}

/// That the program of a service is there. A developer may not have installed it.
fn installed(program: &Path, planned: &PlannedService) -> io::Result<()> {
    let path = planned.env.iter().find(|(name, _)| name == "PATH").map(|(_, path)| &**path);
    if is_installed(program, path, &planned.dir) {
        return Ok(());
    }
    let text = if program.is_absolute() {
        format!("there is no program `{}`", program.display())
    } else {
        format!("there is no program `{}` in its `PATH`; is it installed?", program.display())
    };
    Err(io::Error::new(io::ErrorKind::NotFound, text))
}

fn gone(what: &str, path: &Path) -> io::Error {
    let text = format!("{what} `{}` is gone; stop `dev` and start it again", path.display());
    io::Error::other(text)
}
