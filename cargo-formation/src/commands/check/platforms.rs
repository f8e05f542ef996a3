//! What the platforms would refuse of the formation, or run otherwise than the table means it.

use std::path::Path;

use super::super::emitted::{cannot_use, is_outdated, objection, short, text_at};
use super::super::export::{app, remedy};
use super::super::leftovers::{leftover, leftovers};
use super::super::notices::Notice;
use super::super::workspace::{Sound, find_shared};
use super::super::{Context, Refused};
use crate::cli::CargoFlags;
use crate::emit::procfile::{Consumer, Options, USUAL_NAME, command, emitted_with, procfile};
use crate::emit::{Platform, Refusal, export};
use crate::formation::ExitCode;

/// Somebody who would run the formation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runner {
    /// From a Procfile.
    Procfile(Consumer),
    /// From what is exported.
    Platform(Platform),
}

/// Say what those would say to whom the formation is exported.
pub(super) fn check(context: &Context, word: &str) -> Result<(), Refused> {
    let runners = runners(word).ok_or_else(|| unknown(context, word))?;
    // Nothing of one developer's reaches them. What there is to say of the table has been said.
    let sound = find_shared(&context.quietly(), &CargoFlags::default())?;
    let mut code = Ok(());
    for runner in &runners {
        let notices = runner.notices(context, &sound, &runners);
        if notices.iter().any(Notice::is_refusal) {
            code = Err(ExitCode::PROBLEM);
        }
        for notice in notices {
            notice.of(runner.word()).say(context, &sound.answer.workspace);
        }
    }
    code
}

/// Who is meant.
fn runners(word: &str) -> Option<Vec<Runner>> {
    if word == "all" {
        let portable = std::iter::once(Runner::Procfile(Consumer::Portable));
        return Some(portable.chain(Platform::ALL.map(Runner::Platform)).collect());
    }
    // One who reads a Procfile, and a file of the export beside it, is asked for both.
    let consumer = word.parse::<Consumer>().ok();
    let is_meant = |platform: &Platform| {
        platform.word() == word || (consumer.is_some() && platform.reader() == consumer)
    };
    let platform = Platform::ALL.into_iter().filter(is_meant).map(Runner::Platform);
    let runners: Vec<Runner> = platform.chain(consumer.map(Runner::Procfile)).collect();
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

impl Runner {
    fn word(self) -> &'static str {
        match self {
            Self::Procfile(consumer) => consumer.word(),
            Self::Platform(platform) => platform.word(),
        }
    }

    /// What it says, where all of these are asked.
    fn notices(self, context: &Context, sound: &Sound, asked: &[Self]) -> Vec<Notice> {
        match self {
            Self::Procfile(consumer) => of_procfile(context, consumer, sound),
            Self::Platform(platform) => of_export(context, platform, sound, asked),
        }
    }

    /// Whether a file is as it would have it.
    fn has_emitted(self, sound: &Sound, path: &Path) -> bool {
        let Self::Platform(platform) = self else { return false };
        let Ok(exported) = export(platform, &app(sound)) else { return false };
        let directory = sound.answer.workspace.root.join(platform.directory());
        exported.ours().any(|file| directory.join(&file.path) == path && !is_outdated(path, file))
    }
}

fn of_procfile(context: &Context, consumer: Consumer, sound: &Sound) -> Vec<Notice> {
    let workspace = &sound.answer.workspace;
    let options = Options { consumer, ..Options::default() };
    let mut notices: Vec<Notice> = match procfile(&sound.formation, &options) {
        Ok(emitted) => emitted
            .warnings
            .iter()
            // What nobody can do anything about is said when it is emitted.
            .filter(|warning| !warning.is_of_the_reader())
            .map(|warning| Notice::warning(warning, workspace))
            .collect(),
        Err(refusals) => {
            refusals.iter().map(|refusal| Notice::refusal(refusal, workspace)).collect()
        }
    };
    notices.extend(of_procfile_there(context, consumer, sound));
    notices
}

/// A Procfile that is there says how it was emitted, and is compared with what that emits now. One
/// of somebody's own, or for somebody else, is as it should be.
fn of_procfile_there(context: &Context, consumer: Consumer, sound: &Sound) -> Option<Notice> {
    let path = sound.answer.workspace.root.join(USUAL_NAME);
    let found = text_at(&path).ok()??;
    let options = emitted_with(&found).filter(|options| consumer.reads(options.consumer))?;
    let is_current = procfile(&sound.formation, &options).is_ok_and(|now| now.text == found);
    (!is_current).then(|| stale(context, &path, &command(&options)))
}

fn of_export(
    context: &Context,
    platform: Platform,
    sound: &Sound,
    asked: &[Runner],
) -> Vec<Notice> {
    let workspace = &sound.answer.workspace;
    let exported = match export(platform, &app(sound)) {
        Ok(exported) => exported,
        Err(refusals) => {
            let notice = |refusal: &Refusal| Notice::refusal(refusal, workspace);
            return refusals.iter().map(notice).collect();
        }
    };
    let warnings = exported.warnings.iter().filter(|warning| !warning.is_of_the_export());
    let warnings = warnings.map(|warning| Notice::warning(warning, workspace));
    let directory = workspace.root.join(platform.directory());
    // Two read an `app.json`, and it is that of one of them.
    let is_of_another = |path: &Path| {
        let mut others = asked.iter().filter(|other| **other != Runner::Platform(platform));
        others.any(|other| other.has_emitted(sound, path))
    };
    let outdated = exported
        .ours()
        .map(|file| (directory.join(&file.path), file))
        .filter(|(path, file)| is_outdated(path, file))
        .filter(|(path, _)| !is_of_another(path))
        .map(|(path, _)| stale(context, &path, &remedy(context, &workspace.root, platform, None)));
    let leftovers = leftovers(&exported, platform, &directory);
    let leftovers = leftovers.iter().map(|path| Notice::of_a_file(leftover(context, path)));
    let there = exported.ours().map(|file| (directory.join(&file.path), file));
    let objections = there.filter(|(path, _)| !is_of_another(path)).flat_map(|(path, file)| {
        let found = text_at(&path).ok().flatten();
        let texts = found.map(|found| file.objections(&found)).unwrap_or_default().into_iter();
        texts.map(move |text| Notice::of_a_file(objection(context, &path, &text)))
    });
    let unusable = exported.ours().filter_map(|file| {
        let path = directory.join(&file.path);
        let why = match text_at(&path) {
            Ok(found) => file.over(&found?).err()?.to_string(),
            Err(error) => error.to_string(),
        };
        Some(Notice::of_a_file(cannot_use(short(context, &path).unwrap_or(&path), &why)))
    });
    let broken: Vec<Notice> = unusable.collect();
    warnings.chain(broken).chain(outdated).chain(objections).chain(leftovers).collect()
}

fn stale(context: &Context, path: &Path, remedy: &str) -> Notice {
    let name = short(context, path).unwrap_or(path).display();
    Notice::of_a_file(format!("`{name}` is not what the table says now; write it with `{remedy}`"))
}
