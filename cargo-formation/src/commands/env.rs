//! `env NAME`: the environment that an instance, or a backing service, gets.

use std::ffi::OsString;

use super::workspace::{find_sound, show_notices, show_plan_errors, surroundings};
use super::{Context, Refused};
use crate::cli::{CargoFlags, Env, EnvFormat};
use crate::formation::{BackingService, ExitCode, Formation, ProcessName};
use crate::narrate::environment::{EnvironmentExtent, EnvironmentFormat, environment};
use crate::plan::{Request, Services, Surroundings, plan, plan_service};
use crate::world::base::remembered;

/// An environment, sorted by name.
type Variables = Vec<(OsString, OsString)>;

pub(super) fn run(context: &Context, arguments: &Env) -> Result<ExitCode, Refused> {
    let sound = find_sound(context, &CargoFlags::default())?;
    let (mut surroundings, base) = surroundings(context, &sound, &arguments.environment)?;
    surroundings.base_port = remembered(&surroundings.target_directory, &base);
    let formation = &sound.formation;
    let env = match formation.service(&arguments.name) {
        Some(service) => of_service(context, formation, service, &surroundings)?,
        None => of_instance(context, formation, &arguments.name, &surroundings)?,
    };
    let format = match arguments.format {
        EnvFormat::Text => EnvironmentFormat::Text,
        EnvFormat::Dotenv => EnvironmentFormat::Dotenv,
        EnvFormat::Json => EnvironmentFormat::Json,
    };
    let extent =
        if arguments.changes { EnvironmentExtent::FormationOnly } else { EnvironmentExtent::Whole };
    Ok(context.terminal.print(&environment(&env, &context.shell, format, extent)))
}

/// The environment of the first instance of a process type.
fn of_instance(
    context: &Context,
    formation: &Formation,
    name: &ProcessName,
    surroundings: &Surroundings,
) -> Result<Variables, Refused> {
    let request =
        Request { select: vec![name.clone()], services: Services::Left, ..Request::default() };
    let plan = plan(formation, &request, surroundings)
        .map_err(|errors| show_plan_errors(context, &errors))?;
    show_notices(context, &plan.notices);
    let planned = plan.instances.into_iter().chain(plan.release);
    let wanted = planned
        .filter(|planned| planned.name.process == *name)
        .min_by_key(|planned| planned.name.number);
    wanted.map(|planned| planned.env).ok_or_else(|| {
        context.terminal.error(&format!("`{name}` has no instance in development"));
        ExitCode::USAGE
    })
}

/// The environment of a backing service.
fn of_service(
    context: &Context,
    formation: &Formation,
    service: &BackingService,
    surroundings: &Surroundings,
) -> Result<Variables, Refused> {
    let name = &service.name;
    let planned = plan_service(formation, name, surroundings)
        .map_err(|errors| show_plan_errors(context, &errors))?;
    let Some((planned, notices)) = planned else {
        context.terminal.error(&format!(
            "`{name}` is not started here; `formation.local.toml` says that you have your own"
        ));
        return Err(ExitCode::USAGE);
    };
    show_notices(context, &notices);
    Ok(planned.env)
}
