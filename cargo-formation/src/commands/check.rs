//! `check`: everything that is wrong with the table, and with what is around it.

mod platforms;

use super::workspace::{
    Found, Sound, find, refuse_missing, show_notices, show_plan_errors, show_problems, surroundings,
};
use super::{Context, Refused};
use crate::cli::{CargoFlags, Check, Environment};
use crate::formation::{ExitCode, Formation};
use crate::narrate::notice::{Tone, status};
use crate::plan::{PlanError, Request, plan};
use crate::world::base::remembered;
use crate::world::files::is_configured;

pub(super) fn run(context: &Context, arguments: &Check) -> Result<ExitCode, Refused> {
    let Found { cargo, answer, reading } = find(context, &CargoFlags::default())?;
    let errors = show_problems(context, &answer, &reading);
    if errors > 0 {
        let noun = if errors == 1 { "error" } else { "errors" };
        context.terminal.error(&format!("{errors} {noun} in the table"));
        return Ok(ExitCode::TABLE);
    }
    let Some(formation) = reading.formation else { return Ok(ExitCode::SUCCESS) };
    let sound = Sound { cargo, answer, formation };
    // The one does not hide the other.
    let directories = directories(context, &sound);
    around(context, &sound).and(directories)?;
    advise_profile(context, &sound);
    if let Some(platform) = &arguments.platform {
        platforms::check(context, platform)?;
    }
    let names: Vec<&str> =
        sound.formation.processes.iter().map(|process| process.name.as_str()).collect();
    context.terminal.say(&status(Tone::Good, "Checked", &names.join(", ")));
    Ok(ExitCode::SUCCESS)
}

/// Say what would make every save faster.
fn advise_profile(context: &Context, sound: &Sound) {
    let workspace = &sound.answer.workspace;
    let is_dev = sound.formation.settings.profile.as_deref().is_none_or(|name| name == "dev");
    let key = ["profile", "dev", "debug"];
    // What is wrong with cargo's configuration has been said.
    let is_configured = || is_configured(&workspace.root, &context.shell, &key).unwrap_or(true);
    if is_dev && !workspace.chooses_debug_information() && !is_configured() {
        let text = "a save is built in about two thirds of the time with \
                    `debug = \"line-tables-only\"` in `[profile.dev]` of the workspace's `Cargo.toml`; \
                    backtraces keep their lines";
        context.terminal.say(&status(Tone::Unusual, "Note", text));
    }
}

/// Check the working directories.
fn directories(context: &Context, sound: &Sound) -> Result<(), Refused> {
    let root = &sound.answer.workspace.root;
    let processes = sound.formation.processes.iter();
    let processes = processes.map(|process| (&process.name, process.dir.as_ref()));
    let services = sound.formation.settings.services.iter();
    let services = services.map(|service| (&service.name, service.dir.as_ref()));
    let named = processes.chain(services).filter_map(|(name, dir)| Some((name, root.join(dir?))));
    refuse_missing(context, named)
}

/// Check what the table needs here to be run: the environment files, the variables that it
/// uses, the ports.
fn around(context: &Context, sound: &Sound) -> Result<(), Refused> {
    let (mut surroundings, base) = surroundings(context, sound, &Environment::default())?;
    surroundings.base_port = remembered(&surroundings.target_directory, &base);
    match plan(&sound.formation, &everything(&sound.formation), &surroundings) {
        Ok(plan) => {
            show_notices(context, &plan.notices);
            Ok(())
        }
        Err(errors) => {
            let (missing, wrong): (Vec<_>, Vec<_>) = errors.into_iter().partition(is_of_here);
            for missing in &missing {
                context.terminal.warn(&missing.to_string());
            }
            if wrong.is_empty() {
                return Ok(());
            }
            // Nothing was typed that could be wrong.
            show_plan_errors(context, &wrong);
            Err(ExitCode::TABLE)
        }
    }
}

/// Every type, also those that start only when they are named.
fn everything(formation: &Formation) -> Request {
    let select = formation.processes.iter().map(|process| process.name.clone()).collect();
    Request { select, ..Request::default() }
}

/// Whether nothing is wrong but that a variable is missing here. Where nothing is run, as on a
/// machine that only checks, nobody has to have the secrets of development.
fn is_of_here(error: &PlanError) -> bool {
    matches!(error, PlanError::Unset { .. } | PlanError::NotText { .. })
}
