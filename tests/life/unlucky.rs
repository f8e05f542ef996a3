//! What happens around a formation that nobody has planned.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rustix::process::Signal;

use crate::build::{POLITE, blocked};
use crate::formation;

#[test]
fn a_build_that_somebody_ends_has_not_failed() {
    let workspace = blocked(POLITE);
    let tool = workspace.dev(&[]);
    workspace.wait_for_process("sleep 7010");
    tool.signal(Signal::INT);
    tool.ends_with(130);
    assert_eq!(tool.count("build failed"), 0, "{}", tool.transcript());
}

#[test]
fn a_cargo_that_leaves_somebody_with_its_streams_is_not_waited_for() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["idle"] }"#);
    let cargo = workspace.beside("cargo");
    let script = "#!/bin/sh\n\
                  if [ \"$1\" = metadata ]; then exec \"$REAL_CARGO\" \"$@\"; fi\n\
                  setsid sleep 7012 &\n\
                  exit 3\n";
    fs::write(&cargo, script).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    for command in [&["dev", "--no-watch"][..], &["build"]] {
        let mut tool = workspace.command(command);
        tool.env("CARGO", &cargo).env("REAL_CARGO", env!("CARGO"));
        let tool = harness::Tool::start(tool);
        tool.ends_with(101);
        workspace.wait_for_process("sleep 7012").signal(Signal::KILL);
    }
}

#[test]
fn a_hangup_that_is_ignored_stays_so() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["idle"] }"#);
    let ignoring = ["sh", "-c", "trap '' HUP; exec \"$0\" \"$@\""];
    let tool = harness::Tool::start(workspace.command_under(&ignoring, &["dev"]));
    tool.wait_for("app.1  | ready");
    tool.signal(Signal::HUP);
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    assert_eq!(tool.count("Stopping"), 1, "{}", tool.transcript());
}

#[test]
fn a_build_that_is_gone_is_named() {
    let types = r#"app = { bin = "zoo", args = ["crash-after", "1500", "1"] }"#;
    let workspace = formation(types);
    let tool = workspace.dev(&[]);
    tool.wait_for("app.1  | ready");
    fs::remove_dir_all(workspace.root().join("target")).unwrap();
    tool.wait_for("is gone; stop `dev` and start it again");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
}
