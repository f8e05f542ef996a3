//! Somebody follows, and may be slow, go away, or stay for ever.

use std::io::{BufRead, BufReader, Read, pipe};
use std::process::Stdio;

use harness::{DEADLINE, Tool, Workspace, eventually};
use rustix::io::ioctl_fionread;
use rustix::process::Signal;

use crate::{beast, formation, said_by};

fn follow(workspace: &Workspace, arguments: &[&str]) -> Tool {
    Tool::start(workspace.command(&[&["logs"], arguments].concat()))
}

#[test]
fn lines_come_as_they_are_written_and_the_end_of_the_formation_is_the_end() {
    let workspace = formation(&beast("app", "ticks 20"));
    let tool = workspace.dev(&[]);
    tool.wait_for("| tick 2");
    let follower = follow(&workspace, &["--follow"]);
    let quiet = follow(&workspace, &["-f", "app", "-n", "0"]);
    follower.wait_for("| tick 10");
    quiet.wait_for("| tick 30");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    for follower in [follower, quiet] {
        follower.ends_with(0);
        let ticks = said_by(&follower.lines(), "app.1");
        let first: usize = ticks[0].strip_prefix("tick ").unwrap().parse().unwrap();
        for (number, tick) in ticks.iter().enumerate() {
            assert_eq!(*tick, format!("tick {}", first + number));
        }
        assert_eq!(ticks.last(), said_by(&tool.lines(), "app.1").last(), "to the very end");
    }
}

#[test]
fn a_formation_that_is_killed_ends_it_too() {
    let workspace = formation(&beast("app", "ticks 5"));
    let tool = workspace.dev(&[]);
    tool.wait_for("| tick 2");
    let follower = follow(&workspace, &["-f"]);
    follower.wait_for("| tick 10");
    tool.signal(Signal::KILL);
    follower.ends_with(0);
}

#[test]
fn who_follows_for_ever_sees_the_next_formation() {
    let workspace = formation(&beast("app", "burst 2"));
    let follower = follow(&workspace, &["-F", "app"]);
    follower.wait_for("no formation has left a history");
    for run in 1..=3 {
        workspace.dev(&[]).ends_with(0);
        follower.wait_for_nth(run, "app.1  | 1");
    }
    // Whoever is started in the background by a script does not hear an interrupt.
    follower.signal(Signal::TERM);
    follower.ends_with(143);
}

#[test]
fn a_follower_whose_reader_has_gone_ends_although_nothing_is_written() {
    let workspace = formation(&beast("app", "idle"));
    let tool = workspace.dev(&[]);
    tool.wait_for("app.1  | ready");
    let (mut reader, writer) = pipe().unwrap();
    let mut command = workspace.command(&["logs", "-f", "app"]);
    command.stdout(writer).stderr(Stdio::piped());
    let follower = Tool::start_uncaptured(command);
    reader.read_exact(&mut [0; "app.1  | ready\n".len()]).unwrap();
    drop(reader);
    follower.ends_with(141);
    tool.signal(Signal::TERM);
    tool.ends_with(143);
}

#[test]
fn a_follower_who_does_not_read_holds_nobody_back_and_is_told_what_is_missing() {
    // More than the history keeps on disk.
    const LINES: u64 = 600_000;
    let flood = format!("flood {LINES} 94");
    let workspace = formation(&(beast("flood", &flood) + &beast("app", "idle")));
    let (reader, writer) = pipe().unwrap();
    let mut command = workspace.command(&["logs", "-F", "--format", "json"]);
    command.stdout(writer).stderr(Stdio::piped());
    let follower = Tool::start_uncaptured(command);
    follower.wait_for("no formation has left a history");
    let mut dev = workspace.command(&["dev", "--no-watch"]);
    dev.stdout(Stdio::null()).stderr(Stdio::piped());
    let tool = Tool::start_uncaptured(dev);
    eventually("a full pipe", DEADLINE, || {
        (ioctl_fionread(&reader).unwrap() > 48 * 1024).then_some(())
    });
    // Nobody has read a line, and all were written.
    tool.wait_for("Ended flood.1");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    let (mut came, mut missing, mut last) = (0, 0, None);
    for line in BufReader::new(reader).lines() {
        let object: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        missing += object["missing"].as_u64().unwrap_or(0);
        let text = object["text"].as_str().unwrap_or_default();
        if object["name"] == "flood.1" {
            let number: u64 = text[..10].parse().unwrap();
            assert_eq!(text.len(), 93);
            assert!(last < Some(number), "{last:?} before {number}");
            (last, came) = (Some(number), came + 1);
        } else if text.contains("Ended everything") || text.contains("Stopped everything") {
            break;
        }
    }
    assert!(missing > 0 && came > 0, "{came} came, {missing} are missing");
    // What the tool said may be missing, too.
    let all = came + missing;
    assert!((LINES..LINES + 100).contains(&all), "{came} came, {missing} are missing");
    follower.signal(Signal::TERM);
}
