//! What becomes of emitted files: they are written, or compared with those that are there.

use std::borrow::Cow;
use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use super::workspace::current_dir;
use super::{Context, Refused};
use crate::emit::{File, Upkeep, is_emitted};
use crate::formation::ExitCode;
use crate::narrate::diff::{Change, diff};
use crate::narrate::notice::{Tone, status};
use crate::world::files::replace;

/// A text, and the file that holds it or should.
#[derive(Clone, Debug)]
pub(super) struct Placed<'t> {
    path: PathBuf,
    text: Cow<'t, str>,
    upkeep: Upkeep,
    /// What is in the file and the platform objects to.
    objections: Vec<String>,
}

impl<'t> Placed<'t> {
    /// A file that is ours, at a place of its own.
    pub(super) fn ours(path: PathBuf, text: &'t str) -> Self {
        Self { path, text: Cow::Borrowed(text), upkeep: Upkeep::Ours, objections: Vec::new() }
    }

    /// A file of an emitter. One that is shared is what it becomes of what is there.
    pub(super) fn at(context: &Context, path: PathBuf, file: &'t File) -> Result<Self, Refused> {
        let upkeep = file.upkeep;
        let mut placed =
            Self { path, text: Cow::Borrowed(&file.text), upkeep, objections: Vec::new() };
        // What is written to and not replaced, as a pipe, holds nothing.
        if matches!(upkeep, Upkeep::Shared(_))
            && placed.path.is_file()
            && let Some(found) = placed.found(context)?
        {
            let over = file.over(&found);
            let text = over.map_err(|error| unusable(context, &placed.path, &error))?;
            placed.text = Cow::Owned(text);
            placed.objections = file.objections(&found);
        }
        Ok(placed)
    }

    /// Whether the table says something of it.
    pub(super) fn is_ours(&self) -> bool {
        self.upkeep != Upkeep::Theirs
    }

    /// What is to be there.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Say what of the file is not the table's, and nothing for the platform.
    pub(super) fn warn(&self, context: &Context) {
        for text in &self.objections {
            context.terminal.warn(&objection(context, &self.path, text));
        }
    }

    /// What is there.
    fn found(&self, context: &Context) -> Result<Option<String>, Refused> {
        text_at(&self.path).map_err(|error| unusable(context, &self.path, &error))
    }

    /// Whether all of the file that is there is somebody else's.
    fn is_foreign(&self) -> bool {
        let found = || text_at(&self.path).ok().flatten().unwrap_or_default();
        let is_emitted = |found: String| found.is_empty() || is_emitted(&found);
        self.upkeep == Upkeep::Ours && self.path.is_file() && !is_emitted(found())
    }

    /// Whether the file is there and nobody of us touches it.
    fn is_theirs(&self) -> bool {
        self.upkeep == Upkeep::Theirs && std::fs::symlink_metadata(&self.path).is_ok()
    }
}

