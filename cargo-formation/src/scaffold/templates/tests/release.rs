//! `__type__` as it runs.

use std::process::Command;

#[test]
fn it_may_run_again() {
    for _ in 0..2 {
        let status = Command::new(env!("CARGO_BIN_EXE___type__")).status();
        assert!(status.unwrap().success());
    }
}
