//! The commands that write code: what is typed after them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::platform::{Platform, PlatformParser};
use crate::formation::ProcessName;

/// `new`
#[derive(Debug, Args)]
pub struct New {
    /// Where to make it; the last part is the name of the package
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// The process types it has
    #[arg(
        long = "types",
        value_name = "KIND,…",
        value_delimiter = ',',
        default_value = "web,worker,clock,release"
    )]
    pub kinds: Vec<Kind>,
    /// Where its state is: in a file, in a server, or nowhere
    #[arg(long, value_name = "DATABASE", default_value = "sqlite")]
    pub db: Database,
    /// The version control it is under [default: git, unless it is made inside of a repository]
    #[arg(long, value_name = "VCS")]
    pub vcs: Option<VersionControl>,
    /// The platforms it is exported to, besides the image that it always has
    #[arg(long, value_name = "PLATFORM,…", value_delimiter = ',', value_parser = PlatformParser)]
    pub deploy: Vec<Platform>,
    /// Write the files by which Visual Studio Code starts a debugger, too
    #[arg(long)]
    pub vscode: bool,
}

/// `add`
#[derive(Debug, Args)]
pub struct Add {
    /// What it does
    #[arg(value_name = "KIND")]
    pub kind: Kind,
    /// What it is called [default: as its kind]
    #[arg(value_name = "NAME")]
    pub name: Option<ProcessName>,
    /// The package whose binary it is [default: the one here, or the only one]
    #[arg(long, short, value_name = "PACKAGE")]
    pub package: Option<String>,
}

/// What a process type does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Answers requests.
    #[value(help = None::<&'static str>)]
    Web,
    /// Does what waits to be done.
    #[value(help = None::<&'static str>)]
    Worker,
    /// Begins what is due.
    #[value(help = None::<&'static str>)]
    Clock,
    /// Prepares what the others need.
    #[value(help = None::<&'static str>)]
    Release,
}

/// Where the state of a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Database {
    /// In a file.
    #[value(help = None::<&'static str>)]
    Sqlite,
    /// In a server.
    #[value(help = None::<&'static str>)]
    Postgres,
    /// Nowhere.
    #[value(help = None::<&'static str>)]
    None,
}

/// What keeps the versions of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum VersionControl {
    /// git.
    #[value(help = None::<&'static str>)]
    Git,
    /// Nothing.
    #[value(help = None::<&'static str>)]
    None,
}
