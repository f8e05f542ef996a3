//! The database, a file: the one of `DATABASE_URL` if that is set.

use std::env;
use std::fs::{self, File};
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{Error, SqlSafeStr, SqlitePool};

/// Connections to the database, for everybody in a process.
pub type Pool = SqlitePool;

/// What makes the tables, in this order: a number, a name, and what is done, once.
const MIGRATIONS: [(i64, &str, &str); 1] = [(1, "jobs", include_str!("../migrations/1_jobs.sql"))];

/// The one of development: a file of the directory where the processes start.
const FILE: &str = "sqlite:data/__name__.db";

/// So long a writer waits for the others.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the database is, by the environment.
#[must_use]
pub fn url() -> String {
    let url = env::var("DATABASE_URL").ok();
    url.filter(|url| !url.is_empty())
        .unwrap_or_else(|| FILE.to_owned())
}

/// Connect to a database, __whose__.
///
/// # Errors
/// When it is not there, or cannot be used.
pub async fn connect(url: &str) -> Result<Pool, Error> {
    __first__Pool::connect_with(options(url)?).await
}

/// Create the file if there is none, and bring its tables up to date.
///
/// # Errors
/// When it cannot be written.
pub async fn migrate(url: &str) -> Result<(), Error> {
    let options = options(url)?.create_if_missing(true);
    let file = options.get_filename();
    fs::create_dir_all(file.parent().unwrap_or(file))?;
    // Two at once wait for each other; the lock ends with the process, whatever happens.
    let lock = file.with_added_extension("lock");
    let lock = File::options().append(true).create(true).open(lock)?;
    lock.lock()?;
    let pool = Pool::connect_with(options).await?;
    migrator().run(&pool).await?;
    pool.close().await;
    Ok(())
}

fn options(url: &str) -> Result<SqliteConnectOptions, Error> {
    // Readers do not wait for writers.
    let options = SqliteConnectOptions::from_str(url)?.journal_mode(SqliteJournalMode::Wal);
    Ok(options.busy_timeout(PATIENCE))
}

fn migrator() -> Migrator {
    let migrations = MIGRATIONS.map(|(number, name, text)| {
        let text = text.into_sql_str();
        Migration::new(number, name.into(), MigrationType::Simple, text, false)
    });
    Migrator::with_migrations(migrations.into())
}
