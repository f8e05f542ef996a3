//! What `web` answers: the page, the same as JSON, and whether it is well itself.

use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use crate::chart::BARS;
use crate::check::{Check, Monitor};
use crate::database::Database;
use crate::page::{self, Overview};
use crate::queue::{Depth, Queue};

/// Checks that one answer has, at most.
const MOST: usize = 10_000;

/// So soon the database of a service that is well has answered.
const HEALTHY: Duration = Duration::from_secs(2);

/// What `web` answers from.
#[derive(Clone, Debug)]
pub struct Service {
    /// The instance, as the page names it.
    pub instance: String,
    /// Where the history is.
    pub database: Database,
    /// What the workers have yet to do.
    pub queue: Queue,
}

/// Everything that `web` answers.
pub fn router(service: Service) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/healthz", get(health))
        .route("/api/monitors", get(monitors).post(save))
        .route("/api/monitors/{name}", delete(remove))
        .route("/api/monitors/{name}/checks", get(checks))
        .route("/api/queue", get(depth))
        .with_state(service)
}

/// Why a request was not served.
#[derive(Debug)]
enum Failure {
    /// It makes no sense.
    Refused(String),
    /// There is no such monitor.
    Unknown,
    /// The database does not answer.
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::Refused(why) => (StatusCode::UNPROCESSABLE_ENTITY, why),
            Self::Unknown => (StatusCode::NOT_FOUND, "no monitor has this name".to_owned()),
            Self::Database(error) => {
                // It is for whoever runs the service, not for whoever visits it.
                tracing::error!("the database does not answer: {error}");
                (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer".to_owned())
            }
        };
        (status, Json(Problem { error })).into_response()
    }
}

#[derive(Serialize)]
struct Problem {
    error: String,
}

async fn home(State(service): State<Service>) -> Result<Html<String>, Failure> {
    let Service { instance, database, queue } = service;
    let mut monitors = Vec::new();
    for monitor in database.monitors().await? {
        let checks = database.history(&monitor.name, BARS).await?;
        monitors.push((monitor, checks));
    }
    let overview = Overview { instance, monitors, queue: queue.depth().await? };
    Ok(Html(page::html(&overview)))
}

/// Whether this instance can do its work, which it cannot without the database. Whoever
/// asks this does not want to wait until we have lost patience.
async fn health(State(service): State<Service>) -> Result<&'static str, Failure> {
    let answer = timeout(HEALTHY, service.database.ping()).await;
    answer.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
    Ok("ok\n")
}

/// A monitor, and what was last found.
#[derive(Serialize)]
struct Watched {
    #[serde(flatten)]
    monitor: Monitor,
    last: Option<Check>,
}

async fn monitors(State(service): State<Service>) -> Result<Json<Vec<Watched>>, Failure> {
    let mut watched = Vec::new();
    for monitor in service.database.monitors().await? {
        let last = service.database.history(&monitor.name, 1).await?.pop();
        watched.push(Watched { monitor, last });
    }
    Ok(Json(watched))
}

async fn save(
    State(service): State<Service>,
    Json(monitor): Json<Monitor>,
) -> Result<(StatusCode, Json<Monitor>), Failure> {
    monitor.check().map_err(Failure::Refused)?;
    service.database.save(&monitor).await?;
    Ok((StatusCode::CREATED, Json(monitor)))
}

async fn remove(
    State(service): State<Service>,
    Path(name): Path<String>,
) -> Result<StatusCode, Failure> {
    let existed = service.database.remove(&name).await?;
    if existed { Ok(StatusCode::NO_CONTENT) } else { Err(Failure::Unknown) }
}

#[derive(Deserialize)]
struct Limit {
    limit: Option<usize>,
}

async fn checks(
    State(service): State<Service>,
    Path(name): Path<String>,
    Query(Limit { limit }): Query<Limit>,
) -> Result<Json<Vec<Check>>, Failure> {
    service.database.monitor(&name).await?.ok_or(Failure::Unknown)?;
    let limit = limit.unwrap_or(BARS).min(MOST);
    Ok(Json(service.database.history(&name, limit).await?))
}

async fn depth(State(service): State<Service>) -> Result<Json<Depth>, Failure> {
    Ok(Json(service.queue.depth().await?))
}
