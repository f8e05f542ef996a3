//! Somebody kills the tool itself, and cannot be stopped from doing so.

use std::time::Duration;

use harness::{Tool, Workspace};
use rustix::process::Signal;

use crate::formation;

/// What is promised: after this long nothing is alive.
const PROMISE: Duration = Duration::from_secs(2);

/// All kinds of process: well-behaved, deaf, stopped, with children, with escapees.
fn zoo() -> (Workspace, Tool) {
    let workspace = formation(
        r#"
        polite = { bin = "zoo", args = ["polite"] }
        deaf = { bin = "zoo", args = ["stubborn"] }
        stopped = { bin = "zoo", args = ["stopped"] }
        family = { bin = "zoo", args = ["family"] }
        escape = { bin = "zoo", args = ["escape"] }
        "#,
    );
    let tool = workspace.dev(&[]);
    for process in ["polite", "deaf", "family", "escape"] {
        tool.wait_for(&format!("{:<9}  | ready", format!("{process}.1")));
    }
    tool.wait_for("stopping myself");
    for child in ["sleep 7001", "sleep 7002", "sleep 7004", "sleep 7005"] {
        workspace.wait_for_process(child);
    }
    (workspace, tool)
}

#[test]
fn nothing_outlives_a_tool_that_was_killed() {
    let (workspace, tool) = zoo();
    tool.signal(Signal::KILL);
    workspace.assert_nothing_alive_within(PROMISE);
    tool.ends_with(137);
}

#[test]
fn nothing_outlives_a_job_that_was_killed() {
    // As `kill -9 %1` of a shell does.
    let (workspace, tool) = zoo();
    tool.signal_group(Signal::KILL);
    workspace.assert_nothing_alive_within(PROMISE);
}

#[test]
fn a_guard_that_was_killed_is_replaced() {
    let (workspace, tool) = zoo();
    let guard = workspace.find("__guard").unwrap();
    guard.signal(Signal::KILL);
    let another = harness::eventually("other guard", harness::DEADLINE, || {
        let another = workspace.find("__guard").filter(|found| found.pid != guard.pid);
        another.filter(|another| another.group == another.pid)
    });
    assert_ne!(another.pid, guard.pid);
    tool.signal(Signal::KILL);
    workspace.assert_nothing_alive_within(PROMISE);
}

#[test]
fn nothing_outlives_a_tool_that_was_killed_while_it_built() {
    let workspace = crate::build::blocked(crate::build::DEAF);
    let tool = workspace.dev(&[]);
    workspace.wait_for_process("sleep 7011");
    tool.signal(Signal::KILL);
    workspace.assert_nothing_alive_within(PROMISE);
}
