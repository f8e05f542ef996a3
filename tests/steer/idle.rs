//! `wait`: what it waits for is so when it returns, and it returns when that cannot be.

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use harness::{Workspace, manifest, request};
use rustix::process::Signal;

use crate::stage::{Stage, formation, idle_types};

/// So many saves; `STEER_ROUNDS` in the environment says another number.
const ROUNDS: u64 = 30;

const VERSION: &str = "src/bin/version/mod.rs";

/// The ways in which a file is saved.
const STYLES: [fn(&Path, &str); 3] = [in_place, by_another_name, in_pieces];

fn in_place(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
}

fn by_another_name(path: &Path, text: &str) {
    let other = path.with_extension("new");
    fs::write(&other, text).unwrap();
    fs::rename(other, path).unwrap();
}

fn in_pieces(path: &Path, text: &str) {
    let mut file = File::create(path).unwrap();
    let (first, second) = text.split_at(text.len() / 2);
    file.write_all(first.as_bytes()).unwrap();
    file.sync_all().unwrap();
    file.write_all(second.as_bytes()).unwrap();
}

/// A server of these versions, with these keys beside its port.
fn table(answer: u64, more: &str) -> String {
    let web = format!("web = {{ bin = \"app\", env = {{ ANSWER = \"{answer}\" }} }}");
    manifest("app", &format!("{web}\n{more}"))
}

fn version(number: u64) -> String {
    format!("pub(crate) const VERSION: u64 = {number};\n")
}

fn server(more: &str) -> Workspace {
    let workspace = formation("");
    workspace.write("Cargo.toml", &table(0, more));
    workspace.write("src/bin/app.rs", include_str!("app.rs"));
    workspace.write(VERSION, &version(0));
    workspace
}

/// What is answered where the type is reached.
#[track_caller]
fn answered(stage: &Stage) -> String {
    let status = stage.status();
    let types = status["types"].as_array().unwrap();
    let web = types.iter().find(|process| process["name"] == "web").unwrap();
    let (code, body) = request("GET", web["url"].as_str().unwrap(), "").unwrap();
    assert_eq!(code, 200, "{body}");
    body
}

