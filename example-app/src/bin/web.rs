//! `web`: answers requests at `PORT`.

use std::error::Error;
use std::process::ExitCode;

use example_app::config::{listen_address, variable};
use example_app::shutdown::Shutdown;
use example_app::{logging, pages};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    logging::start();
    logging::outcome(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut shutdown = Shutdown::listen()?;
    let address = listen_address(variable("PORT").as_deref(), variable("HOST").as_deref())?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen at {address}: {error}"))?;
    tracing::info!("listening at http://{}", listener.local_addr()?);

    let instance = variable("PS").unwrap_or_else(|| "web".to_owned());
    // Requests that are being answered are answered; nothing new is accepted.
    axum::serve(listener, pages::router(instance))
        .with_graceful_shutdown(async move { shutdown.asked().await })
        .await?;
    Ok(())
}
