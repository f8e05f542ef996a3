//! From where we are to a formation: cargo is asked, the table is read, problems are shown.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::{Context, Refused};
use crate::cli::{CargoFlags, Environment};
use crate::drive::Heard;
use crate::formation::{ExitCode, Formation, ProcessName};
use crate::manifest::{Reading, Severity, is_homeless, read};
use crate::narrate::problem::render_all;
use crate::plan::{
    BaseOrigin, BasePort, BaseSources, Plan, PlanError, PlanNotice, Surroundings, base_port_chosen,
    scrub,
};
use crate::world::files::{self, EnvFileNames};
use crate::world::metadata::{Answer, MetadataError, Question, Said, ask, understand};

/// A workspace, as cargo and its manifests describe it.
pub(super) struct Found {
    pub(super) cargo: OsString,
    pub(super) answer: Answer,
    pub(super) reading: Reading,
}

/// A workspace whose table has no errors.
pub(super) struct Sound {
    pub(super) cargo: OsString,
    pub(super) answer: Answer,
    pub(super) formation: Formation,
}

/// Ask cargo about the workspace, and read its table and what the developer lays over it.
pub(super) fn find(context: &Context, flags: &CargoFlags) -> Result<Found, Refused> {
    let (cargo, answer) = describe(context, flags)?;
    found(context, cargo, answer)
}

/// As [`find`], of what cargo has answered already.
pub(super) fn find_in(
    context: &Context,
    flags: &CargoFlags,
    heard: &Heard,
) -> Result<Found, Refused> {
    let question = question(context, flags)?;
    let answer = understand(&heard.stdout).map_err(|error| {
        // Whoever says nothing that is metadata has said why, to people.
        match String::from_utf8_lossy(&heard.stderr).trim_end() {
            "" => context.terminal.error(&error.to_string()),
            said => context.terminal.say(said),
        }
        ExitCode::BUILD
    })?;
    let answer = in_target_directory(answer, &question, flags);
    found(context, question.cargo.into(), answer)
}

/// Read the table, and what the developer lays over it.
fn found(context: &Context, cargo: OsString, mut answer: Answer) -> Result<Found, Refused> {
    let local = files::local(&answer.workspace.root).map_err(|error| {
        context.terminal.error(&error.to_string());
        ExitCode::TABLE
    })?;
    if let Some(local) = local {
        answer.workspace.lay_over(local);
    }
    let reading = read(&answer.workspace);
    Ok(Found { cargo, answer, reading })
}

/// As [`find`], and refuse to go on if the table has errors.
pub(super) fn find_sound(context: &Context, flags: &CargoFlags) -> Result<Sound, Refused> {
    sound(context, find(context, flags)?)
}

/// As [`find_sound`], of what everybody has: nothing of one developer's reaches a platform.
pub(super) fn find_shared(context: &Context, flags: &CargoFlags) -> Result<Sound, Refused> {
    let (cargo, answer) = describe(context, flags)?;
    let reading = read(&answer.workspace);
    sound(context, Found { cargo, answer, reading })
}

/// The cargo to use, and what it says of the workspace.
fn describe(context: &Context, flags: &CargoFlags) -> Result<(OsString, Answer), Refused> {
    let question = question(context, flags)?;
    let answer = ask(&question).map_err(|error| {
        if !matches!(error, MetadataError::Refused { said: Said::Something, .. }) {
            context.terminal.error(&error.to_string());
        }
        explain_homeless(context, &question);
        ExitCode::BUILD
    })?;
    let answer = in_target_directory(answer, &question, flags);
    Ok((question.cargo.into(), answer))
}

/// Cargo refuses a manifest because of our table, and cannot know what it is about.
fn explain_homeless(context: &Context, question: &Question) {
    let manifests = files::manifests(&question.dir, question.manifest_path.as_deref());
    if let Some((path, _)) = manifests.iter().find(|(_, text)| is_homeless(text)) {
        context.terminal.error(&format!(
            "`[package.metadata.formation]` is in `{}`, which has no package; write \
             `[workspace.metadata.formation.processes]` for process types, and \
             `[workspace.metadata.formation]` for what is in `settings`",
            path.display()
        ));
    }
}

