//! The command line, as it was typed. What it means here is decided by `commands`.

mod cargo;
mod emitted;
mod examples;
mod init;
mod logs;
mod platform;
mod scaffold;
mod steer;

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use self::cargo::CargoFlags;
pub use self::emitted::{Check, Export, Procfile};
pub use self::init::Init;
pub use self::logs::{Level, Logs};
pub use self::platform::Platform;
pub use self::scaffold::{Add, Database, Kind, New, VersionControl};
pub use self::steer::{Attach, Debug, Meant, Ps, Scaling, Steer, Wait};
use crate::formation::{InstanceName, ProcessName, Scale};

/// What a newcomer looks for, and what a script does.
const AFTER_HELP: &str = "\
Process types are declared in a Cargo.toml; each runs the binary of its name:

    [package.metadata.formation]
    web = {}
    worker = { quantity = 2 }
    release = \"migrate --yes\"

or, where the root has no package, in [workspace.metadata.formation.processes].

Exit codes:
    0      all went well
    1      something is wrong that has no code of its own
    2      the command line is wrong
    3      the table, or an environment file, is wrong
    4      `--check` found a file that is stale or missing
    5      a port is taken
    6      a formation runs in this workspace already
    7      a backing service did not come up
    8      no formation runs in this workspace
    101    the build failed, or cargo refused
    124    what `wait` waits for was not so in time
    126    a program cannot be run
    127    a program was not found
    128+N  ended by signal N

`run` exits as the process does, `test` as its command, `dev --exit-on-failure`
as the first that fails, and `dev --no-watch` as a `release` that fails.";

/// Build, run and supervise the process types of a Rust service.
#[derive(Debug, Parser)]
#[command(
    name = "cargo formation",
    bin_name = "cargo formation",
    version,
    max_term_width = 100,
    after_help = AFTER_HELP
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
    /// The Cargo.toml of the workspace, or of one of its members
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
    #[value(help = None::<&'static str>)]
    Auto,
    /// Always.
    #[value(help = None::<&'static str>)]
    Always,
    /// Never.
    #[value(help = None::<&'static str>)]
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new workspace whose process types run, are tested and deploy
    #[command(after_help = examples::NEW)]
    New(New),
    /// Propose a table for this workspace, from its binaries and from what other tools run
    #[command(after_help = examples::INIT)]
    Init(Init),
    /// Add a process type: its binary, its test and its line in the table
    #[command(after_help = examples::ADD)]
    Add(Add),
    /// Build the formation, run it and supervise it until you stop it
    #[command(after_help = examples::DEV)]
    Dev(Dev),
    /// Show what processes wrote and the tool said, now and in earlier runs
    #[command(after_help = examples::LOGS)]
    Logs(Logs),
    /// Build the formation and start nothing
    #[command(after_help = examples::BUILD)]
    Build(Build),
    /// Run a process type, or any binary of the workspace, once
    #[command(after_help = examples::RUN)]
    Run(Run),
    /// Run a command beside a formation of its own, as tests want it
    #[command(after_help = examples::TEST)]
    Test(Test),
    /// Show everything that is wrong with the table and with what is around it
    #[command(after_help = examples::CHECK)]
    Check(Check),
    /// List the process types and backing services, with what they run and their ports
    #[command(after_help = examples::LIST)]
    List(List),
    /// Print the environment that an instance of a process type, or a backing service, gets
    #[command(after_help = examples::ENV)]
    Env(Env),
    /// Print the Procfile, write it, or check the one that is there
    #[command(after_help = examples::PROCFILE)]
    Procfile(Procfile),
    /// Export the formation to a platform: print its file, write it or all of them, or check
    /// those that are there
    #[command(after_help = examples::EXPORT)]
    Export(Export),
    /// Show how each instance of the running formation is
    #[command(after_help = examples::PS)]
    Ps(Ps),
    /// Start instances again: new runs take over from the old ones
    #[command(after_help = examples::RESTART)]
    Restart(Steer),
    /// Stop instances until they are started; a save does not
    #[command(after_help = examples::STOP)]
    Stop(Steer),
    /// Start instances that were stopped, have ended, or wait after a crash
    #[command(after_help = examples::START)]
    Start(Steer),
    /// Change how many instances of which types run
    #[command(after_help = examples::SCALE)]
    Scale(Scaling),
    /// Let a debugger halt instances without anybody being impatient, until you interrupt it
    #[command(after_help = examples::DEBUG)]
    Debug(Debug),
    /// Wait until everything is up, or until what was saved is live
    #[command(after_help = examples::WAIT)]
    Wait(Wait),
    /// Attach this terminal to that of a run whose type has `pty = true`
    #[command(after_help = examples::ATTACH)]
    Attach(Attach),
    /// End the running formation, and wait until nothing of it is left
    #[command(after_help = examples::DOWN)]
    Down,
    /// Print the completions for a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions(Completions),
    /// Print the manual page, or write those of all commands
    #[command(after_help = examples::MAN)]
    Man(Man),
}

