//! Which database `DATABASE_URL` names: an SQLite file, or a PostgreSQL server.

use std::fmt;
use std::io;
use std::str::FromStr;
use std::time::Duration;

use sqlx::Error;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};

/// How long a process waits for the database, be it for a connection or for another writer.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The two kinds of database, and where one is. Shown without user and password.
#[derive(Clone, Debug)]
pub enum Engine {
    /// A file, and nothing to install.
    Sqlite(SqliteConnectOptions),
    /// A server, for more than one machine.
    Postgres(PgConnectOptions),
}

impl Engine {
    /// The one at this address.
    ///
    /// # Errors
    /// When it is no address of either, or of a database that processes cannot share.
    pub fn of(url: &str) -> Result<Self, Error> {
        match url.split_once(':') {
            Some(("sqlite", _)) => sqlite(url).map(Self::Sqlite),
            Some(("postgres" | "postgresql", _)) => {
                PgConnectOptions::from_str(url).map(Self::Postgres)
            }
            // Not the address itself: it may have a password.
            Some(_) | None => {
                let why = "`DATABASE_URL` begins with neither `sqlite:` nor `postgres:`";
                Err(Error::Configuration(why.into()))
            }
        }
    }

    /// Wait for a connection. Of a server it is said for whom, since that may be in vain.
    ///
    /// # Errors
    /// When there is none: of a file, which.
    pub async fn reach<T>(
        &self,
        connecting: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        if let Self::Postgres(_) = self {
            tracing::info!("connecting to {self}");
        }
        match connecting.await {
            Err(Error::PoolTimedOut) => {
                let why = format!("no answer from {self} within {} s", PATIENCE.as_secs());
                Err(io::Error::new(io::ErrorKind::TimedOut, why).into())
            }
            Err(error) if matches!(self, Self::Sqlite(_)) => Err(self.unusable(&error)),
            connected => connected,
        }
    }

    /// Why it cannot be used, with its name: nobody else says it.
    pub fn unusable(&self, why: &dyn fmt::Display) -> Error {
        io::Error::other(format!("cannot use {self}: {why}")).into()
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(options) => write!(f, "`{}`", options.get_filename().display()),
            Self::Postgres(options) => match options.get_socket() {
                Some(socket) => write!(f, "PostgreSQL in `{}`", socket.display()),
                None => write!(f, "PostgreSQL at {}:{}", options.get_host(), options.get_port()),
            },
        }
    }
}

/// How every process opens an SQLite file.
fn sqlite(url: &str) -> Result<SqliteConnectOptions, Error> {
    let options = SqliteConnectOptions::from_str(url)?;
    let name = options.get_filename().to_string_lossy();
    // No name at all is memory, too; `file:` is what sqlx makes of `:memory:`.
    let is_memory = ["", ":memory:"].contains(&&*name) || name.starts_with("file:");
    if is_memory || url.contains("mode=memory") {
        let why = "`DATABASE_URL` is a database in memory, which no two processes can share: \
                   name a file, as in `sqlite:data/uptime.db`";
        return Err(Error::Configuration(why.into()));
    }
    // With a write-ahead log, `NORMAL` loses nothing when a process is killed.
    Ok(options.busy_timeout(PATIENCE).synchronous(SqliteSynchronous::Normal))
}

#[cfg(test)]
mod tests {
    use super::Engine;

    fn check(url: &str, expected: &str) {
        let found = match Engine::of(url) {
            Ok(engine) => engine.to_string(),
            Err(error) => error.to_string(),
        };
        assert!(found.contains(expected), "{url}: {found}");
        assert!(!found.contains("hunter2"), "{url}: {found}");
    }

    #[test]
    fn an_address_is_a_file_or_a_server() {
        check("sqlite:data/uptime.db", "`data/uptime.db`");
        check("sqlite:///var/a%20b.db?mode=rwc", "`/var/a b.db`");
        check("postgres://me:hunter2@db.example/uptime", "PostgreSQL at db.example:5432");
        check("postgresql://me:hunter2@[::1]:5433/uptime", "PostgreSQL at [::1]:5433");
        check(
            "postgres://me@localhost/uptime?host=/run/postgresql",
            "PostgreSQL in `/run/postgresql`",
        );
    }

    #[test]
    fn anything_else_is_refused_without_its_password() {
        let neither = "begins with neither `sqlite:` nor `postgres:`";
        check("mysql://me:hunter2@localhost/uptime", neither);
        check("data/uptime.db", neither);
        check("postgres://me:hunter2@db.example:port/uptime", "invalid port number");
    }

    #[test]
    fn what_processes_cannot_share_is_refused() {
        let memory = ["sqlite::memory:", "sqlite://:memory:", "sqlite:%3Amemory%3A", "sqlite:"];
        let uris = ["sqlite:x?mode=memory", "sqlite:file:x", "sqlite://?mode=memory&cache=shared"];
        for url in memory.into_iter().chain(uris) {
            check(url, "name a file, as in `sqlite:data/uptime.db`");
        }
    }
}
