//! `test`: a formation of its own, a command that uses it, and the end of both.

use std::fs;

use harness::{Stream, Tool, Workspace};
use rustix::process::Signal;

/// A workspace with these process types, in which each may run the zoo.
fn formation(types: &str) -> Workspace {
    Workspace::new(env!("CARGO_BIN_EXE_cargo-formation"), types)
}

const LISTEN: &str = r#"app = { bin = "zoo", args = ["listen"], port = true }"#;

/// `test` with a shell script for a command.
fn test(workspace: &Workspace, script: &str) -> Tool {
    let tool = env!("CARGO_BIN_EXE_cargo-formation");
    Tool::start(workspace.command(&["test", "--", "sh", "-c", script, "sh", tool]))
}

/// Run it to its end, which is to have this exit code.
fn check(types: &str, script: &str, code: i32) -> Tool {
    let workspace = formation(types);
    let tool = test(&workspace, script);
    tool.ends_with(code);
    workspace.assert_nothing_alive();
    tool
}

#[test]
fn the_command_finds_everybody_up_and_its_exit_code_is_that_of_all() {
    let script = r#"echo "at $FORMATION_APP_URL"; "$1" ps; exit 3"#;
    let tool = check(LISTEN, script, 3);
    assert!(tool.text(Stream::Out).contains("at http://127.0.0.1:"), "{}", tool.transcript());
    assert!(tool.text(Stream::Out).contains("ready"), "{}", tool.transcript());
}

#[test]
fn what_processes_write_is_shown_when_it_fails_and_only_then() {
    let tool = check(LISTEN, "echo fine", 0);
    assert_eq!(tool.count("app.1  |"), 0, "{}", tool.transcript());
    let tool = check(LISTEN, "exit 1", 1);
    tool.wait_for("app.1  | listening on ");
}

#[test]
fn one_signal_is_told_as_a_shell_tells_it() {
    check(LISTEN, "kill -KILL $$", 128 + 9);
}

#[test]
fn a_command_that_is_not_there_is_said_to_be() {
    let workspace = formation(LISTEN);
    let tool = Tool::start(workspace.command(&["test", "--", "no such program"]));
    tool.ends_with(127);
    tool.wait_for("error: cannot run `no such program`: No such file");
    workspace.assert_nothing_alive();
}

#[test]
fn nothing_is_tested_that_does_not_come_up() {
    let types = r#"
        app = { bin = "zoo", args = ["exit", "3"], port = true }
        idle = { bin = "zoo", args = ["idle"] }
    "#;
    let tool = check(types, "echo tested", 1);
    tool.wait_for("error: nothing is tested: app.1 failed: exit code 3");
    assert!(!tool.text(Stream::Out).contains("tested"), "{}", tool.transcript());
}

#[test]
fn nothing_is_tested_after_a_release_that_failed_and_its_words_are_shown() {
    let workspace = formation("app = { bin = \"zoo\", args = [\"idle\"] }");
    let marker = workspace.beside("marker").display().to_string();
    let release = format!("release = {{ bin = \"zoo\", args = [\"once\", \"{marker}\"] }}");
    workspace.append("Cargo.toml", &release);
    let tool = test(&workspace, "echo tested");
    tool.ends_with(1);
    workspace.assert_nothing_alive();
    assert!(!tool.text(Stream::Out).contains("tested"), "{}", tool.transcript());
    tool.wait_for("release.1  | the first time");
}

#[test]
fn nothing_is_tested_that_is_not_built() {
    let workspace = formation(LISTEN);
    workspace.write("src/main.rs", "fn main() { what }");
    workspace.write(
        "Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [package.metadata.formation]\napp = {}\n",
    );
    let tool = test(&workspace, "echo tested");
    tool.ends_with(101);
    assert!(!tool.text(Stream::Out).contains("tested"), "{}", tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn who_ends_well_before_the_command_does_ends_nothing() {
    let types = r#"app = { bin = "zoo", args = ["exit", "0"] }"#;
    let script = r#"until "$1" ps | grep -q finished; do :; done; exit 5"#;
    check(types, script, 5);
}

#[test]
fn a_crash_during_the_test_is_the_test_s_affair() {
    let script = r#"
        pid=$("$1" ps | sed -n 's/^app\.1 *ready *\([0-9]*\) .*/\1/p')
        kill -KILL "$pid"
        until "$1" ps --format json | grep -q '"ready".*"restarts":1'; do :; done; exit 6
    "#;
    check(LISTEN, script, 6);
}

#[test]
fn it_stands_beside_a_formation_that_runs() {
    let workspace = formation(LISTEN);
    let dev = workspace.dev(&[]);
    let theirs = dev.wait_for("app.1  | listening on ").text();
    let tool = test(&workspace, r#"echo "$FORMATION_APP_URL"; "$1" restart app"#);
    tool.ends_with(0);
    let port = theirs.rsplit(':').next().unwrap().to_owned();
    assert!(!tool.text(Stream::Out).contains(&format!(":{port}\n")), "{}", tool.transcript());
    assert_eq!(dev.count("Restarted"), 0, "{}", dev.transcript());
    dev.signal(Signal::TERM);
    dev.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn whoever_the_command_leaves_behind_goes_too() {
    let workspace = formation(LISTEN);
    let tool = test(&workspace, "sleep 4711 & exit 0");
    tool.ends_with(0);
    workspace.assert_nothing_alive();
    assert!(workspace.find("sleep 4711").is_none());
}

#[test]
fn a_request_to_stop_reaches_the_command_too() {
    let workspace = formation(LISTEN);
    let marker = workspace.beside("asked");
    let script = format!(
        "trap 'touch {}; exit 9' TERM; echo here; while :; do sleep 0.05; done",
        marker.display()
    );
    let tool = test(&workspace, &script);
    tool.wait_for("here");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    assert!(fs::exists(marker).unwrap(), "{}", tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn a_tool_that_is_killed_leaves_nothing() {
    let workspace = formation(LISTEN);
    let tool = test(&workspace, "echo here; exec sleep 4712");
    tool.wait_for("here");
    tool.signal(Signal::KILL);
    tool.ends_with(137);
    workspace.assert_nothing_alive_within(std::time::Duration::from_secs(2));
}
