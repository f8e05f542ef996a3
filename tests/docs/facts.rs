//! Numbers that pages state, and the constants that they are.

use std::fs;
use std::path::Path;

use super::page::root;

/// A page, what it states, and where the code says so.
const FACTS: [(&str, &str, &str); 37] = [
    (
        "README.md",
        "after 100 ms, doubling up to 30 s",
        "FIRST_DELAY: Duration = Duration::from_millis(100);",
    ),
    (
        "README.md",
        "after 100 ms, doubling up to 30 s",
        "LONGEST_DELAY: Duration = Duration::from_secs(30);",
    ),
    ("docs/reference/table.md", "0 to 100", "MAX_QUANTITY: u16 = 100;"),
    ("docs/reference/table.md", "at most 63 characters", "MAX_LENGTH: usize = 63;"),
    (
        "docs/reference/table.md",
        "At most a day.",
        "MAX_DURATION: Duration = Duration::from_hours(24);",
    ),
    (
        "docs/reference/table.md",
        "10 s in development",
        "GRACE: Duration = Duration::from_secs(10);",
    ),
    ("docs/reference/table.md", "| `base-port` | 1 to 65535 | 4000 |", "DEFAULT_BASE: u16 = 4000;"),
    ("docs/reference/environment.md", "the hundred ports from base + 100·n", "RANGE: u32 = 100;"),
    ("docs/reference/environment.md", "Extra ports lie 10, 20 … above", "EXTRA: u32 = 10;"),
    ("docs/reference/environment.md", "The base is 4000", "DEFAULT_BASE: u16 = 4000;"),
    ("docs/reference/environment.md", "the next block of 1,000", "BLOCK: u16 = 1000;"),
    (
        "docs/concepts/process-life.md",
        "10 s (`stop.timeout`)",
        "GRACE: Duration = Duration::from_secs(10);",
    ),
    (
        "docs/concepts/process-life.md",
        "Signals within 200 ms",
        "SAME_REQUEST: Duration = Duration::from_millis(200);",
    ),
    (
        "docs/concepts/process-life.md",
        "After a second of waiting",
        "FIRST_WAITING_NOTICE: Duration = Duration::from_secs(1);",
    ),
    (
        "docs/concepts/process-life.md",
        "is given up after 5 s",
        "ABANDON_AFTER: Duration = Duration::from_secs(5);",
    ),
    (
        "docs/concepts/process-life.md",
        "started again after 100 ms",
        "FIRST_DELAY: Duration = Duration::from_millis(100);",
    ),
    (
        "docs/concepts/process-life.md",
        "up to 30 s",
        "LONGEST_DELAY: Duration = Duration::from_secs(30);",
    ),
    ("docs/concepts/process-life.md", "ten times in a row", "FAILURES_BEFORE_GIVING_UP: u32 = 10;"),
    (
        "docs/concepts/process-life.md",
        "After 10 s in health",
        "HEALTHY_AFTER: Duration = Duration::from_secs(10);",
    ),
    (
        "docs/concepts/process-life.md",
        "a second later kills",
        "GRACE: Duration = Duration::from_secs(1);",
    ),
    ("docs/concepts/serving.md", "of their own, from 20000 on", "FIRST: u16 = 20_000;"),
    ("docs/reference/environment.md", "at a port from 20000 on", "FIRST: u16 = 20_000;"),
    (
        "docs/concepts/serving.md",
        "for at most `drain` (5 s)",
        "DRAIN: Duration = Duration::from_secs(5);",
    ),
    (
        "docs/reference/output.md",
        "after 150 ms of silence",
        "PROMPT_AFTER: Duration = Duration::from_millis(150);",
    ),
    ("docs/reference/output.md", "more than 1 MiB", "LONGEST_LINE: usize = 1024 * 1024;"),
    ("docs/reference/output.md", "once 4 MiB are on their way", "BUDGET: u32 = 4 * 1024 * 1024;"),
    (
        "docs/reference/output.md",
        "by at most a second",
        "FAREWELL: Duration = Duration::from_secs(1);",
    ),
    ("docs/reference/output.md", "5 runs of `dev`", "MOST_RUNS: usize = 5;"),
    ("docs/reference/output.md", "the newest 32 MiB, in files of 4 MiB", "MOST_FILES: usize = 8;"),
    ("docs/reference/output.md", "in files of 4 MiB", "LARGEST: u64 = 4 * 1024 * 1024;"),
    ("docs/reference/output.md", "Once 4 MiB wait for it", "WAITING: usize = 4 * 1024 * 1024;"),
    ("docs/design/output.md", "history (a mutex, 4 MiB)", "KEPT: usize = 4 * 1024 * 1024;"),
    ("docs/design/output.md", "queue of 4 MiB", "WAITING: usize = 4 * 1024 * 1024;"),
    ("docs/design/output.md", "within 100 ms of its first line", "ONE_GO: u64 = 100_000;"),
    ("docs/design/output.md", "A budget of 4 MiB", "BUDGET: u32 = 4 * 1024 * 1024;"),
    (
        "docs/design/supervision.md",
        "within 200 ms",
        "SAME_REQUEST: Duration = Duration::from_millis(200);",
    ),
    ("docs/design/supervision.md", "At most three builds in a row", "MOST_CANCELS: u32 = 3;"),
];

#[test]
fn a_number_on_a_page_is_that_of_the_code() {
    let mut source = String::new();
    collect(&root().join("cargo-formation/src"), &mut source);
    for (path, stated, constant) in FACTS {
        let page = fs::read_to_string(root().join(path)).unwrap();
        let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(page.contains(stated), "{path} does not state `{stated}`");
        let code = format!("const {constant}");
        assert!(source.contains(&code), "{path} states `{stated}`, and the code has no `{code}`");
    }
}

fn collect(directory: &Path, text: &mut String) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, text);
        } else {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}
