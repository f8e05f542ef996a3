//! A database for a test, which nobody else uses.

use std::io::{self, Write};
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, PgPool};

use __crate__::database;

/// Make one of this name, with its tables. The value of `DATABASE_URL` for it; nothing, and a
/// line that says so, where there is no server.
pub async fn database(name: &str) -> Option<String> {
    let Ok(server) = database::url() else {
        // Not `eprintln!`, which is kept from who runs the tests if they pass.
        let _ = writeln!(
            io::stderr(),
            "SKIPPED {name}: without PostgreSQL; see README.md"
        );
        return None;
    };
    let name = format!("test_{name}").replace('-', "_");
    let pool = PgPool::connect(&server).await.unwrap();
    for order in ["DROP DATABASE IF EXISTS", "CREATE DATABASE"] {
        pool.execute(AssertSqlSafe(format!("{order} {name}")))
            .await
            .unwrap();
    }
    let options = PgConnectOptions::from_str(&server).unwrap().database(&name);
    let url = options.to_url_lossy().to_string();
    database::migrate(&url).await.unwrap();
    Some(url)
}
