//! `add`: one more process type in a workspace that is there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::export::remedy;
use super::new::kind;
use super::workspace::{Found, current_dir, find, show_problems};
use super::{Context, Refused};
use crate::cli::{Add, CargoFlags};
use crate::emit::procfile::command;
use crate::formation::{ExitCode, NameError, ProcessName};
use crate::manifest::{Declaration, Package, Workspace};
use crate::narrate::notice::{Tone, status};
use crate::scaffold::{Added, Addition, Change, Left, PackageName, Reader, add, sources};
use crate::world::changes::apply;

pub(super) fn run(context: &Context, arguments: &Add) -> Result<ExitCode, Refused> {
    let kind = kind(arguments.kind);
    let name = name(context, arguments.name.as_ref(), kind.name())?;
    let Found { answer, reading, .. } = find(context, &CargoFlags::default())?;
    if reading.formation.is_none() && reading.declaration == Declaration::Present {
        show_problems(context, &answer, &reading);
        return Err(ExitCode::TABLE);
    }
    let workspace = &answer.workspace;
    let package = package(context, workspace, arguments.package.as_deref())?;
    let files = present(sources(workspace, package, &name));
    let addition = Addition { workspace, package, kind, name: &name, files: &files };
    let Added { changes, left } = add(addition).map_err(|why| {
        refuse(context, ExitCode::PROBLEM, &format!("cannot add `{name}`: {why}"))
    })?;
    apply(&changes).map_err(|(path, error)| {
        let why = format!("cannot write `{}`: {error}; nothing is changed", path.display());
        refuse(context, ExitCode::PROBLEM, &why)
    })?;
    for change in &changes {
        context.terminal.say(&said(workspace, change));
    }
    for left in &left {
        context.terminal.say(&said_of_left(context, workspace, left));
    }
    Ok(ExitCode::SUCCESS)
}

fn refuse(context: &Context, code: ExitCode, why: &str) -> Refused {
    context.terminal.error(why);
    code
}

/// The name that was typed, or that of the kind: of a process type, and of a binary.
fn name(
    context: &Context,
    typed: Option<&ProcessName>,
    usual: &str,
) -> Result<ProcessName, Refused> {
    let text = typed.map_or(usual, ProcessName::as_str);
    let as_binary = text.parse::<PackageName>();
    as_binary.map_err(|error| {
        refuse(context, ExitCode::USAGE, &format!("no binary can be called so: {error}"))
    })?;
    text.parse().map_err(|error: NameError| refuse(context, ExitCode::USAGE, &error.to_string()))
}

/// The package that was named, the one of this directory, or the only one.
fn package<'w>(
    context: &Context,
    workspace: &'w Workspace,
    typed: Option<&str>,
) -> Result<&'w Package, Refused> {
    let all = workspace.packages.iter().map(|package| format!("`{}`", package.name));
    let all = all.collect::<Vec<_>>().join(", ");
    if let Some(name) = typed {
        return workspace.package(name).ok_or_else(|| {
            let why = format!("no package `{name}` in this workspace; there are {all}");
            refuse(context, ExitCode::USAGE, &why)
        });
    }
    if let [only] = workspace.packages.as_slice() {
        return Ok(only);
    }
    let here = here(context)?;
    package_of(workspace, &here).ok_or_else(|| {
        let why = format!("say which package it belongs to, with `--package`: {all}");
        refuse(context, ExitCode::USAGE, &why)
    })
}

/// The directory that is meant when none is named: this one, or that of the manifest.
fn here(context: &Context) -> Result<PathBuf, Refused> {
    let mut here = current_dir(context)?;
    if let Some(manifest) = &context.manifest_path {
        here.push(manifest);
        here.pop();
    }
    Ok(here.canonicalize().unwrap_or(here))
}

/// The package in whose directory this is. All are in that of the workspace, so that a package
/// there is only meant at that very place.
fn package_of<'w>(workspace: &'w Workspace, here: &Path) -> Option<&'w Package> {
    workspace.packages.iter().find(|package| {
        let directory = workspace.manifests[package.manifest].path.parent();
        directory.is_some_and(|directory| {
            here == directory || (directory != workspace.root && here.starts_with(directory))
        })
    })
}

/// Those that are there, with their texts. What is there and has no text is there all the same.
fn present(paths: Vec<PathBuf>) -> BTreeMap<PathBuf, String> {
    let there = paths.into_iter().filter(|path| path.symlink_metadata().is_ok());
    there.map(|path| (path.clone(), fs::read_to_string(path).unwrap_or_default())).collect()
}

fn said(workspace: &Workspace, change: &Change) -> String {
    let verb = if change.before.is_some() { "Changed" } else { "Created" };
    let path = change.path.strip_prefix(&workspace.root).unwrap_or(&change.path);
    status(Tone::Good, verb, &path.display().to_string())
}

fn said_of_left(context: &Context, workspace: &Workspace, left: &Left) -> String {
    let path = left.path.strip_prefix(&workspace.root).unwrap_or(&left.path).display();
    let command = match &left.reader {
        Reader::Procfile(options) => command(options),
        Reader::Platform(platform) => remedy(context, &workspace.root, *platform, None),
    };
    let text = format!("{path}, which was not what the table said; write it with `{command}`");
    status(Tone::Unusual, "Left", &text)
}
