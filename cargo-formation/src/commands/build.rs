//! `build`: the same build as that of `dev`, and nothing is started.

use super::workspace::{find_sound, show_plan_errors};
use super::{Context, Refused, request};
use crate::cli::{Build, Format};
use crate::drive::{Once, Outcome, Tally};
use crate::formation::{ExitCode, Formation};
use crate::narrate::build::{BuiltBinary, json, table};
use crate::plan::build_selection;

pub(super) fn run(context: &Context, arguments: &Build) -> Result<ExitCode, Refused> {
    let sound = find_sound(context, &arguments.cargo)?;
    let selection = build_selection(&sound.formation, &arguments.types)
        .map_err(|errors| show_plan_errors(context, &errors))?;
    let cargo = request::cargo(context, &sound, &arguments.cargo, selection.clone(), None)?;
    let once = request::build(context, &cargo)?;
    let Once::Ended(outcome, tally) = &once else { return Ok(once.code()) };
    match outcome {
        Outcome::Succeeded => {
            let binaries = binaries(&sound.formation, tally);
            let text = match arguments.format {
                Format::Text => table(&binaries),
                Format::Json => format!("{:#}\n", json(&binaries)),
            };
            return Ok(context.terminal.print(&text));
        }
        Outcome::Failed => {
            let (formation, closures) = (&sound.formation, &sound.answer.built_from);
            let text = tally.explain(formation, &selection.binaries, closures);
            context.terminal.error(&text);
        }
    }
    Ok(once.code())
}

fn binaries(formation: &Formation, tally: &Tally) -> Vec<BuiltBinary> {
    let of = |package: &str, binary: &str| {
        let processes = formation
            .processes
            .iter()
            .filter(|process| process.binary.package == package && process.binary.name == binary);
        processes.map(|process| process.name.clone()).collect()
    };
    let built = tally.built.iter().map(|built| BuiltBinary {
        processes: of(&built.package, &built.binary),
        package: built.package.clone(),
        binary: built.binary.clone(),
        path: built.path.clone(),
        identity: built.identity,
        fresh: built.fresh,
    });
    let mut built: Vec<BuiltBinary> = built.collect();
    built.sort_by(|a, b| (&a.package, &a.binary).cmp(&(&b.package, &b.binary)));
    built
}
