//! What is shown of the history.

use clap::{Args, ValueEnum};

use super::Format;

/// `logs`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Logs {
    /// Whose lines: process types, instances, backing services, or `formation` for what the tool
    /// and cargo said; everybody's if nobody is named
    #[arg(value_name = "TYPE|INSTANCE")]
    pub names: Vec<String>,
    /// Go on with what comes, until the formation ends
    #[arg(long, short)]
    pub follow: bool,
    /// As `--follow`, and go on with the next formation of this workspace when one has ended
    #[arg(long, short = 'F')]
    pub forever: bool,
    /// Only the last lines, so many; nothing that belongs together is cut
    /// [default: all since `dev` was started last]
    #[arg(long, short = 'n', value_name = "N")]
    pub lines: Option<usize>,
    /// Only what was written since: `10m`, `2h` or `3d` ago, `14:03`, or a moment as RFC 3339
    /// has it
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only that in which this regular expression is found
    #[arg(long, value_name = "REGEX")]
    pub grep: Option<String>,
    /// Only what is logged at this level or a worse one, and panics
    #[arg(long, value_name = "LEVEL")]
    pub level: Option<Level>,
    /// Show date and time before each line
    #[arg(long)]
    pub timestamps: bool,
    /// Show lines that are JSON as they came; at a terminal they are rendered for people
    #[arg(long)]
    pub raw: bool,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// How bad something is that a process logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Every step.
    #[value(help = None::<&'static str>)]
    Trace,
    /// What helps to find an error.
    #[value(help = None::<&'static str>)]
    Debug,
    /// As it should be.
    #[value(help = None::<&'static str>)]
    Info,
    /// Worth a look.
    #[value(help = None::<&'static str>)]
    Warn,
    /// Something failed.
    #[value(help = None::<&'static str>)]
    Error,
}
