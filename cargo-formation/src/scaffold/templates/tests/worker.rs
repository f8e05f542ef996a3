//! `__type__` as it runs.

mod run;

use std::process::Command;

use run::Run;

#[test]
fn it_works_and_stops_when_it_is_asked_to() {
    let run = Run::start(&mut Command::new(env!("CARGO_BIN_EXE___type__")));
    run.wait_for("nothing to do");
    assert!(run.stop().success());
}
