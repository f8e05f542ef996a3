//! Ports that nobody else holds.

use super::super::workspace::{show_plan, show_plan_errors};
use super::super::{Context, Refused};
use crate::cli;
use crate::formation::{ExitCode, Formation};
use crate::narrate::notice::{Tone, status};
use crate::plan::{BasePort, Plan, Request, Surroundings, plan};
use crate::world::base::{self, Settled, Why};

/// A base that is nobody's: whoever has the same port with it has it from the table.
const ANOTHER_BASE: u16 = 1;

/// Plan with ports that nobody else holds.
pub(super) fn settle(
    context: &Context,
    arguments: &cli::Dev,
    formation: &Formation,
    request: &Request,
    surroundings: &mut Surroundings,
    base: &BasePort,
) -> Result<Plan, Refused> {
    let at = |surroundings: &Surroundings, base_port| {
        plan(formation, request, &Surroundings { base_port, ..surroundings.clone() })
    };
    let ports =
        |base_port| at(surroundings, base_port).map(|plan| plan.ports()).unwrap_or_default();
    let found = if arguments.isolated && !base.is_chosen() {
        base::isolated(std::process::id(), ports)
    } else {
        base::free(&surroundings.target_directory, base, ports)
    };
    let found = found.map_err(|held| {
        let fixed = ports(ANOTHER_BASE);
        for taken in held {
            let choose = if fixed.contains(&taken.port) {
                "choose another port in the table"
            } else {
                "choose other ports with `--base-port`"
            };
            context.terminal.error(&format!("{taken}; stop that, or {choose}"));
        }
        ExitCode::PORT
    })?;
    say_where_ports_start(context, base, &found);
    let base_port = found.base;
    surroundings.base_port = base_port;
    let plan = at(surroundings, base_port).map_err(|errors| show_plan_errors(context, &errors))?;
    show_plan(context, &plan)?;
    Ok(plan)
}

/// Say where the ports start, if it is not where somebody would expect it.
fn say_where_ports_start(context: &Context, base: &BasePort, found: &Settled) {
    let port = found.base;
    let text = match &found.why {
        Why::Usual => return,
        Why::Remembered => {
            format!("from {port}, as last time (`--base-port {}` goes back)", base.port)
        }
        Why::Moved(taken) => format!("from {port}, because {taken}"),
    };
    context.terminal.say(&status(Tone::Unusual, "Ports", &text));
}
