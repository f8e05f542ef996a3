//! The commands that steer a formation that runs, as they were typed.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;

use super::Format;
use crate::formation::{KeySequence, Target, TargetError, parse_duration};

/// `ps`
#[derive(Debug, Args)]
pub struct Ps {
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
    /// Look again every second
    #[arg(long, short)]
    pub watch: bool,
}

/// `restart`, `stop`, `start`
#[derive(Debug, Args)]
pub struct Steer {
    /// Process types (`web`), instances (`web.2`), backing services, or `all`
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<Meant>,
    /// Do not wait for what comes of it
    #[arg(long)]
    pub no_wait: bool,
}

/// Who is meant on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// Every instance.
    All,
    /// Some of them, or a backing service.
    Some(Target),
}

impl FromStr for Meant {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        if text == "all" { Ok(Self::All) } else { text.parse().map(Self::Some) }
    }
}

impl fmt::Display for Meant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Some(target) => target.fmt(f),
        }
    }
}

/// `debug`
#[derive(Debug, Args)]
pub struct Debug {
    /// Process types (`web`), instances (`web.2`), backing services, or `all`
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<Meant>,
}

/// `scale`
#[derive(Debug, Args)]
pub struct Scaling {
    /// How many, or how many more or fewer: `web=3`, `worker=+1`, `worker=-1`, `all=1`
    #[arg(value_name = "TYPE=N", required = true)]
    pub quantities: Vec<String>,
    /// Do not wait for what comes of it
    #[arg(long)]
    pub no_wait: bool,
}

/// `attach`
#[derive(Debug, Args)]
pub struct Attach {
    /// An instance (`web.2`), a backing service, or a process type with one instance
    #[arg(value_name = "INSTANCE")]
    pub instance: Target,
    /// What leaves it: a key, or several with commas between them, as `ctrl-p,ctrl-q`
    #[arg(long, value_name = "KEYS", default_value = "ctrl-\\")]
    pub detach_key: KeySequence,
}

/// `wait`
#[derive(Debug, Args)]
pub struct Wait {
    /// Until everything that is wanted is up; the default
    #[arg(long)]
    pub ready: bool,
    /// Until everything that was saved before is built and live, and nothing is under way
    #[arg(long, conflicts_with = "ready")]
    pub idle: bool,
    /// Give up after this long, such as `30s` or `2m`, with exit code 124
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
}
