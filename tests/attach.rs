//! Runs that have a terminal, and people who attach to them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

#[path = "attach/attached.rs"]
mod attached;
#[path = "attach/life.rs"]
mod life;
#[path = "attach/terminal.rs"]
mod terminal;

use harness::Workspace;

/// A lone package with these process types.
fn formation(types: &str) -> Workspace {
    Workspace::new(env!("CARGO_BIN_EXE_cargo-formation"), types)
}

/// The line of a table for a process type that is this beast, at a terminal of its own.
fn beast(name: &str, words: &str) -> String {
    let words: Vec<String> = words.split(' ').map(|word| format!("'{word}'")).collect();
    format!("{name} = {{ bin = \"zoo\", args = [{}], pty = true }}\n", words.join(", "))
}
