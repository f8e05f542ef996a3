//! What a platform runs otherwise than the table means it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::{Remark, Subject};
use crate::emit::platform::Platform;
use crate::formation::{ProcessName, StopSignal};

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
    /// Its name has another meaning there.
    Meaning {
        /// The type.
        process: ProcessName,
        /// The platform.
        platform: Platform,
        /// What it means.
        what: &'static str,
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

impl Remark for Warning {
    fn subject(&self) -> Subject<'_> {
        match self {
            Self::NoCommand { process, .. } => Subject::Process(process, vec!["args"]),
            Self::NoImage { service } => Subject::Settings(vec!["services", service.as_str()]),
            Self::NoSocket { process, .. } => Subject::Process(process, vec!["socket"]),
            Self::Dir { process, .. } | Self::Directory { process, .. } => {
                Subject::Process(process, vec!["dir"])
            }
            Self::Everybody { process, variable, .. } => {
                Subject::Process(process, vec!["env", variable])
            }
            Self::OwnVariable { process, .. }
            | Self::Renamed { process, .. }
            | Self::Meaning { process, .. } => Subject::name(process),
            Self::Restarted { process, .. } => Subject::Process(process, vec!["restart"]),
            Self::Signal { process, .. } => Subject::Process(process, vec!["stop", "signal"]),
            Self::Grace { process, .. } => Subject::Process(process, vec!["stop", "timeout"]),
        }
    }
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
            Self::Meaning { process, platform, what } => {
                write!(f, "`{process}` means something to {platform}: {what}")
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
