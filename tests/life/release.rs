//! `release` runs before everything else.

use harness::Workspace;
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

/// A process type of whose source a part is missing that `release`, which does this, may write.
fn made_by(release: &str) -> Workspace {
    let workspace = formation("late = \"late\"\nrelease = \"make\"");
    workspace
        .write("src/bin/late.rs", "#[path = \"../made.rs\"] mod made; fn main() { made::go() }");
    workspace.write("src/made.rs", "");
    workspace.write("src/bin/make.rs", &format!("fn main() {{ {release} }}"));
    workspace
}

/// What rustc says at the end of errors that have an explanation.
const EXPLAIN: &str = "try `rustc --explain E0425`";

#[test]
fn of_errors_that_it_mends_nothing_is_said() {
    let make = r#"std::fs::write("src/made.rs", "pub fn go() { println!(\"made\") }").unwrap()"#;
    let workspace = made_by(make);
    let tool = workspace.dev(&[]);
    tool.ends_with(0);
    tool.wait_for("Building again, because release may have made it possible");
    tool.wait_for("late.1     | made");
    for text in ["error", "E0425"] {
        assert_eq!(tool.count(text), 0, "{}", tool.transcript());
    }
}

#[test]
fn errors_that_it_does_not_mend_are_said_with_where_to_read_about_them() {
    let workspace = made_by("");
    let tool = workspace.dev(&[]);
    tool.ends_with(101);
    let lines: Vec<String> = tool.lines().iter().map(harness::Line::text).collect();
    let place = |text: &str| lines.iter().position(|line| line.contains(text)).unwrap();
    assert!(place("error[E0425]") < place(EXPLAIN), "{}", tool.transcript());
    assert!(place("Building again") < place(EXPLAIN), "{}", tool.transcript());
    for text in ["error[E0425]", EXPLAIN] {
        assert_eq!(tool.count(text), 1, "{}", tool.transcript());
    }
}
