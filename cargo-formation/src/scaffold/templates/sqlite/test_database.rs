//! A database for a test, which nobody else uses.

use std::fs;
use std::path::Path;

use __crate__::database;

/// Make one of this name, with its tables. The value of `DATABASE_URL` for it.
pub async fn database(name: &str) -> Option<String> {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // What the last test left.
    let _ = fs::remove_dir_all(&directory);
    let url = format!("sqlite:{}", directory.join("test.db").display());
    database::migrate(&url).await.unwrap();
    Some(url)
}
