//! `web`: shows the history at `PORT`, and has itself watched.

use std::error::Error;
use std::process::ExitCode;

use example_app::api::{Service, router};
use example_app::check::Monitor;
use example_app::config::{database_url, instance, listen_address, own_url, variable};
use example_app::database::Database;
use example_app::logging;
use example_app::queue::Queue;
use example_app::shutdown::Shutdown;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    logging::start();
    logging::outcome(run().await)
}

async fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut shutdown = Shutdown::listen()?;
    let started = shutdown.unless_asked(start()).await.transpose()?;
    let Some((listener, service)) = started else { return Ok(()) };
    // Requests that are being answered are answered; nothing new is accepted.
    axum::serve(listener, router(service))
        .with_graceful_shutdown(async move { shutdown.asked().await })
        .await?;
    Ok(())
}

async fn start() -> Result<(TcpListener, Service), Box<dyn Error + Send + Sync>> {
    let address = listen_address(variable("PORT").as_deref(), variable("HOST").as_deref())?;
    let url = database_url();
    let database = Database::connect(&url).await?;
    let queue = Queue::connect(&url).await?;

    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen at {address}: {error}"))?;
    let address = listener.local_addr()?;
    // No link: in a formation people come to the address of `web`, not to that of this run.
    tracing::info!("listening at {address}");

    // Somebody who starts this for the first time sees something, with no network at all.
    let own = own_url(variable("FORMATION_WEB_URL").as_deref(), address.port());
    let (name, url) = ("this service".to_owned(), format!("{own}/healthz"));
    database.save(&Monitor { name, url, every: 5 }).await?;
    Ok((listener, Service { instance: instance("web"), database, queue }))
}
