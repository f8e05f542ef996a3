//! How a process ended, and how the tool ends.

use std::fmt;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exit {
    /// It exited with this code.
    Code(i32),
    /// A signal of this number ended it.
    Signal(i32),
    /// It is gone, and nobody learned how.
    Unknown,
}

impl Exit {
    /// Whether it ended well: an exit with 0.
    #[must_use]
    pub fn success(self) -> bool {
        self == Self::Code(0)
    }

    /// The exit code a shell would report: 128 + n for a signal.
    #[must_use]
    pub fn code(self) -> ExitCode {
        match self {
            Self::Code(code) => ExitCode(u8::try_from(code & 0xff).unwrap_or(u8::MAX)),
            Self::Signal(number) => {
                ExitCode(u8::try_from(128 + (number & 0x7f)).unwrap_or(u8::MAX))
            }
            Self::Unknown => ExitCode::PROBLEM,
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(number) => match signal_name(*number) {
                Some(name) => f.write_str(name),
                None => write!(f, "signal {number}"),
            },
            Self::Unknown => f.write_str("an unknown exit status"),
        }
    }
}

/// The names of the signals whose numbers are the same on every Unix, by POSIX.
fn signal_name(number: i32) -> Option<&'static str> {
    Some(match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        _ => return None,
    })
}

/// The exit code of the tool itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExitCode(pub u8);

impl ExitCode {
    /// All went well.
    pub const SUCCESS: Self = Self(0);
    /// Something is wrong that has no code of its own; the message says what.
    pub const PROBLEM: Self = Self(1);
    /// The command line is wrong. The same as clap's.
    pub const USAGE: Self = Self(2);
    /// The table, or an environment file, has an error.
    pub const TABLE: Self = Self(3);
    /// `--check` found a file that is not what would be emitted.
    pub const STALE: Self = Self(4);
    /// A port that was chosen is taken, or no block of ports is free.
    pub const PORT: Self = Self(5);
    /// A formation runs in this workspace already.
    pub const RUNNING: Self = Self(6);
    /// A backing service did not come up.
    pub const SERVICE: Self = Self(7);
    /// No formation runs in this workspace.
    pub const NOT_RUNNING: Self = Self(8);
    /// The build failed. The same as cargo's.
    pub const BUILD: Self = Self(101);
    /// What was waited for was not so in time. The same as that of `timeout`.
    pub const LATE: Self = Self(124);
    /// A program to run was found and could not be run. The same as a shell's.
    pub const CANNOT_RUN: Self = Self(126);
    /// A program to run was not found. The same as a shell's.
    pub const NOT_FOUND: Self = Self(127);
    /// Stopped by `SIGHUP`.
    pub const HANGUP: Self = Self(129);
    /// Stopped by `SIGINT`.
    pub const INTERRUPT: Self = Self(130);
    /// Whoever read the output went away. The same as a death by `SIGPIPE`.
    pub const OUTPUT_CLOSED: Self = Self(141);
    /// Stopped by `SIGTERM`.
    pub const TERMINATE: Self = Self(143);
}

#[cfg(test)]
mod tests {
    use super::{Exit, ExitCode};

    #[test]
    fn the_code_is_the_one_a_shell_reports() {
        assert_eq!(Exit::Code(0).code(), ExitCode(0));
        assert_eq!(Exit::Code(132).code(), ExitCode(132));
        assert_eq!(Exit::Code(256 + 3).code(), ExitCode(3));
        assert_eq!(Exit::Signal(9).code(), ExitCode(137));
        assert_eq!(Exit::Signal(15).code(), ExitCode::TERMINATE);
    }

    #[test]
    fn signals_have_names_where_their_number_is_portable() {
        assert_eq!(Exit::Signal(9).to_string(), "SIGKILL");
        assert_eq!(Exit::Signal(40).to_string(), "signal 40");
        assert_eq!(Exit::Code(3).to_string(), "exit code 3");
    }
}
