//! Monitors and their checks, in SQLite or PostgreSQL: one text for both, by sqlx's `Any`.

use std::fs::{self, File};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AnyPool, Error, Executor, PgPool, SqlSafeStr, SqlitePool};

use crate::check::{Check, Monitor, Outcome};
use crate::moment;

/// How long a process waits for the database, be it for a connection or for another writer.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The two kinds of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file, and nothing to install.
    Sqlite,
    /// A server, for more than one machine.
    Postgres,
}

impl Engine {
    /// The kind that an address asks for.
    ///
    /// # Errors
    /// When it is neither.
    pub fn of(url: &str) -> Result<Self, Error> {
        match url.split_once(':') {
            Some(("sqlite", _)) => Ok(Self::Sqlite),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres),
            // Not the address itself: it may have a password.
            Some(_) | None => {
                let why = "`DATABASE_URL` begins with neither `sqlite:` nor `postgres:`";
                Err(Error::Configuration(why.into()))
            }
        }
    }
}

/// How every process opens an SQLite file.
///
/// # Errors
/// When it is no address of one.
pub fn sqlite_options(url: &str) -> Result<SqliteConnectOptions, Error> {
    let options = SqliteConnectOptions::from_str(url)?;
    // With a write-ahead log, `NORMAL` loses nothing when a process is killed.
    Ok(options.busy_timeout(PATIENCE).synchronous(SqliteSynchronous::Normal))
}

/// Create what is missing, and bring the tables of the queue and ours up to date.
/// Nothing happens where that was done before, and two at once wait for each other.
///
/// # Errors
/// When the database cannot be reached or written.
pub async fn migrate(url: &str) -> Result<(), Error> {
    match Engine::of(url)? {
        Engine::Sqlite => {
            let options = sqlite_options(url)?.create_if_missing(true);
            // sqlx locks PostgreSQL while it migrates, and cannot lock SQLite.
            let _lock = lock(options.get_filename())?;
            // Readers do not wait for writers. It stays with the file.
            let options = options.journal_mode(SqliteJournalMode::Wal);
            let pool = SqlitePool::connect_with(options).await?;
            SqliteStorage::migrations().run(&pool).await?;
            migrations().run(&pool).await?;
            pool.close().await;
        }
        Engine::Postgres => {
            let pool = PgPool::connect(url).await?;
            PostgresStorage::migrations().run(&pool).await?;
            migrations().run(&pool).await?;
            pool.close().await;
        }
    }
    Ok(())
}

/// Hold a lock beside the file until this is dropped, or the process ends.
fn lock(database: &Path) -> Result<File, Error> {
    if let Some(directory) = database.parent() {
        fs::create_dir_all(directory)?;
    }
    let file = File::create(database.with_extension("lock"))?;
    file.lock()?;
    Ok(file)
}

fn migrations() -> Migrator {
    let sql = include_str!("../migrations/1_monitors_and_checks.sql").into_sql_str();
    let first = Migration::new(1, "monitors and checks".into(), MigrationType::Simple, sql, false);
    let mut migrator = Migrator::with_migrations(vec![first]);
    // The queue keeps account of its own under the usual name.
    migrator.dangerous_set_table_name("uptime_migrations");
    migrator
}

/// A connection to the database, shared by everybody in a process.
#[derive(Clone, Debug)]
pub struct Database {
    pool: AnyPool,
}

impl Database {
    /// Connect to a database that `migrate` has prepared.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        install_default_drivers();
        let engine = Engine::of(url)?;
        let options = AnyPoolOptions::new().max_connections(4).acquire_timeout(PATIENCE);
        let options = options.after_connect(move |connection, _| {
            Box::pin(async move {
                if engine == Engine::Sqlite {
                    // What `sqlite_options` says, which `Any` has no words for.
                    let pragmas = "PRAGMA busy_timeout = 10000; PRAGMA synchronous = NORMAL";
                    connection.execute(pragmas).await?;
                }
                Ok(())
            })
        });
        Ok(Self { pool: options.connect(url).await? })
    }

    /// Fail unless the database answers.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        sqlx::query("SELECT 1 FROM monitors").execute(&self.pool).await.map(drop)
    }

    /// Every monitor, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn monitors(&self) -> Result<Vec<Monitor>, Error> {
        let query = "SELECT name, url, every FROM monitors ORDER BY name";
        sqlx::query_as(query).fetch_all(&self.pool).await
    }

    /// The monitor of this name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn monitor(&self, name: &str) -> Result<Option<Monitor>, Error> {
        let query = "SELECT name, url, every FROM monitors WHERE name = $1";
        sqlx::query_as(query).bind(name).fetch_optional(&self.pool).await
    }

    /// Add a monitor, or change the one of its name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn save(&self, monitor: &Monitor) -> Result<(), Error> {
        let query = "INSERT INTO monitors (name, url, every) VALUES ($1, $2, $3) \
                     ON CONFLICT (name) DO UPDATE SET url = excluded.url, every = excluded.every";
        let query = sqlx::query(query).bind(&monitor.name).bind(&monitor.url).bind(monitor.every);
        query.execute(&self.pool).await.map(drop)
    }

    /// Remove a monitor and its checks. Whether there was one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove(&self, name: &str) -> Result<bool, Error> {
        let query = sqlx::query("DELETE FROM monitors WHERE name = $1").bind(name);
        Ok(query.execute(&self.pool).await?.rows_affected() > 0)
    }

    /// Record what a check found. Whether that was news: of a check that was recorded
    /// before, or whose monitor is gone, nothing is kept.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn record(
        &self,
        (monitor, due): (&str, i64),
        outcome: &Outcome,
        worker: &str,
    ) -> Result<bool, Error> {
        let query = "INSERT INTO checks (monitor, due, at, state, detail, took_ms, worker) \
                     SELECT name, $2, $3, $4, $5, $6, $7 FROM monitors WHERE name = $1 \
                     ON CONFLICT (monitor, due) DO NOTHING";
        let query = sqlx::query(query).bind(monitor).bind(due).bind(moment::now());
        let query = query.bind(outcome.state.as_str()).bind(&outcome.detail);
        let query = query.bind(outcome.took_ms).bind(worker);
        Ok(query.execute(&self.pool).await?.rows_affected() > 0)
    }

    /// The last checks of a monitor, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn history(&self, monitor: &str, limit: usize) -> Result<Vec<Check>, Error> {
        let query = "SELECT due, at, state, detail, took_ms, worker FROM checks \
                     WHERE monitor = $1 ORDER BY due DESC LIMIT $2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = sqlx::query_as(query).bind(monitor).bind(limit);
        let mut checks: Vec<Check> = query.fetch_all(&self.pool).await?;
        checks.reverse();
        Ok(checks)
    }

    /// Forget the checks that were due before this moment. How many those were.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget(&self, before: i64) -> Result<u64, Error> {
        let query = sqlx::query("DELETE FROM checks WHERE due < $1").bind(before);
        Ok(query.execute(&self.pool).await?.rows_affected())
    }
}
