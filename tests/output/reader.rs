//! Whoever reads the output goes away, or takes his time.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::time::Duration;

use harness::{DEADLINE, Tool, Workspace, eventually};
use rustix::io::ioctl_fionread;
use rustix::process::Signal;

use crate::{MIB, Pipe, beast, dev_into_pipe, formation};

/// What a pipe holds when it is full, whatever is in its pages.
const FULL: u64 = 48 * 1024;
/// A frozen reader delays the end by no more than a second; the rest is for this machine.
const FROZEN_END: Duration = Duration::from_millis(1900);
#[test]
fn a_reader_that_has_enough_ends_everything() {
    let types = beast("tick", "ticks 1") + &beast("idle", "idle") + &beast("family", "family");
    let workspace = formation(&types);
    let (tool, mut reader) = dev_into_pipe(&workspace, &[]);
    reader.read_exact(&mut [0; 40]).unwrap();
    drop(reader);
    tool.ends_with(141);
    assert!(tool.count("nobody reads") > 0, "{}", tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn a_pipe_into_head_ends() {
    let workspace = formation(&(beast("tick", "ticks 1") + &beast("idle", "idle")));
    let script = r#""$@" | head -n 1; echo "codes ${PIPESTATUS[*]}""#;
    let tool = Tool::start(
        workspace.command_under(&["bash", "-c", script, "bash"], &["dev", "--no-watch"]),
    );
    tool.wait_for("codes 141 0");
    tool.ends_with(0);
    workspace.assert_nothing_alive();
}

#[test]
fn a_reader_that_takes_nothing_does_not_keep_the_tool_from_ending() {
    let types = beast("flood", "flood 1000000000 94") + &beast("idle", "idle");
    let workspace = formation(&types);
    let (tool, reader) = dev_into_pipe(&workspace, &[]);
    wait_until_full(&reader);
    let asked = tool.signal(Signal::TERM);
    tool.wait_for("Stopping everything");
    let length = tool.ends_with(143).saturating_sub(asked);
    assert!(length < FROZEN_END, "{length:?}\n{}", tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn an_exit_is_noticed_while_the_reader_takes_nothing() {
    let types = beast("flood", "flood 1000000000 94") + &beast("crash", "crash-after 500 3");
    let workspace = formation(&types);
    let (tool, reader) = dev_into_pipe(&workspace, &[]);
    wait_until_full(&reader);
    let crashing = || workspace.find("zoo crash-after").map(|process| process.pid);
    let first = eventually("a process that will crash", DEADLINE, crashing);
    eventually("another one", DEADLINE, || crashing().filter(|pid| *pid != first));
    // It is said on the stream that somebody takes.
    tool.wait_for("Crashed crash.1: exit code 3");
    // And whoever has something to say on the other waits until somebody takes it.
    let said = written_by(workspace.find("zoo flood").unwrap().pid);
    assert!(said < 8 * MIB, "{} MiB were taken and kept", said / MIB);
    tool.signal(Signal::TERM);
    tool.ends_with(143);
}

#[test]
fn nothing_is_lost_while_the_reader_pauses() {
    // As many lines as the tool and two pipes can hold between them, and a few more that
    // are on their way when the process has ended.
    const LINES: usize = 41_000;
    let types = beast("flood", &format!("flood {LINES} 94")) + &beast("idle", "idle");
    let workspace = formation(&types);
    let (tool, reader) = dev_into_pipe(&workspace, &[]);
    wait_until_full(&reader);
    wait_for_end_of_flood(&workspace);
    let mut next = 0;
    for line in BufReader::new(reader).lines().map(Result::unwrap) {
        assert!(tool.age() < DEADLINE, "{next} of {LINES} lines came");
        if let Some(words) = line.strip_prefix("flood.1  | ") {
            assert_eq!(words, format!("{0:.<93}", format!("{next:010} ")));
            next += 1;
            if next == LINES {
                break;
            }
        }
    }
    assert_eq!(next, LINES);
    tool.signal(Signal::TERM);
    tool.finish();
}

#[test]
fn a_slow_reader_gets_every_line_of_a_formation_that_has_ended() {
    const LINES: usize = 41_000;
    let workspace = formation(&beast("app", &format!("flood {LINES} 94")));
    let (tool, mut reader) = dev_into_pipe(&workspace, &[]);
    wait_until_full(&reader);
    wait_for_end_of_flood(&workspace);
    // From here on there is only what the tool holds, and it waits for whoever takes it.
    let (mut few, mut lines) = ([0; 2], 0);
    while let count @ 1.. = reader.read(&mut few).unwrap() {
        lines += few[..count].split(|byte| *byte == b'\n').count() - 1;
    }
    tool.ends_with(0);
    assert_eq!(lines, LINES, "{}", tool.transcript());
}

/// How many bytes a process has written.
fn written_by(pid: u32) -> usize {
    let io = fs::read_to_string(format!("/proc/{pid}/io")).unwrap();
    let written = io.lines().find_map(|line| line.strip_prefix("wchar: "));
    written.unwrap().parse().unwrap()
}

fn wait_until_full(reader: &Pipe) {
    eventually("full pipe", DEADLINE, || {
        (ioctl_fionread(&reader.0).unwrap() >= FULL).then_some(())
    });
}

/// Wait until every flood of this workspace has written all it had and ended.
fn wait_for_end_of_flood(workspace: &Workspace) {
    eventually("the end of the flood", DEADLINE, || {
        workspace.find("zoo flood").is_none().then_some(())
    });
}
