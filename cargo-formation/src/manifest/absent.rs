//! What to say where nothing is declared yet: what could be.

use std::fmt::Write as _;

use crate::formation::ProcessName;

use super::guess::{Guess, guesses};
use super::problem::{Problem, Severity};
use super::tables::Tables;
use super::workspace::Workspace;

/// How much of a formation a workspace declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declaration {
    /// No manifest has a table.
    Absent,
    /// There are tables without process types.
    Empty,
    /// There are process types.
    Present,
}

pub(super) fn declaration(tables: &Tables) -> Declaration {
    match (tables.declared, tables.begin.as_slice()) {
        (0, []) => Declaration::Absent,
        (0, _) => Declaration::Empty,
        _ => Declaration::Present,
    }
}

/// The problem that there are no process types, if so.
pub(super) fn problem(
    declaration: Declaration,
    tables: &Tables,
    workspace: &Workspace,
) -> Option<Problem> {
    let help = Some(offer(workspace));
    match (declaration, tables.begin.first()) {
        (Declaration::Present, _) => None,
        (Declaration::Empty, Some(at)) => Some(
            Problem::error("this formation has no process types")
                .at(*at, "no process types here")
                .help_if(help),
        ),
        (Declaration::Absent | Declaration::Empty, _) => Some(Problem {
            severity: Severity::Error,
            message: "no formation is declared in this workspace".to_owned(),
            annotations: Vec::new(),
            note: None,
            help,
        }),
    }
}

/// A table that would do: what `init` proposes where no other file says anything.
fn offer(workspace: &Workspace) -> String {
    let mut guesses = guesses(workspace);
    guesses.retain(|guess| guess.name.parse::<ProcessName>().is_ok());
    let Some(first) = guesses.first() else {
        return "a process type runs a binary target; write one, as `src/bin/web.rs`".to_owned();
    };
    let manifest = first.target.package.manifest;
    if guesses.iter().any(|guess| guess.target.package.manifest != manifest) {
        return several(workspace, &guesses);
    }
    let mut text = introduced(&workspace.shown(manifest));
    text.push_str("[package.metadata.formation]");
    for guess in &guesses {
        text.push_str(&line(guess, None));
    }
    text
}

/// The entry of a type. A package is said where several have a binary of that name.
fn line(guess: &Guess<'_>, package: Option<&str>) -> String {
    let Guess { name, target } = guess;
    let binary = Some(&*target.binary.name).filter(|binary| *binary != name.as_str());
    let key = |key: &str, value: Option<&str>| value.map(|value| format!("{key} = {value:?}"));
    let keys: Vec<_> =
        [key("bin", binary), key("package", package)].into_iter().flatten().collect();
    let entry =
        if keys.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", keys.join(", ")) };
    format!("\n{name} = {entry}")
}

fn introduced(manifest: &str) -> String {
    format!(
        "let `cargo formation init` write it, or add this to `{manifest}`, and keep what is to run\n\n"
    )
}

/// An offer stays short in a workspace of fifty binaries.
const MANY: usize = 8;

fn several(workspace: &Workspace, guesses: &[Guess<'_>]) -> String {
    let mut text = introduced(&workspace.shown(workspace.root_manifest));
    text.push_str("[workspace.metadata.formation.processes]");
    let mut lines: Vec<(&str, String)> = Vec::new();
    for guess in guesses {
        let Guess { name, target } = guess;
        if lines.iter().all(|(known, _)| known != name) {
            let binary = &target.binary.name;
            let same = guesses.iter().filter(|other| other.target.binary.name == *binary).count();
            let package = (same > 1).then_some(&*target.package.name);
            lines.push((name, line(guess, package)));
        }
    }
    text.extend(lines.iter().take(MANY).map(|(_, line)| line.as_str()));
    if lines.len() > MANY {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n# and {} more binaries", lines.len() - MANY);
    }
    text
}
