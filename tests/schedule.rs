//! Scheduled types, with real processes: run when somebody asks, waiting for a time that does
//! not come while these tests run (a 29th of February), and never two at once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use harness::{DEADLINE, Stream, Tool, Workspace, eventually};
use rustix::process::Signal;
use serde_json::Value;

/// A workspace of `app`, which waits, and of a `report` with these keys, which is a binary of its
/// own: it waits if there is the file `beside/marker`, else it makes it and exits with 1.
fn shop(dev: &str) -> Workspace {
    let workspace = Workspace::new(env!("CARGO_BIN_EXE_cargo-formation"), "");
    let marker = workspace.beside("marker").display().to_string();
    let types = format!(
        "app = {{ bin = \"zoo\", args = [\"idle\"] }}\n\
         report = {{ args = [\"once\", \"{marker}\"], schedule = \"0 3 29 2 *\" }}\n\
         [package.metadata.formation.settings.dev]\n{dev}"
    );
    workspace.append("Cargo.toml", &types);
    workspace.write("src/bin/report.rs", include_str!("zoo/src/main.rs"));
    workspace
}

fn dev(workspace: &Workspace, flags: &[&str]) -> Tool {
    Tool::start(workspace.command(&[&["dev"], flags].concat()))
}

/// Run a command to its end, which is to have this exit code. What it said.
#[track_caller]
fn run(workspace: &Workspace, arguments: &[&str], code: i32) -> String {
    let tool = Tool::start(workspace.command(arguments));
    tool.ends_with(code);
    [tool.text(Stream::Out), tool.text(Stream::Err)].concat()
}

#[track_caller]
fn status(workspace: &Workspace) -> Value {
    let text = run(workspace, &["ps", "--format", "json"], 0);
    serde_json::from_str(&text).unwrap()
}

/// What `ps` says of the instance `report.1`, or of the type `report`.
fn seen(workspace: &Workspace, list: &str, name: &str) -> Option<Value> {
    let status = status(workspace);
    status[list].as_array().unwrap().iter().find(|it| it["name"] == name).cloned()
}

#[track_caller]
fn comes_to(workspace: &Workspace, state: &str) -> Value {
    eventually(&format!("`report.1` is {state}"), DEADLINE, || {
        seen(workspace, "instances", "report.1").filter(|it| it["state"] == state)
    })
}

