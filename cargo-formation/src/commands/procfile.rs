//! `procfile`: print it, write it, or check the one that is there.

use std::path::PathBuf;

use super::emitted::{Placed, check, write};
use super::notices::{refuse, warn};
use super::workspace::find_shared;
use super::{Context, Refused};
use crate::cli::{CargoFlags, Procfile};
use crate::emit::procfile::{BinDir, Consumer, Options, USUAL_NAME, procfile};
use crate::formation::ExitCode;

pub(super) fn run(context: &Context, arguments: &Procfile) -> Result<ExitCode, Refused> {
    let options = options(context, arguments)?;
    let sound = find_shared(context, &CargoFlags::default())?;
    let workspace = &sound.answer.workspace;
    let emitted = procfile(&sound.formation, &options)
        .map_err(|refusals| refuse(context, workspace, &refusals))?;
    warn(context, workspace, &emitted.warnings);
    let usual = workspace.root.join(USUAL_NAME);
    let path = arguments.output.clone();
    let place = |path: PathBuf| Placed::ours(path, &emitted.text);
    match (arguments.check, path) {
        (true, path) => {
            let remedy = |name: &str| remedy(arguments, name);
            check(context, &[place(path.unwrap_or(usual))], remedy)
        }
        (false, Some(path)) => write(context, &[place(path)], arguments.force),
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
