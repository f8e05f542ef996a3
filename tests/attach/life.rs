//! How a run with a terminal ends, and that nothing of it is left behind.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use harness::{DEADLINE, eventually};
use rustix::process::Signal;

use crate::{beast, formation};

/// What is promised: after this long nothing is alive.
const PROMISE: Duration = Duration::from_secs(2);

#[test]
fn it_is_asked_to_stop_once_and_with_its_own_signal() {
    let workspace = formation(
        "app = { bin = \"zoo\", args = [\"count-signals\"], pty = true, \
         stop = { signal = \"INT\", timeout = \"2s\" } }",
    );
    let tool = workspace.dev(&[]);
    tool.wait_for("app.1  | ready");
    tool.signal(Signal::INT);
    tool.ends_with(130);
    assert_eq!(tool.count("got "), 1, "{}", tool.transcript());
    assert_eq!(tool.count("got INT"), 1, "{}", tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn one_that_ends_is_started_again_at_a_terminal_of_its_own() {
    let workspace = formation(&beast("app", "once marker"));
    let tool = workspace.dev(&[]);
    tool.wait_for("app.1  | the first time");
    tool.wait_for("app.1  | ready");
    // Of the first one nothing is open any more, nor of the other end of the second: there is
    // what is read, what is typed, and what has the size.
    eventually("the terminal of one run", DEADLINE, || {
        let ends = terminals(tool.pid());
        let are_ours = ends.iter().all(|end| end.ends_with("ptmx"));
        (are_ours && ends.len() == 3).then_some(())
    });
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

/// The ends of terminals that a process has open.
fn terminals(pid: u32) -> Vec<PathBuf> {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten();
    let files = descriptors.filter_map(|entry| fs::read_link(entry.path()).ok());
    let is_terminal =
        |file: &PathBuf| file.starts_with("/dev/pts") || file == Path::new("/dev/ptmx");
    files.filter(is_terminal).collect()
}

#[test]
fn a_family_whose_head_ends_hears_that_the_terminal_is_gone() {
    // As at the end of a login: the kernel sends `SIGHUP` to whoever is in the foreground.
    let workspace = formation(&beast("app", "holder"));
    let tool = workspace.dev(&[]);
    tool.wait_for("app.1  | gone");
    tool.ends_with(0);
    workspace.assert_nothing_alive();
}

#[test]
fn who_outlives_the_head_is_told_of_and_stopped_as_ever() {
    let script = "trap '' HUP; sleep 7014 & echo gone";
    let workspace = formation(&format!(
        "settings.services.app = {{ command = [\"sh\", \"-c\", \"{script}\"], pty = true, \
         restart = \"never\" }}\n{}",
        beast("idle", "idle")
    ));
    let tool = workspace.dev(&[]);
    tool.wait_for("app     | gone");
    tool.wait_for("left process");
    tool.wait_for("idle.1  | ready");
    workspace.wait_for_end_of("sleep 7014");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn jobs_of_a_shell_end_with_it() {
    // Job control gives each a group of its own, and the foreground to one.
    let script = "set -m; sleep 7015 & (trap '' HUP TERM; sleep 7016) & echo started; wait";
    let workspace = formation(&format!(
        "settings.services.shell = {{ command = [\"bash\", \"-c\", \"{script}\"], pty = true, \
         stop = {{ timeout = \"1s\" }}, ready = {{ log = \"started\" }} }}\n{}",
        beast("app", "idle")
    ));
    let tool = workspace.dev(&[]);
    tool.wait_for("app.1  | ready");
    workspace.wait_for_process("sleep 7015");
    workspace.wait_for_process("sleep 7016");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn nobody_else_has_an_end_of_the_terminal() {
    // Whoever had ours would keep the terminal from being hung up.
    let workspace = formation(&(beast("app", "idle") + &beast("other", "idle")));
    let tool = workspace.dev(&["--scale", "all=2"]);
    for name in ["app.1  ", "app.2  ", "other.1", "other.2"] {
        tool.wait_for(&format!("{name}  | ready"));
    }
    let runs: Vec<_> =
        workspace.alive().into_iter().filter(|p| p.command.ends_with("idle")).collect();
    assert_eq!(runs.len(), 4);
    let mut all: BTreeSet<PathBuf> = BTreeSet::new();
    for run in runs {
        let ends = terminals(run.pid);
        assert!(ends.iter().all(|end| !end.ends_with("ptmx")), "{ends:?}");
        all.extend(ends);
    }
    assert_eq!(all.len(), 4, "each has one of its own: {all:?}");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn nothing_outlives_a_tool_that_was_killed() {
    let beasts = ["polite", "stubborn", "family", "escape", "repl", "window"];
    let types: Vec<String> = beasts.iter().map(|name| beast(name, name)).collect();
    let workspace = formation(&types.concat());
    let tool = workspace.dev(&[]);
    for name in ["polite", "stubborn", "family", "escape"] {
        tool.wait_for(&format!("{:<10}  | ready", format!("{name}.1")));
    }
    tool.wait_for("type `exit N` to end");
    tool.wait_for("size 24 80");
    for child in ["sleep 7001", "sleep 7002", "sleep 7004", "sleep 7005", "sleep 7012"] {
        workspace.wait_for_process(child);
    }
    tool.signal(Signal::KILL);
    workspace.assert_nothing_alive_within(PROMISE);
    tool.ends_with(137);
}
