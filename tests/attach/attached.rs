//! Somebody attaches to a run, types, and leaves.

use harness::{DEADLINE, Terminal, Tool, Workspace, eventually};
use rustix::process::Signal;

use crate::{beast, formation};

/// A formation that runs, and somebody at a terminal of his own who attaches to this.
fn attached(types: &str, instance: &str) -> (Workspace, Tool, Terminal) {
    let workspace = formation(types);
    let dev = workspace.dev(&[]);
    dev.wait_for(&format!("Started {instance}"));
    let terminal = attach(&workspace, &[instance]);
    terminal.tool.wait_for("Attached to ");
    (workspace, dev, terminal)
}

fn attach(workspace: &Workspace, arguments: &[&str]) -> Terminal {
    let arguments = [&["attach", "--color=never"], arguments].concat();
    Terminal::open(workspace.command_under(Terminal::WRAPPER, &arguments))
}

/// Leave, and find everything as it was.
#[track_caller]
fn leave(terminal: &Terminal) {
    terminal.press(b"\x1c");
    terminal.tool.ends_with(0);
    terminal.tool.wait_for("Detached from ");
    assert!(terminal.echoes());
}

#[track_caller]
fn stop(workspace: &Workspace, dev: &Tool) {
    dev.signal(Signal::TERM);
    dev.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn what_is_typed_is_read_and_the_log_has_it_all() {
    let (workspace, dev, terminal) = attached(&beast("app", "repl"), "app.1");
    terminal.tool.wait_for("Attached to app.1; Ctrl-\\ leaves");
    terminal.tool.wait_for("type `exit N` to end");
    terminal.press(b"hello\r");
    terminal.tool.wait_for("= hello");
    leave(&terminal);
    dev.wait_for("app.1  | repl> hello");
    dev.wait_for("app.1  | = hello");
    // It goes on, and somebody may come again. What was said is still there.
    let again = attach(&workspace, &["app", "--detach-key=ctrl-p,ctrl-q"]);
    again.tool.wait_for("Attached to app.1; Ctrl-P Ctrl-Q leaves");
    again.tool.wait_for("= hello");
    again.press(b"more\r");
    again.tool.wait_for("= more");
    again.press(b"\x10");
    again.press(b"\x11");
    again.tool.ends_with(0);
    assert_eq!(dev.count("Started app.1"), 1, "{}", dev.transcript());
    stop(&workspace, &dev);
}

#[test]
fn who_is_attached_stays_from_run_to_run() {
    let (workspace, dev, terminal) = attached(&beast("app", "repl"), "app.1");
    terminal.press(b"exit 3\r");
    terminal.tool.wait_for("Ended exit code 3; waiting for the next run");
    terminal.tool.wait_for("Began another run");
    terminal.tool.wait_for_nth(2, "type `exit N` to end");
    terminal.press(b"again\r");
    terminal.tool.wait_for("= again");
    // Ctrl-C is the run's, like every other key.
    terminal.press(b"\x03");
    terminal.tool.wait_for("Ended SIGINT; waiting for the next run");
    dev.signal(Signal::TERM);
    dev.ends_with(143);
    terminal.tool.ends_with(0);
    terminal.tool.wait_for("Detached the formation has ended");
    assert!(terminal.echoes());
    workspace.assert_nothing_alive();
}

#[test]
fn the_size_is_that_of_the_window_as_long_as_somebody_is_attached() {
    let types = beast("app", "window");
    let (workspace, dev, terminal) = attached(&types, "app.1");
    dev.wait_for("app.1  | size 24 80");
    terminal.resize(40, 100);
    terminal.tool.wait_for("size 40 100");
    let other = attach(&workspace, &["app.1"]);
    other.tool.wait_for("Attached to app.1; another terminal is, too, and both may type");
    terminal.tool.wait_for("size 24 80");
    other.resize(50, 60);
    other.tool.wait_for("size 40 60");
    leave(&other);
    terminal.tool.wait_for_nth(2, "size 40 100");
    leave(&terminal);
    dev.wait_until("the old size", |lines| {
        let last = lines.iter().rfind(|line| line.text().starts_with("app.1"))?.text();
        (last == "app.1  | size 24 80" && lines.len() > 4).then_some(())
    });
    stop(&workspace, &dev);
}

#[test]
fn two_see_the_same_and_both_may_type() {
    let (workspace, dev, one) = attached(&beast("app", "repl"), "app.1");
    let other = attach(&workspace, &["app.1"]);
    other.tool.wait_for("both may type");
    one.press(b"from one\r");
    other.tool.wait_for("= from one");
    other.press(b"from the other\r");
    one.tool.wait_for("= from the other");
    leave(&one);
    other.press(b"alone\r");
    other.tool.wait_for("= alone");
    leave(&other);
    stop(&workspace, &dev);
}

#[test]
fn who_cannot_attach_is_told_why() {
    let workspace = formation(
        &(beast("two", "repl")
            + &beast("app", "repl")
            + "plain = { bin = \"zoo\", args = [\"idle\"] }\n"),
    );
    let dev = workspace.dev(&["--scale", "two=2"]);
    dev.wait_for("plain.1  | ready");
    let check = |name: &str, reason: &str| {
        let terminal = attach(&workspace, &[name]);
        terminal.tool.ends_with(2);
        let said = terminal.tool.text(harness::Stream::Out);
        assert!(said.contains(reason), "{name}: {said}");
        assert!(terminal.echoes());
    };
    check("plain.1", "`plain.1` has no terminal to attach to: give `plain` `pty = true`");
    check("two", "`two` has several instances: attach to one of `two.1`, `two.2`");
    check(
        "app.2",
        "nothing called `app.2` runs here; `two.1`, `two.2`, `app.1` can be attached to",
    );
    check("nobody", "nothing called `nobody` runs here");
    check("not a name", "` ` cannot stand in a name");
    let piped = Tool::start(workspace.command(&["attach", "app.1"]));
    piped.ends_with(2);
    piped.wait_for("standard input and output are not a terminal");
    stop(&workspace, &dev);
    let late = attach(&workspace, &["app.1"]);
    late.tool.wait_for("no formation runs in");
    late.tool.finish();
}

#[test]
fn whatever_ends_it_leaves_the_terminal_as_it_was() {
    let (workspace, dev, terminal) = attached(&beast("app", "repl"), "app.1");
    assert!(!terminal.echoes());
    terminal.tool.signal(Signal::TERM);
    terminal.tool.ends_with(143);
    assert!(terminal.echoes());
    // The tool that runs the formation is killed.
    let terminal = attach(&workspace, &["app.1"]);
    terminal.tool.wait_for("Attached to app.1");
    dev.signal(Signal::KILL);
    terminal.tool.wait_for("Detached the tool that ran the formation is gone");
    terminal.tool.finish();
    assert!(terminal.echoes());
    workspace.assert_nothing_alive_within(DEADLINE);
}

#[test]
fn a_window_that_is_closed_leaves_the_run_alone() {
    let (workspace, dev, terminal) = attached(&beast("app", "window"), "app.1");
    terminal.resize(40, 100);
    terminal.tool.wait_for("size 40 100");
    let tool = terminal.close();
    let (code, _) = tool.finish();
    assert_eq!(code, 129, "{}", tool.transcript());
    dev.wait_until("the old size", |lines| {
        let sizes: Vec<_> = lines.iter().filter(|line| line.text().contains("size")).collect();
        (sizes.len() > 1 && sizes.last()?.text() == "app.1  | size 24 80").then_some(())
    });
    stop(&workspace, &dev);
}

#[test]
fn nobody_waits_for_a_terminal_that_takes_nothing() {
    const LINES: usize = 60_000;
    let dots = ".".repeat(80);
    let types = beast("app", "repl") + &beast("idle", "idle");
    let script =
        format!("read line; for i in $$(seq {LINES}); do echo line $$i of many {dots}; done; read");
    let types = format!(
        "{types}settings.services.flood = {{ command = [\"bash\", \"-c\", '{script}'], pty = true }}\n"
    );
    let (workspace, dev, terminal) = attached(&types, "flood");
    let frozen = workspace.find(" attach ").unwrap();
    terminal.press(b"go\r");
    dev.wait_for("flood   | line 1 of many");
    frozen.signal(Signal::STOP);
    eventually("a client that is stopped", DEADLINE, || {
        workspace.find(" attach ").filter(|client| client.state == 'T')
    });
    dev.wait_for(&format!("flood   | line {LINES} of many"));
    let count = dev.count("flood   | line ");
    assert_eq!(count, LINES, "the log has lines of its own for all");
    frozen.signal(Signal::CONT);
    terminal.tool.wait_for("Missed");
    leave(&terminal);
    stop(&workspace, &dev);
}
