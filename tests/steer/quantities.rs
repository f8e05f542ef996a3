//! Other quantities while the formation runs.

use crate::stage::{Stage, formation, idle_types};

#[test]
fn a_type_that_did_not_run_is_built_first() {
    for flags in [&["site"][..], &["site", "--no-watch"]] {
        let workspace = formation("site = { bin = \"zoo\", args = [\"idle\"] }\nother = {}");
        workspace.write("src/bin/other.rs", "fn main() { loop { std::thread::park() } }\n");
        let stage = Stage::in_workspace(workspace, flags);
        stage.pid("site.1");
        assert!(stage.states("other.1").is_empty());
        let before = stage.steer(&["start", "other"]);
        assert_eq!(before.code, 2, "{before:?}");
        assert!(before.err.contains("scale other=1"), "{}", before.err);
        let said = stage.do_(&["scale", "other=2"]);
        assert!(said.err.contains("other.1 (process ") && said.err.contains("other.2 (process "));
        assert_eq!(stage.dev.count("Started site.1"), 1, "{}", stage.dev.transcript());
        stage.comes_to_rest();
        stage.end();
    }
}

#[test]
fn a_type_that_cannot_be_built_leaves_the_others_alone() {
    for flags in [&["site"][..], &["site", "--no-watch"]] {
        let workspace = formation("site = { bin = \"zoo\", args = [\"idle\"] }\nother = {}");
        workspace.write("src/bin/other.rs", "fn main() { no_such_thing() }\n");
        let stage = Stage::in_workspace(workspace, flags);
        let site = stage.pid("site.1");
        let failed = stage.steer(&["scale", "other=1"]);
        assert_eq!(failed.code, 1, "{flags:?}: {failed:?}\n{}", stage.dev.transcript());
        assert_eq!(stage.pid("site.1"), site);
        assert_eq!(stage.states("other.1"), ["not-built"]);
        stage.end();
    }
}

#[test]
fn the_quantities_outlive_an_edit_of_the_table() {
    let types = idle_types(&["site", "worker"]);
    let stage = Stage::open(&types, &[]);
    stage.pid("site.1");
    stage.do_(&["scale", "site=3", "worker=+1"]);
    let pids = ["site.1", "site.2", "site.3", "worker.1", "worker.2"].map(|name| stage.pid(name));
    stage.workspace.append("Cargo.toml", &idle_types(&["clock"]));
    stage.do_(&["wait", "--idle"]);
    stage.pid("clock.1");
    let now = ["site.1", "site.2", "site.3", "worker.1", "worker.2"].map(|name| stage.pid(name));
    assert_eq!(pids, now);
    stage.do_(&["scale", "site=-1"]);
    stage.do_(&["scale", "worker=0"]);
    let names: Vec<String> = stage.comes_to_rest().into_iter().map(|seen| seen.name).collect();
    assert_eq!(names, ["site.1", "site.2", "clock.1"]);
    stage.do_(&["scale", "all=1"]);
    stage.pid("worker.1");
    let text = stage.do_(&["ps"]).out;
    assert!(text.contains("worker") && text.contains("● 1 "), "{text}");
    stage.end();
}

#[test]
fn a_type_that_was_scaled_may_leave_the_table() {
    let stage = Stage::open(&idle_types(&["site", "worker"]), &[]);
    stage.do_(&["scale", "worker=2"]);
    stage.pid("worker.2");
    let manifest = harness::manifest("app", &idle_types(&["site"]));
    stage.workspace.write("Cargo.toml", &manifest);
    stage.do_(&["wait", "--idle"]);
    assert_eq!(stage.dev.count("Keeping"), 0, "{}", stage.dev.transcript());
    let names: Vec<String> = stage.comes_to_rest().into_iter().map(|seen| seen.name).collect();
    assert_eq!(names, ["site.1"]);
    stage.end();
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let types = idle_types(&["site", "worker"])
        + "clock = { bin = \"zoo\", args = [\"idle\"], singleton = true }\n";
    let stage = Stage::open(&types, &["--no-watch"]);
    stage.pid("clock.1");
    stage.pid("worker.1");
    let before = stage.comes_to_rest();
    let steps = [
        "site=2 clock=2",
        "site=2 nobody=1",
        "site=2 worker",
        "site=101",
        "site=2 site=3",
        "site=-x",
    ];
    for step in steps {
        let words: Vec<&str> = ["scale"].into_iter().chain(step.split(' ')).collect();
        let refused = stage.steer(&words);
        assert_eq!(refused.code, 2, "{step}: {refused:?}");
        assert_eq!(stage.comes_to_rest(), before, "{step}");
    }
    // More than nothing is nothing less.
    stage.do_(&["scale", "site=-5"]);
    assert!(stage.states("site.1").is_empty());
    stage.do_(&["scale", "site=+1,worker=+0"]);
    stage.pid("site.1");
    stage.end();
}

#[test]
fn two_who_scale_at_once_are_one_after_the_other() {
    let stage = Stage::open(&idle_types(&["site"]), &["--no-watch"]);
    stage.pid("site.1");
    let request = r#"{"command":"scale","quantities":["site=+1"]}"#;
    let mut clients: Vec<_> = (0..5).map(|_| stage.asks(request)).collect();
    for client in &mut clients {
        assert_eq!(client.only_answer()["kind"], "done");
    }
    assert_eq!(stage.comes_to_rest().len(), 6);
    stage.end();
}
