//! What the platforms would refuse of the formation, or run otherwise than the table means it.

use std::path::PathBuf;

use super::super::emitted::is_outdated;
use super::super::export::app;
use super::super::workspace::{Sound, find_shared};
use super::super::{Context, Refused};
use crate::cli::CargoFlags;
use crate::emit::procfile::{Consumer, Options, procfile};
use crate::emit::{File, Platform, export};
use crate::formation::ExitCode;

/// Somebody who would run the formation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runner {
    /// From a Procfile.
    Procfile(Consumer),
    /// From what is exported.
    Platform(Platform),
}

/// What a runner would get, or why not; in words.
#[derive(Debug, Default)]
struct Verdict {
    refusals: Vec<String>,
    warnings: Vec<String>,
    /// The files with their places.
    files: Vec<(PathBuf, File)>,
}

/// Say what those would say to whom the formation is exported.
pub(super) fn check(context: &Context, word: &str) -> Result<(), Refused> {
    let runners = runners(word).ok_or_else(|| unknown(context, word))?;
    // Nothing of one developer's reaches them. What there is to say of the table has been said.
    let sound = find_shared(&context.quietly(), &CargoFlags::default())?;
    let refused = runners.iter().filter(|runner| !accepts(context, &sound, **runner)).count();
    if refused == 0 { Ok(()) } else { Err(ExitCode::PROBLEM) }
}

/// Who is meant.
fn runners(word: &str) -> Option<Vec<Runner>> {
    let platforms = || Platform::ALL.into_iter().map(Runner::Platform);
    if word == "all" {
        let portable = std::iter::once(Runner::Procfile(Consumer::Portable));
        return Some(portable.chain(platforms()).collect());
    }
    // One who reads a Procfile, and a file of the export beside it, is asked for both.
    let platform = platforms().filter(|runner| runner.word() == word);
    let consumer = word.parse().ok().map(Runner::Procfile);
    let runners: Vec<Runner> = platform.chain(consumer).collect();
    (!runners.is_empty()).then_some(runners)
}

fn unknown(context: &Context, word: &str) -> Refused {
    let platforms = Platform::ALL.map(|platform| format!("`{}`", platform.word())).join(", ");
    let consumers = Consumer::ALL.map(|(consumer, _)| format!("`{}`", consumer.word())).join(", ");
    context.terminal.error(&format!(
        "`{word}` is no known platform; there are {platforms}, for Procfiles {consumers}, and `all`"
    ));
    ExitCode::USAGE
}

/// Say what there is to say; whether the runner could run it.
fn accepts(context: &Context, sound: &Sound, runner: Runner) -> bool {
    let Verdict { refusals, warnings, files } = runner.verdict(sound);
    let word = runner.word();
    for refusal in &refusals {
        context.terminal.error(&format!("for `{word}`: {refusal}"));
    }
    for warning in &warnings {
        context.terminal.warn(&format!("for `{word}`: {warning}"));
    }
    for (path, file) in files {
        if is_outdated(&sound.answer.workspace.root.join(&path), &file) {
            let text = format!("`{}` is not what the table says now", path.display());
            context.terminal.warn(&format!("for `{word}`: {text}; emit it again"));
        }
    }
    refusals.is_empty()
}

impl Runner {
    fn word(self) -> &'static str {
        match self {
            Self::Procfile(consumer) => consumer.word(),
            Self::Platform(platform) => platform.word(),
        }
    }

    fn verdict(self, sound: &Sound) -> Verdict {
        match self {
            Self::Procfile(consumer) => of_procfile(consumer, sound),
            Self::Platform(platform) => of_export(platform, sound),
        }
    }
}

fn of_procfile(consumer: Consumer, sound: &Sound) -> Verdict {
    match procfile(&sound.formation, &Options { consumer, ..Options::default() }) {
        // Which reader the file that is there was written for is not known here.
        Ok(mut emitted) => {
            // What nobody can do anything about is said when it is emitted.
            emitted.warnings.retain(|warning| !warning.is_of_the_reader());
            Verdict { warnings: words(&emitted.warnings), ..Verdict::default() }
        }
        Err(refusals) => Verdict { refusals: words(&refusals), ..Verdict::default() },
    }
}

fn of_export(platform: Platform, sound: &Sound) -> Verdict {
    match export(platform, &app(sound)) {
        Ok(mut exported) => {
            exported.warnings.retain(|warning| !warning.is_of_the_export());
            Verdict {
                warnings: words(&exported.warnings),
                files: exported
                    .ours()
                    .map(|file| (platform.directory().join(&file.path), file.clone()))
                    .collect(),
                ..Verdict::default()
            }
        }
        Err(refusals) => Verdict { refusals: words(&refusals), ..Verdict::default() },
    }
}

fn words(said: &[impl ToString]) -> Vec<String> {
    said.iter().map(ToString::to_string).collect()
}
