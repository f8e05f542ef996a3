//! What is scaffolded: it is what cargo's users expect, and it runs.
//!
//! Each run builds a few combinations of process types and databases; with
//! `SCAFFOLD_EVERY=1` all 45. They share a target directory that is kept from run to run.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

#[path = "scaffold/adding.rs"]
mod adding;
#[path = "scaffold/combinations.rs"]
mod combinations;
#[path = "scaffold/deploying.rs"]
mod deploying;
#[path = "scaffold/place.rs"]
mod place;

use std::process::{Command, Output};

use harness::Workspace;

/// The tool.
const TOOL: &str = env!("CARGO_BIN_EXE_cargo-formation");

/// A directory with nothing in it.
fn empty() -> Workspace {
    Workspace::empty(TOOL)
}

/// Run to the end: the exit code, and what was said.
fn said(command: &mut Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}
