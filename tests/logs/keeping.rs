//! What is kept, for whom, and how long.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use harness::{Stream, Tool, skipped, works};
use rustix::process::Signal;

use crate::{beast, files, formation, logs, logs_ending, said_by};

#[test]
fn the_last_run_is_shown_and_earlier_ones_if_they_are_asked_for() {
    let workspace = formation(&beast("app", "burst 2"));
    for _ in 0..2 {
        workspace.dev(&[]).ends_with(0);
    }
    let last = logs_ending(&workspace, &[], 0);
    assert_eq!(said_by(&last.lines(), "app.1"), ["0", "1"]);
    assert_eq!(last.count("formation  |      Started app.1"), 1, "{}", last.transcript());
    assert_eq!(last.count("Ended everything"), 1, "{}", last.transcript());
    assert_eq!(logs(&workspace, &["app"]), "app.1  | 0\napp.1  | 1\n");
    let all = logs(&workspace, &["app", "-n", "100"]);
    assert_eq!(all, "app.1  | 0\napp.1  | 1\napp.1  | 0\napp.1  | 1\n");
}

#[test]
fn a_formation_that_ends_waits_until_all_is_on_disk() {
    let workspace = formation(&beast("app", "flood 20000 94"));
    workspace.dev(&[]).ends_with(0);
    let text = fs::read_to_string(files(&workspace).last().unwrap()).unwrap();
    let last = text.lines().next_back().unwrap();
    assert!(last.starts_with("{\"end\":"), "{last}");
    let shown = logs_ending(&workspace, &[], 0);
    assert_eq!(said_by(&shown.lines(), "app.1").len(), 20_000);
    assert!(shown.lines().last().unwrap().text().contains("Ended everything"));
}

#[test]
fn five_runs_are_kept() {
    let workspace = formation(&beast("app", "burst 1"));
    for _ in 0..7 {
        workspace.dev(&[]).ends_with(0);
    }
    assert_eq!(files(&workspace).len(), 5);
    assert_eq!(logs(&workspace, &["app", "--since", "1h"]).lines().count(), 5);
}

#[test]
fn every_byte_is_kept() {
    let workspace = formation(&beast("app", "binary"));
    workspace.dev(&[]).ends_with(0);
    let shown = logs_ending(&workspace, &["app"], 0);
    let lines: Vec<Vec<u8>> = shown.lines().into_iter().map(|line| line.bytes).collect();
    let expected: [&[u8]; 2] =
        [b"app.1  | not text: \xff\xfe\0 end", b"app.1  | euro: \xe2\x82\xac end"];
    assert_eq!(lines, expected);
}

#[test]
fn a_last_line_without_an_end_is_kept_and_gets_one() {
    let workspace = formation(&beast("app", "tail PARTIAL"));
    workspace.dev(&[]).ends_with(0);
    let shown = logs(&workspace, &[]);
    let (line, end) = (shown.find("app.1      | PARTIAL\n"), shown.find("Ended app.1"));
    assert!(line.is_some() && line < end, "{shown}");
}

#[test]
fn a_line_that_is_too_long_is_shown_in_parts() {
    let workspace = formation(&beast("app", "long-line 1500000"));
    workspace.dev(&[]).ends_with(0);
    let shown = logs(&workspace, &["app"]);
    let parts: Vec<&str> = shown.lines().collect();
    assert_eq!(parts.len(), 2);
    assert!(parts[0].starts_with("app.1  | x") && parts[1].starts_with("app.1  + x"));
    assert_eq!(shown.matches('x').count(), 1_500_000);
}

#[test]
fn nobody_else_can_read_it() {
    let workspace = formation(&beast("app", "burst 1"));
    workspace.dev(&[]).ends_with(0);
    let files = files(&workspace);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let directory = files[0].parent().unwrap();
    assert_eq!((mode(&files[0]), mode(directory)), (0o600, 0o700));
    assert_eq!(mode(directory.parent().unwrap()), 0o700);
    let other = ["setpriv", "--reuid=54321", "--clear-groups"];
    if !works(&other) {
        return skipped("only root can become another user");
    }
    let read = |path: &Path| {
        let mut cat = Command::new(other[0]);
        cat.args(&other[1..]).arg("cat").arg(path).stdout(Stdio::null()).stderr(Stdio::null());
        cat.status().unwrap().success()
    };
    // That it is this directory which keeps him out: he comes as far as its parent.
    let above = [workspace.beside(""), workspace.state_directory()];
    for above in above {
        fs::set_permissions(above, fs::Permissions::from_mode(0o755)).unwrap();
    }
    assert!(read(&workspace.root().join("Cargo.toml")));
    assert!(!read(&files[0]));
}

