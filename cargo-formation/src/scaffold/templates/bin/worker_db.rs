//! `__type__`: does what is in the queue.

use std::process::ExitCode;
use std::time::Duration;

use tokio::time::sleep;

use __crate__::database;
use __crate__::jobs::{Job, Jobs};
use __crate__::logging::{self, Failure};
use __crate__::shutdown::Shutdown;

/// How long it rests when there is nothing to do.
const REST: Duration = Duration::from_millis(250);

#[tokio::main]
async fn main() -> ExitCode {
    logging::start();
    logging::outcome(run().await)
}

async fn run() -> Result<(), Failure> {
    let mut shutdown = Shutdown::listen()?;
    let jobs = Jobs::new(database::connect(&database::url()__try__).await?);
    tracing::info!("waiting for jobs");

    let mut rest = Duration::ZERO;
    // Asked between two jobs: what has begun is finished.
    while shutdown.unless_asked(sleep(rest)).await.is_some() {
        let Some(job) = jobs.take().await? else {
            rest = REST;
            continue;
        };
        work(&job);
        jobs.finish(&job).await?;
        rest = Duration::ZERO;
    }
    Ok(())
}

/// What is to be done belongs here. A job may be done twice, if this is killed meanwhile.
fn work(job: &Job) {
    tracing::info!("done: {}", job.what);
}
