//! The few steps between our `fork` and the program of a run.
//!
//! They must happen in the new process and before its `exec`; doing them between `fork`
//! and `exec` of our own process would be `unsafe`. So the tool starts itself, and this is
//! what it does then: a session of its own, its terminal if it has one, the limits the user had,
//! the program's name.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};
use rustix::process::{Resource, Rlimit, getrlimit, ioctl_tiocsctty, setrlimit, setsid};
use rustix::stdio::{stdin, stdout};
use rustix::termios::isatty;

use crate::formation::ExitCode;

/// The first argument that makes the tool a shim.
pub const ARGUMENT: &str = "__exec";

/// As [`ARGUMENT`], of a shim whose standard input is a socket that the program is handed.
pub const ARGUMENT_WITH_SOCKET: &str = "__exec-with-socket";

/// The descriptor at which a program finds a socket that it was handed; see `sd_listen_fds(3)`.
const HANDED: i32 = 3;

/// What follows the limit of a program that anybody may look at.
const TRACED: &str = " traced";

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
    /// Who may look at it with a debugger.
    pub traced: Traced,
}

/// Who may look at a process with a debugger, where the kernel asks (the Linux security module
/// Yama does).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Traced {
    /// Its ancestors.
    #[default]
    ByAncestors,
    /// Whoever may signal it, too.
    ByAnybody,
}

/// A command that becomes `program` in a session of its own.
///
/// Environment, working directory and streams are the caller's to set.
#[must_use]
pub fn command(program: Program<'_>, limit: Limit) -> Command {
    shim(ARGUMENT, program, limit)
}

/// A command that becomes `program` in a session of its own, and hands it its own standard
/// input, a socket that listens. The program's standard input is its terminal, or else empty.
#[must_use]
pub fn command_with_socket(program: Program<'_>, limit: Limit) -> Command {
    shim(ARGUMENT_WITH_SOCKET, program, limit)
}

fn shim(argument: &str, program: Program<'_>, limit: Limit) -> Command {
    let mut command = Command::new(own_executable());
    let traced = match program.traced {
        Traced::ByAncestors => "",
        Traced::ByAnybody => TRACED,
    };
    command.arg0(NAME).arg(argument).arg(format!("{limit}{traced}"));
    command.arg(program.name).arg(program.file).args(program.args);
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
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    become_program(arguments, |_| Ok(()))
}

/// Be the shim that hands over a socket: does not return unless the program cannot be executed.
#[must_use]
pub fn run_with_socket(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let mut handed = None;
    become_program(arguments, |command| {
        let socket = handed.insert(fcntl_dupfd_cloexec(stdin(), HANDED)?);
        if socket.as_raw_fd() != HANDED {
            let text = format!(
                "descriptor {HANDED} is taken, where it would look for its socket: whoever started \
                 the tool has left a file open there"
            );
            return Err(io::Error::other(text));
        }
        fcntl_setfd(&*socket, FdFlags::empty())?;
        let id = std::process::id().to_string();
        let input = if isatty(stdout()) { terminal()? } else { Stdio::null() };
        command.stdin(input).env("LISTEN_FDS", "1").env("LISTEN_PID", id);
        Ok(())
    })
}

/// From now on, and after the `exec`, anybody may attach; see `ptrace_scope` in the kernel's page on
/// Yama.
#[cfg(target_os = "linux")]
fn be_traced() {
    // Where there is no Yama nobody asks.
    let _ = rustix::process::set_ptracer(rustix::process::PTracer::Any);
}

/// Nobody asks here.
#[cfg(not(target_os = "linux"))]
fn be_traced() {}

/// The terminal of the run, as an input.
fn terminal() -> io::Result<Stdio> {
    Ok(fcntl_dupfd_cloexec(stdout(), 0)?.into())
}

fn become_program(
    mut arguments: impl Iterator<Item = OsString>,
    prepare: impl FnOnce(&mut Command) -> io::Result<()>,
) -> ExitCode {
    let (Some(limit), Some(name), Some(file)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return ExitCode::USAGE;
    };
    // We are no group leader yet, so this cannot fail.
    let _ = setsid();
    // Whoever has a terminal here has one of its own: that of the tool is nobody's output.
    if isatty(stdout()) {
        // Without it everything works but job control and Ctrl-C.
        let _ = ioctl_tiocsctty(stdout());
    }
    let limit = limit.to_string_lossy();
    let number = limit.strip_suffix(TRACED);
    if number.is_some() {
        be_traced();
    }
    Limit(number.unwrap_or(&limit).parse().ok()).restore();
    let mut command = Command::new(&file);
    command.arg0(&name).args(arguments);
    let error = prepare(&mut command).err().unwrap_or_else(|| command.exec());
    let _ = writeln!(io::stderr(), "cannot run `{}`: {error}", file.to_string_lossy());
    if error.kind() == io::ErrorKind::NotFound { ExitCode::NOT_FOUND } else { ExitCode::CANNOT_RUN }
}
