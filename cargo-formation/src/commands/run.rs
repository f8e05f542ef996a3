//! `run`: a one-off. Builds, and then becomes the process.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use super::steer::borrow;
use super::workspace::{Sound, find_sound, show_plan, show_plan_errors, surroundings};
use super::{Context, Refused, request};
use crate::cli::Run;
use crate::drive::{Once, Outcome};
use crate::formation::{
    Binary, ExitCode, Formation, InstanceName, Origin, ProcessName, ProcessType, Scale, ScaleStep,
    ScaleTarget, nearest,
};
use crate::plan::{Plan, PlannedInstance, Request, Services, Surroundings, plan};
use crate::world::base::remembered;
use crate::world::build::Built;
use crate::world::children;

pub(super) fn run(context: &Context, arguments: &Run) -> Result<ExitCode, Refused> {
    let mut sound = find_sound(context, &arguments.cargo)?;
    let name = process(context, &mut sound, &arguments.name)?;
    if let Some(instance) = arguments.instance.as_ref().filter(|it| it.process != name) {
        let text = format!("`{instance}` is no instance of `{name}`, and cannot be its place");
        context.terminal.error(&text);
        return Err(ExitCode::USAGE);
    }
    let (mut surroundings, base) = surroundings(context, &sound, &arguments.environment)?;
    surroundings.base_port = remembered(&surroundings.target_directory, &base);
    let request = request(&name, arguments.instance.as_ref());
    let planned = planned(context, &sound.formation, &request, &surroundings)?;
    show_plan(context, &planned.plan)?;
    let binary = &planned.instance.binary;
    let mut selection = planned.plan.build.clone();
    selection.binaries.retain(|selected| selected == binary);
    let cargo = request::cargo(context, &sound, &arguments.cargo, selection, None)?;
    let once = request::build(context, &cargo)?;
    let Once::Ended(Outcome::Succeeded, tally) = &once else { return Ok(once.code()) };
    let Some(built) = tally.built.iter().find(|built| built.binary == binary.name) else {
        let name = &binary.name;
        context.terminal.error(&format!("cargo built no binary `{name}`"));
        return Err(ExitCode::BUILD);
    };
    let mut planned = planned.instance;
    let mut start = Start::new(planned.env_after(&built.made), &planned.args);
    // Not one of the instances: `run.4242`, as platforms name their one-offs.
    let mut name = format!("run.{}", std::process::id());
    if let Some(instance) = &arguments.instance {
        let (port, base_port) = borrow(context, instance)?;
        surroundings.base_port = base_port;
        planned = self::planned(context, &sound.formation, &request, &surroundings)?.instance;
        let (env, args) = match port {
            Some(port) => planned.at(port, &built.made),
            None => (planned.env_after(&built.made), planned.args.clone()),
        };
        (start, name) = (Start::new(env, &args), instance.to_string());
    }
    start.env.push(("PS".into(), name.into()));
    start.args.extend(arguments.args.iter().cloned());
    Err(become_process(context, built, &planned, start))
}

/// What a process is started with.
struct Start {
    env: Vec<(OsString, OsString)>,
    args: Vec<OsString>,
}

impl Start {
    fn new(env: Vec<(OsString, OsString)>, args: &[String]) -> Self {
        Self { env, args: args.iter().map(OsString::from).collect() }
    }
}

/// What is asked for: as many instances as the one whose place it takes has for a number.
fn request(name: &ProcessName, instance: Option<&InstanceName>) -> Request {
    let mut scale = Scale::default();
    if let Some(instance) = instance {
        let target = ScaleTarget::Process(name.clone());
        // A number that cannot be is refused by whoever has the places.
        let _ = scale.push(ScaleStep { target, quantity: instance.number });
    }
    Request { select: vec![name.clone()], scale, services: Services::Left }
}

/// A plan, and whom of it is meant.
struct Planned {
    plan: Plan,
    instance: PlannedInstance,
}

/// The last of what is planned is the one that is meant.
fn planned(
    context: &Context,
    formation: &Formation,
    request: &Request,
    surroundings: &Surroundings,
) -> Result<Planned, Refused> {
    let plan = plan(formation, request, surroundings)
        .map_err(|errors| show_plan_errors(context, &errors))?;
    let name = request.select.first();
    let all = plan.instances.iter().chain(&plan.release);
    let mut of_type = all.filter(|planned| Some(&planned.name.process) == name);
    let Some(instance) = of_type.next_back().cloned() else {
        context.terminal.error("it cannot run in development");
        return Err(ExitCode::USAGE);
    };
    Ok(Planned { plan, instance })
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
    start: Start,
) -> ExitCode {
    children::resign();
    let mut command = Command::new(&built.path);
    command.args(start.args).current_dir(&planned.dir);
    command.env_clear().envs(start.env);
    let error = command.exec();
    let (file, dir) = (built.path.display(), planned.dir.display());
    context.terminal.error(&format!("cannot run `{file}` in `{dir}`: {error}"));
    ExitCode::CANNOT_RUN
}
