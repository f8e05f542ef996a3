//! `run`: a one-off. Builds, and then becomes the process.

use std::os::unix::process::CommandExt;
use std::process::Command;

use super::workspace::{Sound, find_sound, show_plan, show_plan_errors, surroundings};
use super::{Context, Refused, request};
use crate::cli::Run;
use crate::drive::{Once, Outcome};
use crate::formation::{Binary, ExitCode, Origin, ProcessName, ProcessType, nearest};
use crate::plan::{PlannedInstance, Request, Services, plan};
use crate::world::base::remembered;
use crate::world::build::Built;
use crate::world::children;

pub(super) fn run(context: &Context, arguments: &Run) -> Result<ExitCode, Refused> {
    let mut sound = find_sound(context, &arguments.cargo)?;
    let name = process(context, &mut sound, &arguments.name)?;
    let (mut surroundings, base) = surroundings(context, &sound, &arguments.environment)?;
    surroundings.base_port = remembered(&surroundings.target_directory, &base);
    let request =
        Request { select: vec![name.clone()], services: Services::Left, ..Request::default() };
    let plan = plan(&sound.formation, &request, &surroundings)
        .map_err(|errors| show_plan_errors(context, &errors))?;
    show_plan(context, &plan)?;
    let planned = plan.instances.iter().chain(&plan.release);
    let mut planned = planned.filter(|planned| planned.name.process == name);
    let Some(planned) = planned.next() else {
        context.terminal.error(&format!("`{name}` cannot run in development"));
        return Err(ExitCode::USAGE);
    };
    let mut selection = plan.build.clone();
    selection.binaries.retain(|binary| *binary == planned.binary);
    let cargo = request::cargo(context, &sound, &arguments.cargo, selection, None)?;
    let once = request::build(context, &cargo)?;
    let Once::Ended(Outcome::Succeeded, tally) = &once else { return Ok(once.code()) };
    let built = tally.built.iter().find(|built| built.binary == planned.binary.name);
    let Some(built) = built else {
        let name = &planned.binary.name;
        context.terminal.error(&format!("cargo built no binary `{name}`"));
        return Err(ExitCode::BUILD);
    };
    Err(become_process(context, built, planned, arguments))
}

/// The process type of this name. A binary that has none gets one, for this time.
fn process(context: &Context, sound: &mut Sound, name: &str) -> Result<ProcessName, Refused> {
    let known = sound.formation.processes.iter().find(|process| process.name.as_str() == name);
    if let Some(process) = known {
        return Ok(process.name.clone());
    }
    let packages = &sound.answer.workspace.packages;
    let found: Vec<Binary> = packages
        .iter()
        .flat_map(|package| package.binaries.iter().map(move |binary| (package, binary)))
        .filter(|(_, binary)| binary.name == name)
        .map(|(package, binary)| Binary {
            package: package.name.clone(),
            name: binary.name.clone(),
            required_features: binary.required_features.clone(),
        })
        .collect();
    let binary = match <[Binary; 1]>::try_from(found) {
        Ok([binary]) => binary,
        Err(found) => {
            context.terminal.error(&unclear(name, &found, sound));
            return Err(ExitCode::USAGE);
        }
    };
    // A binary may have a name that no process type could have.
    let name = name.parse().or_else(|_| "run".parse()).map_err(|_| ExitCode::PROBLEM)?;
    let undeclared = ProcessType::of_binary(ProcessName::clone(&name), binary);
    let undeclared = ProcessType { origin: Origin::CommandLine, ..undeclared };
    sound.formation.processes.push(undeclared);
    Ok(name)
}

fn unclear(name: &str, found: &[Binary], sound: &Sound) -> String {
    let services = &sound.formation.settings.services;
    if found.is_empty() && services.iter().any(|service| service.name.as_str() == name) {
        return format!(
            "`{name}` is a backing service, neither a process type nor a binary of this \
             workspace; `dev` starts it"
        );
    }
    if found.is_empty() {
        let types = sound.formation.processes.iter().map(|process| process.name.as_str());
        let packages = &sound.answer.workspace.packages;
        let binaries = packages.iter().flat_map(|package| &package.binaries);
        let known = types.chain(binaries.map(|binary| binary.name.as_str()));
        let advice = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`cargo formation list` shows the process types".to_owned(),
        };
        return format!(
            "`{name}` is neither a process type nor a binary of this workspace; {advice}"
        );
    }
    let packages: Vec<String> =
        found.iter().map(|binary| format!("`{}`", binary.package)).collect();
    format!(
        "`{name}` is a binary of {}; declare a process type with `bin` and `package` for the one \
         you mean",
        packages.join(" and of ")
    )
}

/// Become the process: its input, terminal, signals and exit code are its own.
fn become_process(
    context: &Context,
    built: &Built,
    planned: &PlannedInstance,
    arguments: &Run,
) -> ExitCode {
    children::resign();
    let mut command = Command::new(&built.path);
    command.args(&planned.args).args(&arguments.args).current_dir(&planned.dir);
    command.env_clear().envs(planned.env_after(&built.made));
    // Not one of the instances: `run.4242`, as platforms name their one-offs.
    command.env("PS", format!("run.{}", std::process::id()));
    let error = command.exec();
    let (file, dir) = (built.path.display(), planned.dir.display());
    context.terminal.error(&format!("cannot run `{file}` in `{dir}`: {error}"));
    ExitCode::CANNOT_RUN
}