/// `dev`
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Dev {
    /// The process types to run, besides `release`; all of them if none is named
    #[arg(value_name = "TYPE")]
    pub types: Vec<ProcessName>,
    /// How many instances of which types; `all=N` is for those not named
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
    /// Let others than this machine reach the formation, too: at this address, or at all of its
    /// addresses (`0.0.0.0`, `::`)
    #[arg(long, value_name = "ADDRESS")]
    pub host: Option<IpAddr>,
    /// Show the time of day before each line
    #[arg(long)]
    pub timestamps: bool,
    /// Show lines that are JSON as they came; at a terminal they are rendered for people
    #[arg(long)]
    pub raw: bool,
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
    /// The process type, or a binary of the workspace
    #[arg(value_name = "TYPE")]
    pub name: String,
    /// Take the place of this instance of the running formation until it ends
    #[arg(long = "as", value_name = "INSTANCE")]
    pub instance: Option<InstanceName>,
    /// Arguments for it, after those of the table
    #[arg(last = true, value_name = "ARGS")]
    pub args: Vec<OsString>,
    /// Where the environment comes from.
    #[command(flatten)]
    pub environment: Environment,
    /// What cargo is told.
    #[command(flatten)]
    pub cargo: CargoFlags,
}

/// `test`
#[derive(Debug, Args)]
pub struct Test {
    /// How many instances of which types; `all=N` is for those not named
    #[arg(long, value_name = "TYPE=N,…")]
    pub scale: Option<Scale>,
    /// Where the environment comes from.
    #[command(flatten)]
    pub environment: Environment,
    /// What cargo is told.
    #[command(flatten)]
    pub cargo: CargoFlags,
    /// The command, after `--`: it runs when everything is up, with `FORMATION_<NAME>_URL` of
    /// everybody
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
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
    /// The process type or backing service
    #[arg(value_name = "NAME")]
    pub name: ProcessName,
    /// How to print it: as it is, quoted for an environment file or a shell, or for programs
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: EnvFormat,
    /// Print only what the formation adds to the shell's environment or changes in it
    #[arg(long)]
    pub changes: bool,
    /// Where the environment comes from.
    #[command(flatten)]
    pub environment: Environment,
}

/// `completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// A shell that can ask what a word may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// bash.
    #[value(help = None::<&'static str>)]
    Bash,
    /// zsh.
    #[value(help = None::<&'static str>)]
    Zsh,
    /// fish.
    #[value(help = None::<&'static str>)]
    Fish,
}

/// `man`
#[derive(Debug, Args)]
pub struct Man {
    /// Write a page for the tool and one for each command to this directory
    #[arg(long, short, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// Where the environment comes from.
#[derive(Clone, Debug, Default, Args)]
pub struct Environment {
    /// Read this environment file, too; it wins over `.env.local` and `.env`
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// The port where those of the formation start [default: 4000, unless the table, or
    /// `PORT` in the shell or in `.env`, says otherwise]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub base_port: Option<u16>,
}

/// How to print a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[value(help = None::<&'static str>)]
    Text,
    /// For programs.
    #[value(help = None::<&'static str>)]
    Json,
}

/// How to print an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EnvFormat {
    /// A line a variable, as it is.
    #[value(help = None::<&'static str>)]
    Text,
    /// A line a variable, quoted, for an environment file or a shell.
    #[value(help = None::<&'static str>)]
    Dotenv,
    /// For programs.
    #[value(help = None::<&'static str>)]
    Json,
}
