//! What a save costs: from the instant of the edit until the server answers with it, by hand,
//! with this tool, and with its peers where they are installed.
//!
//! `SAVES_EDITS` is the number of edits of each kind, 15 if it is not set. `SAVES_DEBUG` is
//! the `debug` of the dev profile, such as `line-tables-only`; cargo's own if it is not set.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark reads the clock and the environment, and says what it found"
)]

#[path = "saves/answers.rs"]
mod answers;
#[path = "saves/contestant.rs"]
mod contestant;
mod ground;
#[path = "saves/interrupt.rs"]
mod interrupt;
#[path = "saves/workspace.rs"]
mod workspace;

use std::path::Path;
use std::process::{Child, ExitCode};
use std::time::{Duration, Instant};
use std::{env, thread};

use contestant::{Contestant, Team};
use ground::{median, verdict};
use workspace::{Edit, Workspace, bases};

const EDITS: usize = 15;
/// Milliseconds more than by hand, for one binary.
const GOAL_BINARY: f64 = 20.0;
/// Of what it takes by hand, for the library.
const GOAL_LIBRARY: f64 = 0.85;
/// Between two edits, so that nobody's debouncing takes two for one.
const PAUSE: Duration = Duration::from_millis(500);

/// Whether an editor checks the workspace at each save, in the same target directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Editor {
    Quiet,
    Checks,
}

fn main() -> ExitCode {
    let number = env::var("SAVES_EDITS").ok().map(|number| number.parse().expect("a number"));
    let edits: usize = number.unwrap_or(EDITS);
    let debug = env::var("SAVES_DEBUG").ok();
    let profile = debug.map(|debug| format!("[profile.dev]\ndebug = \"{debug}\"\n"));
    let directory = tempfile::tempdir().expect("a directory");
    let root = directory.path().canonicalize().expect("a path");
    interrupt::listen(&root);
    let mut entries = entries(&root, &profile.unwrap_or_default());
    let started = entries.len();
    entries.retain(is_up);
    for (editor, with) in
        [(Editor::Quiet, "nobody else"), (Editor::Checks, "a cargo check at each")]
    {
        for (edit, what) in [(Edit::OneBinary, "one binary"), (Edit::Library, "the library")] {
            println!("\n{edits} edits of {what}, {with}; milliseconds");
            edit_all(&mut entries, edits, edit, editor);
            report(&entries, edit);
        }
    }
    if entries.len() < started { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// A team, and what the edits of one kind took so far, in milliseconds.
struct Entry {
    team: Team,
    took: Vec<f64>,
}

/// Everybody who is installed, at work, each in a copy of one workspace. By hand comes first.
fn entries(root: &Path, profile: &str) -> Vec<Entry> {
    let bases = bases(Contestant::ALL.len() + 1);
    println!("{}", if profile.is_empty() { "cargo's own dev profile" } else { profile.trim() });
    let first = Workspace::new(&root.join("first"), bases[0], profile);
    let entry = |(contestant, base): (Contestant, &u16)| {
        let name = contestant.name();
        let Some((program, version)) = contestant.installed() else {
            println!("MISSING: {name} is not installed and TAKES NO PART");
            return None;
        };
        println!("{name:>15}: {}\n{:17}{version}", contestant.usage(), "");
        let workspace = first.copy(&root.join(name.replace(' ', "-")), *base);
        Some(Entry { team: contestant.start(program, workspace), took: Vec::new() })
    };
    Contestant::ALL.into_iter().zip(&bases[1..]).filter_map(entry).collect()
}

/// Whether all servers come up. Waits until nothing is built any more.
fn is_up(entry: &Entry) -> bool {
    let Entry { team, .. } = entry;
    let up = answers::wait_for(&team.workspace.answers(&workspace::SERVERS)).is_some();
    if !up {
        complain(team);
    }
    team.rest();
    up
}

/// Save so many times for each in turn: whatever else goes on hits everybody. Who fails is out.
fn edit_all(entries: &mut Vec<Entry>, edits: usize, edit: Edit, editor: Editor) {
    for Entry { took, .. } in &mut *entries {
        took.clear();
    }
    // The first is for warming up.
    for number in 0..=edits {
        entries.retain_mut(|Entry { team, took }| {
            let measured = measure(team, edit, editor);
            took.extend(measured.filter(|_| number > 0));
            measured.is_some()
        });
        let latest = entries.iter().filter_map(|entry| entry.took.last());
        let latest: Vec<String> = latest.map(|took| format!("{took:8.1}")).collect();
        if number > 0 {
            println!("{number:4} {}", latest.concat());
        }
    }
}

/// Save, and wait for the answers: the mean of what each server took, in milliseconds.
fn measure(team: &mut Team, edit: Edit, editor: Editor) -> Option<f64> {
    thread::sleep(PAUSE);
    let (saved, expected) = team.workspace.save(edit);
    let check = (editor == Editor::Checks).then(|| check(&team.workspace));
    let heard = thread::scope(|scope| {
        scope.spawn(|| team.work(edit));
        answers::wait_for(&expected)
    });
    if let Some(mut check) = check {
        let _ = check.wait();
    }
    let Some(heard) = heard else {
        complain(team);
        return None;
    };
    team.rest();
    let took: f64 = heard.iter().map(|at: &Instant| (*at - saved).as_secs_f64() * 1e3).sum();
    Some(took / f64::from(u32::try_from(heard.len()).expect("a few")))
}

/// What rust-analyzer does at each save unless it is told otherwise.
fn check(workspace: &Workspace) -> Child {
    workspace.cargo(&["check", "--workspace", "--all-targets"]).spawn().expect("a cargo")
}

fn report(entries: &[Entry], edit: Edit) {
    let Some(hand) = entries.first() else { return };
    println!("{:>16} {:>8} {:>8} {:>13} {:>8}", "", "median", "least", "over by hand", "ratio");
    for Entry { team, took } in entries {
        // Edit by edit, as noise hits those that are neighbours alike.
        let paired = |value: fn((&f64, &f64)) -> f64| {
            median(took.iter().zip(&hand.took).map(value).collect())
        };
        let (over, ratio) =
            (paired(|(ours, hand)| ours - hand), paired(|(ours, hand)| ours / hand));
        let least = took.iter().copied().fold(f64::INFINITY, f64::min);
        let (name, middle) = (team.contestant.name(), median(took.clone()));
        println!("{name:>16} {middle:8.1} {least:8.1} {over:+13.1} {ratio:8.3}");
        if team.contestant == Contestant::Formation {
            judge(over, ratio, edit);
        }
    }
}

fn judge(over: f64, ratio: f64, edit: Edit) {
    match edit {
        Edit::OneBinary => verdict(
            over <= GOAL_BINARY,
            &format!("{over:+.1} ms over by hand, of {GOAL_BINARY:+} ms"),
        ),
        Edit::Library => verdict(
            ratio <= GOAL_LIBRARY,
            &format!("{ratio:.3} of what it takes by hand, of {GOAL_LIBRARY}"),
        ),
    }
}

fn complain(team: &Team) {
    let said = team.workspace.said();
    let last: Vec<&str> = said.lines().rev().take(20).collect();
    println!("DOES NOT WORK: {}; its last words:", team.contestant.name());
    for line in last.iter().rev() {
        println!("    {line}");
    }
}
