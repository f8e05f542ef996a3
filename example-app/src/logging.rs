//! Logs are lines on standard output; whoever runs the process puts them where they belong.

use std::error::Error;
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Start logging at `info`, or as `RUST_LOG` says.
///
/// Without a time: a process manager puts one before every line.
pub fn start() {
    let filter =
        EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    tracing_subscriber::fmt().with_env_filter(filter).with_target(false).without_time().init();
}

/// How a process ends: with a log line that says why, if it failed.
pub fn outcome(result: Result<(), Box<dyn Error>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
