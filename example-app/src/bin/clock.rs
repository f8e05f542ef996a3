//! `clock`: ticks. There is never more than one, or everything would be due twice.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use example_app::logging;
use example_app::shutdown::Shutdown;
use tokio::time::interval;

/// How long it is from tick to tick.
const INTERVAL: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> ExitCode {
    logging::start();
    logging::outcome(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut shutdown = Shutdown::listen()?;
    let mut ticks = interval(INTERVAL);
    for tick in 1_u64.. {
        tokio::select! {
            () = shutdown.asked() => break,
            _ = ticks.tick() => tracing::info!("tick {tick}"),
        }
    }
    Ok(())
}
