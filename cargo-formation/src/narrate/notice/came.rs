//! What came of a command, in words.

use crate::formation::RunName;
use crate::supervise::Outcome;

/// What became of those who are not as they should be, as one clause; nothing if all are.
#[must_use]
pub fn failed(came: &[(RunName, Outcome)]) -> Option<String> {
    let failed = came.iter().filter(|(_, outcome)| !outcome.is_good());
    let failed: Vec<String> = failed.map(|(name, outcome)| one(name, *outcome)).collect();
    (!failed.is_empty()).then(|| failed.join("; "))
}

/// What became of one, as a clause.
fn one(name: &RunName, outcome: Outcome) -> String {
    match outcome {
        Outcome::Up(_) => format!("{name} is up"),
        Outcome::Finished => format!("{name} has ended well"),
        Outcome::Stopped => format!("{name} is stopped"),
        Outcome::Scheduled => format!("{name} waits for its time"),
        Outcome::Busy(Some(pid)) => format!(
            "{name} runs already, as process {pid}, and never beside itself; `cargo formation \
             restart {name}` stops that run first"
        ),
        Outcome::Busy(None) => format!("{name} starts already, and never runs beside itself"),
        Outcome::Failed(exit) => format!("{name} failed: {exit}"),
        Outcome::Late => format!("{name} is not ready in time"),
        Outcome::Refused(_) => {
            format!("the new run of {name} failed, and the old one goes on")
        }
        Outcome::NotBuilt => format!("{name} does not run: the build failed"),
        Outcome::NotReleased => format!("{name} does not run: `release` failed"),
        Outcome::Spared(_) => {
            format!("{name} goes on as it was, since another of its type has failed")
        }
        Outcome::Blocked => format!("{name} does not start: a backing service is not up"),
        Outcome::Lent => format!("{name} is run by hand, and comes back when that ends"),
        Outcome::Overtaken => format!("somebody has asked for the opposite of {name} meanwhile"),
    }
}
