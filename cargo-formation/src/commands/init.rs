//! `init`: propose a table for the workspace that is there, show it, and write it if it is wanted.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::workspace::{Found, find, show_problems};
use super::{Context, Refused};
use crate::cli::{CargoFlags, Init};
use crate::formation::{ExitCode, ProcessName};
use crate::manifest::{Declaration, Reading, Severity, read};
use crate::narrate;
use crate::narrate::diff::diff;
use crate::narrate::notice::{Tone, status};
use crate::scaffold::init::{Ground, Proposal, Remark, propose};
use crate::scaffold::mprocs::mprocs;
use crate::scaffold::process_compose::process_compose;
use crate::scaffold::procfile::procfile;
use crate::scaffold::{self, Change, NotYaml};
use crate::world::changes::apply;
use crate::world::files::foreign;

pub(super) fn run(context: &Context, init: &Init) -> Result<ExitCode, Refused> {
    let found = find(context, &CargoFlags::default())?;
    refuse_faulty(context, &found)?;
    let proposal = proposal(context, &found)?;
    proposal.remarks.iter().for_each(|remark| remarked(context, remark));
    if proposal.changes.is_empty() {
        return unchanged(context, &found);
    }
    refuse_invalid(context, &found, &proposal)?;
    let root = &found.answer.workspace.root;
    let shown = show(context, root, &proposal.changes);
    if init.dry_run {
        return Ok(shown);
    }
    if !init.yes {
        ask(context)?;
    }
    write(context, root, &proposal.changes)?;
    said(context, &proposal);
    Ok(ExitCode::SUCCESS)
}

fn remarked(context: &Context, remark: &Remark) {
    let text = remark.to_string();
    match remark {
        Remark::OnlyHere { .. } | Remark::Unmentioned(_) => {
            context.terminal.say(&status(Tone::Good, "Note", &text));
        }
        Remark::NotTaken { .. }
        | Remark::Without { .. }
        | Remark::Differs { .. }
        | Remark::NotProposed { .. } => context.terminal.warn(&text),
    }
}

/// Refuse a workspace whose table is wrong: what is to be kept has to be known.
fn refuse_faulty(context: &Context, found: &Found) -> Result<(), Refused> {
    let Found { answer, reading, .. } = found;
    // That nothing is declared is no fault here.
    let wrong = reading.formation.is_none() && faults(reading) > absence(reading);
    if !wrong {
        return Ok(());
    }
    show_problems(context, answer, reading);
    let text = "the table has errors; `init` adds to a table that is right";
    context.terminal.error(text);
    Err(ExitCode::TABLE)
}

fn faults(reading: &Reading) -> usize {
    reading.problems.iter().filter(|problem| problem.severity == Severity::Error).count()
}

/// How many of the errors say that nothing is declared. It is said only where nothing else is.
fn absence(reading: &Reading) -> usize {
    let is_alone = faults(reading) == 1;
    usize::from(is_alone && reading.declaration != Declaration::Present)
}

fn proposal(context: &Context, found: &Found) -> Result<Proposal, Refused> {
    let workspace = &found.answer.workspace;
    let others = others(context, &workspace.root);
    let missing = missing(&workspace.root, &others);
    let formation = found.reading.formation.as_ref();
    let ground = Ground { workspace, formation, found: &others, missing: &missing };
    propose(&ground).map_err(|no| {
        context.terminal.error(&format!("cannot add to `{}`: {}", no.path.display(), no.why));
        ExitCode::PROBLEM
    })
}

/// What the files of other tools run, in the order in which the files count.
fn others(context: &Context, root: &Path) -> Vec<scaffold::Found> {
    let mut found = Vec::new();
    for (name, text) in foreign(root) {
        let text = match text {
            Ok(text) => text,
            Err(error) => {
                context.terminal.warn(&format!("nothing is taken over from `{name}`: {error}"));
                continue;
            }
        };
        let entries = match name {
            "mprocs.yaml" => mprocs(name, &text),
            "Procfile" | "Procfile.dev" => Ok(procfile(name, &text)),
            _ => process_compose(name, &text),
        };
        match entries {
            Ok(entries) => found.extend(entries),
            Err(NotYaml { line, why }) => context.terminal.warn(&format!(
                "{name}:{line}: nothing is taken over from this file, which is not valid YAML: {why}"
            )),
        }
    }
    found
}

