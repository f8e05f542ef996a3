//! Somebody asks the formation to stop.

use std::time::Duration;

use harness::eventually;
use rustix::process::Signal;

use crate::formation;

const SIGNALS: [(Signal, i32); 3] = [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)];

#[test]
fn every_signal_that_asks_ends_the_whole_family() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["family"] }"#);
    for (signal, code) in SIGNALS {
        let tool = workspace.dev(&[]);
        tool.wait_for("app.1  | ready");
        workspace.wait_for_process("sleep 7001");
        workspace.wait_for_process("sleep 7002");
        tool.signal(signal);
        tool.ends_with(code);
        workspace.assert_nothing_alive();
    }
}

#[test]
fn a_signal_to_the_whole_job_is_one_request() {
    // As `kill %1` does, and a Ctrl-C where the tool shares its group with a wrapper.
    let workspace = formation(r#"app = { bin = "zoo", args = ["polite"] }"#);
    let tool = workspace.dev(&[]);
    tool.wait_for("app.1  | ready");
    tool.signal_group(Signal::TERM);
    tool.signal_group(Signal::TERM);
    tool.ends_with(143);
    assert_eq!(tool.count("app.1  | bye"), 1, "{}", tool.transcript());
    assert_eq!(tool.count("Killing"), 0, "{}", tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn many_that_ignore_every_signal_are_killed_at_once_after_the_grace() {
    let workspace = formation(
        r#"app = { bin = "zoo", args = ["stubborn"], quantity = 8, stop = { timeout = "2s" } }"#,
    );
    for (signal, code) in SIGNALS {
        let tool = workspace.dev(&["--scale", "app=8"]);
        for number in 1..=8 {
            tool.wait_for(&format!("app.{number}  | ready"));
        }
        let asked = tool.signal(signal);
        let delay = tool.ends_with(code).saturating_sub(asked);
        assert_eq!(tool.count("Killed app."), 8, "{}", tool.transcript());
        tool.wait_for("Killed app.8, which did not stop within 2s");
        assert!(delay >= Duration::from_secs(2), "they had {delay:?}\n{}", tool.transcript());
        assert!(delay <= Duration::from_millis(2_500), "it took {delay:?}\n{}", tool.transcript());
        workspace.assert_nothing_alive();
    }
}

#[test]
fn the_second_signal_kills_at_once() {
    let workspace =
        formation(r#"app = { bin = "zoo", args = ["stubborn"], stop = { timeout = "10m" } }"#);
    for (signal, code) in SIGNALS {
        let tool = workspace.dev(&[]);
        tool.wait_for("app.1  | ready");
        tool.signal(signal);
        let waiting = tool.wait_for("Waiting for app.1 (process ").text();
        assert!(waiting.contains("killed in 9m"), "{waiting}");
        tool.signal(signal);
        tool.ends_with(code);
        tool.wait_for("Killing everything that is left");
        workspace.assert_nothing_alive();
    }
}

#[test]
fn the_exit_code_is_that_of_the_first_signal() {
    let workspace =
        formation(r#"app = { bin = "zoo", args = ["stubborn"], stop = { timeout = "10m" } }"#);
    let tool = workspace.dev(&[]);
    tool.wait_for("app.1  | ready");
    tool.signal(Signal::TERM);
    tool.wait_for("Waiting for app.1");
    tool.signal(Signal::INT);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn a_process_that_is_stopped_is_woken_to_hear_that_it_is_to_end() {
    let workspace =
        formation(r#"app = { bin = "zoo", args = ["stopped"], stop = { timeout = "10m" } }"#);
    let tool = workspace.dev(&[]);
    tool.wait_for("app.1  | stopping myself");
    eventually("stopped process", harness::DEADLINE, || {
        workspace.find("kill -STOP").filter(|process| process.state == 'T')
    });
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    assert_eq!(tool.count("Killed"), 0, "{}", tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn who_left_the_session_ends_with_the_others() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["escape"] }"#);
    let tool = workspace.dev(&[]);
    tool.wait_for("app.1  | ready");
    workspace.wait_for_process("sleep 7005");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    assert_eq!(tool.count("Killed"), 0, "it was asked, too\n{}", tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn an_output_that_a_grandchild_holds_open_keeps_nobody_waiting() {
    // The one that keeps the formation up is there so that `holder` is not the end of it.
    let workspace = formation(
        "app = { bin = \"zoo\", args = [\"holder\"] }\n\
         other = { bin = \"zoo\", args = [\"idle\"] }",
    );
    let tool = workspace.dev(&[]);
    let said = tool.wait_for("app.1    | gone");
    let noticed = tool.wait_for("Ended app.1: exit code 0");
    let delay = noticed.at.saturating_sub(said.at);
    assert!(delay <= Duration::from_millis(500), "it took {delay:?}\n{}", tool.transcript());
    tool.wait_for("app.1 went into the background and left process");
    workspace.wait_for_end_of("sleep 25");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn a_stop_during_the_delay_before_a_restart_wins() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["exit", "3"] }"#);
    // The first is right between the old exit and the new start; the last far from both.
    for pause in ["100ms", "400ms", "1.6s"] {
        let tool = workspace.dev(&[]);
        tool.wait_for(&format!("starts again in {pause}"));
        tool.signal(Signal::TERM);
        tool.ends_with(143);
        let said = tool.lines();
        let stopping = said.iter().position(|line| line.text().contains("Stopping")).unwrap();
        let late = said[stopping..].iter().any(|line| line.text().contains("Started"));
        assert!(!late, "{}", tool.transcript());
        workspace.assert_nothing_alive();
    }
}

#[test]
fn a_stop_while_many_start_leaves_none_that_started_late() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["family"], quantity = 60 }"#);
    for (signal, code) in SIGNALS {
        let tool = workspace.dev(&["--scale", "app=60"]);
        tool.wait_for("Started app.1 ");
        tool.signal(signal);
        tool.ends_with(code);
        workspace.assert_nothing_alive();
    }
}