#[track_caller]
fn end(workspace: &Workspace, dev: &Tool) {
    dev.signal(Signal::TERM);
    dev.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn it_is_seen_and_runs_only_when_somebody_asks() {
    let shop = shop("");
    let dev = dev(&shop, &[]);
    dev.wait_for("Started app.1");
    let of_type = seen(&shop, "types", "report").unwrap();
    assert_eq!(of_type["schedule"]["cron"], "0 3 29 2 *");
    assert_eq!(of_type["schedule"]["kept"], false);
    let next = of_type["schedule"]["next"].as_str().unwrap();
    assert!(next.ends_with("-02-29T03:00:00Z"), "{next}");
    assert_eq!(seen(&shop, "instances", "report.1"), None);
    let text = run(&shop, &["ps"], 0);
    assert!(text.contains("when asked; scheduled for 2"), "{text}");
    // It is built first, runs once, and fails, which is no reason to start it again.
    run(&shop, &["start", "report", "--no-wait"], 0);
    comes_to(&shop, "failed");
    assert_eq!(dev.count("Started report.1"), 1, "{}", dev.transcript());
    // The second time it waits.
    let text = run(&shop, &["start", "report.1"], 0);
    assert!(text.contains("Started report.1 (process "), "{text}");
    let pid = comes_to(&shop, "ready")["pid"].clone();
    let text = run(&shop, &["start", "report"], 1);
    assert!(text.contains("report.1 runs already, as process "), "{text}");
    assert_eq!(comes_to(&shop, "ready")["pid"], pid);
    run(&shop, &["restart", "all"], 0);
    assert_eq!(comes_to(&shop, "ready")["pid"], pid, "of all that is asked for it is not meant");
    run(&shop, &["restart", "report"], 0);
    assert_ne!(comes_to(&shop, "ready")["pid"], pid);
    run(&shop, &["stop", "report"], 0);
    comes_to(&shop, "stopped");
    assert_eq!(dev.count("Started report.1"), 3, "{}", dev.transcript());
    end(&shop, &dev);
}

#[test]
fn with_its_times_kept_it_is_built_and_waits_and_a_save_starts_nothing() {
    let shop = shop("schedule = true");
    std::fs::write(shop.beside("marker"), "").unwrap();
    shop.write("src/lib.rs", "pub fn nothing() {}\n");
    let dev = dev(&shop, &[]);
    dev.wait_for("Started app.1");
    // Nobody who waits waits for it.
    run(&shop, &["wait"], 0);
    let report = comes_to(&shop, "scheduled");
    assert!(report["next"].as_str().unwrap().ends_with("-02-29T03:00:00Z"), "{report}");
    assert!(report["next_ms"].as_u64().unwrap() > 0, "{report}");
    assert_eq!(seen(&shop, "types", "report").unwrap()["schedule"]["kept"], true);
    shop.append("Cargo.toml", "# saved");
    run(&shop, &["wait", "--idle"], 0);
    assert!(shop.root().join("target/debug/report").exists(), "it is built with the others");
    comes_to(&shop, "scheduled");
    assert_eq!(dev.count("Started report.1"), 0, "{}", dev.transcript());
    run(&shop, &["start", "report"], 0);
    let pid = comes_to(&shop, "ready")["pid"].clone();
    // The environment is another one; a run is seen to its end.
    shop.write(".env", "SAVED=1\n");
    dev.wait_for("Restarted in ");
    assert_eq!(comes_to(&shop, "ready")["pid"], pid);
    end(&shop, &dev);
}

#[test]
fn whoever_changes_their_mind_while_it_runs_is_heard() {
    let shop = shop("");
    let dev = dev(&shop, &[]);
    dev.wait_for("Started app.1");
    shop.write("formation.local.toml", "dev.schedule = true\n");
    comes_to(&shop, "scheduled");
    shop.write("formation.local.toml", "");
    eventually("`report` is not of the formation", DEADLINE, || {
        seen(&shop, "instances", "report.1").is_none().then_some(())
    });
    assert_eq!(dev.count("Started report.1"), 0, "{}", dev.transcript());
    end(&shop, &dev);
}

#[test]
fn who_is_named_runs_at_the_start_and_the_formation_ends_with_it() {
    let types = r#"
        app = { bin = "zoo", args = ["idle"] }
        report = { bin = "zoo", args = ["tail", "reported"], schedule = "0 3 29 2 *" }
    "#;
    let shop = Workspace::new(env!("CARGO_BIN_EXE_cargo-formation"), types);
    let dev = dev(&shop, &["report"]);
    dev.ends_with(0);
    assert_eq!(dev.count("report.1  | reported"), 1, "{}", dev.transcript());
    assert_eq!(dev.count("app.1"), 0, "{}", dev.transcript());
    shop.assert_nothing_alive();
}

#[test]
fn a_formation_of_nothing_else_waits_for_its_times() {
    let types = r#"
        report = { bin = "zoo", args = ["tail", "reported"], schedule = "0 3 29 2 *" }
        never = { bin = "zoo", args = ["idle"], schedule = "0 3 30 2 *" }
        [package.metadata.formation.settings]
        dev = { schedule = true }
    "#;
    let shop = Workspace::new(env!("CARGO_BIN_EXE_cargo-formation"), types);
    let dev = dev(&shop, &[]);
    dev.wait_for("Finished");
    run(&shop, &["start", "report"], 0);
    dev.wait_for("Ended report.1: exit code 0; it waits for its next time");
    comes_to(&shop, "finished");
    let text = run(&shop, &["ps"], 0);
    assert!(text.contains("finished, next 20"), "{text}");
    assert!(text.contains("scheduled, next never"), "{text}");
    end(&shop, &dev);
}

#[test]
fn a_test_neither_waits_for_it_nor_has_it_run_by_itself() {
    let shop = shop("schedule = true");
    let tool = Tool::start(shop.command(&[
        "test",
        "--",
        "sh",
        "-c",
        r#""$1" ps --format json"#,
        "sh",
        env!("CARGO_BIN_EXE_cargo-formation"),
    ]));
    tool.ends_with(0);
    let status: Value = serde_json::from_str(&tool.text(Stream::Out)).unwrap();
    assert_eq!(status["types"][1]["schedule"]["kept"], false, "{status}");
    shop.assert_nothing_alive();
}