/// The directories that are not there, of those that somebody runs in.
fn missing(root: &Path, found: &[scaffold::Found]) -> BTreeSet<PathBuf> {
    let commands = found.iter().filter_map(|found| found.command.as_ref().ok());
    let directories = commands.filter_map(|command| command.dir.clone());
    directories.filter(|dir| !root.join(dir).is_dir()).collect()
}

/// There is nothing to add.
fn unchanged(context: &Context, found: &Found) -> Result<ExitCode, Refused> {
    let Some(formation) = &found.reading.formation else {
        let text = "there is nothing to declare: a process type runs a binary target; write one, \
                    as `src/bin/web.rs`";
        context.terminal.error(text);
        return Err(ExitCode::PROBLEM);
    };
    let names: Vec<&ProcessName> = formation.processes.iter().map(|it| &it.name).collect();
    let text = format!("{}: nothing is missing in the table", list(&names));
    context.terminal.say(&status(Tone::Good, "Unchanged", &text));
    Ok(ExitCode::SUCCESS)
}

/// Refuse to write what would be refused when it is read.
fn refuse_invalid(context: &Context, found: &Found, proposal: &Proposal) -> Result<(), Refused> {
    let mut answer = found.answer.clone();
    for change in &proposal.changes {
        let mut manifests = answer.workspace.manifests.iter_mut();
        if let Some(manifest) = manifests.find(|manifest| manifest.path == change.path) {
            manifest.text.clone_from(&change.after);
        }
    }
    let reading = read(&answer.workspace);
    if reading.formation.is_some() {
        return Ok(());
    }
    show_problems(context, &answer, &reading);
    let text = if proposal.types.is_empty() {
        "there is nothing to declare but backing services: a process type runs a binary target; \
         write one, as `src/bin/web.rs`"
    } else {
        "the table that would be written has errors; nothing was written"
    };
    context.terminal.error(text);
    Err(ExitCode::PROBLEM)
}

/// Show what would change, as a result.
fn show(context: &Context, root: &Path, changes: &[Change]) -> ExitCode {
    let paint = context.terminal.stdout.paint;
    let difference = |Change { path, before, after }: &Change| {
        let (name, old) = (short(root, path), before.as_deref().unwrap_or_default());
        diff(narrate::diff::Change { name: &name, old, new: after }, paint)
    };
    context.terminal.print(&changes.iter().map(difference).collect::<String>())
}

/// Let whoever is there decide.
fn ask(context: &Context) -> Result<(), Refused> {
    match context.terminal.ask("Write this? [y/N] ").as_deref() {
        Some("y" | "Y" | "yes" | "Yes" | "YES") => Ok(()),
        Some(_) => {
            context.terminal.say(&status(Tone::Unusual, "Unchanged", "nothing was written"));
            Err(ExitCode::PROBLEM)
        }
        None => {
            let text = "nothing was written, for there is nobody to ask; \
                        `cargo formation init --yes` writes it";
            context.terminal.error(text);
            Err(ExitCode::PROBLEM)
        }
    }
}

/// Write every file, or none.
fn write(context: &Context, root: &Path, changes: &[Change]) -> Result<(), Refused> {
    apply(changes).map_err(|(path, error)| {
        let text = format!("cannot write `{}`: {error}; nothing is changed", path.display());
        context.terminal.error(&text);
        ExitCode::PROBLEM
    })?;
    for change in changes {
        context.terminal.say(&status(Tone::Good, "Wrote", &short(root, &change.path)));
    }
    Ok(())
}

/// A path as people would type it from the workspace root.
fn short(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

/// Say what has been declared, and what comes next.
fn said(context: &Context, proposal: &Proposal) {
    let names: Vec<&ProcessName> = proposal.types.iter().chain(&proposal.services).collect();
    context.terminal.say(&status(Tone::Good, "Declared", &list(&names)));
    let text = "`cargo formation dev` runs it; `cargo formation check` looks at what is around it";
    context.terminal.say(&status(Tone::Good, "Note", text));
}

fn list(names: &[&ProcessName]) -> String {
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}
