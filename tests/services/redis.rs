//! A queue: `redis-server`.

use harness::{eventually, skipped};
use rustix::process::Signal;

use crate::life::Program;
use crate::{dev, formation, program};

/// What keeps it from writing its state into the workspace.
const COMMAND: &str = "redis-server --port $PORT --bind 127.0.0.1 --save ''";

/// Nothing to test with, and it is said that it is so.
fn is_missing() -> bool {
    let missing = program("redis-server").is_none();
    if missing {
        skipped("`redis-server` is not installed; Debian has it in the package of this name");
    }
    missing
}

fn redis(line: &str) -> Program<'_> {
    Program {
        name: "redis",
        line,
        protocol: "redis",
        answer: "+PONG",
        farewell: Some("Redis is now ready to exit, bye bye"),
        prepare: &|_| {},
    }
}

#[test]
fn it_lives_as_long_as_somebody_may_need_it() {
    if !is_missing() {
        redis(&format!("redis = {{ command = \"{COMMAND}\", port = true }}")).lives_well();
    }
}

#[test]
fn it_may_say_by_itself_that_it_is_up() {
    if is_missing() {
        return;
    }
    let by_a_line = format!(
        "redis = {{ command = \"{COMMAND}\", port = true, \
         ready = {{ log = \"Ready to accept connections\" }} }}"
    );
    redis(&by_a_line).is_up_first_and_stops_last();
    let by_a_message = format!(
        "redis = {{ command = \"{COMMAND} --supervised systemd\", port = true, ready = \"notify\" }}"
    );
    redis(&by_a_message).is_up_first_and_stops_last();
}

#[test]
fn two_that_send_a_message_are_not_taken_for_each_other() {
    if is_missing() {
        return;
    }
    // The one that never sends one has to be waited for, whatever the other says.
    let says = format!(
        "one = {{ command = \"{COMMAND} --supervised systemd\", port = true, ready = \"notify\" }}"
    );
    let says_too = says.replace("one =", "two =");
    let silent = format!("two = {{ command = \"{COMMAND}\", port = true, ready = \"notify\" }}");
    let app = "app = { bin = \"client\", args = [\"redis\", \"FORMATION_TWO_URL\"] }";
    let workspace = formation(app, &[&says, &says_too]);
    let tool = dev(&workspace, &[]);
    tool.wait_for("heard +PONG");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
    let workspace = formation(app, &[&says, &silent]);
    let tool = dev(&workspace, &[]);
    tool.wait_for("Ready one");
    tool.wait_for("two    | ");
    tool.wait_for("Late two is not ready after 30s: it has not said `READY=1`");
    assert_eq!(tool.count("Ready two"), 0, "{}", tool.transcript());
    assert_eq!(tool.count("Compiling"), 0, "{}", tool.transcript());
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn one_that_becomes_a_daemon_is_told_so_and_is_gone() {
    if is_missing() {
        return;
    }
    // It also writes its title over its environment, and with that our tag.
    for _ in 0..8 {
        let line = format!("redis = {{ command = \"{COMMAND} --daemonize yes\", port = true }}");
        let workspace = formation(crate::IDLE, &[&line]);
        let tool = dev(&workspace, &[]);
        tool.ends_with(7);
        tool.wait_for("Daemonized redis went into the background and left process");
        let text = tool.wait_for("Stopping everything: redis did not come up").text();
        assert!(text.contains("if it has a daemon mode, turn that off"), "{text}");
        workspace.assert_nothing_alive();
    }
}

#[test]
fn one_that_crashes_comes_back_where_it_was_and_nobody_else_notices() {
    if is_missing() {
        return;
    }
    let workspace = formation(
        "app = { bin = \"client\", args = [\"redis\", \"FORMATION_REDIS_URL\"] }",
        &[&format!("redis = {{ command = \"{COMMAND}\", port = true }}")],
    );
    let tool = dev(&workspace, &[]);
    tool.wait_for("heard +PONG");
    let redis = workspace.find("redis-server 127.0.0.1").unwrap();
    let app = workspace.wait_for_process("sleep 7030");
    redis.signal(Signal::KILL);
    tool.wait_for("Crashed redis: SIGKILL; starts again in 100ms");
    tool.wait_for_nth(2, "Ready to accept connections");
    eventually("another redis", harness::DEADLINE, || {
        workspace.find("redis-server 127.0.0.1").filter(|found| found.pid != redis.pid)
    });
    assert_eq!(workspace.wait_for_process("sleep 7030").pid, app.pid);
    assert_eq!(tool.count("Started app.1"), 1, "{}", tool.transcript());
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    // The second time it was heard from is when the process was asked to stop.
    assert_eq!(tool.count("heard +PONG"), 2, "{}", tool.transcript());
    workspace.assert_nothing_alive();
}
