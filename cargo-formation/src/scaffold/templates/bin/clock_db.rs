//! `__type__`: puts what is due into the queue. There is one of it.

use std::process::ExitCode;
use std::time::Duration;

use tokio::time::interval;

use __crate__::database;
use __crate__::jobs::Jobs;
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
    let jobs = Jobs::new(database::connect(&database::url()__try__).await?);
    let mut ticks = interval(EVERY);
    while shutdown.unless_asked(ticks.tick()).await.is_some() {
        jobs.put("what is due").await?;
        tracing::info!("tick");
    }
    Ok(())
}
