//! Ports that somebody holds, and ports that stay where they are.

use std::net::TcpListener;

use rustix::process::Signal;

use crate::formation;

#[test]
fn a_chosen_port_that_is_taken_is_named_with_its_holder_before_anything_starts() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["listen"], port = true }"#);
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = stranger.local_addr().unwrap().port();
    let tool = workspace.dev(&["--base-port", &port.to_string()]);
    tool.ends_with(5);
    let error = tool.wait_for(&format!("port {port} is taken")).text();
    assert!(error.contains(&format!("(process {})", std::process::id())), "{error}");
    assert_eq!(tool.count("Compiling"), 0, "{}", tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn a_default_that_is_taken_moves_the_formation_and_the_checkout_remembers() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["listen"], port = true }"#);
    // If somebody else holds it, so much the better.
    let stranger = TcpListener::bind("127.0.0.1:4000");
    let tool = workspace.dev(&[]);
    let line = tool.wait_for("Ready app at http://127.0.0.1:").text();
    let port = line.split_once("127.0.0.1:").unwrap().1.split_once(',').unwrap().0.to_owned();
    assert_ne!(port, "4000");
    assert!(port.ends_with("000"), "the next block begins at a thousand: {port}");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    drop(stranger);
    let list = harness::Tool::start(workspace.command(&["list"]));
    list.ends_with(0);
    list.wait_for(&port);
    workspace.assert_nothing_alive();
}

#[test]
fn more_instances_than_a_range_has_ports_are_refused() {
    let types = "app = { bin = \"zoo\", args = [\"listen\"], port = true, quantity = 2 }\n\
                 next = { bin = \"zoo\", args = [\"listen\"], port = true }";
    let workspace = formation(types);
    let tool = workspace.dev(&["--scale", "app=101"]);
    tool.ends_with(2);
    tool.wait_for("app");
    assert_eq!(tool.count("Compiling"), 0, "{}", tool.transcript());
}

#[test]
fn selecting_a_type_does_not_move_its_port() {
    let workspace = formation(
        "one = { bin = \"zoo\", args = [\"listen\"], port = true }\n\
         two = { bin = \"zoo\", args = [\"listen\"], port = true }",
    );
    let base = free_base();
    let base_port = base.to_string();
    let at = format!("Ready two at http://127.0.0.1:{},", base + 100);
    for types in [&[][..], &["two"]] {
        let tool = workspace.dev(&[&["--base-port", &base_port], types].concat());
        tool.wait_for(&at);
        tool.signal(Signal::TERM);
        tool.ends_with(143);
    }
    workspace.assert_nothing_alive();
}

/// A port that nobody holds, and a hundred further neither.
fn free_base() -> u16 {
    let free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
    // Where neither the default nor `--isolated` begins, nor a run is given its port; which of
    // these, depends on us.
    let first = 30_000 + u16::try_from(std::process::id() % 12).unwrap_or_default() * 200;
    (0..50).map(|step| first + step).find(|&port| free(port) && free(port + 100)).unwrap_or(first)
}
