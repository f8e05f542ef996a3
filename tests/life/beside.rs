//! More than one session in a workspace.

use rustix::process::Signal;

use crate::formation;

const IDLE: &str = r#"app = { bin = "zoo", args = ["idle"] }"#;

#[test]
fn a_second_session_is_refused_with_the_first_ones_process_id() {
    let workspace = formation(IDLE);
    let first = workspace.dev(&[]);
    first.wait_for("app.1  | ready");
    let second = workspace.dev(&[]);
    second.ends_with(6);
    second.wait_for(&format!("(process {})", first.pid()));
    assert_eq!(second.count("Started"), 0, "{}", second.transcript());
    first.signal(Signal::TERM);
    first.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn a_session_that_was_killed_is_in_nobodys_way() {
    let workspace = formation(IDLE);
    let first = workspace.dev(&[]);
    first.wait_for("app.1  | ready");
    first.signal(Signal::KILL);
    first.ends_with(137);
    let second = workspace.dev(&[]);
    second.wait_for("app.1  | ready");
    second.signal(Signal::TERM);
    second.ends_with(143);
    workspace.assert_nothing_alive_within(std::time::Duration::from_secs(2));
}

#[test]
fn an_isolated_session_runs_beside_another_and_leaves_it_alone() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["listen"], port = true }"#);
    let first = workspace.dev(&[]);
    let theirs = first.wait_for("app.1  | listening on ").text();
    let second = workspace.dev(&["--isolated"]);
    let ours = second.wait_for("app.1  | listening on ").text();
    assert_ne!(theirs, ours);
    second.signal(Signal::TERM);
    second.ends_with(143);
    assert_eq!(first.count("Crashed"), 0, "{}", first.transcript());
    let own = workspace.alive().iter().filter(|found| found.command.contains("zoo")).count();
    assert_eq!(own, 1, "{:?}", workspace.alive());
    first.signal(Signal::TERM);
    first.ends_with(143);
    workspace.assert_nothing_alive();
}
