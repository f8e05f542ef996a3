//! A service comes up, or does not.

use harness::Tool;
use rustix::process::Signal;

use crate::{Engines, LOGS, RUNNING, STOP, UP, WAIT, heard};

#[test]
fn a_service_comes_up_and_says_so_and_shows_its_log() {
    let engines = Engines::docker();
    let socket = engines.listen();
    let tool = engines.start("stop");
    assert_eq!(heard(&socket), "READY=1\n");
    let deeds = engines.deeds();
    assert!(deeds.starts_with(&[UP, WAIT].map(String::from)), "{deeds:?}");
    tool.wait_for(" Container app-db-1  Started");
    tool.wait_for("a line of the log");
    tool.signal(Signal::TERM);
    tool.ends_with(0);
    assert_eq!(engines.deeds(), [UP, WAIT, LOGS, STOP]);
    engines.workspace.assert_nothing_alive();
}

#[test]
fn nothing_is_said_before_the_service_is_up() {
    let engines = Engines::docker().does("up", "[[ $* != *--wait* ]] || exec sleep 7062");
    let socket = engines.listen();
    let tool = engines.start("stop");
    engines.workspace.wait_for_process("sleep 7062");
    socket.set_nonblocking(true).unwrap();
    assert!(socket.recv(&mut [0; 100]).is_err());
    tool.signal(Signal::TERM);
    tool.ends_with(0);
    assert_eq!(engines.deeds(), [UP, WAIT, STOP]);
}

#[test]
fn of_a_container_that_was_there_only_what_is_new_is_shown() {
    let engines =
        Engines::docker().does("state", r#"{"Service":"db","State":"exited","ExitCode":1}"#);
    let tool = engines.start("stop");
    tool.wait_for("a line of the log");
    tool.signal(Signal::TERM);
    tool.ends_with(0);
    let logs = "docker logs --no-log-prefix --follow --since TIME db";
    assert_eq!(engines.deeds(), [UP, WAIT, logs, STOP]);
}

#[test]
fn an_engine_that_leaves_somebody_with_its_output_is_not_waited_for() {
    let ps = format!("sleep 7071 & echo '{RUNNING}'");
    let engines = Engines::docker().does("ps", &ps);
    let tool = engines.start("stop");
    // What it said counts.
    tool.wait_for("`db` was running already, and will not be stopped at the end");
    tool.wait_for("a line of the log");
    tool.signal(Signal::TERM);
    tool.ends_with(0);
    while let Some(left) = engines.workspace.exactly("sleep 7071") {
        left.signal(Signal::KILL);
    }
}

#[test]
fn an_engine_that_says_far_too_much_is_heard_to_its_end() {
    let noise = "x='                                '; for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; \
                 do x=$x$x; done; echo \"$x\"; echo \"$x\"";
    let engines = Engines::docker().does("ps", noise);
    let tool = engines.start("stop");
    tool.wait_for("a line of the log");
    tool.signal(Signal::TERM);
    tool.ends_with(0);
    engines.workspace.assert_nothing_alive();
}

/// A service that does not come up, and the code it ends with.
fn fails(engines: &Engines, code: i32, command: &str) -> Tool {
    let socket = engines.listen();
    let tool = engines.start("stop");
    tool.ends_with(code);
    tool.wait_for(&format!("cannot start `db`: `docker compose {command}` ended with exit code"));
    socket.set_nonblocking(true).unwrap();
    assert!(socket.recv(&mut [0; 100]).is_err(), "it is said that it is up");
    engines.workspace.assert_nothing_alive();
    tool
}

#[test]
fn the_engines_own_words_say_why_it_cannot() {
    let down = "echo 'Cannot connect to the Docker daemon' >&2; exit 17";
    let engines = Engines::docker().does("up", down).does("ps", down).does("logs", down);
    let tool = fails(&engines, 17, "up --detach db");
    // Once, and not for each question.
    assert_eq!(tool.count("Cannot connect"), 1, "{}", tool.transcript());
    assert_eq!(engines.deeds(), [UP]);
}

#[test]
fn a_container_that_ends_at_once_has_its_last_words() {
    let wait = r#"[[ $* != *--wait* ]] && exit
        echo '{"Service":"db","State":"exited","ExitCode":3}' > "$FAKE/state"
        echo 'container app-db-1 exited (3)' >&2; exit 1"#;
    let engines = Engines::docker().does("up", wait);
    let tool = fails(&engines, 1, "up --detach --wait --no-deps --no-recreate db");
    tool.wait_for("a line of the log");
    let logs = "docker logs --no-log-prefix --tail 100 db";
    assert_eq!(engines.deeds(), [UP, WAIT, logs]);
}

#[test]
fn a_container_that_is_not_well_is_stopped() {
    let wait = r#"[[ $* != *--wait* ]] && exit
        echo '{"Service":"db","State":"running","ExitCode":0}' > "$FAKE/state"
        echo 'container app-db-1 is unhealthy' >&2; exit 1"#;
    let engines = Engines::docker().does("up", wait);
    fails(&engines, 1, "up --detach --wait --no-deps --no-recreate db");
    assert_eq!(engines.deeds().last().unwrap(), STOP);
    // Unless somebody else started it.
    let engines = Engines::docker().does("up", wait).does("state", RUNNING);
    fails(&engines, 1, "up --detach --wait --no-deps --no-recreate db");
    assert!(!engines.deeds().contains(&STOP.to_owned()), "{:?}", engines.deeds());
}

#[test]
fn two_services_do_not_make_containers_at_the_same_moment() {
    let up = r#"[[ $* == *--wait* ]] && exit
        mkdir "$FAKE/inside" || echo OVERLAP
        sleep 0.2
        rmdir "$FAKE/inside""#;
    let engines = Engines::docker().does("up", up);
    let tools = [(); 3].map(|()| engines.start("stop"));
    for tool in &tools {
        tool.wait_for("a line of the log");
        assert_eq!(tool.count("OVERLAP"), 0, "{}", tool.transcript());
    }
    for tool in &tools {
        tool.signal(Signal::TERM);
        tool.ends_with(0);
    }
}

#[test]
fn one_that_waits_for_its_turn_can_be_stopped() {
    let engines = Engines::docker().does("up", "exec sleep 7064");
    let first = engines.start("stop");
    engines.workspace.wait_for_process("sleep 7064");
    let second = engines.start("stop");
    engines.wait_for_call(2, "docker ps --all --format json db");
    second.signal(Signal::TERM);
    second.ends_with(0);
    first.signal(Signal::TERM);
    first.ends_with(0);
    assert_eq!(engines.deeds(), [UP, STOP]);
}

#[test]
fn a_lock_that_cannot_be_made_is_named() {
    let engines = Engines::docker();
    std::fs::create_dir(engines.workspace.beside("lock")).unwrap();
    let tool = engines.start("stop");
    tool.ends_with(1);
    tool.wait_for("/lock` cannot be locked: ");
}

#[test]
fn a_socket_at_which_nobody_listens_does_not_matter() {
    let engines = Engines::docker();
    let tool = engines.start("stop");
    tool.wait_for("nobody could be told that `db` is up: ");
    tool.wait_for("a line of the log");
    tool.signal(Signal::TERM);
    tool.ends_with(0);
}
