//! What a Procfile cannot say, and what its readers misunderstand.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::consumer::Consumer;
use crate::emit::notice::{Remark, Subject};
use crate::formation::{ProcessName, StopSignal};

/// The file works, but not quite as the formation means it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A scheduled type is not in the file.
    Scheduled {
        /// The type.
        process: ProcessName,
    },
    /// A scheduled type is in the file, and when it runs is in another.
    Clocked {
        /// The type.
        process: ProcessName,
    },
    /// A reader knows the type by another name.
    Renamed {
        /// The type.
        process: ProcessName,
        /// Who renames it.
        by: Consumer,
        /// What it is called there.
        to: String,
    },
    /// A reader has something else of that name.
    Meaning {
        /// The type.
        process: ProcessName,
        /// The reader.
        to: Consumer,
        /// What it means.
        what: &'static str,
    },
    /// It listens, and no request from outside comes to it.
    Unrouted {
        /// The type.
        process: ProcessName,
        /// Who routes requests to `web` alone.
        by: Consumer,
    },
    /// It gets the requests, and does not listen.
    Portless {
        /// The type: `web`.
        process: ProcessName,
        /// Who expects it to.
        by: Consumer,
    },
    /// A reader, of whom the file is not meant for alone, does not run the type.
    NameRefused {
        /// The type.
        process: ProcessName,
        /// Who refuses or drops it.
        by: Consumer,
        /// Why.
        why: &'static str,
    },
    /// Scalingo's `release` is called `postdeploy` and runs later.
    Postdeploy,
    /// The reader does not run `release` by itself.
    ReleaseUnknown {
        /// The reader.
        to: Consumer,
    },
    /// `release` would do harm and is not in the file.
    ReleaseLeftOut {
        /// Who would run it wrongly.
        by: Consumer,
    },
    /// The working directory is lost.
    Dir {
        /// The type.
        process: ProcessName,
        /// The directory it has in the table.
        dir: PathBuf,
    },
    /// The signal that asks it to stop is lost.
    Signal {
        /// The type.
        process: ProcessName,
        /// The signal it has in the table.
        signal: StopSignal,
    },
    /// It has less time to stop than the table gives it.
    Grace {
        /// The type.
        process: ProcessName,
        /// Who kills it.
        by: Consumer,
        /// After how long.
        grace: Duration,
    },
    /// Variables of the table win over the configuration of the platform.
    FixedEnv {
        /// The type.
        process: ProcessName,
        /// The variables.
        variables: Vec<String>,
    },
    /// A word is quoted, and not every reader is a shell.
    Quotes {
        /// The type.
        process: ProcessName,
        /// The first such word, as it is written.
        word: String,
    },
    /// A reader of YAML misreads the command.
    Yaml {
        /// The type.
        process: ProcessName,
    },
    /// A variable is not expanded by every reader.
    Variable {
        /// The type.
        process: ProcessName,
        /// The variable.
        variable: String,
        /// For whom the file is.
        by: Consumer,
    },
    /// A variable exists in development only.
    OwnVariable {
        /// The type.
        process: ProcessName,
        /// The variable.
        variable: String,
    },
    /// There is no `web`, which one reader wants.
    NoWeb,
    /// The reader runs one type only.
    OnlyOne {
        /// The one it runs.
        used: String,
    },
}

impl Remark for Warning {
    fn subject(&self) -> Subject<'_> {
        match self {
            Self::Postdeploy
            | Self::ReleaseUnknown { .. }
            | Self::ReleaseLeftOut { .. }
            | Self::NoWeb
            | Self::OnlyOne { .. } => Subject::Whole,
            Self::Renamed { process, .. }
            | Self::Meaning { process, .. }
            | Self::NameRefused { process, .. }
            | Self::Quotes { process, .. }
            | Self::Yaml { process }
            | Self::Variable { process, .. }
            | Self::OwnVariable { process, .. } => Subject::name(process),
            Self::Scheduled { process } | Self::Clocked { process } => {
                Subject::Process(process, vec!["schedule"])
            }
            Self::Unrouted { process, .. } | Self::Portless { process, .. } => {
                Subject::Process(process, vec!["port"])
            }
            Self::Dir { process, .. } => Subject::Process(process, vec!["dir"]),
            Self::Signal { process, .. } => Subject::Process(process, vec!["stop", "signal"]),
            Self::Grace { process, .. } => Subject::Process(process, vec!["stop", "timeout"]),
            Self::FixedEnv { process, .. } => Subject::Process(process, vec!["env"]),
        }
    }
}

