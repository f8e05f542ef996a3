//! `new`: a workspace from nothing.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use super::export::platform;
use super::workspace::current_dir;
use super::{Context, Refused};
use crate::cli::{self, New, VersionControl};
use crate::emit::Platform;
use crate::formation::ExitCode;
use crate::narrate::notice::{Tone, status};
use crate::scaffold::{
    Change, Database, Design, Editor, Kind, Made, PackageName, PackageNameError, enclosing,
    workspace,
};
use crate::world::changes::{Draft, is_in_repository};
use crate::world::files;

pub(super) fn run(context: &Context, arguments: &New) -> Result<ExitCode, Refused> {
    let design = design(context, arguments)?;
    let place = place(context, &arguments.path)?;
    let made = workspace(&design).map_err(|refusals| {
        for refusal in refusals {
            context.terminal.error(&refusal.to_string());
        }
        ExitCode::PROBLEM
    })?;
    write(context, arguments.vcs, &place, &made.files).map_err(|error| {
        let why = format!("cannot make `{}`: {error}", arguments.path.display());
        refuse(context, ExitCode::PROBLEM, &why)
    })?;
    let types: Vec<&str> = design.kinds.iter().map(|kind| kind.name()).collect();
    let created = format!("`{}` with {}", design.name.as_str(), types.join(", "));
    context.terminal.say(&status(Tone::Good, "Created", &created));
    say_exports(context, &made);
    let path = shell_words::quote(&arguments.path.display().to_string()).into_owned();
    let more = if design.deploy.is_empty() { "more" } else { "more, and how to deploy it" };
    let next = format!("`cd {path}`, then `cargo formation dev`; its `README.md` says {more}");
    context.terminal.say(&status(Tone::Good, "Next", &next));
    Ok(ExitCode::SUCCESS)
}

/// Say what the platforms do not run as it is meant, or not before somebody has done more.
fn say_exports(context: &Context, made: &Made) {
    for (platform, warning) in &made.warnings {
        context.terminal.warn(&format!("for `{}`: {warning}", platform.word()));
    }
    if !made.losing.is_empty() {
        let words: Vec<&str> = made.losing.iter().map(|platform| platform.word()).collect();
        let text = format!(
            "for `{}`: containers share no files, and SQLite is one; `--db postgres` is for more \
             than one of them",
            words.join("`, `")
        );
        context.terminal.say(&status(Tone::Unusual, "Note", &text));
    }
}

fn refuse(context: &Context, code: ExitCode, why: &str) -> Refused {
    context.terminal.error(why);
    code
}

/// What was typed as what is to be made.
fn design(context: &Context, arguments: &New) -> Result<Design, Refused> {
    let New { path, kinds, db, vcs: _, deploy, vscode } = arguments;
    if context.manifest_path.is_some() {
        let why = "`--manifest-path` names a workspace that is there; `new` makes one";
        return Err(refuse(context, ExitCode::USAGE, why));
    }
    let name = name(path).map_err(|why| refuse(context, ExitCode::USAGE, &why))?;
    if let Some(advice) = name.advice() {
        context.terminal.warn(&advice.to_string());
    }
    let mut kinds: Vec<Kind> = kinds.iter().copied().map(kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let deploy = platforms(deploy).map_err(|why| refuse(context, ExitCode::USAGE, why))?;
    Ok(Design {
        name,
        kinds,
        database: database(*db),
        editor: vscode.then_some(Editor::VisualStudioCode),
        deploy,
    })
}

/// Each platform once.
fn platforms(typed: &[cli::Platform]) -> Result<Vec<Platform>, &'static str> {
    let mut platforms = Vec::new();
    for platform in typed.iter().copied().map(platform) {
        if !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    if platforms.contains(&Platform::AppJson) && platforms.contains(&Platform::Dokku) {
        return Err("`app-json` and `dokku` are one file, `app.json`, in two dialects; choose one");
    }
    Ok(platforms)
}

fn name(path: &Path) -> Result<PackageName, String> {
    let last = path.file_name().map(|last| last.to_string_lossy());
    let last = last.ok_or_else(|| format!("`{}` ends with no name", path.display()))?;
    last.parse().map_err(|error: PackageNameError| error.to_string())
}

pub(super) fn kind(kind: cli::Kind) -> Kind {
    match kind {
        cli::Kind::Web => Kind::Web,
        cli::Kind::Worker => Kind::Worker,
        cli::Kind::Clock => Kind::Clock,
        cli::Kind::Release => Kind::Release,
    }
}

fn database(database: cli::Database) -> Option<Database> {
    match database {
        cli::Database::Sqlite => Some(Database::Sqlite),
        cli::Database::Postgres => Some(Database::Postgres),
        cli::Database::None => None,
    }
}

/// Where it is to be, absolute: a place that is free, and in no workspace.
///
/// Cargo would add a new package to the workspace around it. A workspace has one formation, one
/// profile and one `Procfile`, so a scaffold in the middle of it would be half of what it is.
fn place(context: &Context, path: &Path) -> Result<PathBuf, Refused> {
    let place = current_dir(context)?.join(path);
    // Also a link that leads nowhere.
    if place.symlink_metadata().is_ok() {
        let why = format!("destination `{}` already exists", path.display());
        return Err(refuse(context, ExitCode::PROBLEM, &why));
    }
    let manifests = files::manifests(&place, None);
    if let Some(manifest) = enclosing(&place, &manifests) {
        let why = format!(
            "`{}` would be in the workspace of `{}`, which has one formation; make it elsewhere, \
             or list it there in `exclude`",
            path.display(),
            manifest.display()
        );
        return Err(refuse(context, ExitCode::PROBLEM, &why));
    }
    Ok(place)
}

/// Write all of it, or nothing.
fn write(
    context: &Context,
    vcs: Option<VersionControl>,
    place: &Path,
    files: &[Change],
) -> io::Result<()> {
    let draft = Draft::begin(place)?;
    draft.write(files)?;
    match vcs {
        Some(VersionControl::Git) => draft.init_git()?,
        None if !is_in_repository(place) => {
            // Nobody has asked for it.
            let _ = draft.init_git().inspect_err(|error| without_git(context, error));
        }
        None | Some(VersionControl::None) => {}
    }
    draft.finish()
}

fn without_git(context: &Context, error: &dyn fmt::Display) {
    context.terminal.warn(&format!("it is under no version control, as there is no git: {error}"));
}
