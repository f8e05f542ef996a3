//! The database: the server of `DATABASE_URL`, or else the one of the formation.

use std::env;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Error, PgPool, SqlSafeStr};

/// Connections to the database, for everybody in a process.
pub type Pool = PgPool;

/// What makes the tables, in this order: a number, a name, and what is done, once.
const MIGRATIONS: [(i64, &str, &str); 1] = [(1, "jobs", include_str!("../migrations/1_jobs.sql"))];

/// So long we wait for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the database is, by the environment.
///
/// # Errors
/// When nobody says.
pub fn url() -> Result<String, Error> {
    let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
    // In development it is a backing service, of which only the address is known.
    let own = variable("FORMATION_POSTGRES_URL");
    let own = own.map(|url| url.replacen("tcp://", "postgres://app@", 1) + "/app");
    let url = variable("DATABASE_URL").or(own);
    url.ok_or_else(|| Error::Configuration("`DATABASE_URL` is not set".into()))
}

/// Connect to a database, __whose__.
///
/// # Errors
/// When it cannot be reached.
pub async fn connect(url: &str) -> Result<Pool, Error> {
    __first__open(url).await
}

/// Bring the tables up to date. Two at once wait for each other.
///
/// # Errors
/// When the database cannot be reached or written.
pub async fn migrate(url: &str) -> Result<(), Error> {
    let pool = open(url).await?;
    migrator().run(&pool).await?;
    pool.close().await;
    Ok(())
}

async fn open(url: &str) -> Result<Pool, Error> {
    // That something is there already is nothing to be told of.
    let quiet = [("client_min_messages", "warning")];
    let options = PgConnectOptions::from_str(url)?.options(quiet);
    let pool = PgPoolOptions::new().acquire_timeout(PATIENCE);
    pool.connect_with(options).await
}

fn migrator() -> Migrator {
    let migrations = MIGRATIONS.map(|(number, name, text)| {
        let text = text.into_sql_str();
        Migration::new(number, name.into(), MigrationType::Simple, text, false)
    });
    Migrator::with_migrations(migrations.into())
}
