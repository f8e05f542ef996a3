//! `migrate`: brings the database up to date, before anything else starts.

use std::error::Error;
use std::process::ExitCode;

use example_app::config::database_url;
use example_app::logging;
use example_app::migrate::migrate;
use example_app::shutdown::Shutdown;

#[tokio::main]
async fn main() -> ExitCode {
    logging::start();
    logging::outcome(run().await)
}

async fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut shutdown = Shutdown::listen()?;
    let url = database_url();
    // A migration is a transaction: what was not finished has not happened.
    let Some(migrated) = shutdown.unless_asked(Box::pin(migrate(&url))).await else {
        return Err("interrupted".into());
    };
    migrated?;
    tracing::info!("the database is up to date");
    Ok(())
}
