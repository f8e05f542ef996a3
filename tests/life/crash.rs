//! Processes end by themselves, well or badly.

use harness::Tool;
use rustix::process::Signal;

use crate::formation;

/// Run a formation to its end, which is to have this exit code.
fn check(types: &str, arguments: &[&str], code: i32) -> Tool {
    let workspace = formation(types);
    let tool = workspace.dev(arguments);
    tool.ends_with(code);
    workspace.assert_nothing_alive();
    tool
}

#[test]
fn all_that_finish_well_are_a_success() {
    let tool = check(
        "one = { bin = \"zoo\", args = [\"exit\", \"0\"] }\n\
         two = { bin = \"zoo\", args = [\"crash-after\", \"300\", \"0\"] }",
        &[],
        0,
    );
    tool.wait_for("Ended two.1: exit code 0; it stays ended");
    tool.wait_for("Ended everything: nothing is left to run");
}

#[test]
fn one_that_fails_for_good_gives_its_exit_code() {
    let tool = check(
        "bad = { bin = \"zoo\", args = [\"exit\", \"3\"], restart = \"never\" }\n\
         good = { bin = \"zoo\", args = [\"crash-after\", \"300\", \"0\"] }",
        &[],
        3,
    );
    tool.wait_for("Crashed bad.1: exit code 3; it stays ended");
}

#[test]
fn one_that_a_signal_killed_gives_128_and_its_number() {
    let tool = check(r#"app = { bin = "zoo", args = ["crash"], restart = "never" }"#, &[], 128 + 9);
    tool.wait_for("Crashed app.1: SIGKILL");
}

#[test]
fn the_first_failure_counts_even_if_others_die_of_our_signal() {
    let tool = check(
        r#"
        bad = { bin = "zoo", args = ["crash-after", "300", "3"] }
        idle = { bin = "zoo", args = ["idle"] }
        deaf = { bin = "zoo", args = ["stubborn"], stop = { timeout = "1s" } }
        "#,
        &["--exit-on-failure"],
        3,
    );
    tool.wait_for("Stopping everything, because bad.1 failed");
}

#[test]
fn one_that_crashed_starts_again() {
    let workspace = formation("");
    let marker = workspace.beside("marker");
    let marker = marker.to_str().unwrap();
    workspace
        .append("Cargo.toml", &format!(r#"app = {{ bin = "zoo", args = ["once", "{marker}"] }}"#));
    let tool = workspace.dev(&[]);
    tool.wait_for("app.1  | the first time");
    tool.wait_for("Crashed app.1: exit code 1; starts again in 100ms");
    tool.wait_for("app.1  | ready");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    assert_eq!(tool.count("Started app.1"), 2, "{}", tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn one_that_was_killed_from_outside_starts_again_and_its_children_are_gone_first() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["family"] }"#);
    let tool = workspace.dev(&[]);
    tool.wait_for("app.1  | ready");
    let old = workspace.wait_for_process("sleep 7001");
    workspace.wait_for_process("sleep 7002");
    workspace.find("sh -c sleep 7001").unwrap().signal(Signal::KILL);
    tool.wait_for("Crashed app.1: SIGKILL");
    tool.wait_for("app.1 left processes ");
    tool.wait_for_nth(2, "app.1  | ready");
    let alive = workspace.alive();
    assert!(alive.iter().all(|process| process.pid != old.pid), "{alive:?}");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn one_that_goes_on_crashing_has_to_wait_twice_as_long_each_time() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["exit", "3"] }"#);
    let tool = workspace.dev(&[]);
    for delay in ["100ms", "200ms", "400ms", "800ms", "1.6s"] {
        tool.wait_for(&format!("Crashed app.1: exit code 3; starts again in {delay}"));
    }
    tool.signal(Signal::INT);
    tool.ends_with(130);
}

#[test]
fn a_restart_that_is_asked_for_comes_after_a_success_too() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["exit", "0"], restart = "always" }"#);
    let tool = workspace.dev(&[]);
    tool.wait_for_nth(3, "Started app.1");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn one_that_goes_into_the_background_is_told_so_and_brought_back_to_end() {
    let workspace = formation(
        "app = { bin = \"zoo\", args = [\"daemonize\"] }\n\
         other = { bin = \"zoo\", args = [\"idle\"] }",
    );
    let tool = workspace.dev(&[]);
    let told = tool.wait_for("Daemonized app.1 went into the background and left process").text();
    assert!(told.contains("turn off its daemon mode"), "{told}");
    workspace.wait_for_end_of("sleep 7006");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn a_formation_of_nothing_is_an_error() {
    let workspace = formation("");
    let tool = workspace.dev(&[]);
    let (code, _) = tool.finish();
    assert_ne!(code, 0, "{}", tool.transcript());
    tool.wait_for("error");
    assert_eq!(tool.count("Compiling"), 0, "{}", tool.transcript());
}

#[test]
fn a_formation_scaled_to_nothing_is_an_error() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["idle"] }"#);
    let tool = workspace.dev(&["--scale", "all=0"]);
    tool.ends_with(2);
    tool.wait_for("error");
    assert_eq!(tool.count("Compiling"), 0, "{}", tool.transcript());
}

#[test]
fn what_is_not_there_is_named_before_anything_starts() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["idle"] }"#);
    let tool = workspace.dev(&["app", "nobody"]);
    tool.ends_with(2);
    tool.wait_for("nobody");
    workspace.append("Cargo.toml", r#"other = { bin = "missing" }"#);
    let tool = workspace.dev(&[]);
    tool.ends_with(3);
    tool.wait_for("`missing`");
    assert_eq!(tool.count("Compiling"), 0, "{}", tool.transcript());
}

#[test]
fn a_directory_that_is_not_there_is_named_before_anything_starts() {
    let tool = check(r#"app = { bin = "zoo", args = ["idle"], dir = "nowhere" }"#, &[], 3);
    tool.wait_for("nowhere");
    assert_eq!(tool.count("Compiling"), 0, "{}", tool.transcript());
}
