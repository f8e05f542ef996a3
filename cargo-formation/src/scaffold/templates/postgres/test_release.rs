//! `__type__` as it runs.

mod database;

use std::process::Command;

#[tokio::test]
async fn it_may_run_again_and_twice_at_once() {
    let Some(url) = database::database("__type__").await else {
        return;
    };
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE___type__"));
        command.env("DATABASE_URL", &url).spawn().unwrap()
    };
    for mut run in [start(), start()] {
        assert!(run.wait().unwrap().success());
    }
}
