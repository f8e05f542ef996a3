//! The queue of checks: apalis, in the database that the service has anyway.
//!
//! A check is in the queue once, by its key. A worker that takes one is its owner for as
//! long as it shows signs of life; when it is killed, the others put back what it had.
//! So a check may be performed twice, and that it counts once is up to
//! [`Database::record`](crate::database::Database::record).

use std::time::Duration;

use apalis::prelude::{
    BackendExt, BoxDynError, Data, RandomId, TaskBuilder, TaskSink, TaskSinkError, WorkerBuilder,
    WorkerBuilderExt, WorkerError,
};
use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use serde::{Deserialize, Serialize};
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Error, PgPool, Sqlite, SqlitePool};
use tokio::time::timeout;

use crate::engine::{Engine, PATIENCE};
use crate::worker::Worker;

/// A check that is to be performed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The name of the monitor.
    pub monitor: String,
    /// When the check is due, in seconds since 1970.
    pub due: i64,
    /// When it was put into the queue, in seconds since 1970.
    pub enqueued: i64,
}

impl Job {
    /// What no two checks have in common.
    fn key(&self) -> String {
        format!("{} {}", self.due, self.monitor)
    }
}

/// How full the queue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Depth {
    /// Every check that was ever put in and is not forgotten.
    pub enqueued: i64,
    /// Those that nobody has finished.
    pub open: i64,
}

/// The name of the queue in the tables of apalis.
const NAME: &str = "checks";

/// How often a worker shows that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// So many heartbeats late, a worker is taken for dead and its checks are put back. One
/// that lives after all performs them twice, which does no harm.
const MISSED: usize = 3;

/// How often a worker looks for work. Another process cannot be woken through SQLite.
const POLL: Duration = Duration::from_millis(250);

/// How many checks a worker takes at a time. One that has checks in stock shows no signs of
/// life until it has begun the last of them.
const BATCH: usize = 1;

/// How many checks a worker performs at a time. They wait for others nearly all the time.
pub const AT_ONCE: usize = 16;

/// The queue, as seen from one process.
#[derive(Clone, Debug)]
pub enum Queue {
    /// In an SQLite file.
    Sqlite(SqlitePool),
    /// In a PostgreSQL server.
    Postgres(PgPool),
}

impl Queue {
    /// Connect to the queue in a database that `migrate` has prepared.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        match Engine::of(url)? {
            Engine::Sqlite(options) => {
                let pool = SqlitePoolOptions::new().max_connections(4).acquire_timeout(PATIENCE);
                Ok(Self::Sqlite(pool.connect_with(options).await?))
            }
            Engine::Postgres(options) => {
                let pool = PgPoolOptions::new().max_connections(4).acquire_timeout(PATIENCE);
                Ok(Self::Postgres(pool.connect_with(options).await?))
            }
        }
    }

    /// Put a check in, unless it was before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn push(&self, job: Job) -> Result<(), BoxDynError> {
        let task = TaskBuilder::new(job.clone()).idempotency_key(job.key()).build();
        match self {
            // Of a key that exists, SQLite's storage takes no notice.
            Self::Sqlite(pool) => Ok(sqlite(pool).push_task(task).await?),
            Self::Postgres(pool) => match postgres(pool).push_task(task).await {
                Err(TaskSinkError::PushError(apalis_postgres::Error::Database(
                    Error::Database(error),
                ))) if error.is_unique_violation() => Ok(()),
                pushed => Ok(pushed?),
            },
        }
    }

    /// Perform checks until `stop` is ready and those that had begun are done.
    ///
    /// # Errors
    /// When the database does not answer. What this worker had comes back to the others.
    pub async fn work(
        self,
        worker: Worker,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), WorkerError> {
        // A run that was killed may still own checks under its name.
        let name = format!("{} {}", worker.name, RandomId::default());
        let stop = async move {
            stop.await;
            Ok::<(), WorkerError>(())
        };
        match self {
            Self::Sqlite(pool) => {
                let backend = sqlite(&pool).poll_with_interval(POLL);
                let builder = WorkerBuilder::new(name).backend(backend).data(worker);
                // A look for work that is under way when looking ends is never finished, and
                // what it has locked would keep results from being recorded. Whoever has every
                // connection knows that there is none.
                let stop = async move {
                    let asked = stop.await;
                    let _every_connection = timeout(PATIENCE, every_connection(&pool)).await;
                    asked
                };
                builder.concurrency(AT_ONCE).build(perform).run_until(stop).await
            }
            Self::Postgres(pool) => {
                let backend = postgres(&pool).poll_with_interval(POLL);
                let builder = WorkerBuilder::new(name).backend(backend).data(worker);
                builder.concurrency(AT_ONCE).build(perform).run_until(stop).await
            }
        }
    }

    /// How full it is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn depth(&self) -> Result<Depth, Error> {
        let (enqueued, open) = match self {
            Self::Sqlite(pool) => {
                let query = "SELECT COUNT(*), COUNT(*) FILTER (WHERE status <> 'Done') FROM Jobs";
                sqlx::query_as(query).fetch_one(pool).await?
            }
            Self::Postgres(pool) => {
                let query =
                    "SELECT COUNT(*), COUNT(*) FILTER (WHERE status <> 'Done') FROM apalis.jobs";
                sqlx::query_as(query).fetch_one(pool).await?
            }
        };
        Ok(Depth { enqueued, open })
    }

    /// Forget what was finished before this moment, in seconds since 1970.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget(&self, before: i64) -> Result<(), Error> {
        match self {
            Self::Sqlite(pool) => {
                let query = "DELETE FROM Jobs WHERE status = 'Done' AND done_at < $1";
                sqlx::query(query).bind(before).execute(pool).await.map(drop)
            }
            Self::Postgres(pool) => {
                let query =
                    "DELETE FROM apalis.jobs WHERE status = 'Done' AND done_at < to_timestamp($1)";
                sqlx::query(query).bind(before).execute(pool).await.map(drop)
            }
        }
    }
}

/// Take every connection, each as soon as it is free. A statement takes about a millisecond.
async fn every_connection(pool: &SqlitePool) -> Result<Vec<PoolConnection<Sqlite>>, Error> {
    let mut taken = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        taken.push(pool.acquire().await?);
    }
    Ok(taken)
}

fn sqlite(pool: &SqlitePool) -> SqliteStorage<Job> {
    let config = apalis_sqlite::Config::default().queue(NAME).batch_size(BATCH);
    let config = config.heartbeat_interval(HEARTBEAT).missed_heartbeats(MISSED);
    SqliteStorage::new(pool).with_config(config)
}

fn postgres(pool: &PgPool) -> PostgresStorage<Job> {
    let config = apalis_postgres::Config::default().queue(NAME).batch_size(BATCH);
    let config = config.heartbeat_interval(HEARTBEAT).missed_heartbeats(MISSED);
    PostgresStorage::new(pool).with_config(config)
}

async fn perform(job: Job, worker: Data<Worker>) -> Result<(), BoxDynError> {
    Ok(worker.perform(&job).await?)
}
