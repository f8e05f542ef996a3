//! Logs are lines on standard output; whoever runs the process puts them where they belong.

use std::error::Error;
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

/// What is logged unless `RUST_LOG` says otherwise.
const FILTER: &str = "info,apalis_core=warn";

/// Start logging at `info`, or as `RUST_LOG` says.
///
/// Without a time: a process manager puts one before every line.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(FILTER));
    tracing_subscriber::fmt().with_env_filter(filter).with_target(false).without_time().init();
}

/// How a process ends: with a log line that says why, if it failed.
pub fn outcome(result: Result<(), Box<dyn Error + Send + Sync>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
