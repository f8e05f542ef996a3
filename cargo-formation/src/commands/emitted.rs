//! What becomes of emitted files: they are written, or compared with those that are there.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::ErrorKind;
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
    /// What is in the file and the platform refuses.
    refused: Vec<String>,
}

impl<'t> Placed<'t> {
    /// A file that is ours, at a place of its own.
    pub(super) fn ours(path: PathBuf, text: &'t str) -> Self {
        Self { path, text: Cow::Borrowed(text), upkeep: Upkeep::Ours, refused: Vec::new() }
    }

    /// A file of an emitter. One that is shared is what it becomes of what is there.
    pub(super) fn at(context: &Context, path: PathBuf, file: &'t File) -> Result<Self, Refused> {
        let upkeep = file.upkeep;
        let mut placed =
            Self { path, text: Cow::Borrowed(&file.text), upkeep, refused: Vec::new() };
        // What is written to and not replaced, as a pipe, holds nothing.
        if matches!(upkeep, Upkeep::Shared(_))
            && placed.path.is_file()
            && let Some(found) = placed.found(context)?
        {
            let name = short(context, &placed.path)?;
            let text = file.over(&found).map_err(|error| unusable(context, name, &error))?;
            placed.text = Cow::Owned(text);
            placed.refused = file.refused_keys(&found);
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
        for key in &self.refused {
            context.terminal.warn(&refused_key(context, &self.path, key));
        }
    }

    /// What is there.
    fn found(&self, context: &Context) -> Result<Option<String>, Refused> {
        match std::fs::read_to_string(&self.path) {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unusable(context, &self.path, &error)),
        }
    }

    /// Whether the file is there and nobody of us touches it.
    fn is_theirs(&self) -> bool {
        self.upkeep == Upkeep::Theirs && std::fs::symlink_metadata(&self.path).is_ok()
    }
}

/// Write every file. One that cannot be written is an error, and those before it stay.
pub(super) fn write(context: &Context, files: &[Placed<'_>]) -> Result<ExitCode, Refused> {
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
            let remedy = remedy(&name);
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

/// What is said of a key that the platform of a file refuses.
pub(super) fn refused_key(context: &Context, path: &Path, key: &str) -> String {
    let path = short(context, path).unwrap_or(path).display();
    format!("`{path}` has `{key}`, with which Heroku takes nothing of it; take it out by hand")
}

/// Say that a path cannot be used.
pub(super) fn unusable(context: &Context, path: &Path, error: &dyn Display) -> Refused {
    context.terminal.error(&format!("cannot use `{}`: {error}", path.display()));
    ExitCode::PROBLEM
}

/// Whether there is a file that was emitted, and is not this any more. One of somebody's own is
/// as it should be; one that is shared should say what the table does.
pub(super) fn is_outdated(path: &Path, file: &File) -> bool {
    let Ok(found) = std::fs::read_to_string(path) else { return false };
    match file.upkeep {
        Upkeep::Ours => is_emitted(&found) && found != file.text,
        Upkeep::Theirs => false,
        Upkeep::Shared(_) => file.over(&found).is_ok_and(|text| text != found),
    }
}

/// The files in a directory, and in those in it, that begin with this line; sorted.
pub(super) fn emitted_below(directory: &Path, first_line: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in entries(directory) {
        let below = if path.is_dir() { entries(&path) } else { vec![path] };
        let begins = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).ok();
            text.is_some_and(|text| text.lines().next() == Some(first_line))
        };
        found.extend(below.into_iter().filter(|path| path.is_file()).filter(begins));
    }
    found.sort();
    found
}

/// What is in a directory, if it can be looked into.
fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}
