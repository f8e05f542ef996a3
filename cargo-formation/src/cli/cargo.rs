//! What is passed on to cargo, as it was typed.

use std::path::PathBuf;

use clap::Args;

/// Flags that are cargo's own, and mean what they mean there.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Cargo options")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of cargo's")]
pub struct CargoFlags {
    /// Build with the `release` profile
    #[arg(long, short, conflicts_with = "profile")]
    pub release: bool,
    /// Build with this profile
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Features to enable beside those of the table, separated by commas
    #[arg(long, short = 'F', value_name = "FEATURES", value_delimiter = ',')]
    pub features: Vec<String>,
    /// Enable all features
    #[arg(long)]
    pub all_features: bool,
    /// Do not enable the `default` feature
    #[arg(long)]
    pub no_default_features: bool,
    /// The directory for everything that is built
    #[arg(long, value_name = "DIR")]
    pub target_dir: Option<PathBuf>,
    /// Build for this target triple
    #[arg(long, value_name = "TRIPLE")]
    pub target: Option<String>,
    /// The number of parallel jobs [default: the number of CPUs]
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<String>,
    /// Fail if Cargo.lock would have to change
    #[arg(long)]
    pub locked: bool,
    /// Do not access the network
    #[arg(long)]
    pub offline: bool,
    /// The same as `--locked` and `--offline` together
    #[arg(long)]
    pub frozen: bool,
    /// Override a value of cargo's configuration; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub config: Vec<String>,
}
