//! What to say where nothing is declared yet: what could be.

use std::fmt::Write as _;

use crate::formation::ProcessName;

use super::problem::{Problem, Severity};
use super::tables::Tables;
use super::workspace::{BinaryTarget, Package, Workspace};

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

/// A table that would do.
fn offer(workspace: &Workspace) -> String {
    let owners: Vec<_> =
        workspace.packages.iter().filter(|package| usable(package).next().is_some()).collect();
    match owners.as_slice() {
        [] => "a process type runs a binary target; write one, as `src/bin/web.rs`".to_owned(),
        [package] => {
            let manifest = workspace.shown(package.manifest);
            let mut text = introduced(&manifest);
            text.push_str("[package.metadata.formation]");
            for binary in usable(package) {
                // Writing to a string cannot fail.
                let _ = write!(text, "\n{} = {{}}", binary.name);
            }
            text
        }
        owners => several(workspace, owners),
    }
}

fn introduced(manifest: &str) -> String {
    format!(
        "let `cargo formation init` write it, or add this to `{manifest}`, and keep what is to run\n\n"
    )
}

/// An offer stays short in a workspace of fifty binaries.
const MANY: usize = 8;

fn several(workspace: &Workspace, owners: &[&Package]) -> String {
    let manifest = workspace.shown(workspace.root_manifest);
    let mut text = introduced(&manifest);
    text.push_str("[workspace.metadata.formation.processes]");
    let mut names: Vec<&str> = Vec::new();
    for binary in owners.iter().flat_map(|package| usable(package)) {
        if !names.contains(&binary.name.as_str()) {
            names.push(&binary.name);
        }
    }
    for name in names.iter().take(MANY) {
        let mut having = owners.iter().filter(|package| package.binary(name).is_some());
        let _ = match (having.next(), having.next()) {
            (Some(first), Some(_)) => write!(text, "\n{name} = {{ package = {:?} }}", first.name),
            _ => write!(text, "\n{name} = {{}}"),
        };
    }
    if names.len() > MANY {
        let _ = write!(text, "\n# and {} more binaries", names.len() - MANY);
    }
    text
}

fn usable(package: &Package) -> impl Iterator<Item = &BinaryTarget> {
    package.binaries.iter().filter(|binary| binary.name.parse::<ProcessName>().is_ok())
}
