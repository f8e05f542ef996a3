//! What the dev profile costs: the same edits by hand, with different debug information.
//!
//! `SAVES_EDITS` is the number of edits of each kind, 15 if it is not set.

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
use std::{env, fs};

use contestant::{Contestant, Team};
use ground::median;
use workspace::{Edit, SERVERS, Workspace, bases};

const EDITS: usize = 15;

/// What is in the manifest.
const PROFILES: [(&str, &str); 5] = [
    ("cargo's own", ""),
    ("line tables", "debug = \"line-tables-only\"\n"),
    (
        "line tables, dependencies without",
        "debug = \"line-tables-only\"\n[profile.dev.package.\"*\"]\ndebug = false\n",
    ),
    ("split, unpacked", "split-debuginfo = \"unpacked\"\n"),
    ("none", "debug = false\n"),
];

fn main() {
    let number = env::var("SAVES_EDITS").ok().map(|number| number.parse().expect("a number"));
    let edits: usize = number.unwrap_or(EDITS);
    let directory = tempfile::tempdir().expect("a directory");
    let root = directory.path().canonicalize().expect("a path");
    interrupt::listen(&root);
    let mut teams: Vec<Team> = PROFILES
        .iter()
        .zip(bases(PROFILES.len()))
        .enumerate()
        .map(|(number, ((_, profile), base))| team(&root, number, profile, base))
        .collect();
    for (edit, what) in [(Edit::OneBinary, "one binary"), (Edit::Library, "the library")] {
        println!("\n{edits} edits of {what}; milliseconds, and of the first profile's");
        let mut took = vec![Vec::new(); teams.len()];
        for _ in 0..edits {
            for (team, took) in teams.iter_mut().zip(&mut took) {
                took.push(measure(team, edit));
            }
        }
        report(&took, &teams);
    }
}

fn team(root: &Path, number: usize, profile: &str, base: u16) -> Team {
    let profile = format!("[profile.dev]\n{profile}");
    let workspace = Workspace::new(&root.join(number.to_string()), base, &profile);
    let (cargo, _) = Contestant::Hand.installed().expect("a cargo");
    let team = Contestant::Hand.start(cargo, workspace);
    answers::wait_for(&team.workspace.answers(&SERVERS)).expect("the servers");
    team
}

/// The mean of what each server took, in milliseconds.
fn measure(team: &mut Team, edit: Edit) -> f64 {
    let (saved, expected) = team.workspace.save(edit);
    team.work(edit);
    let heard = answers::wait_for(&expected).expect("the servers' answers");
    let took = heard.iter().map(|at| (*at - saved).as_secs_f64() * 1e3);
    took.sum::<f64>() / f64::from(u32::try_from(heard.len()).expect("a few"))
}

fn report(took: &[Vec<f64>], teams: &[Team]) {
    println!("{:>34} {:>8} {:>8} {:>6} {:>9}", "", "median", "least", "ratio", "web is");
    for (((name, _), times), team) in PROFILES.iter().zip(took).zip(teams) {
        let ratio = median(times.iter().zip(&took[0]).map(|(this, first)| this / first).collect());
        let least = times.iter().copied().fold(f64::INFINITY, f64::min);
        let size = fs::metadata(team.workspace.binary(SERVERS[0])).expect("a binary").len();
        let (middle, megabytes) = (median(times.clone()), size / 1_000_000);
        println!("{name:>34} {middle:8.1} {least:8.1} {ratio:6.2} {megabytes:6} MB");
    }
}
