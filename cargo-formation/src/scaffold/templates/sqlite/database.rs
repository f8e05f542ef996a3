//! The database, a file: the one of `DATABASE_URL` if that is set.

use std::env;
use std::fmt::Display;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{Error, SqlSafeStr, SqlitePool};

/// Connections to the database, for everybody in a process.
pub type Pool = SqlitePool;

/// What makes the tables, in this order: a number, a name, and what is done, once.
const MIGRATIONS: [(i64, &str, &str); 1] = [(1, "jobs", include_str!("../migrations/1_jobs.sql"))];

/// What the file is called.
const FILE: &str = "__name__.db";

/// So long a writer waits for the others.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the database is, by the environment.
#[must_use]
pub fn url() -> String {
    let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
    variable("DATABASE_URL").unwrap_or_else(|| own(variable("STATE_DIRECTORY").as_deref()))
}

/// The file in the directory that systemd keeps for a service, of several in the first; else in
/// one of the directory where the processes start, as in development.
fn own(state: Option<&str>) -> String {
    let directory = state.and_then(|state| state.split(':').next());
    format!("sqlite:{}/{FILE}", directory.unwrap_or("data"))
}

/// Connect to a database, __whose__.
///
/// # Errors
/// When it is not there, or cannot be used.
pub async fn connect(url: &str) -> Result<Pool, Error> {
    __first__open(options(url)?).await
}

/// Create the file if there is none, and bring its tables up to date.
///
/// # Errors
/// When it cannot be written.
pub async fn migrate(url: &str) -> Result<(), Error> {
    let options = options(url)?.create_if_missing(true);
    let file = options.get_filename();
    // Two at once wait for each other; the lock ends with the process, whatever happens.
    let _lock = lock(file).map_err(|error| unusable(file, &error))?;
    let pool = open(options).await?;
    migrator().run(&pool).await?;
    pool.close().await;
    Ok(())
}

/// Lock a file beside the database, whose directory is made.
fn lock(database: &Path) -> io::Result<File> {
    fs::create_dir_all(database.parent().unwrap_or(database))?;
    let path = database.with_added_extension("lock");
    let lock = File::options().append(true).create(true).open(path)?;
    lock.lock()?;
    Ok(lock)
}

async fn open(options: SqliteConnectOptions) -> Result<Pool, Error> {
    let opened = Pool::connect_with(options.clone()).await;
    opened.map_err(|error| unusable(options.get_filename(), &error))
}

/// Why, with the path: nobody else says it.
fn unusable(file: &Path, why: &dyn Display) -> Error {
    io::Error::other(format!("cannot use `{}`: {why}", file.display())).into()
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

#[cfg(test)]
mod tests {
    use super::{FILE, own};

    #[test]
    fn the_file_is_where_a_service_may_write() {
        assert_eq!(own(None), format!("sqlite:data/{FILE}"));
        let state = Some("/var/lib/a:/var/lib/b");
        assert_eq!(own(state), format!("sqlite:/var/lib/a/{FILE}"));
    }
}