/// What cargo is asked.
pub(super) fn question(context: &Context, flags: &CargoFlags) -> Result<Question, Refused> {
    Ok(Question {
        cargo: variable(context, "CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from),
        dir: current_dir(context)?,
        manifest_path: context.manifest_path.clone(),
        flags: metadata_flags(flags),
        env: scrub::for_cargo(&context.shell, &[]),
    })
}

/// Whoever says where to build knows better than cargo, which was not told.
fn in_target_directory(mut answer: Answer, question: &Question, flags: &CargoFlags) -> Answer {
    if let Some(target_dir) = &flags.target_dir {
        answer.target_directory = question.dir.join(target_dir);
    }
    answer
}

fn sound(context: &Context, found: Found) -> Result<Sound, Refused> {
    let Found { cargo, answer, reading } = found;
    show_problems(context, &answer, &reading);
    let formation = reading.formation.ok_or(ExitCode::TABLE)?;
    Ok(Sound { cargo, answer, formation })
}

/// Show every problem; how many errors there were.
pub(super) fn show_problems(context: &Context, answer: &Answer, reading: &Reading) -> usize {
    let text = render_all(&reading.problems, &answer.workspace, context.terminal.stderr.paint);
    if !text.is_empty() {
        context.terminal.say(text.trim_end());
    }
    reading.problems.iter().filter(|problem| problem.severity == Severity::Error).count()
}

/// What instances are surrounded by, and who says where the ports start.
pub(super) fn surroundings(
    context: &Context,
    sound: &Sound,
    environment: &Environment,
) -> Result<(Surroundings, BasePort), Refused> {
    let Sound { answer, formation, .. } = sound;
    let root = answer.workspace.root.clone();
    let refuse = |error: &dyn std::fmt::Display| {
        context.terminal.error(&error.to_string());
        ExitCode::TABLE
    };
    let names = EnvFileNames {
        asked: environment.env_file.as_deref(),
        table: formation.settings.env_file.as_deref(),
    };
    let env_files = files::env_files(&root, names).map_err(|error| refuse(&error))?;
    let cargo_env = files::cargo_env(&root, &context.shell).map_err(|error| refuse(&error))?;
    let base = base_port_chosen(&BaseSources {
        asked: environment.base_port,
        shell: &context.shell,
        env_files: &env_files,
        table: formation.settings.base_port,
    })
    .map_err(|errors| show_plan_errors(context, &errors))?;
    let surroundings = Surroundings {
        root,
        target_directory: answer.target_directory.clone(),
        build_directory: answer.build_directory.clone(),
        shell: context.shell.clone(),
        env_files,
        cargo_env,
        packages: answer.packages.clone(),
        base_port: base.port,
    };
    Ok((surroundings, base))
}

/// Say why there is no plan.
pub(super) fn show_plan_errors(context: &Context, errors: &[PlanError]) -> Refused {
    for error in errors {
        context.terminal.error(&error.to_string());
    }
    let of_files = errors.iter().all(|error| match error {
        PlanError::EnvFile { .. }
        | PlanError::Reserved { .. }
        | PlanError::Unset { .. }
        | PlanError::NotText { .. } => true,
        PlanError::BasePort { origin, .. } => matches!(origin, BaseOrigin::EnvFile(_)),
        PlanError::UnknownProcess { .. }
        | PlanError::IsService { .. }
        | PlanError::TooMany { .. }
        | PlanError::Empty
        | PlanError::Collision { .. }
        | PlanError::PortTooHigh { .. } => false,
    });
    if of_files { ExitCode::TABLE } else { ExitCode::USAGE }
}

/// Say what is worth saying of a plan that stands, and refuse one that cannot be run:
/// working directories are the world's.
pub(super) fn show_plan(context: &Context, plan: &Plan) -> Result<(), Refused> {
    show_notices(context, &plan.notices);
    refuse_missing_directories(context, plan)
}

/// Refuse a plan whose working directories are not there.
pub(super) fn refuse_missing_directories(context: &Context, plan: &Plan) -> Result<(), Refused> {
    let instances = plan.instances.iter().chain(&plan.release);
    let instances = instances.map(|planned| (&planned.name.process, planned.dir.clone()));
    let services = plan.services.iter().map(|planned| (&planned.name, planned.dir.clone()));
    refuse_missing(context, instances.chain(services))
}

/// Refuse what these types and services have as their working directories and is none.
pub(super) fn refuse_missing<'a>(
    context: &Context,
    directories: impl Iterator<Item = (&'a ProcessName, PathBuf)>,
) -> Result<(), Refused> {
    let missing: BTreeMap<_, _> = directories.filter(|(_, dir)| !dir.is_dir()).collect();
    for (name, dir) in &missing {
        let dir = dir.display();
        context.terminal.error(&format!(
            "`dir` of `{name}` is no directory: `{dir}`; create it, or change the table"
        ));
    }
    if missing.is_empty() { Ok(()) } else { Err(ExitCode::TABLE) }
}

/// Say what is worth saying once.
pub(super) fn show_notices(context: &Context, notices: &[PlanNotice]) {
    for notice in notices {
        context.terminal.warn(&notice.to_string());
    }
}

/// A variable of the shell.
pub(super) fn variable(context: &Context, name: &str) -> Option<OsString> {
    let found = context.shell.iter().find(|(known, _)| known == OsStr::new(name));
    found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
}

/// A path as the user typed it, absolute.
pub(super) fn absolute(context: &Context, path: &Path) -> Result<PathBuf, Refused> {
    Ok(current_dir(context)?.join(path))
}

/// The root of the workspace that we are in, as cargo says.
pub(super) fn root_of(context: &Context) -> Result<PathBuf, Refused> {
    let (_, answer) = describe(context, &CargoFlags::default())?;
    Ok(answer.workspace.root)
}

/// Where the tool was started.
pub(super) fn current_dir(context: &Context) -> Result<PathBuf, Refused> {
    std::env::current_dir().map_err(|error| {
        context.terminal.error(&format!("cannot tell the current directory: {error}"));
        ExitCode::PROBLEM
    })
}

/// The flags that `cargo metadata` also takes.
fn metadata_flags(flags: &CargoFlags) -> Vec<String> {
    let switches = [
        ("--all-features", flags.all_features),
        ("--no-default-features", flags.no_default_features),
        ("--locked", flags.locked),
        ("--offline", flags.offline),
        ("--frozen", flags.frozen),
    ];
    let switches = switches.into_iter().filter(|(_, on)| *on).map(|(name, _)| name.to_owned());
    let config = flags.config.iter().flat_map(|config| ["--config".to_owned(), config.clone()]);
    switches.chain(config).collect()
}
