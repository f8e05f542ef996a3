//! What is said to whoever attaches to a run, and why somebody cannot.

use super::notice::{Tone, status};
use crate::formation::KeySequence;

/// It is attached now, and so are others.
#[must_use]
pub fn attached(instance: &str, others: usize, is_alive: bool, keys: &KeySequence) -> String {
    let run = if is_alive { "" } else { "; no run of it lives, waiting for the next" };
    let others = match others {
        0 => String::new(),
        1 => "; another terminal is, too, and both may type".into(),
        _ => format!("; {others} others are, too, and all may type"),
    };
    status(Tone::Good, "Attached", &format!("to {instance}{run}{others}; {keys} leaves"))
}

/// The run ended.
#[must_use]
pub fn ended(how: &str, keys: &KeySequence) -> String {
    status(Tone::Unusual, "Ended", &format!("{how}; waiting for the next run; {keys} leaves"))
}

/// Another run has begun.
#[must_use]
pub fn began() -> String {
    status(Tone::Good, "Began", "another run")
}

/// More was written than this terminal took.
#[must_use]
pub fn missed(bytes: u64) -> String {
    let text = format!("{bytes} bytes that this terminal did not take in time; the log has them");
    status(Tone::Unusual, "Missed", &text)
}

/// Somebody has left.
#[must_use]
pub fn left(instance: &str) -> String {
    status(Tone::Good, "Detached", &format!("from {instance}, which goes on"))
}

/// The formation has ended.
#[must_use]
pub fn over() -> String {
    status(Tone::Good, "Detached", "the formation has ended")
}

/// The connection ended without a word.
#[must_use]
pub fn lost() -> String {
    status(Tone::Bad, "Detached", "the tool that ran the formation is gone")
}

/// Why somebody cannot attach to this.
#[must_use]
pub fn without_terminal(name: &str, process: &str) -> String {
    format!(
        "`{name}` has no terminal to attach to: give `{process}` `pty = true` in the table; \
         `dev` then starts it again"
    )
}

/// Why somebody cannot attach to what several have.
#[must_use]
pub fn which(name: &str, instances: &[String]) -> String {
    format!("`{name}` has several instances: attach to one of {}", listed(instances))
}

/// Why somebody cannot attach to what is not there. These have a terminal.
#[must_use]
pub fn unknown(name: &str, with_terminal: &[String]) -> String {
    if with_terminal.is_empty() {
        return format!("nothing called `{name}` runs here, and nothing has `pty = true`");
    }
    format!("nothing called `{name}` runs here; {} can be attached to", listed(with_terminal))
}

fn listed(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