fn rounds() -> u64 {
    env::var("STEER_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS)
}

#[test]
fn after_a_save_nothing_old_is_answered_any_more() {
    let stage = Stage::in_workspace(server(""), &["--isolated"]);
    let path = stage.workspace.root().join(VERSION);
    for round in 1..=rounds() {
        let style = STYLES[usize::try_from(round).unwrap() % STYLES.len()];
        style(&path, &version(round));
        let said = stage.steer(&["wait", "--idle"]);
        assert_eq!(said.code, 0, "{}\n{}", said.err, stage.dev.transcript());
        assert_eq!(answered(&stage), format!("{round} 0"), "{}", stage.dev.transcript());
    }
    stage.end();
}

#[test]
fn after_an_edit_of_the_table_neither() {
    let stage = Stage::in_workspace(server(""), &["--isolated"]);
    let path = stage.workspace.root().join("Cargo.toml");
    for round in 1..=rounds() / 3 {
        let style = STYLES[usize::try_from(round).unwrap() % STYLES.len()];
        // Every other time together with the code.
        if round % 2 == 0 {
            stage.workspace.write(VERSION, &version(round));
        }
        style(&path, &table(round, ""));
        let said = stage.steer(&["wait", "--idle"]);
        assert_eq!(said.code, 0, "{}\n{}", said.err, stage.dev.transcript());
        let code = round - round % 2;
        assert_eq!(answered(&stage), format!("{code} {round}"), "{}", stage.dev.transcript());
    }
    stage.end();
}

#[test]
fn several_who_wait_at_once_are_all_told_the_truth() {
    let stage = Stage::in_workspace(server(""), &["--isolated"]);
    stage.pid("web.1");
    for round in 1..4 {
        let mut early = stage.asks(r#"{"command":"wait","until":"idle"}"#);
        stage.workspace.write(VERSION, &version(round));
        let waits: Vec<_> = (0..4).map(|_| stage.begin(&["wait", "--idle"])).collect();
        for waits in &waits {
            waits.ends_with(0);
        }
        assert_eq!(answered(&stage), format!("{round} 0"), "{}", stage.dev.transcript());
        assert_eq!(early.only_answer()["kind"], "done");
    }
    stage.end();
}

#[test]
fn a_build_that_fails_is_told_and_so_is_the_next_that_does_not() {
    let stage = Stage::in_workspace(server(""), &["--isolated"]);
    stage.do_(&["wait", "--ready"]);
    stage.workspace.write(VERSION, "pub(crate) const VERSION: u64 = ;\n");
    let failed = stage.steer(&["wait", "--idle"]);
    assert_eq!(failed.code, 1, "{failed:?}");
    assert!(failed.err.contains("the build failed"), "{}", failed.err);
    // What was up is up.
    assert_eq!(answered(&stage), "0 0");
    stage.do_(&["wait", "--ready"]);
    stage.workspace.write(VERSION, &version(1));
    stage.do_(&["wait", "--idle"]);
    assert_eq!(answered(&stage), "1 0");
    stage.end();
}

#[test]
fn a_first_build_that_fails_is_told() {
    let workspace = server("");
    workspace.write(VERSION, "pub(crate) const VERSION: u64 = ;\n");
    let stage = Stage::in_workspace(workspace, &["--isolated"]);
    for until in ["--idle", "--ready"] {
        let failed = stage.steer(&["wait", until]);
        assert_eq!(failed.code, 1, "{until}: {failed:?}");
    }
    assert_eq!(stage.states("web.1"), ["not-built"]);
    stage.end();
}

#[test]
fn a_release_that_fails_is_told() {
    let release = "release = { bin = \"zoo\", args = [\"unless\", \"go\", \"3\"] }";
    let stage = Stage::in_workspace(server(release), &["--isolated"]);
    for until in ["--idle", "--ready"] {
        let failed = stage.steer(&["wait", until]);
        assert_eq!(failed.code, 1, "{until}: {failed:?}");
        assert!(failed.err.contains("release"), "{until}: {}", failed.err);
    }
    assert_eq!(stage.states("web.1"), ["not-released"]);
    assert_eq!(stage.states("release.1"), ["failed"]);
    let nothing = stage.steer(&["restart", "web"]);
    assert_eq!(nothing.code, 1, "{nothing:?}");
    stage.end();
}

#[test]
fn a_release_that_failed_is_tried_again_for_who_wants_something_started() {
    let workspace = server("release = \"migrate\"");
    workspace.write(
        "src/bin/migrate.rs",
        "fn main() { std::process::exit(if std::path::Path::new(\"go\").exists() { 0 } else { 3 }) }\n",
    );
    let stage = Stage::in_workspace(workspace, &["--isolated"]);
    assert_eq!(stage.steer(&["wait"]).code, 1);
    let again = stage.steer(&["start", "all"]);
    assert!(again.code == 1 && again.err.contains("release"), "{again:?}");
    stage.mark("go");
    let started = stage.do_(&["restart", "all"]);
    assert!(started.err.contains("web.1 (process "), "{}", started.err);
    stage.do_(&["wait"]);
    stage.end();
}

#[test]
fn what_was_saved_and_cannot_be_is_not_live() {
    let stage = Stage::in_workspace(server(""), &["--isolated"]);
    stage.do_(&["wait"]);
    stage.workspace.write(".env", "no assignment\n");
    let failed = stage.steer(&["wait", "--idle"]);
    assert!(failed.code == 1 && failed.err.contains("cannot be"), "{failed:?}");
    // What runs is up all the same.
    stage.do_(&["wait", "--ready"]);
    stage.workspace.write(".env", "AN=assignment\n");
    stage.do_(&["wait", "--idle"]);
    stage.end();
}

#[test]
fn who_cannot_come_up_is_named() {
    let failed = "gone = { bin = \"zoo\", args = [\"exit\", \"3\"], restart = \"never\" }\n";
    let stage = Stage::open(&(idle_types(&["app"]) + failed), &[]);
    stage.is("gone.1", "failed");
    for until in ["--ready", "--idle"] {
        let said = stage.steer(&["wait", until]);
        assert_eq!(said.code, 1, "{until}: {said:?}");
        assert!(said.err.contains("gone.1"), "{}", said.err);
    }
    stage.end();
}

#[test]
fn it_gives_up_when_it_was_told_to() {
    let types = "app = { bin = \"zoo\", args = [\"until\", \"go\"], ready = { log = \"ready\" } }";
    let stage = Stage::open(types, &[]);
    let late = stage.steer(&["wait", "--timeout", "300ms"]);
    assert_eq!(late.code, 124, "{late:?}");
    let waits = stage.begin(&["wait", "--timeout", "1h"]);
    let killed = stage.begin(&["wait"]);
    killed.signal(Signal::TERM);
    killed.ends_with(143);
    stage.mark("go");
    waits.ends_with(0);
    stage.end();
}

#[test]
fn who_waits_when_it_ends_is_told() {
    let types = "app = { bin = \"zoo\", args = [\"until\", \"go\"], ready = { log = \"ready\" } }";
    let stage = Stage::open(types, &[]);
    stage.is("app.1", "starting");
    let commands = ["wait --ready", "wait --idle", "restart app", "start app", "scale app=2"];
    let clients = commands.map(|words| stage.begin(&words.split(' ').collect::<Vec<_>>()));
    let socket = stage.socket();
    // All of them have asked.
    harness::eventually("five clients", harness::DEADLINE, || {
        let unix = fs::read_to_string("/proc/net/unix").unwrap();
        let of_path = unix.lines().filter(|line| line.ends_with(socket.to_str().unwrap()));
        (of_path.count() == 6).then_some(())
    });
    stage.status();
    stage.dev.signal(Signal::TERM);
    stage.dev.ends_with(143);
    for (client, words) in clients.iter().zip(commands) {
        assert_eq!(client.finish().0, 8, "{words}\n{}", client.transcript());
    }
    stage.workspace.assert_nothing_alive();
}

#[test]
fn where_nobody_watches_what_runs_is_what_there_is() {
    let stage = Stage::open(&idle_types(&["app"]), &["--no-watch"]);
    let pid = stage.pid("app.1");
    stage.do_(&["wait", "--idle"]);
    assert_eq!(stage.pid("app.1"), pid);
    stage.end();
}
