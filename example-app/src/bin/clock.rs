//! `clock`: puts what is due into the queue. One is enough, and two do no harm.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use example_app::clock::Clock;
use example_app::config::database_url;
use example_app::database::Database;
use example_app::logging;
use example_app::moment;
use example_app::queue::Queue;
use example_app::shutdown::Shutdown;
use tokio::time::{MissedTickBehavior, interval};

/// How often it looks what is due, which is as short as an interval can be.
const SECOND: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> ExitCode {
    logging::start();
    logging::outcome(run().await)
}

async fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut shutdown = Shutdown::listen()?;
    // At any point: what it has not enqueued yet is still due when it is back.
    shutdown.unless_asked(tick()).await.unwrap_or(Ok(()))
}

/// Look what is due, for as long as the database answers.
async fn tick() -> Result<(), Box<dyn Error + Send + Sync>> {
    let url = database_url();
    let mut clock = Clock::new(Database::connect(&url).await?, Queue::connect(&url).await?);
    tracing::info!("looking every second what is due");

    let mut ticks = interval(SECOND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let enqueued = clock.tick(moment::now()).await?;
        if enqueued > 0 {
            tracing::info!("{enqueued} due");
        }
    }
}
