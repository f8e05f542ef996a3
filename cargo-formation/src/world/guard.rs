//! The guard: ends everything that is left when the tool itself was killed.
//!
//! Nobody can clean up after a `kill -9` of itself. So a second process, in a session of
//! its own (`kill -9 %1` of a shell takes the whole job with it), holds the other end of a
//! pipe. When the pipe closes without a farewell, the tool is dead, and whatever carries
//! its tag or is in one of its groups or sessions is asked to stop, and killed a second later.

use std::collections::HashSet;
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group, setsid};

use super::children::{TAG, Token, left};
use super::clock::Clock;
use super::shim::{NAME, own_executable};
use crate::formation::ExitCode;

/// The first argument that makes the tool a guard.
pub const ARGUMENT: &str = "__guard";

/// How long what is left may take to stop when it is asked.
const GRACE: Duration = Duration::from_secs(1);
/// How often it is looked whether something is left.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// After this long nothing more can be done.
const GIVE_UP: Duration = Duration::from_secs(10);

/// A command that becomes the guard of the tool with this token.
#[must_use]
pub fn command(token: &Token) -> Command {
    let mut command = Command::new(own_executable());
    command.arg0(NAME).arg(ARGUMENT).arg(token.to_string()).env_remove(TAG);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Be the guard: returns when the tool has said farewell, or everything of it is gone.
#[must_use]
pub fn run(token: &Token) -> ExitCode {
    // Started by `spawn`, so we lead no group yet, and this cannot fail.
    let _ = setsid();
    // Whatever directory the tool was started in may be unmounted or removed in peace.
    let _ = std::env::set_current_dir("/");
    match watch(io::stdin().lock()) {
        Watch::Farewell => {}
        Watch::Death(groups) => clean_up(token, &groups),
    }
    ExitCode::SUCCESS
}

/// How the tool ended.
enum Watch {
    /// It said that there is nothing to do.
    Farewell,
    /// It did not; these were its process groups.
    Death(HashSet<Pid>),
}

/// Read until the tool ends: `+123` and `-123` for groups that come and go, `done` at the end.
fn watch(pipe: impl io::Read) -> Watch {
    let mut groups = HashSet::new();
    for line in BufReader::new(pipe).lines().map_while(Result::ok) {
        let group = line.get(1..).and_then(|number| number.parse().ok()).and_then(Pid::from_raw);
        match (line.as_bytes().first(), group) {
            (Some(b'+'), Some(group)) => drop(groups.insert(group)),
            (Some(b'-'), Some(group)) => drop(groups.remove(&group)),
            _ if line == "done" => return Watch::Farewell,
            _ => {}
        }
    }
    Watch::Death(groups)
}

fn clean_up(token: &Token, groups: &HashSet<Pid>) {
    let clock = Clock::start();
    let asked = clock.now();
    signal(token, groups, Signal::TERM);
    signal(token, groups, Signal::CONT);
    while !is_clean(token, groups) {
        // On a machine that has much to do a look takes its time, too.
        let waited = clock.now().since(asked);
        if waited >= GIVE_UP {
            return;
        }
        if waited >= GRACE {
            signal(token, groups, Signal::KILL);
        }
        pause(LOOK_AGAIN);
    }
}

fn is_clean(token: &Token, groups: &HashSet<Pid>) -> bool {
    left(token, groups).is_empty()
}

/// What cannot be signalled is gone, or somebody else's by now.
fn signal(token: &Token, groups: &HashSet<Pid>, signal: Signal) {
    for group in groups {
        let _ = kill_process_group(*group, signal);
    }
    for pid in left(token, groups) {
        let _ = kill_process(pid, signal);
    }
}

/// Let time pass: wait for a message that nobody sends.
fn pause(length: Duration) {
    let (_sender, receiver) = channel::<()>();
    let _ = receiver.recv_timeout(length);
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::collections::HashSet;
    use std::fs;
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use rustix::process::Pid;

    use super::clean_up;
    use crate::world::children::Token;

    /// Whether a process runs; a zombie does not.
    fn runs(pid: &str) -> bool {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    }

    #[test]
    fn who_left_its_group_without_a_tag_is_found_by_its_session() {
        // Job control gives the background a group of its own; other shells want a terminal.
        let script = "set -m; env -i sleep 60 & echo $!; wait";
        let mut command = Command::new("setsid");
        command.args(["bash", "-c", script]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut leader = command.spawn().unwrap();
        let group = Pid::from_raw(i32::try_from(leader.id()).unwrap()).unwrap();
        let mut hidden = String::new();
        BufReader::new(leader.stdout.take().unwrap()).read_line(&mut hidden).unwrap();
        let hidden = hidden.trim();
        assert!(runs(hidden));
        let reaper = std::thread::spawn(move || leader.wait());
        clean_up(&Token::random(), &HashSet::from([group]));
        let found = !runs(hidden);
        let _ = Command::new("kill").args(["-9", hidden]).stderr(Stdio::null()).status();
        reaper.join().unwrap().unwrap();
        assert!(found, "process {hidden} was left behind");
    }
}
