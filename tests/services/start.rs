//! Services that come up badly, late, or not at all.

use std::net::TcpListener;

use harness::Workspace;
use rustix::process::Signal;

use crate::{IDLE, Which, dev, formation, position, shell};

#[test]
fn one_that_is_never_up_is_waited_for_and_the_line_says_what_is_missing() {
    let script = "echo up; exec sleep 7032";
    let workspace = formation(
        IDLE,
        &[
            &shell("open", script, "port = true"),
            &shell("talks", script, "ready = { log = \"come in\" }"),
            &shell("signs", script, "ready = \"notify\""),
        ],
    );
    let tool = dev(&workspace, &["--exit-on-failure"]);
    tool.wait_for("Late open is not ready after 30s: it does not listen at port");
    tool.wait_for("Late talks is not ready after 30s: it has not written `come in`");
    tool.wait_for("Late signs is not ready after 30s: it has not said `READY=1`");
    tool.ends_with(7);
    tool.wait_for("Stopping everything: open did not come up, and nothing is built without it");
    assert_eq!(tool.count("Compiling"), 0, "{}", tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn a_program_that_is_not_there_is_named_once() {
    let check = |line: &str, reason: &str| {
        let workspace = formation(IDLE, &[line]);
        let tool = dev(&workspace, &[]);
        tool.ends_with(7);
        let failed = format!("Failed mail cannot be started: {reason}");
        assert_eq!(tool.count(&failed), 1, "{}", tool.transcript());
        tool.wait_for("it is not tried again before something changes");
        tool.wait_for("Stopping everything: mail did not come up, and nothing is built without it");
        for word in ["Ready", "Compiling"] {
            assert_eq!(tool.count(word), 0, "{}", tool.transcript());
        }
        workspace.assert_nothing_alive();
    };
    let reason = "there is no program `no-such-mailer` in its `PATH`; is it installed?";
    check("mail = { command = \"no-such-mailer --port 1\" }", reason);
    check("mail = { command = \"no-such-mailer\", port = true, ready = \"notify\" }", reason);
    check("mail = { command = \"bin/mailer\", dir = \"src\" }", "there is no program `/");
}

#[test]
fn what_nothing_can_be_started_with_is_said_once() {
    let line = "mail = { command = [\"sleep\", \"$LONG\"] }";
    let workspace = formation(IDLE, &[line]);
    workspace.write(".env", &format!("LONG={}\n", "x".repeat(200_000)));
    let tool = dev(&workspace, &[]);
    tool.ends_with(7);
    let failed = tool.wait_for("Failed mail cannot be started: ").text();
    assert!(failed.contains("rgument list too long"), "{failed}");
    assert!(failed.contains("it is not tried again before something changes"), "{failed}");
    assert_eq!(tool.count("Failed mail"), 1, "{}", tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn a_runtime_directory_that_is_too_long_for_a_socket_is_said_once_with_what_to_do() {
    let workspace = formation(IDLE, &[&shell("signs", "exec sleep 7073", "ready = \"notify\"")]);
    let deep = workspace.beside(&"x".repeat(100));
    std::fs::create_dir(&deep).unwrap();
    let mut command = workspace.command(&["dev", "--no-watch", "--isolated"]);
    command.env("XDG_RUNTIME_DIR", &deep);
    let tool = harness::Tool::start(command);
    tool.ends_with(7);
    tool.wait_for("this path is too long; set `XDG_RUNTIME_DIR` to a shorter one");
    assert_eq!(tool.count("cannot be started"), 1, "{}", tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn one_that_goes_into_the_background_does_not_come_up() {
    for sign in ["port = true", "ready = { log = \"come in\" }", "ready = \"notify\""] {
        let script = "setsid sleep 7033 >/dev/null 2>&1 & exit 0";
        let workspace = formation(IDLE, &[&shell("daemon", script, sign)]);
        let tool = dev(&workspace, &[]);
        tool.ends_with(7);
        tool.wait_for("Daemonized daemon went into the background and left process");
        let text = tool.wait_for("Stopping everything: daemon did not come up").text();
        assert!(text.contains("stays in the foreground"), "{text}");
        assert_eq!(tool.count("Compiling"), 0, "{}", tool.transcript());
        workspace.assert_nothing_alive();
    }
}

#[test]
fn a_signal_while_one_comes_up_is_the_end() {
    let script = "trap 'echo bye; kill $!; exit 0' TERM; sleep 7034 & echo starting; wait";
    let workspace = formation(IDLE, &[&shell("slow", script, "ready = { log = \"up\" }")]);
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let tool = dev(&workspace, &[]);
        tool.wait_for("slow   | starting");
        workspace.wait_for_process("sleep 7034");
        tool.signal(signal);
        tool.ends_with(code);
        tool.wait_for("slow   | bye");
        assert_eq!(tool.count("Compiling"), 0, "{}", tool.transcript());
        assert_eq!(tool.count("Crashed"), 0, "{}", tool.transcript());
        workspace.assert_nothing_alive();
    }
}

#[test]
fn two_signals_while_one_comes_up_kill_it() {
    let script = "trap '' TERM INT HUP; echo starting; while :; do sleep 7035; done";
    let more = "ready = { log = \"up\" }, stop = { timeout = \"10m\" }";
    let workspace = formation(IDLE, &[&shell("deaf", script, more)]);
    let tool = dev(&workspace, &[]);
    tool.wait_for("deaf   | starting");
    tool.signal(Signal::INT);
    tool.wait_for("Waiting for deaf (process ");
    tool.signal(Signal::INT);
    tool.ends_with(130);
    workspace.assert_nothing_alive();
}

#[test]
fn a_tool_that_is_killed_while_one_comes_up_leaves_nothing() {
    let script = "setsid sleep 7036 & sleep 7037 & echo starting; wait";
    let workspace = formation(IDLE, &[&shell("slow", script, "ready = { log = \"up\" }")]);
    let tool = dev(&workspace, &[]);
    workspace.wait_for_process("sleep 7036");
    workspace.wait_for_process("sleep 7037");
    tool.signal(Signal::KILL);
    workspace.assert_nothing_alive_within(std::time::Duration::from_secs(2));
}

#[test]
fn a_stranger_at_its_port_is_named_before_anything_starts() {
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = stranger.local_addr().unwrap().port();
    let check = |workspace: &Workspace, arguments: &[&str]| {
        let tool = workspace.dev(arguments);
        tool.ends_with(5);
        let error = tool.wait_for(&format!("port {port} is taken by `")).text();
        assert!(error.contains(&format!("(process {})", std::process::id())), "{error}");
        assert_eq!(tool.count("Started"), 0, "{}", tool.transcript());
        assert_eq!(tool.count("| "), 0, "{}", tool.transcript());
        workspace.assert_nothing_alive();
        error
    };
    let exact =
        formation(IDLE, &[&shell("database", "exec sleep 7038", &format!("port = {port}"))]);
    // No other base would help, so none is tried and none is proposed.
    for arguments in [&[][..], &["--base-port", "23000"], &["--isolated"]] {
        let error = check(&exact, arguments);
        assert!(!error.contains("--base-port"), "{error}");
    }
    let assigned = formation(IDLE, &[&shell("database", "exec sleep 7038", "port = true")]);
    let error = check(&assigned, &["--base-port", &(port - 100).to_string()]);
    assert!(error.contains("--base-port"), "{error}");
}

#[test]
fn a_crash_on_the_way_up_is_forgiven() {
    let workspace = formation(IDLE, &[]);
    let marker = workspace.beside("marker").display().to_string();
    let script = format!("[ -e {marker} ] || {{ : >{marker}; echo first; exit 1; }}; echo second");
    let script = format!("{script}; exec sleep 7039");
    workspace.append(
        "Cargo.toml",
        &format!("settings.services.{}", shell("shy", &script, "ready = { log = \"second\" }")),
    );
    let tool = dev(&workspace, &[]);
    tool.wait_for("app.1  | ready");
    tool.wait_for("Crashed shy: exit code 1; starts again in 100ms");
    let second = position(&tool, Which::First, "shy    | second");
    assert!(second < position(&tool, Which::First, "Compiling app"), "{}", tool.transcript());
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}
