//! `__type__` as it runs.

use std::fs;
use std::path::Path;
use std::process::Command;

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
