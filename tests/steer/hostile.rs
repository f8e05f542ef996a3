//! Clients that behave badly, and what a tool that was killed has left.

use std::fs;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use harness::{DEADLINE, Tool, eventually};
use rustix::process::Signal;

use crate::client::Client;
use crate::stage::{Stage, formation, idle_types};

/// What goes without saying is answered within this time, also while others behave badly.
const SOON: Duration = Duration::from_secs(20);

fn stage() -> Stage {
    let stage = Stage::open(&idle_types(&["app"]), &["--no-watch"]);
    stage.pid("app.1");
    stage
}

/// The formation is as it was, answers, and ends.
#[track_caller]
fn nothing_happened(stage: &Stage, pid: u32) {
    assert_eq!(stage.pid("app.1"), pid);
    assert_eq!(stage.answer(r#"{"command":"wait","until":"idle"}"#)["kind"], "done");
    stage.end();
    assert_eq!(stage.dev.count("Started app.1"), 1, "{}", stage.dev.transcript());
}

/// How many clients are connected to the tool, as the kernel counts them.
fn connected(stage: &Stage) -> usize {
    let unix = fs::read_to_string("/proc/net/unix").unwrap();
    let path = stage.socket();
    let of_path = unix.lines().filter(|line| line.ends_with(path.to_str().unwrap())).count();
    // The one that listens is not connected.
    of_path - 1
}

#[track_caller]
fn nobody_is_connected(stage: &Stage) {
    eventually("nobody connected", SOON, || (connected(stage) == 0).then_some(()));
}

/// How much memory the tool has in use, in kilobytes.
fn memory(stage: &Stage) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", stage.dev.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn what_is_no_request_is_refused_and_the_connection_ends() {
    let stage = stage();
    let pid = stage.pid("app.1");
    let garbage: &[&[u8]] = &[
        b"\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\xff\xfe\x00\x80\n",
        b"{\"formation\":1,\"command\":\"\xff\"}\n",
        b"{\"formation\":1}\n",
        b"{\"formation\":1,\"command\":\"dance\"}\n",
        b"{\"formation\":1,\"command\":\"stop\",\"names\":\"app\"}\n",
        b"{\"formation\":1,\"command\":\"stop\",\"names\":[\"\xff\"]}\n",
        b"{\"formation\":1,\"command\":\"stop\",\"names\":[\"\"]}\n",
        b"{\"formation\":1,\"command\":\"stop\",\"names\":[\"app.0\"]}\n",
        b"{\"formation\":1,\"command\":\"stop\",\"names\":[\"app.99999999999999\"]}\n",
        b"{\"formation\":1,\"command\":\"stop\",\"names\":[\"app.1\",\"nobody\"]}\n",
        b"{\"formation\":1,\"command\":\"stop\",\"names\":[\"release\"]}\n",
        b"{\"formation\":1,\"command\":\"scale\",\"quantities\":[]}\n",
        b"{\"formation\":1,\"command\":\"scale\",\"quantities\":[\"app=-\"]}\n",
        b"{\"formation\":1,\"command\":\"scale\",\"quantities\":[\"app=0\",\"app=1\"]}\n",
        b"{\"formation\":1,\"command\":\"scale\",\"quantities\":[\"nobody=1\"]}\n",
        b"{\"formation\":1,\"command\":\"wait\",\"until\":\"christmas\"}\n",
        b"{\"formation\":1,\"command\":\"wait\"}\n",
        b"{\"formation\":2,\"command\":\"down\"}\n",
        b"{\"formation\":1.0,\"command\":\"down\"}\n",
        b"{\"formation\":\"1\",\"command\":\"down\"}\n",
        b"[[[[[[[[[[[[[[[[[[[[\n",
    ];
    for bytes in garbage {
        let mut client = stage.client();
        client.write(bytes).unwrap();
        let answer = client.only_answer();
        let text = String::from_utf8_lossy(bytes);
        assert_eq!(answer["kind"], "refused", "{text}: {answer}");
        assert_eq!(answer["formation"], 1, "{text}: {answer}");
        assert!(!answer["reason"].as_str().unwrap().is_empty(), "{text}: {answer}");
    }
    nothing_happened(&stage, pid);
}

#[test]
fn brackets_without_end_are_no_reason_to_fall() {
    let stage = stage();
    let pid = stage.pid("app.1");
    let mut client = stage.client();
    client.write(&vec![b'['; 500_000]).unwrap();
    client.write(b"\n").unwrap();
    assert_eq!(client.only_answer()["kind"], "refused");
    nothing_happened(&stage, pid);
}

#[test]
fn another_version_is_told_which_one_is_spoken() {
    let stage = stage();
    let pid = stage.pid("app.1");
    let mut client = stage.client();
    client.write(b"{\"formation\":2,\"command\":\"down\",\"politely\":true}\n").unwrap();
    let answer = client.only_answer();
    let reason = answer["reason"].as_str().unwrap();
    assert!(reason.contains("version 2") && reason.contains("version 1"), "{answer}");
    nothing_happened(&stage, pid);
}

#[test]
fn a_line_without_end_is_refused_and_takes_no_memory() {
    let stage = stage();
    let pid = stage.pid("app.1");
    let before = memory(&stage);
    let mut client = stage.client();
    // Whoever is refused need not be listened to.
    let piece = vec![b'x'; 1024 * 1024];
    let mut written = 0;
    while written < 100 && client.write(&piece).is_ok() {
        written += 1;
    }
    let answer = client.only_answer();
    assert!(answer["reason"].as_str().unwrap().contains("longer than"), "{answer}");
    let more = memory(&stage).saturating_sub(before);
    assert!(more < 16 * 1024, "{more} kB more");
    nothing_happened(&stage, pid);
}

#[test]
fn half_a_request_is_none() {
    let stage = stage();
    let pid = stage.pid("app.1");
    for half in ["", "{", r#"{"formation":1,"command":"sto"#, r#"{"formation":1,"command":"down""#]
    {
        drop(stage.client().write(half.as_bytes()));
        let mut client = stage.client();
        client.write(half.as_bytes()).unwrap();
        client.half_close();
        let answer = client.hear();
        assert!(answer.is_none_or(|answer| answer["kind"] == "refused"), "{half}");
    }
    nothing_happened(&stage, pid);
}

#[test]
fn a_request_in_pieces_is_a_request() {
    let stage = stage();
    let mut client = stage.client();
    for byte in b"{\"formation\":1,\"command\":\"ps\"}" {
        client.write(&[*byte]).unwrap();
        assert_eq!(stage.answer(r#"{"command":"ps"}"#)["kind"], "status");
    }
    client.write(b"\n{\"formation\":1,\"command\":\"down\"}\n").unwrap();
    assert_eq!(client.only_answer()["kind"], "status");
    stage.pid("app.1");
    stage.end();
}

#[test]
fn who_never_reads_is_in_nobodys_way() {
    let stage = stage();
    let deaf: Vec<Client> = (0..200).map(|_| stage.asks(r#"{"command":"ps"}"#)).collect();
    stage.do_(&["restart", "app"]);
    stage.end();
    drop(deaf);
}

#[test]
fn a_thousand_at_once_are_in_nobodys_way() {
    let stage = stage();
    let socket = stage.socket();
    let mut silent = Vec::new();
    while silent.len() < 1_000 {
        // Whoever finds the door crowded comes again.
        match UnixStream::connect(&socket) {
            Ok(stream) => silent.push(stream),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock, "{error}"),
        }
    }
    for stream in &mut silent {
        let _ = stream.write_all(b"{\"formation\":1,");
    }
    stage.do_(&["restart", "app"]);
    assert_eq!(stage.do_(&["ps"]).code, 0);
    drop(silent);
    nobody_is_connected(&stage);
    stage.end();
}

#[test]
fn a_thousand_who_ask_at_once_are_all_answered() {
    let stage = stage();
    let mut clients: Vec<Client> = Vec::new();
    for number in 0..1_000 {
        let command = if number % 2 == 0 { "ps\"" } else { "wait\",\"until\":\"ready\"" };
        clients.push(stage.asks(&format!("{{\"command\":\"{command}}}")));
    }
    for client in &mut clients {
        let kind = client.only_answer()["kind"].clone();
        assert!(kind == "status" || kind == "done", "{kind}");
    }
    stage.end();
}

#[test]
fn few_descriptors_are_not_used_up_by_clients() {
    let workspace = formation(&idle_types(&["app"]));
    let few = ["sh", "-c", "ulimit -n 128; exec \"$@\"", "sh"];
    let dev = Tool::start(workspace.command_under(&few, &["dev", "--no-watch"]));
    let stage = Stage::of(workspace, dev);
    stage.pid("app.1");
    let socket = stage.socket();
    let silent: Vec<UnixStream> =
        (0..300).map_while(|_| UnixStream::connect(&socket).ok()).collect();
    assert!(silent.len() >= 128, "{}", silent.len());
    // Who asks may have to wait until some of them have gone; the processes need not.
    let idle = || stage.workspace.find("zoo idle");
    eventually("the process of app.1", DEADLINE, idle).signal(Signal::KILL);
    stage.dev.wait_for_nth(2, "Started app.1");
    drop(silent);
    stage.pid("app.1");
    assert_eq!(stage.dev.count("cannot be started"), 0, "{}", stage.dev.transcript());
    stage.end();
}

#[test]
fn clients_that_go_while_they_wait_leave_nothing() {
    let stage =
        Stage::open("app = { bin = \"zoo\", args = [\"idle\"], ready = { log = \"x\" } }", &[]);
    stage.is("app.1", "starting");
    for _ in 0..5 {
        let waits = stage.begin(&["wait"]);
        let idle = stage.begin(&["wait", "--idle"]);
        let restart = stage.begin(&["restart", "app"]);
        eventually("three clients", DEADLINE, || (connected(&stage) == 3).then_some(()));
        for client in [waits, idle, restart] {
            client.signal(Signal::KILL);
            client.ends_with(137);
        }
        nobody_is_connected(&stage);
    }
    // One that has said that it will ask no more is still waited for, and is missed when it goes.
    let mut half = stage.asks(r#"{"command":"wait","until":"ready"}"#);
    half.half_close();
    let mut status = stage.asks(r#"{"command":"ps"}"#);
    status.half_close();
    assert_eq!(status.only_answer()["kind"], "status");
    assert!(!half.hears_within(Duration::from_millis(100)), "it is answered, or forgotten");
    drop(half);
    nobody_is_connected(&stage);
    stage.end();
}

#[test]
fn what_a_killed_tool_has_left_is_in_nobodys_way() {
    let stage = stage();
    let socket = stage.socket();
    stage.dev.signal(Signal::KILL);
    stage.dev.ends_with(137);
    let nobody = stage.steer(&["ps"]);
    assert_eq!(nobody.code, 8, "{}", nobody.err);
    assert!(nobody.err.contains("no formation runs in `"), "{}", nobody.err);
    assert!(socket.exists());
    let Stage { workspace, .. } = stage;
    let stage = Stage::in_workspace(workspace, &["--no-watch"]);
    assert_eq!(stage.socket(), socket);
    stage.pid("app.1");
    stage.end();
}

#[test]
fn a_place_that_cannot_be_listened_at_is_said_and_all_else_works() {
    let stage = stage();
    let socket = stage.socket();
    stage.end();
    fs::create_dir(&socket).unwrap();
    let dev = stage.workspace.dev(&[]);
    dev.wait_for("nobody can steer this formation: cannot listen at `");
    dev.wait_for("app.1  | ready");
    assert_eq!(stage.steer(&["ps"]).code, 8);
    dev.signal(Signal::TERM);
    dev.ends_with(143);
    stage.workspace.assert_nothing_alive();
}
