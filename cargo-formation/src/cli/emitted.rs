//! What is typed to emit files, and to check them.

use std::path::PathBuf;

use clap::Args;

use super::platform::{Platform, PlatformParser};

/// `procfile`
#[derive(Debug, Args)]
pub struct Procfile {
    /// Write it to this file, not to standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write nothing; exit with 4 and show the difference if the file (`Procfile`, or that of
    /// `--output`) is not what would be written
    #[arg(long)]
    pub check: bool,
    /// Write also over a file that was not emitted
    #[arg(long)]
    pub force: bool,
    /// Who will read it: `heroku`, `dokku`, `scalingo`, `paketo`, `google`, `railpack`, or
    /// `local` for foreman, honcho and their kin [default: portable, which is safe for all]
    #[arg(long = "for", value_name = "PLATFORM")]
    pub consumer: Option<String>,
    /// Where the binaries are when it is read; empty means in a directory of `PATH`
    /// [default: where the platform has them]
    #[arg(long, value_name = "DIR")]
    pub bin_dir: Option<String>,
}

/// `check`
#[derive(Debug, Args)]
pub struct Check {
    /// Check also what an export would say: to one of its platforms, or a reader of Procfiles as
    /// for `procfile`; or to `all` of them
    #[arg(long = "for", value_name = "PLATFORM")]
    pub platform: Option<String>,
}

/// `export`
#[derive(Debug, Args)]
pub struct Export {
    /// Where the formation is to run
    #[arg(value_name = "PLATFORM", value_parser = PlatformParser)]
    pub platform: Platform,
    /// Write to this file, or to this directory, not to standard output
    #[arg(long, short, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Write nothing; exit with 4 and show the difference if a file, at its usual place or
    /// where `--output` says, is not what would be written
    #[arg(long, conflicts_with = "dry_run")]
    pub check: bool,
    /// Write nothing; say which files would be written
    #[arg(long)]
    pub dry_run: bool,
    /// Write also over files that were not emitted
    #[arg(long)]
    pub force: bool,
}
