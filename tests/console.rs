//! The console blocks of the documentation are run, and what they show is what is seen.
//!
//! A page is one sitting, from top to bottom: where it starts says [`PAGES`]. A block that
//! starts with `$ ` is typed at a terminal. One that does not is what the terminal that still
//! runs something goes on to show; `^C` is typed there, too. A block below a line that ends
//! with a path and a colon is that file, or goes to its end if the line says so.
//!
//! `...` stands for lines of the tool that a page leaves out; of what processes write it may leave
//! out anything. Numbers that differ from run to run do not count: see `console/line.rs`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a page that cannot be run is a failure")]

#[path = "console/line.rs"]
mod line;
#[path = "console/page.rs"]
mod page;
#[path = "console/place.rs"]
mod place;
#[path = "console/sitting.rs"]
mod sitting;
#[path = "console/terminal.rs"]
mod terminal;

use std::collections::BTreeSet;

use self::page::{Block, pages, read};
use self::place::Place;
use self::sitting::Sitting;

/// Where the reader of a page is when it begins.
const PAGES: [(&str, Place); 5] = [
    ("README.md", Place::Clone),
    ("docs/guide/first-steps.md", Place::Clone),
    ("docs/guide/adopt.md", Place::Shop),
    ("docs/picture/dev.svg", Place::Clone),
    ("docs/reference/commands.md", Place::Clone),
];

/// The commands that are not run, and why.
const NOT_RUN: [(&str, &str, &str); 4] = [
    ("README.md", "cargo test", "it runs this test"),
    ("README.md", "cargo install --path cargo-formation", "it would replace what is installed"),
    ("docs/guide/first-steps.md", "cargo install --path cargo-formation", "the same"),
    (
        "docs/design/supervision.md",
        "FORMATION_HISTORIES=100000 cargo test -p cargo-formation every_history",
        "it takes minutes, and the test suite runs a tenth of it",
    ),
];

#[test]
fn every_page_shows_what_is_seen() {
    for (path, place) in PAGES {
        let mut sitting = Sitting::new(path, place);
        for block in read(path) {
            sitting.perform(&block);
        }
        sitting.end();
    }
}

/// Whether a command of a page is not to be run.
fn is_left_out(path: &str, command: &str) -> bool {
    NOT_RUN.iter().any(|(page, left_out, _)| (*page, *left_out) == (path, command))
}

#[test]
fn no_command_of_any_page_is_left_out_silently() {
    let run: BTreeSet<&str> = PAGES.iter().map(|(path, _)| *path).collect();
    let mut unused: BTreeSet<_> =
        NOT_RUN.iter().map(|(page, left_out, _)| (*page, *left_out)).collect();
    let pages = pages();
    for path in &pages {
        for block in read(path) {
            let Block::Console(steps) = block else { continue };
            for command in steps.iter().filter_map(page::Step::command) {
                let left_out = is_left_out(path, command);
                unused.retain(|&known| known != (path.as_str(), command));
                let runs = run.contains(path.as_str());
                assert!(left_out || runs, "nobody runs `{command}` of {path}: see `PAGES`");
            }
        }
    }
    assert!(unused.is_empty(), "no page has {unused:?}");
}
