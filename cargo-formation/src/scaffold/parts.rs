//! The parts of a scaffold: which template is used for what.

use super::{Database, Kind};

/// The binary of a kind.
pub(super) fn binary(kind: Kind, database: Option<Database>) -> &'static str {
    match (kind, database) {
        (Kind::Web, None) => include_str!("templates/bin/web.rs"),
        (Kind::Web, Some(_)) => include_str!("templates/bin/web_db.rs"),
        (Kind::Worker, None) => include_str!("templates/bin/worker.rs"),
        (Kind::Worker, Some(_)) => include_str!("templates/bin/worker_db.rs"),
        (Kind::Clock, None) => include_str!("templates/bin/clock.rs"),
        (Kind::Clock, Some(_)) => include_str!("templates/bin/clock_db.rs"),
        (Kind::Release, None) => include_str!("templates/bin/release.rs"),
        (Kind::Release, Some(_)) => include_str!("templates/bin/release_db.rs"),
    }
}

/// The test of a kind.
pub(super) fn test(kind: Kind, database: Option<Database>) -> &'static str {
    match (kind, database) {
        (Kind::Web, None) => include_str!("templates/tests/web.rs"),
        (Kind::Web, Some(_)) => include_str!("templates/tests/web_db.rs"),
        (Kind::Worker, None) => include_str!("templates/tests/worker.rs"),
        (Kind::Worker, Some(_)) => include_str!("templates/tests/worker_db.rs"),
        (Kind::Clock, None) => include_str!("templates/tests/clock.rs"),
        (Kind::Clock, Some(_)) => include_str!("templates/tests/clock_db.rs"),
        (Kind::Release, None) => include_str!("templates/tests/release.rs"),
        // Each has its own way to lock what it migrates.
        (Kind::Release, Some(Database::Sqlite)) => include_str!("templates/sqlite/test_release.rs"),
        (Kind::Release, Some(Database::Postgres)) => {
            include_str!("templates/postgres/test_release.rs")
        }
    }
}

/// What a kind says in the table.
pub(super) fn entry(kind: Kind, name: &str) -> &'static str {
    match kind {
        // Any other than `web` has to say that it wants a port.
        Kind::Web if name != Kind::Web.name() => "{ port = true, health = \"/healthz\" }",
        Kind::Web => "{ health = \"/healthz\" }",
        Kind::Worker | Kind::Release => "{}",
        Kind::Clock => "{ singleton = true }",
    }
}

/// The modules of the library, by name.
pub(super) fn modules(
    kinds: &[Kind],
    database: Option<Database>,
) -> Vec<(&'static str, &'static str)> {
    let mut modules = Vec::new();
    if let Some(database) = database {
        modules.push(("database", self::database(database)));
        modules.push(("jobs", include_str!("templates/src/jobs.rs")));
    }
    if kinds.contains(&Kind::Web) {
        modules.push(("listen", include_str!("templates/src/listen.rs")));
    }
    modules.push(("logging", include_str!("templates/src/logging.rs")));
    modules.push(("shutdown", include_str!("templates/src/shutdown.rs")));
    modules
}

fn database(database: Database) -> &'static str {
    match database {
        Database::Sqlite => include_str!("templates/sqlite/database.rs"),
        Database::Postgres => include_str!("templates/postgres/database.rs"),
    }
}

/// What the tests share, by name.
pub(super) fn shared_by_tests(
    kinds: &[Kind],
    database: Option<Database>,
) -> Vec<(&'static str, &'static str)> {
    let run = ("run", include_str!("templates/tests/run.rs"));
    let runs = kinds.iter().any(|kind| *kind != Kind::Release);
    let database = match database {
        None => None,
        Some(Database::Sqlite) if !runs => None,
        Some(Database::Sqlite) => Some(include_str!("templates/sqlite/test_database.rs")),
        Some(Database::Postgres) => Some(include_str!("templates/postgres/test_database.rs")),
    };
    let database = database.map(|text| ("database", text));
    database.into_iter().chain(runs.then_some(run)).collect()
}

/// The first migration.
pub(super) fn migration(database: Database) -> &'static str {
    match database {
        Database::Sqlite => include_str!("templates/sqlite/1_jobs.sql"),
        Database::Postgres => include_str!("templates/postgres/1_jobs.sql"),
    }
}
