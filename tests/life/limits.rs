//! What the system forbids or does not have.

use harness::{DEADLINE, Tool, eventually, skipped, works};
use rustix::process::Signal;

use crate::formation;

const UNTIL_REFUSED: &str = "cannot be started: ";

#[test]
fn too_few_open_files_are_said_and_nothing_is_left() {
    let workspace = formation(r#"app = { bin = "zoo", args = ["escape"], quantity = 2 }"#);
    let few = ["sh", "-c", "ulimit -n 48; exec \"$@\"", "sh"];
    let many = ["dev", "--no-watch", "--scale", "app=100"];
    let tool = Tool::start(workspace.command_under(&few, &many));
    let refused = tool.wait_for(UNTIL_REFUSED).text();
    assert!(refused.contains("open files"), "{refused}");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn too_few_processes_are_said_and_nothing_is_left() {
    // Root may start as many as it likes; so it takes root to be somebody else, who may
    // still read the toolchain.
    let other = [
        "setpriv",
        "--reuid=54322",
        "--clear-groups",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
    ];
    if !works(&other) {
        return skipped("it takes root and `setpriv` to be a user with a limit of its own");
    }
    let workspace = formation(r#"app = { bin = "zoo", args = ["polite"], quantity = 2 }"#);
    let build = Tool::start(workspace.command(&["build"]));
    build.ends_with(0);
    let few = [&other[..], &["prlimit", "--nproc=60:60"]].concat();
    let many = ["dev", "--no-watch", "--scale", "app=100"];
    let mut command = workspace.command_under(&few, &many);
    // The lock's place has to belong to who takes it.
    command.env_remove("XDG_RUNTIME_DIR").env("TMPDIR", workspace.runtime_directory());
    let tool = Tool::start(command);
    let refused = tool.wait_for(UNTIL_REFUSED).text();
    assert!(refused.contains("temporarily unavailable"), "{refused}");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn who_may_not_be_signalled_is_named_and_the_others_stop() {
    // Root without the right to signal other users, and a process of another user.
    let without_kill = ["setpriv", "--bounding-set=-kill", "--inh-caps=-kill"];
    if !rustix::process::geteuid().is_root() || !works(&without_kill) {
        return skipped("it takes root and `setpriv` to have a process of another user");
    }
    let workspace = formation(
        "foreign = { bin = \"zoo\", args = [\"foreign\"], stop = { timeout = \"1s\" } }\n\
         other = { bin = \"zoo\", args = [\"polite\"] }",
    );
    let tool = Tool::start(workspace.command_under(&without_kill, &["dev", "--no-watch"]));
    tool.wait_for("foreign.1  | ready");
    tool.wait_for("other.1    | ready");
    let unreachable = workspace.wait_for_process("sleep 7021");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    tool.wait_for(&format!("Failed to signal process {} of foreign.1", unreachable.pid));
    tool.wait_for("Abandoned foreign.1");
    tool.wait_for("other.1    | bye");
    unreachable.signal(Signal::KILL);
    workspace.assert_nothing_alive_within(DEADLINE);
}

/// Who enters a container brings a session along that has no number inside.
#[test]
fn a_session_without_a_number_is_no_obstacle() {
    let own = ["unshare", "--pid", "--fork", "--mount-proc"];
    if !works(&own) {
        return skipped("this user may not make a namespace for process ids");
    }
    let workspace = formation(
        "app = { bin = \"zoo\", args = [\"nameless\"] }\n\
         other = { bin = \"zoo\", args = [\"family\"] }",
    );
    let second = ["sh", "-c", "\"$@\"; exit $?", "first"];
    let under = [&own[..], &second].concat();
    let tool = Tool::start(workspace.command_under(&under, &["dev", "--no-watch"]));
    tool.wait_for("other.1  | ready");
    tool.wait_for("Daemonized app.1");
    let second = workspace.alive().into_iter().find(|found| {
        found.command.ends_with("dev --no-watch") && !found.command.contains("first")
    });
    second.unwrap().signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn as_process_1_it_reaps_strangers_and_does_not_take_them_for_its_own() {
    let own = ["unshare", "--pid", "--fork", "--mount-proc"];
    if !works(&own) {
        return skipped("this user may not make a namespace for process ids");
    }
    let workspace = formation(r#"app = { bin = "zoo", args = ["family"] }"#);
    let stranger = ["sh", "-c", "sleep 7020 & exec \"$@\"", "sh"];
    let tool = Tool::start(
        workspace.command_under(&[&own[..], &stranger].concat(), &["dev", "--no-watch"]),
    );
    tool.wait_for("app.1  | ready");
    let orphan = workspace.wait_for_process("sleep 7020");
    orphan.signal(Signal::KILL);
    let entry = std::path::PathBuf::from(format!("/proc/{}", orphan.pid));
    eventually("end of the zombie", DEADLINE, || (!entry.exists()).then_some(()));
    let first = workspace.alive().into_iter().find(|found| {
        found.command.ends_with("dev --no-watch") && !found.command.starts_with("unshare")
    });
    first.unwrap().signal(Signal::TERM);
    tool.ends_with(143);
    assert_eq!(tool.count("Crashed"), 0, "{}", tool.transcript());
    assert_eq!(tool.count("Started"), 1, "{}", tool.transcript());
    workspace.assert_nothing_alive();
}
