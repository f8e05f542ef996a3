//! `__type__`: shows how many jobs are in the queue, and takes new ones.

use std::process::ExitCode;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use tokio::net::TcpListener;

use __crate__::database;
use __crate__::jobs::Jobs;
use __crate__::listen;
use __crate__::logging::{self, Failure};
use __crate__::shutdown::Shutdown;

/// Who answers.
const NAME: &str = env!("CARGO_PKG_NAME");

#[tokio::main]
async fn main() -> ExitCode {
    logging::start();
    logging::outcome(run().await)
}

async fn run() -> Result<(), Failure> {
    let mut shutdown = Shutdown::listen()?;
    let jobs = Jobs::new(database::connect(&database::url()__try__).await?);
    let listener = TcpListener::bind(listen::address()?).await?;
    tracing::info!("listening at {}", listener.local_addr()?);
    // Requests that are being answered are answered; nothing new is accepted.
    axum::serve(listener, routes(jobs))
        .with_graceful_shutdown(async move { shutdown.asked().await })
        .await?;
    Ok(())
}

fn routes(jobs: Jobs) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/healthz", get(health))
        .route("/jobs", post(put))
        .with_state(jobs)
}

async fn home(State(jobs): State<Jobs>) -> Result<String, StatusCode> {
    let count = jobs.count().await.map_err(|error| unavailable(&error))?;
    Ok(format!("hello from {NAME}, {count} to do\n"))
}

/// Put what the body says into the queue.
async fn put(State(jobs): State<Jobs>, what: String) -> Result<StatusCode, StatusCode> {
    jobs.put(&what).await.map_err(|error| unavailable(&error))?;
    Ok(StatusCode::ACCEPTED)
}

/// Whether this instance can do its work.
async fn health(State(jobs): State<Jobs>) -> Result<&'static str, StatusCode> {
    jobs.count().await.map_err(|error| unavailable(&error))?;
    Ok("ok\n")
}

/// Why is for whoever runs the service, not for whoever visits it.
fn unavailable(error: &sqlx::Error) -> StatusCode {
    tracing::error!("the database does not answer: {error}");
    StatusCode::SERVICE_UNAVAILABLE
}
