//! Processes that leave their session while their leader ends, many at once: wherever one is
//! on its way into the background when somebody looks, it is found.

use rustix::process::Signal;

use crate::formation;

/// How many daemons are started at once, and how often.
const DAEMONS: usize = 40;
const ROUNDS: usize = 8;

/// Start many of a beast that goes into the background, and see them all end.
fn check(beast: &str) {
    let workspace = formation(&format!(
        r#"app = {{ bin = "zoo", args = ["{beast}"], quantity = {DAEMONS}, stop = {{ timeout = "1s" }} }}"#
    ));
    for _ in 0..ROUNDS {
        let tool = workspace.dev(&["--scale", &format!("app={DAEMONS}")]);
        tool.ends_with(0);
        workspace.assert_nothing_alive();
    }
}

#[test]
fn who_forks_twice_while_the_process_table_is_read_is_found() {
    check("daemonize");
    check("double-fork");
}

#[test]
fn who_has_no_environment_is_found_by_whom_it_was_left_to() {
    if !cfg!(target_os = "linux") {
        return harness::skipped("only Linux lets a process be whom orphans are left to");
    }
    check("nameless");
}

#[test]
fn a_daemon_without_an_environment_ends_with_a_tool_that_is_killed() {
    if !cfg!(target_os = "linux") {
        return harness::skipped("only Linux lets a process be whom orphans are left to");
    }
    let workspace = formation(
        "daemon = { bin = \"zoo\", args = [\"nameless\", \"deaf\"], stop = { timeout = \"10m\" } }\n\
         other = { bin = \"zoo\", args = [\"stubborn\"] }",
    );
    let tool = workspace.dev(&[]);
    tool.wait_for("Daemonized daemon.1 went into the background");
    tool.signal(Signal::KILL);
    workspace.assert_nothing_alive_within(std::time::Duration::from_secs(2));
}
