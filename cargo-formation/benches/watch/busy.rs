//! What watching costs in a workspace of many packages while processes write into it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use cargo_formation::plan::watch::{
    BuildScript, DepInfo, Knowledge, LocalPackage, Sources, WatchSet,
};
use cargo_formation::world::clock::Clock;
use cargo_formation::world::watch::{Mark, News, Watch};

use crate::{milliseconds, spent_by_others, until_checked, verdict};

const PACKAGES: usize = 741;
const BETWEEN_WRITES: Duration = Duration::from_millis(100);
const WRITES: usize = 150;
/// Of one core.
const GOAL: f64 = 0.01;

/// A file is written in each of these ways, ten times a second.
pub(crate) fn measure() {
    let directory = tempfile::tempdir().expect("a directory");
    let root = directory.path().canonicalize().expect("a path").join("app");
    let packages = plant(&root);
    let (clock, (report, news)) = (Clock::start(), mpsc::channel());
    let report = move |news: News| {
        let _ = report.send((Instant::now(), news));
    };
    let watch =
        Watch::start(set(&root, &packages), Mark::now(clock), clock, report).expect("a thread");
    watch.check(0);
    until_checked(&news, 0);
    let package = &packages[PACKAGES / 2].directory;
    let log = package.join("web.log");
    let ways: [(&str, &dyn Fn(usize) -> PathBuf); 5] = [
        ("one that nobody reads", &|_| package.join("state.json")),
        ("one that git ignores", &|_| package.join("state.ignored")),
        ("one in the root", &|_| root.join("state.json")),
        ("a new one each time", &|round| package.join(format!("{round}.json"))),
        ("a log", &|_| log.clone()),
    ];
    for (words, path) in ways {
        let share = share(path);
        verdict(share <= GOAL, &format!("writes of {words}: {:.2} % of a core", share * 100.0));
    }
    for number in 1..=3 {
        let start = Instant::now();
        watch.update(set(&root, &packages), Mark::now(clock));
        watch.check(number);
        until_checked(&news, number);
        println!("the same set again {:6.1} ms", milliseconds(start.elapsed()));
    }
}

/// The share of a core that watching takes meanwhile.
fn share(path: &dyn Fn(usize) -> PathBuf) -> f64 {
    let (start, before) = (Instant::now(), spent_by_others());
    for round in 0..WRITES {
        fs::write(path(round), round.to_string()).expect("a file");
        let next = start + BETWEEN_WRITES * u32::try_from(round + 1).expect("a number");
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    spent_by_others().saturating_sub(before).as_secs_f64() / start.elapsed().as_secs_f64()
}

fn plant(root: &Path) -> Vec<LocalPackage> {
    fs::create_dir_all(root.join(".git")).expect("a directory");
    fs::write(root.join(".gitignore"), "/target\n*.ignored\n").expect("a file");
    let package = |number| {
        let name = format!("p{number}");
        let directory = root.join("crates").join(&name);
        fs::create_dir_all(directory.join("src")).expect("a directory");
        fs::write(directory.join("Cargo.toml"), "[package]\n").expect("a file");
        fs::write(directory.join("src/lib.rs"), "// old\n").expect("a file");
        LocalPackage { name, directory, script: BuildScript::None, roots: Vec::new() }
    };
    (0..PACKAGES).map(package).collect()
}

fn set(root: &Path, packages: &[LocalPackage]) -> WatchSet {
    let directories = packages.iter().map(|package| &package.directory);
    let manifests: Vec<_> =
        directories.clone().map(|directory| directory.join("Cargo.toml")).collect();
    let inputs = directories.map(|directory| directory.join("src/lib.rs")).collect();
    WatchSet::new(&Sources {
        root,
        manifests: &manifests,
        packages,
        artifacts: &[root.join("target")],
        cargo_home: None,
        dep_info: &DepInfo { inputs, knowledge: Knowledge::Complete },
        env_files: &[root.join(".env")],
        processes: &[],
    })
    .0
}
