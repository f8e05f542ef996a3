//! What a platform cannot run, what it runs otherwise, and what its files do not say.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::platform::Platform;
use crate::formation::{ProcessName, StopSignal};

/// The platform could not run the formation as the table means it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no process type to export.
    Empty {
        /// The platform.
        platform: Platform,
    },
    /// The app has no name.
    NoApp {
        /// The platform.
        platform: Platform,
    },
    /// The app's name is none that the platform takes.
    App {
        /// The platform.
        platform: Platform,
        /// The name, escaped.
        app: String,
    },
    /// The name of a type makes none that the platform takes.
    Name {
        /// The type.
        process: ProcessName,
        /// The platform.
        platform: Platform,
        /// The name it would have there.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// Two instances would listen at one port, or one at none that exists.
    Port {
        /// The type.
        process: ProcessName,
        /// The platform.
        platform: Platform,
        /// The port.
        port: u32,
        /// Who has it already.
        other: Option<ProcessName>,
    },
    /// The platform has no word for a schedule.
    Schedule {
        /// The type.
        process: ProcessName,
        /// The platform.
        platform: Platform,
        /// When it runs.
        schedule: String,
        /// What of it has no word.
        why: String,
    },
    /// The platform expands no variables in the value of another.
    Variable {
        /// The type.
        process: ProcessName,
        /// The platform.
        platform: Platform,
        /// Whose value it is.
        name: String,
        /// The variable in it.
        variable: String,
    },
    /// Two types have one variable with two values, where there is one environment for all.
    Environment {
        /// The platform.
        platform: Platform,
        /// The variable.
        variable: String,
        /// A type that has it.
        one: ProcessName,
        /// A type that has another value.
        other: ProcessName,
    },
    /// The platform has no way to say a text of a process type.
    Text {
        /// The type.
        process: ProcessName,
        /// The platform.
        platform: Platform,
        /// The text, escaped.
        text: String,
        /// Why.
        why: &'static str,
    },
    /// What only this platform knows is not as it should be.
    Setting {
        /// The platform.
        platform: Platform,
        /// The key below `platform.<name>`.
        key: String,
        /// What is wrong with it, and what would be right.
        why: String,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { platform } => {
                write!(f, "there is no process type to put in {platform}")
            }
            Self::NoApp { platform } => write!(
                f,
                "{platform} needs a name for the app, and the workspace has no root package \
                 to take it from; say `app = \"…\"` in `[workspace.metadata.formation]`"
            ),
            Self::App { platform, app } => write!(
                f,
                "`{app}` is no name of an app for {platform}: it starts with a lower-case letter, \
                 and has lower-case letters, digits, `-` and `_`, at most 31; say another \
                 as `app` in the settings"
            ),
            Self::Name { process, platform, name, why } => write!(
                f,
                "`{process}` would be called `{name}`, which {platform} refuses: {why}; \
                 give it another name, or the app another `app`"
            ),
            Self::Port { process, platform, port, other } => {
                write_port(f, process, *platform, *port, other.as_ref())
            }
            Self::Schedule { process, platform, schedule, why } => write!(
                f,
                "`{process}` runs at `{schedule}`, which {platform} has no words for: {why}"
            ),
            Self::Variable { process, platform, name, variable } => write!(
                f,
                "`{name}` of `{process}` uses `${variable}`, and {platform} expands nothing in it; \
                 let the program do it, or say `{name}` on the machine and not in the table"
            ),
            Self::Environment { platform, variable, one, other } => write!(
                f,
                "`{variable}` is not the same for `{one}` and `{other}`, and {platform} has one \
                 environment for all types; give one of the two another name, or both one value"
            ),
            Self::Text { process, platform, text, why } => {
                write!(f, "`{process}` has `{text}`, which {platform} cannot say: {why}")
            }
            Self::Setting { platform, key, why } => {
                write!(f, "`platform.{}.{key}`: {why}", platform.word())
            }
        }
    }
}

fn write_port(
    f: &mut fmt::Formatter<'_>,
    process: &ProcessName,
    platform: Platform,
    port: u32,
    other: Option<&ProcessName>,
) -> fmt::Result {
    write!(f, "on {platform} every instance has a port of its own, and an instance of ")?;
    match other {
        Some(other) => write!(f, "`{process}` would have {port}, which is that of `{other}`")?,
        None => write!(f, "`{process}` would have {port}, which is none")?,
    }
    f.write_str("; say another number, or another `base-port`")
}

