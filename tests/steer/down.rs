//! `down`, and `ps` that goes on.

use std::process::Stdio;

use harness::Tool;

use crate::stage::{Stage, formation, idle_types};

const HELD_BUILD: &str = "fn main() {\n    loop {\n        \
    std::thread::sleep(std::time::Duration::from_millis(10));\n    }\n}\n";

#[test]
fn twice_at_once_is_once() {
    let types = "app = { bin = \"zoo\", args = [\"slow-stop\", \"300\"] }";
    let stage = Stage::open(types, &[]);
    stage.dev.wait_for("app.1  | ready");
    let downs = [(); 3].map(|()| stage.begin(&["down"]));
    stage.dev.wait_for("Stopping everything");
    for down in &downs {
        down.ends_with(0);
    }
    stage.has_ended();
    // Nobody was hasty.
    stage.dev.wait_for("app.1  | bye");
    assert_eq!(stage.steer(&["down"]).code, 8);
}

#[test]
fn what_is_asked_while_it_ends_is_told() {
    let types = "app = { bin = \"zoo\", args = [\"stubborn\"], stop = { timeout = \"10m\" } }";
    let stage = Stage::open(types, &[]);
    stage.dev.wait_for("app.1  | ready");
    let down = stage.begin(&["down"]);
    stage.dev.wait_for("Stopping everything");
    assert_eq!(stage.states("app.1"), ["stopping"]);
    let asks = ["restart app", "stop app", "start app", "scale app=2", "wait", "wait --idle"];
    let late = ["--no-wait restart app", "--no-wait scale app=2"].map(|words| {
        let mut words: Vec<&str> = words.split(' ').collect();
        words.rotate_left(1);
        words
    });
    let asks = asks.iter().map(|words| words.split(' ').collect::<Vec<_>>()).chain(late);
    let clients: Vec<_> = asks.map(|words| (stage.begin(&words), words)).collect();
    // They are told at once, and wait for nothing.
    for (client, words) in &clients {
        let (code, _) = client.finish();
        assert_eq!(code, 8, "{words:?}\n{}", client.transcript());
        assert!(client.transcript().contains("the formation ends"), "{}", client.transcript());
    }
    let animals = stage.workspace.alive();
    let group = stage.animals();
    let of = animals.iter().filter(|process| group.contains(&process.group));
    of.for_each(|process| process.signal(rustix::process::Signal::KILL));
    down.ends_with(0);
    stage.has_ended();
}

#[test]
fn during_the_build() {
    let workspace = formation(&idle_types(&["app"]));
    workspace.write("build.rs", HELD_BUILD);
    let stage = Stage::in_workspace(workspace, &[]);
    stage.is("app.1", "building");
    stage.end();
}

#[test]
fn during_the_start() {
    let types = "app = { bin = \"zoo\", args = [\"until\", \"go\"], ready = { log = \"ready\" } }";
    let stage = Stage::open(types, &[]);
    stage.is("app.1", "starting");
    stage.end();
}

#[test]
fn during_the_start_of_a_service() {
    let services = "[package.metadata.formation.settings.services.never]\n\
                    command = \"sleep 7031\"\nready = { log = \"never\" }\n";
    let stage = Stage::open(&(idle_types(&["app"]) + services), &[]);
    stage.is("app.1", "waiting");
    stage.end();
}

#[test]
fn who_looks_again_and_again_may_go() {
    let stage = Stage::open(&idle_types(&["app"]), &[]);
    stage.pid("app.1");
    let script = "\"$0\" ps --watch | head -3";
    let mut head = stage.workspace.command_under(&["sh", "-c", script], &[]);
    head.stdin(Stdio::null());
    let head = Tool::start(head);
    head.ends_with(0);
    assert_eq!(head.lines().len(), 3, "{}", head.transcript());
    let json = stage.begin(&["ps", "--watch", "--format", "json"]);
    json.wait_for_nth(2, "\"instances\"");
    stage.do_(&["down"]);
    assert_eq!(json.finish().0, 8, "{}", json.transcript());
    stage.has_ended();
}
