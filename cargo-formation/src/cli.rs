//! The command line, as it was typed. What it means here is decided by `commands`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::emit::procfile::Consumer;
use crate::formation::{ProcessName, Scale};

/// Build, run and supervise the process types of a Rust service.
#[derive(Debug, Parser)]
#[command(
    name = "cargo formation",
    bin_name = "cargo formation",
    version,
    max_term_width = 100,
    after_help = "Process types are declared in `[package.metadata.formation]` of a Cargo.toml, \
                  for example:\n\n    [package.metadata.formation]\n    web = {}\n    \
                  worker = { quantity = 2 }\n\nThe exit codes are listed in the documentation."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What every command takes.
    #[command(flatten)]
    pub common: Common,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// The Cargo.toml of the workspace, or of a member of it
    #[arg(long, global = true, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// Where a person reads.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build the formation, run it and supervise it until you stop it
    Dev(Dev),
    /// Build the formation, start nothing
    Build(Build),
    /// Run a process type, or any binary of the workspace, once, in place of this command
    Run(Run),
    /// Say everything that is wrong with the table
    Check,
    /// List the process types with their binaries, quantities and ports
    List(List),
    /// Print the environment that an instance of a process type gets
    Env(Env),
    /// Print the Procfile
    Procfile(Procfile),
}

/// `dev`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Dev {
    /// The process types to run; all of them if none is named
    #[arg(value_name = "TYPE")]
    pub types: Vec<ProcessName>,
    /// How many instances of which types; types it does not name keep theirs
    #[arg(long, value_name = "TYPE=N,…")]
    pub scale: Option<Scale>,
    /// Do not watch files
    #[arg(long)]
    pub no_watch: bool,
    /// Run beside a formation that runs in this workspace already, on free ports
    #[arg(long)]
    pub isolated: bool,
    /// Stop everything as soon as one process fails, and exit with its code
    #[arg(long)]
    pub exit_on_failure: bool,
    /// Show the time of day before each line
    #[arg(long)]
    pub timestamps: bool,
    /// Where the environment comes from.
    #[command(flatten)]
    pub environment: Environment,
    /// What cargo is told.
    #[command(flatten)]
    pub cargo: CargoFlags,
}

/// `build`
#[derive(Debug, Args)]
pub struct Build {
    /// The process types to build; all of them if none is named
    #[arg(value_name = "TYPE")]
    pub types: Vec<ProcessName>,
    /// How to print what was built
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
    /// What cargo is told.
    #[command(flatten)]
    pub cargo: CargoFlags,
}

/// `run`
#[derive(Debug, Args)]
pub struct Run {
    /// The process type, or the binary
    #[arg(value_name = "TYPE")]
    pub name: String,
    /// Further arguments for it
    #[arg(last = true, value_name = "ARGS")]
    pub args: Vec<OsString>,
    /// Where the environment comes from.
    #[command(flatten)]
    pub environment: Environment,
    /// What cargo is told.
    #[command(flatten)]
    pub cargo: CargoFlags,
}

/// `list`
#[derive(Debug, Args)]
pub struct List {
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// `env`
#[derive(Debug, Args)]
pub struct Env {
    /// The process type
    #[arg(value_name = "TYPE")]
    pub name: ProcessName,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: EnvFormat,
    /// Only what the formation adds or changes
    #[arg(long)]
    pub changes: bool,
    /// Where the environment comes from.
    #[command(flatten)]
    pub environment: Environment,
}

/// `procfile`
#[derive(Debug, Args)]
pub struct Procfile {
    /// Write it to this file
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write nothing; fail if the file is not what would be written, and show the difference
    #[arg(long)]
    pub check: bool,
    /// Who will read it [default: what is safe for all of them]
    #[arg(long = "for", value_name = "PLATFORM")]
    pub consumer: Option<Consumer>,
    /// Where the binaries are when it is read; empty means on the search path
    #[arg(long, value_name = "DIR")]
    pub bin_dir: Option<String>,
}

/// Where the environment comes from.
#[derive(Clone, Debug, Default, Args)]
pub struct Environment {
    /// An environment file that wins over `.env.local` and `.env`
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Where the ports start
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub base_port: Option<u16>,
}

/// Flags that are cargo's own, and mean what they mean there.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Cargo options")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of cargo's")]
pub struct CargoFlags {
    /// Build with the release profile
    #[arg(long, short, conflicts_with = "profile")]
    pub release: bool,
    /// Build with this profile
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Features to enable, besides those of the table
    #[arg(long, short = 'F', value_name = "FEATURES", value_delimiter = ',')]
    pub features: Vec<String>,
    /// Enable all features
    #[arg(long)]
    pub all_features: bool,
    /// Do not enable default features
    #[arg(long)]
    pub no_default_features: bool,
    /// The directory for artifacts
    #[arg(long, value_name = "DIR")]
    pub target_dir: Option<PathBuf>,
    /// The platform to build for
    #[arg(long, value_name = "TRIPLE")]
    pub target: Option<String>,
    /// The number of parallel jobs
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<String>,
    /// Require that Cargo.lock is up to date
    #[arg(long)]
    pub locked: bool,
    /// Do not use the network
    #[arg(long)]
    pub offline: bool,
    /// Both
    #[arg(long)]
    pub frozen: bool,
    /// Override a value of cargo's configuration
    #[arg(long, value_name = "KEY=VALUE")]
    pub config: Vec<String>,
}

/// How to print a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// How to print an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EnvFormat {
    /// A line a variable, as it is.
    Text,
    /// A line a variable, quoted, for an environment file or a shell.
    Dotenv,
    /// For programs.
    Json,
}