/// Write every file. One that cannot be written is an error, and those before it stay. Where one
/// is in the place of somebody else's, none is written, unless that is `forced`.
pub(super) fn write(
    context: &Context,
    files: &[Placed<'_>],
    forced: bool,
) -> Result<ExitCode, Refused> {
    let foreign: Vec<_> = files.iter().filter(|file| !forced && file.is_foreign()).collect();
    for file in &foreign {
        let name = short(context, &file.path)?.display();
        context.terminal.error(&format!(
            "`{name}` was not emitted, and nothing is written; `--force` writes over it"
        ));
    }
    if !foreign.is_empty() {
        return Err(ExitCode::PROBLEM);
    }
    for file in files {
        if file.is_theirs() {
            say(context, "Kept", file, ", which is yours")?;
            continue;
        }
        replace(&file.path, &file.text).map_err(|error| unusable(context, &file.path, &error))?;
        say(context, "Wrote", file, "")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Say what [`write`] would do.
pub(super) fn rehearse(context: &Context, files: &[Placed<'_>]) -> Result<ExitCode, Refused> {
    for file in files {
        if file.is_theirs() {
            say(context, "Would keep", file, ", which is yours")?;
            continue;
        }
        match file.found(context)? {
            None => say(context, "Would write", file, ", which is new")?,
            Some(found) if found == *file.text => say(context, "Would leave", file, " as it is")?,
            Some(_) if file.is_foreign() => {
                say(context, "Would not write", file, " without `--force`: it was not emitted")?;
            }
            Some(_) => say(context, "Would change", file, "")?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Compare every file with the one that is there. `remedy` says what writes a file of this name.
pub(super) fn check(
    context: &Context,
    files: &[Placed<'_>],
    remedy: impl Fn(&str) -> String,
) -> Result<ExitCode, Refused> {
    let mut code = ExitCode::SUCCESS;
    for file in files {
        if let Some(problem) = compare(context, file)? {
            let name = short(context, &file.path)?.display().to_string();
            let force = if file.is_foreign() { " --force" } else { "" };
            let remedy = format!("{}{force}", remedy(&name));
            context.terminal.error(&format!("`{name}` {problem}; write it with `{remedy}`"));
            code = ExitCode::STALE;
        }
    }
    Ok(code)
}

/// Compare one file, and show how it differs.
fn compare(context: &Context, file: &Placed<'_>) -> Result<Option<&'static str>, Refused> {
    if file.is_theirs() {
        return Ok(None);
    }
    let found = file.found(context)?;
    if found.as_deref() == Some(file.text()) {
        say(context, "Checked", file, "")?;
        return Ok(None);
    }
    let problem = if found.is_some() { "is stale" } else { "does not exist" };
    let name = short(context, &file.path)?.display().to_string();
    let change = Change { name: &name, old: &found.unwrap_or_default(), new: file.text() };
    // Stale it is, whoever reads how.
    let _ = context.terminal.print(&diff(change, context.terminal.stdout.paint));
    Ok(Some(problem))
}

fn say(context: &Context, word: &str, file: &Placed<'_>, more: &str) -> Result<(), Refused> {
    let name = short(context, &file.path)?.display().to_string();
    context.terminal.say(&status(Tone::Good, word, &format!("{name}{more}")));
    Ok(())
}

/// A path as short as it can be said here.
pub(super) fn short<'p>(context: &Context, path: &'p Path) -> Result<&'p Path, Refused> {
    let here = current_dir(context)?;
    Ok(path.strip_prefix(here).or_else(|_| path.strip_prefix(".")).unwrap_or(path))
}

/// What the platform of a file objects to, of this file.
pub(super) fn objection(context: &Context, path: &Path, text: &str) -> String {
    format!("`{}` {text}", short(context, path).unwrap_or(path).display())
}

/// Say that a path cannot be used.
pub(super) fn unusable(context: &Context, path: &Path, error: &dyn Display) -> Refused {
    let path = short(context, path).unwrap_or(path);
    context.terminal.error(&cannot_use(path, error));
    ExitCode::PROBLEM
}

/// That a path cannot be used, and why.
pub(super) fn cannot_use(path: &Path, why: &dyn Display) -> String {
    format!("cannot use `{}`: {why}", path.display())
}

/// The text of a file, if it is there. What is none, as a pipe, could keep us waiting for ever.
pub(super) fn text_at(path: &Path) -> io::Result<Option<String>> {
    match std::fs::metadata(path) {
        Ok(there) if !there.is_file() => Err(io::Error::other("it is no file")),
        Ok(_) => std::fs::read_to_string(path).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether there is a file that was emitted, and is not this any more. One of somebody's own is
/// as it should be; one that is shared should say what the table does.
pub(super) fn is_outdated(path: &Path, file: &File) -> bool {
    let Ok(Some(found)) = text_at(path) else { return false };
    match file.upkeep {
        Upkeep::Ours => is_emitted(&found) && found != file.text,
        Upkeep::Theirs => false,
        Upkeep::Shared(_) => file.over(&found).is_ok_and(|text| text != found),
    }
}
