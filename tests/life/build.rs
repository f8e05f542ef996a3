//! Signals while cargo works.

use harness::Workspace;
use rustix::process::Signal;

use crate::formation;

/// A build script that does not end by itself.
pub(crate) const POLITE: &str = "exec sleep 7010";
/// A build script that does not even end when it is asked to.
pub(crate) const DEAF: &str = "trap '' TERM INT HUP; while :; do sleep 7011; done";

/// A formation whose build script becomes a shell with this script.
pub(crate) fn blocked(script: &str) -> Workspace {
    let workspace = formation(r#"app = { bin = "zoo", args = ["idle"] }"#);
    let become_shell = format!(
        "use std::os::unix::process::CommandExt;\n\
         fn main() {{ panic!(\"{{}}\", std::process::Command::new(\"sh\").arg(\"-c\")\
         .arg({script:?}).exec()); }}\n"
    );
    workspace.write("build.rs", &become_shell);
    workspace
}

#[test]
fn a_signal_during_the_build_ends_cargo_and_what_it_started() {
    let workspace = blocked(POLITE);
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let tool = workspace.dev(&[]);
        workspace.wait_for_process("sleep 7010");
        tool.signal(signal);
        tool.ends_with(code);
        workspace.assert_nothing_alive();
        assert_eq!(tool.count("Started"), 0, "{}", tool.transcript());
    }
}

#[test]
fn a_build_that_ignores_the_signal_is_killed() {
    let workspace = blocked(DEAF);
    let tool = workspace.dev(&[]);
    workspace.wait_for_process("sleep 7011");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn a_second_signal_during_the_build_kills_it() {
    let workspace = blocked(DEAF);
    let tool = workspace.dev(&[]);
    workspace.wait_for_process("sleep 7011");
    tool.signal(Signal::INT);
    tool.wait_for("Stopping everything");
    tool.signal(Signal::INT);
    tool.ends_with(130);
    workspace.assert_nothing_alive();
}

#[test]
fn a_build_alone_hears_signals_too() {
    let workspace = blocked(POLITE);
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let tool = harness::Tool::start(workspace.command(&["build"]));
        workspace.wait_for_process("sleep 7010");
        tool.signal(signal);
        tool.ends_with(code);
        workspace.assert_nothing_alive();
    }
}

#[test]
fn a_build_that_fails_is_the_end_and_nothing_starts() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["idle"] }"#);
    workspace.write("src/bin/other.rs", "fn main() { no_such_thing() }\n");
    workspace.append("Cargo.toml", "other = {}");
    let tool = workspace.dev(&[]);
    tool.ends_with(101);
    tool.wait_for("no_such_thing");
    tool.wait_for("Stopping because the build failed");
    workspace.assert_nothing_alive();
}
