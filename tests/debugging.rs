//! A process that is started by hand in the place of an instance, and one that a debugger halts.

use std::time::Duration;

use harness::{Tool, Workspace, eventually};
use rustix::process::Signal;

const WITHIN: Duration = Duration::from_secs(20);

/// A workspace with these process types, in which each may run the zoo.
fn formation(types: &str) -> Workspace {
    Workspace::new(env!("CARGO_BIN_EXE_cargo-formation"), types)
}

fn command(workspace: &Workspace, words: &[&str]) -> Tool {
    Tool::start(workspace.command(words))
}

/// What `ps` says of the first instance that begins with this.
fn state(workspace: &Workspace, name: &str) -> String {
    let ps = command(workspace, &["ps"]);
    ps.finish();
    let lines = ps.lines();
    lines.iter().map(harness::Line::text).find(|line| line.starts_with(name)).unwrap_or_default()
}

#[test]
fn who_is_started_by_hand_has_the_place_until_it_ends() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["listen"], port = true }"#);
    let dev = workspace.dev(&[]);
    dev.wait_for("app.1  | listening on ");
    let by_hand = command(&workspace, &["run", "app", "--as", "app.1"]);
    by_hand.wait_for("listening on ");
    assert!(state(&workspace, "app.1").contains("run by hand"), "{}", dev.transcript());
    assert!(by_hand.count("listening on ") == 1, "{}", by_hand.transcript());

    // Nobody else gets it, and nobody starts it.
    let another = command(&workspace, &["run", "app", "--as", "app.1"]);
    another.ends_with(2);
    another.wait_for("somebody has the place of `app.1` already");
    let restart = command(&workspace, &["restart", "app"]);
    restart.ends_with(1);
    restart.wait_for("app.1 is run by hand, and comes back when that ends");
    let stop = command(&workspace, &["stop", "app"]);
    stop.ends_with(1);
    stop.wait_for("app.1 is run by hand, and comes back when that ends");

    by_hand.signal(Signal::KILL);
    by_hand.ends_with(137);
    dev.wait_for_nth(2, "app.1  | listening on ");
    dev.signal(Signal::TERM);
    dev.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn it_is_told_that_it_is_that_instance() {
    let workspace = formation(
        r#"app = { bin = "zoo", args = ["env"], restart = "never" }
        idle = { bin = "zoo", args = ["idle"] }"#,
    );
    let dev = workspace.dev(&[]);
    dev.wait_for("Ended app.1");
    let by_hand = command(&workspace, &["run", "app", "--as", "app.1"]);
    by_hand.wait_for("PS=app.1");
    by_hand.ends_with(0);
    dev.wait_for_nth(2, "Ended app.1");
    dev.signal(Signal::TERM);
    dev.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn a_place_that_is_not_there_is_nobodys_to_take() {
    let workspace = formation(
        r#"
        app = { bin = "zoo", args = ["idle"] }
        handed = { bin = "zoo", args = ["idle"], port = true, socket = true, ready = "started" }
    "#,
    );
    let dev = workspace.dev(&[]);
    dev.wait_for("app.1     | ready");
    let refused = |words: &[&str], why: &str| {
        let tool = command(&workspace, words);
        tool.ends_with(2);
        tool.wait_for(why);
    };
    refused(&["run", "app", "--as", "app.2"], "there is no `app.2` now");
    refused(&["run", "app", "--as", "handed.1"], "`handed.1` is no instance of `app`");
    refused(&["run", "handed", "--as", "handed.1"], "is handed a socket by the tool");
    refused(&["run", "app", "--as", "app"], "`app` is no instance");
    assert_eq!(dev.count("Stopp"), 0, "{}", dev.transcript());
    dev.signal(Signal::TERM);
    dev.ends_with(143);
    let nobody = command(&workspace, &["run", "app", "--as", "app.1"]);
    nobody.ends_with(8);
    workspace.assert_nothing_alive();
}

#[test]
fn who_is_debugged_has_all_the_time_it_wants_until_the_debugging_ends() {
    let workspace =
        formation(r#"app = { bin = "zoo", args = ["stubborn"], stop = { timeout = "100ms" } }"#);
    let dev = workspace.dev(&[]);
    dev.wait_for("app.1  | ");
    let debug = command(&workspace, &["debug", "app"]);
    debug.wait_for("Debugging app.1 (process ");
    command(&workspace, &["restart", "--no-wait", "app"]).ends_with(0);
    eventually("a process that stops", WITHIN, || {
        state(&workspace, "app.1").contains("stopping").then_some(())
    });
    // Its time is over long since, and a process that had to start meanwhile shows that.
    command(&workspace, &["wait", "--ready", "--timeout", "300ms"]).ends_with(124);
    assert_eq!(dev.count("Killed"), 0, "{}", dev.transcript());
    // Whoever is started in the background by a script does not hear an interrupt.
    debug.signal(Signal::TERM);
    debug.ends_with(143);
    dev.wait_for("Killed app.1");
    dev.signal(Signal::TERM);
    dev.ends_with(143);
    workspace.assert_nothing_alive();
}
