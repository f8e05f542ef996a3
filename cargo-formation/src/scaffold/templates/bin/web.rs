//! `__type__`: answers requests.

use std::process::ExitCode;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

use __crate__::listen;
use __crate__::logging::{self, Failure};
use __crate__::shutdown::Shutdown;

#[tokio::main]
async fn main() -> ExitCode {
    logging::start();
    logging::outcome(run().await)
}

async fn run() -> Result<(), Failure> {
    let mut shutdown = Shutdown::listen()?;
    let listener = TcpListener::bind(listen::address()?).await?;
    tracing::info!("listening at {}", listener.local_addr()?);
    // Requests that are being answered are answered; nothing new is accepted.
    axum::serve(listener, routes())
        .with_graceful_shutdown(async move { shutdown.asked().await })
        .await?;
    Ok(())
}

fn routes() -> Router {
    Router::new()
        .route("/", get(home))
        .route("/healthz", get(health))
}

async fn home() -> &'static str {
    concat!("hello from ", env!("CARGO_PKG_NAME"), "\n")
}

/// Whether this instance can do its work.
async fn health() -> &'static str {
    "ok\n"
}