impl Warning {
    /// Whether it says what a reader does with every formation, which no other table would change.
    #[must_use]
    pub fn is_of_the_reader(&self) -> bool {
        match self {
            Self::Scheduled { .. }
            | Self::Clocked { .. }
            | Self::Postdeploy
            | Self::ReleaseUnknown { .. }
            | Self::ReleaseLeftOut { .. }
            | Self::OnlyOne { .. } => true,
            Self::Renamed { .. }
            | Self::Meaning { .. }
            | Self::Unrouted { .. }
            | Self::Portless { .. }
            | Self::NameRefused { .. }
            | Self::Dir { .. }
            | Self::Signal { .. }
            | Self::Grace { .. }
            | Self::FixedEnv { .. }
            | Self::Quotes { .. }
            | Self::Yaml { .. }
            | Self::Variable { .. }
            | Self::OwnVariable { .. }
            | Self::NoWeb => false,
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheduled { process } => {
                write!(f, "`{process}` is left out: a Procfile cannot say when it runs")
            }
            Self::Clocked { process } => write!(
                f,
                "when `{process}` runs stands in `app.json` alone: `cargo formation export dokku`"
            ),
            Self::Renamed { process, by, to } => {
                write!(f, "`{process}` may be called `{to}` by {by}")
            }
            Self::Meaning { process, to, what } => {
                write!(f, "`{process}` means something to {to}: {what}")
            }
            Self::Unrouted { process, by } => write_unrouted(f, process, *by),
            Self::Portless { process, by } => write_portless(f, process, *by),
            Self::NameRefused { process, by, why } => {
                write!(f, "`{process}` is no name for {by}: {why}")
            }
            Self::Postdeploy => f.write_str(
                "`release` is written as `postdeploy`, which Scalingo runs after the new \
                 containers have started, not before",
            ),
            Self::ReleaseUnknown { to } => {
                write!(f, "`release` is a type like any other to {to}: run it before the others")
            }
            Self::ReleaseLeftOut { by } if *by == Consumer::Railpack => f.write_str(
                "`release` is left out: Nixpacks would run it during the build; \
                 make it the pre-deploy command",
            ),
            Self::ReleaseLeftOut { by } => {
                write!(f, "`release` is left out: {by} would start it beside the others")
            }
            Self::Dir { process, dir } => write!(
                f,
                "`{process}` starts where the platform starts it: a Procfile cannot say `{}`",
                dir.display()
            ),
            Self::Signal { process, signal } => write!(
                f,
                "`{process}` is asked to stop with SIGTERM: a Procfile cannot say {}",
                signal.name()
            ),
            Self::Grace { process, by, grace } => write!(
                f,
                "`{process}` is killed {} s after it was asked to stop, which {by} lets nobody change",
                grace.as_secs()
            ),
            Self::FixedEnv { process, variables } => write!(
                f,
                "`{process}` gets `{}` from this file: the platform's configuration cannot \
                 change that",
                variables.join("`, `")
            ),
            Self::Quotes { process, word } => write!(
                f,
                "`{process}` has the quoted word {word}: {} loses quotes",
                Consumer::Dokku
            ),
            Self::Yaml { process } => write!(
                f,
                "the command of `{process}` is no plain YAML: {} misread it",
                Consumer::Railpack
            ),
            Self::Variable { process, variable, by } => write!(
                f,
                "`{process}` uses `${variable}` as an argument, which {by} may not expand; \
                 let the program read its environment"
            ),
            Self::OwnVariable { process, variable } => write!(
                f,
                "`{process}` uses `${variable}`, which only `cargo formation` sets; \
                 set it on the platform"
            ),
            Self::NoWeb => write!(f, "there is no `web`: {} refuse that", Consumer::Google),
            Self::OnlyOne { used } => {
                write!(f, "{} run only `{used}` of this file", Consumer::Railpack)
            }
        }
    }
}

fn write_unrouted(f: &mut fmt::Formatter<'_>, process: &ProcessName, by: Consumer) -> fmt::Result {
    write!(f, "`{process}` has a port, and for {by} requests from outside come to `web` alone")
}

fn write_portless(f: &mut fmt::Formatter<'_>, process: &ProcessName, by: Consumer) -> fmt::Result {
    write!(
        f,
        "`{process}` has no port, and for {by} it has to listen at `PORT`: requests come to it, and \
         it is ended if it does not answer; give it another name, or a port"
    )
}

/// The reader could not run the formation from a Procfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no type to write.
    Empty,
    /// The reader does not run a type of this name.
    Name {
        /// The type.
        process: ProcessName,
        /// The reader.
        by: Consumer,
        /// Why.
        why: &'static str,
    },
    /// An argument would end the line.
    Line {
        /// The type.
        process: ProcessName,
        /// The word, escaped.
        word: String,
    },
    /// The reader loses quotes, and a word needs them.
    Quotes {
        /// The type.
        process: ProcessName,
        /// The word, quoted.
        word: String,
    },
    /// A shell would run something of its own.
    ShellWord {
        /// The type.
        process: ProcessName,
        /// The program.
        program: String,
    },
    /// There is no `web`, and the reader wants one.
    NoWeb,
}

impl Remark for Refusal {
    fn subject(&self) -> Subject<'_> {
        match self {
            Self::Empty | Self::NoWeb => Subject::Whole,
            Self::Name { process, .. }
            | Self::Line { process, .. }
            | Self::Quotes { process, .. } => Subject::name(process),
            Self::ShellWord { process, .. } => Subject::Process(process, vec!["bin"]),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is no process type to put in a Procfile"),
            Self::Name { process, by, why } => {
                write!(f, "`{process}` is no name for {by}: {why}")
            }
            Self::Line { process, word } => write!(
                f,
                "`{process}` has a control character or line break in `{word}`: \
                 a command of a Procfile is one line"
            ),
            Self::Quotes { process, word } => write!(
                f,
                "`{process}` needs quotes for {word}, and {} loses them; \
                 pass it in a variable the platform sets",
                Consumer::Dokku
            ),
            Self::ShellWord { process, program } => write!(
                f,
                "`{process}` would run the shell's own `{program}`; \
                 say where the binary is with `--bin-dir`"
            ),
            Self::NoWeb => write!(f, "there is no `web`, and {} want one", Consumer::Google),
        }
    }
}