#[test]
fn what_is_damaged_is_left_out_and_told() {
    let workspace = formation(&beast("app", "burst 3"));
    workspace.dev(&[]).ends_with(0);
    workspace.dev(&[]).ends_with(0);
    let files = files(&workspace);
    let mut bytes = fs::read(&files[0]).unwrap();
    let at = bytes.windows(9).position(|window| window == b"\"text\":\"0").unwrap();
    bytes[at] = 0xff;
    bytes.truncate(bytes.len() - 3);
    fs::write(&files[0], bytes).unwrap();
    let shown = logs_ending(&workspace, &["app", "-n", "100"], 0);
    assert_eq!(said_by(&shown.lines(), "app.1"), ["0", "1", "2"], "{}", shown.transcript());
    shown.wait_for("2 damaged lines of the history");
}

#[test]
fn a_tool_that_was_killed_leaves_all_it_had() {
    let workspace = formation(&beast("app", "ticks 1"));
    let tool = workspace.dev(&[]);
    tool.wait_for("| tick 100");
    tool.signal(Signal::KILL);
    tool.ends_with(137);
    let shown = logs(&workspace, &["app", "--follow"]);
    let ticks: Vec<&str> = shown.lines().collect();
    assert!(ticks.len() > 90, "{}", ticks.len());
    for (number, tick) in ticks.iter().enumerate() {
        assert_eq!(*tick, format!("app.1  | tick {number}"));
    }
}

#[test]
fn a_formation_beside_it_leaves_nothing_and_mixes_with_nothing() {
    let workspace = formation(&(beast("app", "idle") + &beast("other", "burst 5")));
    let tool = workspace.dev(&["app"]);
    tool.wait_for("app.1  | ready");
    workspace.dev(&["other", "--isolated"]).ends_with(0);
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    assert_eq!(files(&workspace).len(), 1);
    let shown = logs(&workspace, &[]);
    assert!(shown.contains("app.1      | ready") && !shown.contains("other"), "{shown}");
}

#[test]
fn without_a_place_for_it_everything_else_works() {
    let workspace = formation(&beast("app", "burst 1"));
    fs::write(workspace.state_directory(), "a file").unwrap();
    let tool = workspace.dev(&[]);
    tool.ends_with(0);
    tool.wait_for("no history is kept");
    assert_eq!(tool.count("app.1  | 0"), 1);
    let mut homeless = workspace.command(&["dev", "--no-watch"]);
    homeless.env_remove("XDG_STATE_HOME").env_remove("HOME");
    // Cargo and rustup find their own by these.
    homeless.envs(["CARGO_HOME", "RUSTUP_HOME"].map(|name| (name, home(name))));
    let tool = Tool::start(homeless);
    tool.ends_with(0);
    tool.wait_for("neither `XDG_STATE_HOME` nor `HOME` is set");
}

/// Where cargo or rustup is at home.
fn home(variable: &str) -> String {
    let default = if variable == "CARGO_HOME" { ".cargo" } else { ".rustup" };
    let script = format!("printf %s \"${{{variable}:-$HOME/{default}}}\"");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn where_nothing_has_run_there_is_nothing() {
    let workspace = formation(&beast("app", "idle"));
    let shown = logs_ending(&workspace, &[], 0);
    shown.wait_for("no formation has left a history in this workspace");
    assert_eq!(shown.text(Stream::Out), "");
    let mut elsewhere = workspace.command(&["logs"]);
    elsewhere.current_dir(workspace.runtime_directory());
    let elsewhere = Tool::start(elsewhere);
    elsewhere.ends_with(1);
    elsewhere.wait_for("there is no `Cargo.toml`");
}

#[test]
fn it_is_found_from_anywhere_in_the_workspace() {
    let workspace = formation(&beast("app", "burst 1"));
    workspace.dev(&[]).ends_with(0);
    workspace.write("src/deep/file", "");
    let mut inside = workspace.command(&["logs", "app"]);
    inside.current_dir(workspace.root().join("src/deep"));
    let mut named = workspace.command(&["logs", "app", "--manifest-path", "../app/Cargo.toml"]);
    named.current_dir(workspace.runtime_directory());
    for command in [inside, named] {
        let tool = Tool::start(command);
        tool.ends_with(0);
        assert_eq!(tool.text(Stream::Out), "app.1  | 0\n");
    }
}
