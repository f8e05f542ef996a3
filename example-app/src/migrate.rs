//! What `migrate` does: create what is missing, and bring all tables up to date.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::thread;

use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{Error, SqlSafeStr, SqlitePool};
use tokio::sync::oneshot;

use crate::engine::{Engine, PATIENCE};

/// Bring the tables of the queue and ours up to date. Nothing happens where that was done
/// before, and two at once wait for each other.
///
/// # Errors
/// When the database cannot be reached or written.
pub async fn migrate(url: &str) -> Result<(), Error> {
    let engine = Engine::of(url)?;
    match &engine {
        Engine::Sqlite(options) => sqlite(&engine, options.clone()).await,
        Engine::Postgres(options) => {
            let pool = PgPoolOptions::new().acquire_timeout(PATIENCE);
            let pool = engine.reach(pool.connect_with(options.clone())).await?;
            PostgresStorage::migrations().run(&pool).await?;
            migrations().run(&pool).await?;
            pool.close().await;
            Ok(())
        }
    }
}

async fn sqlite(engine: &Engine, options: SqliteConnectOptions) -> Result<(), Error> {
    // sqlx locks PostgreSQL while it migrates, and cannot lock SQLite.
    let lock = lock(options.get_filename()).await;
    let _lock = lock.map_err(|error| engine.unusable(&error))?;
    // Readers do not wait for writers. It stays with the file.
    let options = options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    let pool = engine.reach(SqlitePool::connect_with(options)).await?;
    SqliteStorage::migrations().run(&pool).await?;
    migrations().run(&pool).await?;
    pool.close().await;
    Ok(())
}

/// Hold a lock beside the database until this is dropped, or the process ends. The file is
/// named as SQLite names its own, `uptime.db-wal`; if it is somebody else's, it stays as it is.
async fn lock(database: &Path) -> io::Result<File> {
    if let Some(directory) = database.parent() {
        fs::create_dir_all(directory)?;
    }
    let mut path = database.as_os_str().to_owned();
    path.push("-lock");
    let file = File::options().append(true).create(true).open(path)?;
    if file.try_lock().is_ok() {
        return Ok(file);
    }
    tracing::info!("another `migrate` is at work, waiting for its end");
    let (sender, locked) = oneshot::channel();
    // Not a thread of the runtime, which would not end before this one has the lock.
    thread::spawn(move || sender.send(file.lock().map(|()| file)));
    locked.await.map_err(io::Error::other)?
}

fn migrations() -> Migrator {
    let sql = include_str!("../migrations/1_monitors_and_checks.sql").into_sql_str();
    let first = Migration::new(1, "monitors and checks".into(), MigrationType::Simple, sql, false);
    let mut migrator = Migrator::with_migrations(vec![first]);
    // The queue keeps account of its own under the usual name.
    migrator.dangerous_set_table_name("uptime_migrations");
    migrator
}
