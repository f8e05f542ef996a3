//! `__type__`: brings the database up to date, before the others start.

use std::process::ExitCode;

use __crate__::database;
use __crate__::logging::{self, Failure};
use __crate__::shutdown::Shutdown;

#[tokio::main]
async fn main() -> ExitCode {
    logging::start();
    logging::outcome(run().await)
}

async fn run() -> Result<(), Failure> {
    let mut shutdown = Shutdown::listen()?;
    let url = database::url()__try__;
    // A migration is a transaction: what was not finished has not happened.
    let migrated = shutdown.unless_asked(database::migrate(&url)).await;
    migrated.ok_or("interrupted")??;
    tracing::info!("the database is up to date");
    Ok(())
}
