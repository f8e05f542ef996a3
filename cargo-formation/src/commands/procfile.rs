//! `procfile`: print it, write it, or check the one that is there.

use std::path::Path;

use super::workspace::find_sound;
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
    let sound = find_sound(context, &CargoFlags::default())?;
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
        (true, path) => check(context, path.unwrap_or(&usual), &emitted.text),
        (false, Some(path)) => write(context, path, &emitted.text),
        (false, None) => {
            context.terminal.print(&emitted.text);
            Ok(ExitCode::SUCCESS)
        }
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

fn check(context: &Context, path: &Path, wanted: &str) -> Result<ExitCode, Refused> {
    let found = match std::fs::read_to_string(path) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(unusable(context, path, &error)),
    };
    if found == wanted {
        context.terminal.say(&status(Tone::Good, "Checked", &path.display().to_string()));
        return Ok(ExitCode::SUCCESS);
    }
    let name = path.display().to_string();
    let change = Change { name: &name, old: &found, new: wanted };
    context.terminal.print(&diff(change, context.terminal.stdout.paint));
    let text = format!("`{name}` is stale; `cargo formation procfile --output {name}` writes it");
    context.terminal.error(&text);
    Ok(ExitCode::STALE)
}

fn write(context: &Context, path: &Path, text: &str) -> Result<ExitCode, Refused> {
    crate::world::files::replace(path, text).map_err(|error| unusable(context, path, &error))?;
    context.terminal.say(&status(Tone::Good, "Wrote", &path.display().to_string()));
    Ok(ExitCode::SUCCESS)
}

fn unusable(context: &Context, path: &Path, error: &std::io::Error) -> Refused {
    context.terminal.error(&format!("cannot use `{}`: {error}", path.display()));
    ExitCode::PROBLEM
}
