//! Why a formation cannot be started as asked, and what is worth saying though it can.

use std::fmt;
use std::path::PathBuf;

use super::dotenv::DotenvError;
use super::ports::BaseOrigin;
use crate::formation::{InstanceName, ProcessName};

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// A word of the command line, or of `dev` in the table, names no process type.
    UnknownProcess {
        /// The word as it was typed.
        token: String,
        /// The type that was probably meant.
        suggestion: Option<String>,
    },
    /// A word of the command line, or of `dev` in the table, names a backing service where
    /// process types are meant.
    IsService {
        /// The word as it was typed.
        token: String,
        /// The service.
        service: ProcessName,
    },
    /// More instances are asked for than the type can have.
    TooMany {
        /// The type.
        process: ProcessName,
        /// What was asked for.
        quantity: u16,
        /// Why that is too many.
        limit: Limit,
    },
    /// Nothing would run.
    Empty,
    /// Two would listen on one port.
    Collision {
        /// The port.
        port: u16,
        /// Who has it, the first in declaration order.
        first: PortHolder,
        /// Who has it too.
        second: PortHolder,
    },
    /// A port would lie above 65535.
    PortTooHigh {
        /// Who would have it.
        holder: PortHolder,
        /// The number.
        port: u32,
    },
    /// The port to start from is not a port.
    BasePort {
        /// Who says it.
        origin: BaseOrigin,
        /// What is said.
        value: String,
    },
    /// An environment file cannot be read.
    EnvFile {
        /// Which one.
        path: PathBuf,
        /// Where in it, and why.
        problem: DotenvError,
    },
    /// The table sets a variable that is always the tool's.
    Reserved {
        /// The type or the backing service that sets it.
        owner: ProcessName,
        /// The variable.
        variable: String,
    },
    /// A template names a variable that has no value.
    Unset {
        /// The type or the backing service.
        owner: ProcessName,
        /// The variable.
        variable: String,
        /// Where it is named.
        place: Place,
    },
    /// A template names a variable whose value is not UTF-8.
    NotText {
        /// The type or the backing service.
        owner: ProcessName,
        /// The variable.
        variable: String,
        /// Where it is named.
        place: Place,
    },
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownProcess { token, suggestion } => unknown(f, token, suggestion.as_deref()),
            Self::IsService { token, service } => write!(
                f,
                "`{token}` names no process type: `{service}` is a backing service, of which \
                 there is one, and which `dev` starts before everything else"
            ),
            Self::TooMany { process, quantity, limit } => too_many(f, process, *quantity, *limit),
            Self::Empty => f.write_str(
                "nothing to run; name a process type, or give one a quantity, as `--scale web=1`",
            ),
            Self::Collision { port, first, second } => write!(
                f,
                "{first} and {second} would both listen on port {port}; \
                 give one of them another `port`, or fewer instances"
            ),
            Self::PortTooHigh { holder, port } => write!(
                f,
                "{holder} would listen on port {port}, and 65535 is the last; \
                 start from a lower one with `--base-port`"
            ),
            Self::BasePort { origin, value } => write!(
                f,
                "`{}` of {origin} is not a port from 1 to 65535; the formation's ports start there",
                value.escape_debug()
            ),
            Self::EnvFile { path, problem } => {
                write!(f, "{}:{}: {}", path.display(), problem.line, problem.kind)
            }
            Self::Reserved { owner, variable } => write!(
                f,
                "`{owner}` sets `{variable}`, which the formation sets itself; \
                 use another name, or the key `port`"
            ),
            Self::Unset { owner, variable, place } => write!(
                f,
                "{place} of `{owner}` uses `${variable}`, which is not set; \
                 set it in `.env`, or write `$${variable}` for a dollar"
            ),
            Self::NotText { owner, variable, place } => write!(
                f,
                "{place} of `{owner}` uses `${variable}`, whose value is not UTF-8; \
                 let the process read it from its environment instead"
            ),
        }
    }
}

impl std::error::Error for PlanError {}

fn unknown(f: &mut fmt::Formatter<'_>, token: &str, suggestion: Option<&str>) -> fmt::Result {
    write!(f, "`{token}` names no process type of this formation")?;
    match suggestion {
        Some(suggestion) => write!(f, "; did you mean `{suggestion}`?"),
        None => f.write_str("; `cargo formation list` shows them"),
    }
}

fn too_many(
    f: &mut fmt::Formatter<'_>,
    process: &ProcessName,
    quantity: u16,
    limit: Limit,
) -> fmt::Result {
    write!(f, "`{process}` cannot have {quantity} instances: ")?;
    match limit {
        Limit::Singleton => write!(f, "it is a singleton; ask for `{process}=1`"),
        Limit::Unrouted => write!(
            f,
            "with `route = false` it binds its port itself, and two cannot; ask for `{process}=1`"
        ),
        Limit::Release => {
            f.write_str("it runs once, before the others; ask for `release=1` or `release=0`")
        }
        Limit::Scheduled => {
            write!(f, "it has a `schedule`, and never runs beside itself; ask for `{process}=1`")
        }
    }
}

/// Why a type cannot have more than one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// It is a `singleton`.
    Singleton,
    /// It has `route = false`.
    Unrouted,
    /// It is `release`.
    Release,
    /// It has a `schedule`.
    Scheduled,
}

/// Where in the table a template stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The program of a backing service.
    Program,
    /// The argument of this number, counted from 1.
    Argument(usize),
    /// The value of this variable.
    Variable(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program => f.write_str("the program"),
            Self::Argument(number) => write!(f, "argument {number}"),
            Self::Variable(name) => write!(f, "the variable `{name}`"),
        }
    }
}

/// Who listens on a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortHolder {
    /// A process type, which keeps its port also when it does not run.
    Process(ProcessName),
    /// An instance, at the extra port of this name.
    Extra(InstanceName, ProcessName),
    /// A backing service.
    Service(ProcessName),
}

impl PortHolder {
    /// The process type or backing service behind it.
    #[must_use]
    pub fn owner(&self) -> &ProcessName {
        match self {
            Self::Process(name) | Self::Service(name) => name,
            Self::Extra(instance, _) => &instance.process,
        }
    }
}

impl fmt::Display for PortHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process(name) => write!(f, "`{name}`"),
            Self::Extra(name, port) => write!(f, "`{name}` (its port `{port}`)"),
            Self::Service(name) => write!(f, "the backing service `{name}`"),
        }
    }
}

/// What is worth saying once, though the plan stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanNotice {
    /// The shell has another value for variables of an environment file, and wins.
    ShellHides {
        /// The variables, sorted.
        variables: Vec<String>,
    },
    /// The app requires variables that nothing gives a value.
    RequiredUnset {
        /// The variables, in declaration order.
        variables: Vec<String>,
    },
}

impl fmt::Display for PlanNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShellHides { variables } => write!(
                f,
                "the shell's values of {} hide those of the environment files",
                Listed(variables)
            ),
            Self::RequiredUnset { variables } => write!(
                f,
                "the app requires {}, and nothing sets a value; add a line to `.env`",
                Listed(variables)
            ),
        }
    }
}

/// Names as a sentence has them: `A`, `B` and `C`.
struct Listed<'a>(&'a [String]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let separator = match index {
                0 => "",
                _ if index + 1 == self.0.len() => " and ",
                _ => ", ",
            };
            write!(f, "{separator}`{name}`")?;
        }
        Ok(())
    }
}