/// The platform runs it, but not quite as the table means it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The image has no command of its own.
    NoCommand {
        /// The type that would be it.
        process: ProcessName,
        /// The variable of its arguments that nobody would expand.
        variable: String,
    },
    /// A variable exists in development only.
    OwnVariable {
        /// The type.
        process: ProcessName,
        /// The variable.
        variable: String,
    },
    /// A backing service is not in the file.
    NoImage {
        /// The service.
        service: ProcessName,
    },
    /// The listening socket is not handed over.
    NoSocket {
        /// The type.
        process: ProcessName,
        /// The platform.
        platform: Platform,
    },
    /// The working directory is not in the image.
    Dir {
        /// The type.
        process: ProcessName,
        /// The directory it has in the table.
        dir: PathBuf,
    },
    /// Other types get the variable as well.
    Everybody {
        /// The type that has it in the table.
        process: ProcessName,
        /// The platform.
        platform: Platform,
        /// The variable.
        variable: String,
    },
    /// It starts in the working directory of all.
    Directory {
        /// The type.
        process: ProcessName,
        /// The platform.
        platform: Platform,
        /// The directory it has in the table.
        dir: PathBuf,
    },
    /// It has another name there.
    Renamed {
        /// The type.
        process: ProcessName,
        /// The platform.
        platform: Platform,
        /// Its name there.
        name: String,
    },
    /// The platform starts it again, whatever the table says.
    Restarted {
        /// The type.
        process: ProcessName,
        /// The platform.
        platform: Platform,
    },
    /// The platform asks it to stop with another signal.
    Signal {
        /// The type.
        process: ProcessName,
        /// The platform.
        platform: Platform,
        /// The signal it gets.
        signal: StopSignal,
    },
    /// The platform gives it less time to stop.
    Grace {
        /// The type.
        process: ProcessName,
        /// The platform.
        platform: Platform,
        /// The time it has.
        limit: Duration,
    },
}

impl Warning {
    /// Whether it says what is to be done besides the export, and nothing of the table.
    #[must_use]
    pub fn is_of_the_export(&self) -> bool {
        matches!(self, Self::NoImage { .. })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCommand { process, variable } => write!(
                f,
                "the image has no `CMD`: `{process}` uses `${variable}` as an argument, which \
                 nobody would expand there; let the program read its environment"
            ),
            Self::OwnVariable { process, variable } => write!(
                f,
                "`{process}` uses `${variable}`, which only `cargo formation` sets; \
                 set it on the platform"
            ),
            Self::NoImage { service } => write!(
                f,
                "the backing service `{service}` is not in it: name its `image` in the table, \
                 or say in the environment where it is"
            ),
            Self::NoSocket { process, platform } => write!(
                f,
                "`{process}` is not handed its socket: {platform} has no word for that, and \
                 it has to listen at `PORT` itself"
            ),
            Self::Dir { process, dir } => write!(
                f,
                "`{process}` starts in `{0}`, and the image has the binaries and no directory `{0}`; \
                 say `include = [\"{0}\"]` in `platform.dockerfile`",
                dir.display()
            ),
            Self::Everybody { process, platform, variable } => write!(
                f,
                "all types get `{variable}` of `{process}`: {platform} has one environment for all"
            ),
            Self::Directory { process, platform, dir } => write!(
                f,
                "`{process}` starts in `/app` and not in `{}`: {platform} cannot say where",
                dir.display()
            ),
            Self::Renamed { process, platform, name } => {
                write!(f, "`{process}` is called `{name}` on {platform}, which has no such name")
            }
            Self::Restarted { process, platform } => {
                write!(
                    f,
                    "`{process}` is started again when it ends: {platform} knows nothing else"
                )
            }
            Self::Signal { process, platform, signal } => write!(
                f,
                "`{process}` is asked to stop with `{}`: {platform} cannot say another signal for it",
                signal.name()
            ),
            Self::Grace { process, platform, limit } => write!(
                f,
                "`{process}` has {} s to stop and no more: {platform} cannot say a longer time",
                limit.as_secs()
            ),
        }
    }
}

/// What the files of a platform do not say, with what says it instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsaid {
    /// What is not said.
    pub what: String,
    /// The command that does it.
    pub command: String,
}

impl fmt::Display for Unsaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}`", self.what, self.command)
    }
}
