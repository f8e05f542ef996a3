//! A service beside others: other services, processes, another formation.

use harness::{Tool, skipped};
use rustix::process::Signal;

use crate::{dev, formation, program, shell};

#[test]
fn one_that_crashes_comes_back_and_nobody_else_is_touched() {
    let app = r#"app = { bin = "zoo", args = ["family"] }"#;
    let script = "setsid sleep 7051 & echo up; exec sleep 7050";
    let other = shell("other", "exec sleep 7052", "");
    let workspace = formation(app, &[&shell("queue", script, "ready = { log = \"up\" }"), &other]);
    let tool = dev(&workspace, &[]);
    tool.wait_for("app.1  | ready");
    let [app, other] = ["sleep 7001", "sleep 7052"].map(|name| workspace.wait_for_process(name));
    for number in 2..=4 {
        let old =
            [workspace.wait_for_process("sleep 7050"), workspace.wait_for_process("sleep 7051")];
        old[0].signal(Signal::KILL);
        tool.wait_for_nth(number, "queue  | up");
        workspace.wait_for_process("sleep 7050");
        let alive = workspace.alive();
        assert!(old.iter().all(|old| alive.iter().all(|new| new.pid != old.pid)), "{alive:?}");
    }
    assert_eq!(tool.count("Crashed queue: SIGKILL; starts again in "), 3, "{}", tool.transcript());
    assert_eq!(workspace.wait_for_process("sleep 7001").pid, app.pid);
    assert_eq!(workspace.wait_for_process("sleep 7052").pid, other.pid);
    assert_eq!(tool.count("Compiling app"), 1, "{}", tool.transcript());
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn two_formations_of_one_workspace_have_services_of_their_own() {
    if program("redis-server").is_none() {
        return skipped("`redis-server` is not installed");
    }
    let redis = "redis-server --port $PORT --bind 127.0.0.1 --save ''";
    let workspace = formation(
        "app = { bin = \"client\", args = [\"redis\", \"FORMATION_REDIS_URL\"] }",
        &[&format!("redis = {{ command = \"{redis}\", port = true }}")],
    );
    let (first, second) = (dev(&workspace, &[]), workspace.dev(&["--isolated"]));
    let place = |tool: &Tool| {
        tool.wait_for("heard +PONG");
        let line = tool.wait_for("Ready redis at ").text();
        line.split_once("127.0.0.1:").unwrap().1.split_once(',').unwrap().0.to_owned()
    };
    assert_ne!(place(&first), place(&second));
    second.signal(Signal::TERM);
    second.ends_with(143);
    // The other one still has its own: the process speaks to it when it is asked to stop.
    assert_eq!(first.count("heard +PONG"), 1, "{}", first.transcript());
    first.signal(Signal::TERM);
    first.ends_with(143);
    assert_eq!(first.count("heard +PONG"), 2, "{}", first.transcript());
    workspace.assert_nothing_alive();
}
