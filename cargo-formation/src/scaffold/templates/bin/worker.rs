//! `__type__`: looks for work every so often, and does it.

use std::process::ExitCode;
use std::time::Duration;

use tokio::time::interval;

use __crate__::logging::{self, Failure};
use __crate__::shutdown::Shutdown;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    logging::start();
    logging::outcome(run().await)
}

async fn run() -> Result<(), Failure> {
    let mut shutdown = Shutdown::listen()?;
    let mut rounds = interval(EVERY);
    // Asked between two rounds: what has begun is finished.
    while shutdown.unless_asked(rounds.tick()).await.is_some() {
        work();
    }
    Ok(())
}

/// What is to be done belongs here.
fn work() {
    tracing::info!("nothing to do");
}
