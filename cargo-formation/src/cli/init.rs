//! What `init` is told.

use clap::Args;

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// Write without asking
    #[arg(long, short, conflicts_with = "dry_run")]
    pub yes: bool,
    /// Show what would change, and write nothing
    #[arg(long, short = 'n')]
    pub dry_run: bool,
}
