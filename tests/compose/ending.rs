//! A service is stopped, or ends by itself.

use std::fs;
use std::time::Duration;

use harness::{DEADLINE, Tool, eventually};
use rustix::process::Signal;

use crate::{Engines, LOGS, RUNNING, STOP, UP, WAIT};

/// As long as a command that does not end when it is asked to is waited for.
const FAREWELL: Duration = Duration::from_secs(3);

fn up_and_running(engines: &Engines, end: &str) -> Tool {
    let tool = engines.start(end);
    tool.wait_for("a line of the log");
    tool
}

#[test]
fn each_signal_that_asks_stops_it() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        // As the tool asks: everybody at once.
        let engines = Engines::docker();
        let tool = up_and_running(&engines, "stop");
        tool.signal_group(signal);
        tool.ends_with(0);
        assert_eq!(engines.deeds(), [UP, WAIT, LOGS, STOP], "{signal:?}");
        engines.workspace.assert_nothing_alive();
    }
}

#[test]
fn a_service_that_is_kept_is_not_stopped() {
    let engines = Engines::docker();
    let tool = up_and_running(&engines, "keep");
    tool.signal(Signal::TERM);
    tool.ends_with(0);
    assert_eq!(engines.deeds(), [UP, WAIT, LOGS]);
    engines.workspace.assert_nothing_alive();
}

#[test]
fn a_service_that_ran_before_is_not_stopped() {
    let engines = Engines::docker().does("state", RUNNING);
    let tool = up_and_running(&engines, "stop");
    tool.wait_for("`db` was running already, and will not be stopped at the end");
    tool.signal(Signal::TERM);
    tool.ends_with(0);
    assert!(!engines.deeds().contains(&STOP.to_owned()), "{:?}", engines.deeds());
    engines.workspace.assert_nothing_alive();
}

#[test]
fn a_start_that_is_interrupted_is_undone() {
    for command in [UP, WAIT] {
        let slow = format!("[[ \"docker $*\" != '{command}' ]] || exec sleep 7065");
        let engines = Engines::docker().does("up", &slow);
        let tool = engines.start("stop");
        engines.workspace.wait_for_process("sleep 7065");
        tool.signal(Signal::TERM);
        tool.ends_with(0);
        let deeds = engines.deeds();
        assert_eq!(deeds.last().unwrap(), STOP, "{deeds:?}");
        assert!(!deeds.contains(&LOGS.to_owned()), "{deeds:?}");
        engines.workspace.assert_nothing_alive();
    }
}

#[test]
fn a_start_that_is_interrupted_is_kept_where_it_is_to_be() {
    let engines = Engines::docker().does("up", "exec sleep 7066");
    let tool = engines.start("keep");
    engines.workspace.wait_for_process("sleep 7066");
    tool.signal(Signal::TERM);
    tool.ends_with(0);
    assert_eq!(engines.deeds(), [UP]);
    engines.workspace.assert_nothing_alive();
}

#[test]
fn a_start_that_does_not_end_is_killed_with_what_it_started() {
    // The plugin of an engine is a process of its own.
    let stubborn = "trap '' TERM; sleep 7067; sleep 7068";
    let engines = Engines::docker().does("up", stubborn);
    let tool = engines.start("stop");
    engines.workspace.wait_for_process("sleep 7067");
    let asked = tool.signal(Signal::TERM);
    let length = tool.ends_with(0).saturating_sub(asked);
    assert!(length >= FAREWELL, "{length:?}");
    assert_eq!(engines.deeds(), [UP, STOP]);
    engines.workspace.assert_nothing_alive();
}

#[test]
fn a_second_signal_does_not_wait_for_a_start_that_does_not_end() {
    let stubborn = "trap 'echo asked' TERM; while :; do sleep 7069 & wait; done";
    let engines = Engines::docker().does("up", stubborn);
    let tool = engines.start("stop");
    engines.workspace.wait_for_process("sleep 7069");
    tool.signal(Signal::TERM);
    tool.wait_for("asked");
    let second = tool.signal(Signal::TERM);
    let length = tool.ends_with(0).saturating_sub(second);
    assert!(length < FAREWELL, "{length:?}");
    engines.workspace.assert_nothing_alive();
}

#[test]
fn a_second_signal_ends_a_stop_that_hangs() {
    let engines = Engines::docker().does("stop", "exec sleep 7070");
    let tool = up_and_running(&engines, "stop");
    tool.signal(Signal::TERM);
    engines.workspace.wait_for_process("sleep 7070");
    tool.signal(Signal::TERM);
    tool.ends_with(1);
    tool.wait_for("`db` may still run: `docker compose stop --timeout 5 db` was interrupted");
    engines.workspace.assert_nothing_alive();
}

#[test]
fn a_stop_that_fails_is_told() {
    let engines = Engines::docker().does("stop", "echo 'no daemon' >&2; exit 3");
    let tool = up_and_running(&engines, "stop");
    tool.signal(Signal::TERM);
    tool.ends_with(1);
    tool.wait_for("no daemon");
    tool.wait_for(
        "`db` may still run: `docker compose stop --timeout 5 db` ended with exit code 3",
    );
}

/// Let the log end in which nothing more comes.
fn end_log(engines: &Engines) {
    let process = engines.workspace.wait_for_process("sleep 7061");
    process.signal(Signal::KILL);
}

#[test]
fn a_container_that_ends_is_told_with_its_exit_code() {
    let state = |text: &str| text.to_owned();
    for (state, code, words) in [
        (
            state(r#"{"Service":"db","State":"exited","ExitCode":7}"#),
            7,
            "has ended with exit code 7",
        ),
        (
            state(r#"[{"Service":"db","State":"exited","ExitCode":0}]"#),
            1,
            "has ended with exit code 0",
        ),
        (state("[]"), 1, "was removed"),
    ] {
        let engines = Engines::docker();
        let tool = up_and_running(&engines, "stop");
        fs::write(engines.file("state"), state).unwrap();
        end_log(&engines);
        tool.ends_with(code);
        tool.wait_for(&format!("the container of `db` {words}"));
        assert_eq!(engines.deeds(), [UP, WAIT, LOGS]);
        engines.workspace.assert_nothing_alive();
    }
}

#[test]
fn a_log_that_ends_before_its_container_is_taken_up_again() {
    let engines = Engines::docker();
    let tool = up_and_running(&engines, "stop");
    end_log(&engines);
    tool.wait_for_nth(2, "a line of the log");
    let again = "docker logs --no-log-prefix --follow --since TIME db";
    assert_eq!(engines.deeds(), [UP, WAIT, LOGS, again]);
    tool.signal(Signal::TERM);
    tool.ends_with(0);
}

#[test]
fn an_engine_that_goes_away_is_told() {
    let engines = Engines::docker();
    let tool = up_and_running(&engines, "stop");
    fs::write(engines.file("ps"), "exit 1").unwrap();
    end_log(&engines);
    tool.ends_with(1);
    tool.wait_for("the engine no longer tells how `db` is");
}

#[test]
fn a_log_that_nobody_can_show_is_not_asked_for_all_the_time() {
    let engines = Engines::docker().does("logs", "exit 1");
    let tool = engines.start("stop");
    let asked = || engines.deeds().iter().filter(|deed| deed.contains("logs")).count();
    eventually("a third question", DEADLINE, || (asked() >= 3).then_some(()));
    assert!(tool.age() > Duration::from_millis(750), "{:?}", tool.age());
    tool.signal(Signal::TERM);
    tool.ends_with(0);
    assert_eq!(engines.deeds().last().unwrap(), STOP);
}
