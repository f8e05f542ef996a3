//! Monitors and their checks, in SQLite or PostgreSQL: one text for both, by sqlx's `Any`.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{AnyPool, Error, Executor};

use crate::check::{Check, Monitor, Outcome};
use crate::engine::{Engine, PATIENCE};
use crate::moment;

/// A connection to the database, shared by everybody in a process.
#[derive(Clone, Debug)]
pub struct Database {
    pool: AnyPool,
    file: Option<Opened>,
}

impl Database {
    /// Connect to a database that `migrate` has prepared.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        install_default_drivers();
        let engine = Engine::of(url)?;
        let is_file = matches!(engine, Engine::Sqlite(_));
        let options = AnyPoolOptions::new().max_connections(4).acquire_timeout(PATIENCE);
        let options = options.after_connect(move |connection, _| {
            Box::pin(async move {
                if is_file {
                    // What `Engine` says of SQLite, which `Any` has no words for.
                    let pragmas = "PRAGMA busy_timeout = 10000; PRAGMA synchronous = NORMAL";
                    connection.execute(pragmas).await?;
                }
                Ok(())
            })
        });
        let pool = engine.reach(options.connect(url)).await?;
        let file = match &engine {
            Engine::Sqlite(options) => Some(Opened::new(options.get_filename())?),
            Engine::Postgres(_) => None,
        };
        Ok(Self { pool, file })
    }

    /// Fail unless the database can be written, and is where it was.
    ///
    /// # Errors
    /// Why it cannot.
    pub async fn ping(&self) -> Result<(), Error> {
        if let Some(file) = &self.file {
            file.check()?;
        }
        // It finds nothing to do, and needs what every write needs: a file or a server, and
        // that nobody holds up all others.
        let write = "DELETE FROM monitors WHERE name = ''";
        sqlx::query(write).execute(&self.pool).await.map(drop)
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

/// The file that was opened. When it is removed or replaced, whoever has it open goes on to
/// read and write it, and nobody else ever sees that.
#[derive(Clone, Debug)]
struct Opened {
    path: PathBuf,
    /// Its device and its number there.
    identity: (u64, u64),
}

impl Opened {
    fn new(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), identity: identity(path)? })
    }

    fn check(&self) -> io::Result<()> {
        if identity(&self.path).ok() == Some(self.identity) {
            return Ok(());
        }
        let path = self.path.display();
        Err(io::Error::other(format!("`{path}` was removed or replaced, start again")))
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}
