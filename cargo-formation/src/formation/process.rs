//! A process type: a kind of work, the binary that does it, and how it wants to be treated.

use std::path::PathBuf;
use std::time::Duration;

use super::name::ProcessName;
use super::template::Template;

/// A kind of work and the command that does it.
///
/// Defaults that follow from other keys are already applied: the type called
/// `web` has a port, a singleton does not overlap, and so on.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent yes or no of the table; together they are no state machine"
)]
#[derive(Clone, Debug, PartialEq)]
pub struct ProcessType {
    /// Its name: the key in the table.
    pub name: ProcessName,
    /// Who wants it.
    pub origin: Origin,
    /// The binary target it runs.
    pub binary: Binary,
    /// The arguments of the binary, without its name.
    pub args: Vec<Template>,
    /// Variables that only this type gets, in declaration order.
    pub env: Vec<(String, Template)>,
    /// The working directory, relative to the workspace root; the root itself if absent.
    pub dir: Option<PathBuf>,
    /// How many instances run in production.
    pub quantity: u16,
    /// Where it is reached.
    pub port: Port,
    /// Further named ports, in declaration order.
    pub extra_ports: Vec<ExtraPort>,
    /// How to ask over HTTP whether it is well.
    pub health: Option<Health>,
    /// How development knows that a run is up.
    pub ready: Ready,
    /// Whether development routes the port; `false` means the instance binds the public port itself.
    pub route: bool,
    /// Whether a new run may start beside the old one.
    pub overlap: bool,
    /// How long a run that gets nothing new may finish what it has, before it is asked to stop.
    pub drain: Duration,
    /// Whether the listening socket is handed to the process.
    pub socket: bool,
    /// How it is asked to stop, and how long it may take.
    pub stop: Stop,
    /// What happens when it exits.
    pub restart: Restart,
    /// Whether there is never more than one.
    pub singleton: bool,
    /// When it runs: a cron expression of five fields, in UTC.
    pub schedule: Option<String>,
    /// Files whose change restarts it: globs relative to the workspace root.
    pub watch: Vec<String>,
    /// Files the build reads and cargo cannot see: globs relative to the workspace root.
    pub inputs: Vec<String>,
    /// Whether `release` runs again when its binary has changed.
    pub rerun: bool,
    /// Whether it gets the variables that `cargo run` would give it.
    pub cargo_env: bool,
    /// Whether it gets a pseudo-terminal.
    pub pty: bool,
    /// What it needs from a platform.
    pub resources: Resources,
}

impl ProcessType {
    /// Where its port is served in development.
    #[must_use]
    pub fn reach(&self) -> Reach {
        match (self.port.exists(), self.socket, self.route) {
            (false, ..) => Reach::Nowhere,
            (true, true, _) => Reach::Socket,
            (true, false, true) => Reach::Routed,
            (true, false, false) => Reach::Itself,
        }
    }

    /// A type that runs `binary` without arguments and has every default.
    #[must_use]
    pub fn of_binary(name: ProcessName, binary: Binary) -> Self {
        Self {
            name,
            origin: Origin::Table,
            binary,
            args: Vec::new(),
            env: Vec::new(),
            dir: None,
            quantity: 1,
            port: Port::None,
            extra_ports: Vec::new(),
            health: None,
            ready: Ready::Started,
            route: true,
            overlap: false,
            drain: DEFAULT_DRAIN,
            socket: false,
            stop: Stop { signal: StopSignal::Term, timeout: None },
            restart: Restart::OnFailure,
            singleton: false,
            schedule: None,
            watch: Vec::new(),
            inputs: Vec::new(),
            rerun: false,
            cargo_env: false,
            pty: false,
            resources: Resources::default(),
        }
    }
}

/// Where a process type comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is declared.
    Table,
    /// Somebody runs a binary that no type is declared for. It has no place in the declaration
    /// order, and moves nobody's ports.
    CommandLine,
}

/// How long a run that gets nothing new may finish what it has, unless the table says otherwise.
const DEFAULT_DRAIN: Duration = Duration::from_secs(5);

/// A binary target of a member package.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Binary {
    /// The name of the package that has it.
    pub package: String,
    /// The name of the target.
    pub name: String,
    /// The features of the package it does not compile without.
    pub required_features: Vec<String>,
}

/// Where a process type is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// Nowhere.
    None,
    /// At a port the formation chooses.
    Assigned,
    /// At exactly this port.
    Exact(u16),
}

impl Port {
    /// Whether there is one.
    #[must_use]
    pub fn exists(self) -> bool {
        self != Self::None
    }
}

/// Who listens at the port of a process type in development.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It has no port.
    Nowhere,
    /// Its instance.
    Itself,
    /// The tool, which passes connections on to where the runs listen.
    Routed,
    /// The tool, which hands the socket to the runs.
    Socket,
}

/// A further named port: `{ admin = true }` gives `PORT_ADMIN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraPort {
    /// Its name, valid like the name of a process type.
    pub name: ProcessName,
    /// `Assigned` or `Exact`.
    pub port: Port,
}

/// How to ask over HTTP whether an instance is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The path, starting with `/`.
    pub path: String,
    /// How long it may take until the first good answer.
    pub startup: Duration,
    /// How long to wait between two questions.
    pub interval: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
}

/// How development knows that a run is up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ready {
    /// This path, which starts with `/`, answers with success.
    Http(String),
    /// Its port accepts a connection.
    Tcp,
    /// A line of its output contains this text.
    Log(String),
    /// It says `READY=1` at the socket in `NOTIFY_SOCKET`; see `sd_notify(3)`.
    Notify,
    /// It has been started.
    Started,
}

/// How a process is asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The signal that asks.
    pub signal: StopSignal,
    /// How long it may take; by default 10 s in development and 30 s in what is emitted.
    pub timeout: Option<Duration>,
}

/// A signal that asks a process to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopSignal {
    /// `SIGTERM`, what platforms send.
    Term,
    /// `SIGINT`.
    Int,
    /// `SIGQUIT`.
    Quit,
    /// `SIGHUP`.
    Hup,
    /// `SIGUSR1`.
    Usr1,
    /// `SIGUSR2`.
    Usr2,
}

impl StopSignal {
    /// Every signal that can be asked for, with its name in the table.
    pub const ALL: [(&'static str, Self); 6] = [
        ("TERM", Self::Term),
        ("INT", Self::Int),
        ("QUIT", Self::Quit),
        ("HUP", Self::Hup),
        ("USR1", Self::Usr1),
        ("USR2", Self::Usr2),
    ];

    /// The signal's full name, as `SIGTERM`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Term => "SIGTERM",
            Self::Int => "SIGINT",
            Self::Quit => "SIGQUIT",
            Self::Hup => "SIGHUP",
            Self::Usr1 => "SIGUSR1",
            Self::Usr2 => "SIGUSR2",
        }
    }
}

/// What happens when a process exits without having been asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// It is started again, whatever its exit status.
    Always,
    /// It is started again unless it exited with 0.
    OnFailure,
    /// It stays ended.
    Never,
}

/// What one instance needs from a platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// Memory, in bytes.
    pub memory: Option<u64>,
    /// Processor time, in thousandths of a core.
    pub cpu: Option<u32>,
}
