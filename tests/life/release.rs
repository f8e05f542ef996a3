//! `release` runs before everything else.

use rustix::process::Signal;

use crate::formation;

#[test]
fn it_ends_before_anything_starts() {
    let workspace = formation(
        "app = { bin = \"zoo\", args = [\"idle\"] }\n\
         release = { bin = \"zoo\", args = [\"crash-after\", \"500\", \"0\"] }",
    );
    let tool = workspace.dev(&[]);
    tool.wait_for("app.1      | ready");
    tool.wait_for("Started app.1");
    let order: Vec<String> = tool.lines().iter().map(harness::Line::text).collect();
    let place = |text: &str| order.iter().position(|line| line.contains(text)).unwrap();
    assert!(place("Releasing") < place("Released"), "{}", tool.transcript());
    assert!(place("Released") < place("Started app.1"), "{}", tool.transcript());
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn a_failure_ends_the_formation_with_its_code_and_nothing_starts() {
    let workspace = formation(
        "app = { bin = \"zoo\", args = [\"idle\"] }\n\
         release = { bin = \"zoo\", args = [\"exit\", \"7\"] }",
    );
    let tool = workspace.dev(&[]);
    tool.ends_with(7);
    tool.wait_for("Failed release: exit code 7; nothing starts before it succeeds");
    assert_eq!(tool.count("Started app"), 0, "{}", tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn two_signals_while_it_runs_end_it() {
    let workspace = formation(
        "app = { bin = \"zoo\", args = [\"idle\"] }\n\
         release = { bin = \"zoo\", args = [\"stubborn\"], stop = { timeout = \"10m\" } }",
    );
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let tool = workspace.dev(&[]);
        tool.wait_for("| ready");
        tool.signal(signal);
        tool.wait_for("Waiting for release");
        tool.signal(signal);
        tool.ends_with(code);
        assert_eq!(tool.count("Started app"), 0, "{}", tool.transcript());
        workspace.assert_nothing_alive();
    }
}

#[test]
fn one_signal_ends_it_and_nothing_starts_after_it() {
    // It ends well when it is asked: even so nothing is wanted any more.
    let workspace = formation(
        "app = { bin = \"zoo\", args = [\"idle\"] }\n\
         release = { bin = \"zoo\", args = [\"polite\"] }",
    );
    let tool = workspace.dev(&[]);
    tool.wait_for("| ready");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    assert_eq!(tool.count("Started app"), 0, "{}", tool.transcript());
    workspace.assert_nothing_alive();
}
