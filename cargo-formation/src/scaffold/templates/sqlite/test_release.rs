//! `__type__` as it runs.

use std::fs;
use std::path::Path;
use std::process::Command;

/// What a database is called that nobody names.
const FILE: &str = "__name__.db";

#[test]
fn it_may_run_again_and_many_at_once() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("__type__");
    // What the last test left: there is no database yet.
    let _ = fs::remove_dir_all(&directory);
    let url = format!("sqlite:{}", directory.join("test.db").display());
    let mut command = Command::new(env!("CARGO_BIN_EXE___type__"));
    command.env("DATABASE_URL", &url);
    for _ in 0..2 {
        for mut run in [(); 8].map(|()| command.spawn().unwrap()) {
            assert!(run.wait().unwrap().success());
        }
    }
}

#[test]
fn without_a_database_it_is_where_systemd_lets_a_service_write() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("state");
    let _ = fs::remove_dir_all(&directory);
    let run = |state: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE___type__"));
        command
            .env_remove("DATABASE_URL")
            .env("STATE_DIRECTORY", state);
        command.output().unwrap()
    };
    let file = directory.join(FILE);
    assert!(run(&directory).status.success());
    assert!(file.exists());
    // Where it cannot be, its path is said.
    let below = run(&file);
    let said = String::from_utf8_lossy(&below.stdout);
    assert!(!below.status.success());
    let named = format!("cannot use `{}`: ", file.join(FILE).display());
    assert!(said.contains(&named), "{said}");
}
