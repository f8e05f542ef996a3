//! `__type__` as it runs.

mod database;
mod run;

use std::process::Command;

use __crate__::database::connect;
use __crate__::jobs::Jobs;

use run::Run;

#[tokio::test]
async fn it_does_what_is_in_the_queue_and_stops_when_it_is_asked_to() {
    let Some(url) = database::database("__type__").await else {
        return;
    };
    let jobs = Jobs::new(connect(&url).await.unwrap());
    for what in ["greet", "wave"] {
        jobs.put(what).await.unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE___type__"));
    let run = Run::start(command.env("DATABASE_URL", url));
    run.wait_for("done: greet");
    run.wait_for("done: wave");
    assert!(run.stop().success());
    assert_eq!(jobs.count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_job_is_given_to_one_worker_alone() {
    let Some(url) = database::database("__type___alone").await else {
        return;
    };
    let jobs = Jobs::new(connect(&url).await.unwrap());
    jobs.put("greet").await.unwrap();
    let (one, other) = tokio::join!(jobs.take(), jobs.take());
    let taken = [one.unwrap(), other.unwrap()];
    assert_eq!(taken.iter().flatten().count(), 1);
}
