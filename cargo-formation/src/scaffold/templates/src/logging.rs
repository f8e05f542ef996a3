//! Logs are lines on standard output; whoever runs the process puts them where they belong.

use std::error::Error;
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

/// Why a process ends before its time.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Start logging at `info`, or as `RUST_LOG` says.
///
/// Without a time: a process manager puts one before every line.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter);
    lines.with_target(false).without_time().init();
}

/// How a process ends: with a line that says why, if it failed.
pub fn outcome(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
