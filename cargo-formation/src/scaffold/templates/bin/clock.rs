//! `__type__`: begins what is due. There is one of it.

use std::process::ExitCode;
use std::time::Duration;

use tokio::time::interval;

use __crate__::logging::{self, Failure};
use __crate__::shutdown::Shutdown;

/// How often it looks what is due.
const EVERY: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> ExitCode {
    logging::start();
    logging::outcome(run().await)
}

async fn run() -> Result<(), Failure> {
    let mut shutdown = Shutdown::listen()?;
    let mut ticks = interval(EVERY);
    while shutdown.unless_asked(ticks.tick()).await.is_some() {
        tracing::info!("tick");
    }
    Ok(())
}
