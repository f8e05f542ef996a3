//! `worker`: performs the checks of the queue.

use std::error::Error;
use std::process::ExitCode;

use example_app::config::{database_url, instance};
use example_app::database::Database;
use example_app::logging;
use example_app::probe::Probe;
use example_app::queue::Queue;
use example_app::shutdown::Shutdown;
use example_app::worker::Worker;

#[tokio::main]
async fn main() -> ExitCode {
    logging::start();
    logging::outcome(run().await)
}

async fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut shutdown = Shutdown::listen()?;
    let started = shutdown.unless_asked(start()).await.transpose()?;
    let Some((queue, worker)) = started else { return Ok(()) };
    // Checks that have begun are finished; nothing new is taken.
    queue.work(worker, async move { shutdown.asked().await }).await?;
    Ok(())
}

async fn start() -> Result<(Queue, Worker), Box<dyn Error + Send + Sync>> {
    let url = database_url();
    let database = Database::connect(&url).await?;
    let queue = Queue::connect(&url).await?;
    let worker = Worker { name: instance("worker"), database, probe: Probe::new()? };
    tracing::info!("waiting for checks");
    Ok((queue, worker))
}
