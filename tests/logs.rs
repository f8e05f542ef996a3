//! The history of a formation, and `logs`, which shows it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

#[path = "logs/following.rs"]
mod following;
#[path = "logs/keeping.rs"]
mod keeping;
#[path = "logs/selecting.rs"]
mod selecting;
#[path = "logs/terminal.rs"]
mod terminal;

use std::path::PathBuf;

use harness::{Line, Stream, Tool, Workspace};

/// A lone package with these process types.
fn formation(types: &str) -> Workspace {
    Workspace::new(env!("CARGO_BIN_EXE_cargo-formation"), types)
}

/// The line of a table for a process type that is this beast.
fn beast(name: &str, words: &str) -> String {
    let words: Vec<String> = words.split(' ').map(|word| format!("'{word}'")).collect();
    format!("{name} = {{ bin = \"zoo\", args = [{}] }}\n", words.join(", "))
}

/// `logs` with these arguments, which ends by itself with this code.
#[track_caller]
fn logs_ending(workspace: &Workspace, arguments: &[&str], code: i32) -> Tool {
    let tool = Tool::start(workspace.command(&[&["logs"], arguments].concat()));
    tool.ends_with(code);
    tool
}

/// What `logs` with these arguments shows, which ends well.
#[track_caller]
fn logs(workspace: &Workspace, arguments: &[&str]) -> String {
    logs_ending(workspace, arguments, 0).text(Stream::Out)
}

/// What is behind `name  | ` in the lines that begin so.
fn said_by(lines: &[Line], name: &str) -> Vec<String> {
    let texts = lines.iter().filter(|line| line.stream == Stream::Out).map(Line::text);
    let of_name = |text: String| {
        let (who, said) = text.split_once(" | ")?;
        (who.trim_end() == name).then(|| said.to_owned())
    };
    texts.filter_map(of_name).collect()
}

/// The files of the history of this workspace, the oldest first.
fn files(workspace: &Workspace) -> Vec<PathBuf> {
    let ours = workspace.state_directory().join("cargo-formation");
    let Ok(directories) = std::fs::read_dir(ours) else { return Vec::new() };
    let directories = directories.flatten().map(|directory| directory.path());
    let files = directories.flat_map(|directory| std::fs::read_dir(directory).unwrap());
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}
