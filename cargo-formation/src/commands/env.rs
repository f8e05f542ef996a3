//! `env TYPE`: the environment an instance gets.

use super::workspace::{find_sound, show_plan_errors, surroundings};
use super::{Context, Refused};
use crate::cli::{CargoFlags, Env, EnvFormat};
use crate::formation::ExitCode;
use crate::narrate::environment::{EnvironmentExtent, EnvironmentFormat, environment};
use crate::plan::{Request, plan};
use crate::world::base::remembered;

pub(super) fn run(context: &Context, arguments: &Env) -> Result<ExitCode, Refused> {
    let sound = find_sound(context, &CargoFlags::default())?;
    let (mut surroundings, base) = surroundings(context, &sound, &arguments.environment)?;
    surroundings.base_port = remembered(&surroundings.target_directory, &base);
    let request = Request { select: vec![arguments.name.clone()], ..Request::default() };
    let plan = plan(&sound.formation, &request, &surroundings)
        .map_err(|errors| show_plan_errors(context, &errors))?;
    for notice in &plan.notices {
        context.terminal.warn(&notice.to_string());
    }
    let planned = plan.instances.iter().chain(&plan.release);
    let wanted = planned
        .filter(|planned| planned.name.process == arguments.name)
        .min_by_key(|planned| planned.name.number);
    let Some(wanted) = wanted else {
        context.terminal.error(&format!("`{}` has no instance in development", arguments.name));
        return Ok(ExitCode::USAGE);
    };
    let format = match arguments.format {
        EnvFormat::Text => EnvironmentFormat::Text,
        EnvFormat::Dotenv => EnvironmentFormat::Dotenv,
        EnvFormat::Json => EnvironmentFormat::Json,
    };
    let extent =
        if arguments.changes { EnvironmentExtent::FormationOnly } else { EnvironmentExtent::Whole };
    Ok(context.terminal.print(&environment(&wanted.env, &context.shell, format, extent)))
}
