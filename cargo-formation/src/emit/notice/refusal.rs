//! Why a platform could not run the formation.

use std::fmt;

use super::{Remark, Subject};
use crate::emit::platform::Platform;
use crate::formation::ProcessName;

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
        /// What is wrong with it.
        why: &'static str,
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
    /// The name of the app has another meaning for the platform.
    AppMeaning {
        /// The platform.
        platform: Platform,
        /// The name.
        app: String,
        /// What it means.
        what: &'static str,
    },
    /// The name of a type has another meaning for the platform.
    Meaning {
        /// The type.
        process: ProcessName,
        /// The platform.
        platform: Platform,
        /// What it means.
        what: &'static str,
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
    /// The platform has no way to say the default of a variable that the app needs.
    Default {
        /// The platform.
        platform: Platform,
        /// The variable.
        name: String,
        /// The default, escaped.
        text: String,
        /// Why.
        why: &'static str,
    },
    /// What only this platform knows is not as it should be.
    Setting {
        /// The platform.
        platform: Platform,
        /// The key below `platform.<name>`, as it would be written there.
        key: String,
        /// What is wrong with it, and what would be right.
        why: String,
    },
}

impl Remark for Refusal {
    fn subject(&self) -> Subject<'_> {
        match self {
            Self::Empty { .. } | Self::NoApp { .. } => Subject::Whole,
            Self::App { .. } | Self::AppMeaning { .. } => Subject::Settings(vec!["app"]),
            Self::Name { process, .. }
            | Self::Meaning { process, .. }
            | Self::Text { process, .. } => Subject::name(process),
            Self::Port { process, .. } => Subject::Process(process, vec!["port"]),
            Self::Schedule { process, .. } => Subject::Process(process, vec!["schedule"]),
            Self::Variable { process, name, .. } => Subject::Process(process, vec!["env", name]),
            Self::Environment { other, variable, .. } => {
                Subject::Process(other, vec!["env", variable])
            }
            Self::Default { name, .. } => Subject::Settings(vec!["config", name, "default"]),
            Self::Setting { platform, key, .. } => {
                let path = ["platform", platform.word()].into_iter().chain(key.split('.'));
                Subject::Settings(path.collect())
            }
        }
    }
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
            Self::App { platform, app, why } => write!(
                f,
                "`{app}` is no name of an app for {platform}: {why}; say another as `app` in the \
                 settings"
            ),
            Self::Name { process, platform, name, why } => write!(
                f,
                "`{process}` would be called `{name}`, which {platform} refuses: {why}; \
                 give it another name, or the app another `app`"
            ),
            Self::AppMeaning { platform, app, what } => write!(
                f,
                "the app's name `{app}` means something to {platform}: {what}; say another as \
                 `app` in the settings"
            ),
            Self::Meaning { process, platform, what } => {
                write!(f, "`{process}` means something to {platform}: {what}; give it another name")
            }
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
            Self::Default { platform, name, text, why } => {
                write!(f, "the default of `{name}` is `{text}`, which {platform} cannot say: {why}")
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
