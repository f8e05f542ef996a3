//! `procfile`: print it, write it, or check the one that is there.

use std::path::Path;

use super::workspace::{current_dir, find_shared};
use super::{Context, Refused};
use crate::cli::{CargoFlags, Procfile};
use crate::emit::procfile::{BinDir, Consumer, Options, procfile};
use crate::formation::ExitCode;
use crate::narrate::diff::{Change, diff};
use crate::narrate::notice::{Tone, status};

/// Where it is looked for when nobody says.
const USUAL_NAME: &str = "Procfile";

pub(super) fn run(context: &Context, arguments: &Procfile) -> Result<ExitCode, Refused> {
    let options = options(context, arguments)?;
    let sound = find_shared(context, &CargoFlags::default())?;
    let emitted = procfile(&sound.formation, &options).map_err(|refusals| {
        for refusal in &refusals {
            context.terminal.error(&refusal.to_string());
        }
        ExitCode::PROBLEM
    })?;
    for warning in &emitted.warnings {
        context.terminal.warn(&warning.to_string());
    }
    let usual = sound.answer.workspace.root.join(USUAL_NAME);
    let path = arguments.output.as_deref();
    match (arguments.check, path) {
        (true, path) => check(context, arguments, path.unwrap_or(&usual), &emitted.text),
        (false, Some(path)) => write(context, path, &emitted.text),
        (false, None) => Ok(context.terminal.print(&emitted.text)),
    }
}

fn options(context: &Context, arguments: &Procfile) -> Result<Options, Refused> {
    let consumer = arguments.consumer.as_deref().map(str::parse::<Consumer>).transpose();
    let consumer = consumer.map_err(|error| {
        context.terminal.error(&error.to_string());
        ExitCode::USAGE
    })?;
    let bin_dir = arguments.bin_dir.as_deref().map_or(BinDir::Usual, BinDir::typed);
    Ok(Options { consumer: consumer.unwrap_or(Consumer::Portable), bin_dir })
}

fn check(
    context: &Context,
    arguments: &Procfile,
    path: &Path,
    wanted: &str,
) -> Result<ExitCode, Refused> {
    let found = match std::fs::read_to_string(path) {
        Ok(found) => Some(found),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(unusable(context, path, &error)),
    };
    let name = short(context, path)?.display().to_string();
    if found.as_deref() == Some(wanted) {
        context.terminal.say(&status(Tone::Good, "Checked", &name));
        return Ok(ExitCode::SUCCESS);
    }
    let problem = if found.is_some() { "is stale" } else { "does not exist" };
    let change = Change { name: &name, old: &found.unwrap_or_default(), new: wanted };
    // Stale it is, whoever reads how.
    let _ = context.terminal.print(&diff(change, context.terminal.stdout.paint));
    let remedy = remedy(arguments, &name);
    context.terminal.error(&format!("`{name}` {problem}; write it with `{remedy}`"));
    Ok(ExitCode::STALE)
}

/// What writes the file that was checked, as it would be typed.
fn remedy(arguments: &Procfile, name: &str) -> String {
    let mut words = vec!["cargo", "formation", "procfile", "--output", name];
    if let Some(consumer) = &arguments.consumer {
        words.extend(["--for", consumer]);
    }
    if let Some(bin_dir) = &arguments.bin_dir {
        words.extend(["--bin-dir", bin_dir]);
    }
    shell_words::join(words)
}

/// A path as short as it can be said here.
fn short<'p>(context: &Context, path: &'p Path) -> Result<&'p Path, Refused> {
    let here = current_dir(context)?;
    Ok(path.strip_prefix(here).unwrap_or(path))
}

fn write(context: &Context, path: &Path, text: &str) -> Result<ExitCode, Refused> {
    crate::world::files::replace(path, text).map_err(|error| unusable(context, path, &error))?;
    context.terminal.say(&status(
        Tone::Good,
        "Wrote",
        &short(context, path)?.display().to_string(),
    ));
    Ok(ExitCode::SUCCESS)
}

fn unusable(context: &Context, path: &Path, error: &std::io::Error) -> Refused {
    context.terminal.error(&format!("cannot use `{}`: {error}", path.display()));
    ExitCode::PROBLEM
}
