//! What watching costs while nothing happens and while processes write, and how soon a save is
//! reported.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark reads the clock and says what it found"
)]

#[path = "watch/busy.rs"]
mod busy;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use cargo_formation::plan::watch::{
    BuildScript, DepInfo, Knowledge, LocalPackage, Sources, WatchSet,
};
use cargo_formation::world::clock::Clock;
use cargo_formation::world::watch::{Mark, News, Watch};

const DIRECTORIES: usize = 1_000;
const FILES_EACH: usize = 20;
const IDLE: Duration = Duration::from_secs(20);
const SAVES: usize = 500;
/// Of one core.
const GOAL_IDLE: f64 = 0.003;
/// Milliseconds.
const GOAL_MEDIAN: f64 = 2.0;

fn main() {
    let directory = tempfile::tempdir().expect("a directory");
    let root = directory.path().canonicalize().expect("a path").join("app");
    let files = plant(&root);
    let (clock, (report, news)) = (Clock::start(), mpsc::channel());
    let report = move |news| {
        let _ = report.send((Instant::now(), news));
    };
    let start = Instant::now();
    let watch =
        Watch::start(set(&root, &files), Mark::now(clock), clock, report).expect("a thread");
    watch.check(0);
    until_checked(&news, 0);
    println!("{} files, first look {:.1} ms", files.len(), milliseconds(start.elapsed()));
    for number in 1..=5 {
        let start = Instant::now();
        watch.check(number);
        until_checked(&news, number);
        println!("check   {:6.1} ms", milliseconds(start.elapsed()));
    }
    let idle = idle(&news);
    verdict(idle <= GOAL_IDLE, &format!("idle {:.3} % of a core", idle * 100.0));
    for (style, save) in [("in place", in_place as fn(&Path, usize)), ("by rename", by_rename)] {
        let (median, late) = saves(&files, save, &news);
        let text = format!("saved {style}: median {median:.3} ms, p99 {late:.3} ms");
        verdict(median <= GOAL_MEDIAN, &text);
    }
    drop(watch);
    busy::measure();
}

type Told = (Instant, News);

fn plant(root: &Path) -> Vec<PathBuf> {
    fs::create_dir_all(root.join(".git")).expect("a directory");
    fs::write(root.join("Cargo.toml"), "[package]\n").expect("a file");
    let mut files = Vec::new();
    for number in 0..DIRECTORIES {
        let directory = root.join(format!("src/m{}/m{}", number % 40, number));
        fs::create_dir_all(&directory).expect("a directory");
        for file in 0..FILES_EACH {
            let path = directory.join(format!("f{file}.rs"));
            fs::write(&path, "// old\n").expect("a file");
            files.push(path);
        }
    }
    files
}

fn set(root: &Path, files: &[PathBuf]) -> WatchSet {
    let package = LocalPackage {
        name: "app".into(),
        directory: root.into(),
        script: BuildScript::None,
        roots: Vec::new(),
    };
    let inputs = files.iter().cloned().collect();
    WatchSet::new(&Sources {
        root,
        manifests: &[root.join("Cargo.toml")],
        packages: &[package],
        artifacts: &[root.join("target")],
        cargo_home: None,
        dep_info: &DepInfo { inputs, knowledge: Knowledge::Complete },
        env_files: &[root.join(".env")],
        processes: &[],
    })
    .0
}

fn until_checked(news: &Receiver<Told>, number: u64) {
    while news.recv().expect("a report").1 != News::Checked(number) {}
}

/// The share of a core that this process takes while nothing happens.
fn idle(news: &Receiver<Told>) -> f64 {
    let (start, before) = (Instant::now(), spent_by_others());
    let heard = news.recv_timeout(IDLE);
    assert!(heard.is_err(), "nothing happened, and {heard:?} was reported");
    spent_by_others().saturating_sub(before).as_secs_f64() / start.elapsed().as_secs_f64()
}

/// The time that all threads but this one, the first, have been running; see
/// `/proc/pid/schedstat` in `proc(5)`.
fn spent_by_others() -> Duration {
    let own = std::process::id().to_string();
    let threads = fs::read_dir("/proc/self/task").expect("a process table");
    let others = threads.flatten().filter(|thread| *thread.file_name() != *own);
    let nanoseconds = others.filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_ascii_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}

/// The median and the 99th percentile of the time from a save to its report, in milliseconds.
fn saves(files: &[PathBuf], save: fn(&Path, usize), news: &Receiver<Told>) -> (f64, f64) {
    let mut took: Vec<f64> = (0..SAVES)
        .map(|round| {
            let path = &files[round * 37 % files.len()];
            save(path, round);
            let saved = Instant::now();
            loop {
                let (at, report) = news.recv().expect("a report");
                let News::Changes(changes) = report else { continue };
                if changes.build.contains(path) {
                    return milliseconds(at.saturating_duration_since(saved));
                }
            }
        })
        .collect();
    took.sort_by(f64::total_cmp);
    (took[SAVES / 2], took[SAVES * 99 / 100])
}

fn in_place(path: &Path, round: usize) {
    fs::write(path, format!("// {round}\n")).expect("a file");
}

fn by_rename(path: &Path, round: usize) {
    let new = path.with_extension("new~");
    fs::write(&new, format!("// {round}\n")).expect("a file");
    fs::rename(&new, path).expect("a file");
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn verdict(good: bool, text: &str) {
    println!("{} {text}", if good { "good" } else { "BAD " });
}
