//! `list`: the process types with their binaries, quantities and ports, and the backing services.

use super::workspace::{find_sound, surroundings};
use super::{Context, Refused};
use crate::cli::{CargoFlags, Environment, Format, List};
use crate::formation::ExitCode;
use crate::narrate::list;
use crate::plan::{public_ports, service_ports};
use crate::world::base::remembered;

pub(super) fn run(context: &Context, arguments: &List) -> Result<ExitCode, Refused> {
    let sound = find_sound(context, &CargoFlags::default())?;
    let (surroundings, base) = surroundings(context, &sound, &Environment::default())?;
    let base = remembered(&surroundings.target_directory, &base);
    let processes = public_ports(&sound.formation, base);
    let services = service_ports(&sound.formation, base);
    let ports = list::Ports { processes: &processes, services: &services };
    let text = match arguments.format {
        Format::Text => list::text(&sound.formation, ports),
        Format::Json => format!("{:#}\n", list::json(&sound.formation, ports)),
    };
    Ok(context.terminal.print(&text))
}
