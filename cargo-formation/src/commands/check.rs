//! `check`: everything that is wrong with the table.

use super::workspace::{find, show_pending, show_problems};
use super::{Context, Refused};
use crate::cli::CargoFlags;
use crate::formation::ExitCode;
use crate::narrate::notice::{Tone, status};

pub(super) fn run(context: &Context) -> Result<ExitCode, Refused> {
    let found = find(context, &CargoFlags::default())?;
    let errors = show_problems(context, &found.answer, &found.reading);
    show_pending(context, &found.reading);
    if errors > 0 {
        let noun = if errors == 1 { "error" } else { "errors" };
        context.terminal.error(&format!("{errors} {noun} in the table"));
        return Ok(ExitCode::TABLE);
    }
    if let Some(formation) = &found.reading.formation {
        let names: Vec<&str> =
            formation.processes.iter().map(|process| process.name.as_str()).collect();
        context.terminal.say(&status(Tone::Good, "Checked", &names.join(", ")));
    }
    Ok(ExitCode::SUCCESS)
}
