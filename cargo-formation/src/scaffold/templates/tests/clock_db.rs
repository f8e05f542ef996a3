//! `__type__` as it runs.

mod database;
mod run;

use std::process::Command;

use __crate__::database::connect;
use __crate__::jobs::Jobs;

use run::Run;

#[tokio::test]
async fn it_puts_what_is_due_into_the_queue_and_stops_when_it_is_asked_to() {
    let Some(url) = database::database("__type__").await else {
        return;
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE___type__"));
    let run = Run::start(command.env("DATABASE_URL", &url));
    run.wait_for("tick");
    assert!(run.stop().success());
    let jobs = Jobs::new(connect(&url).await.unwrap());
    assert_eq!(jobs.count().await.unwrap(), 1);
}
