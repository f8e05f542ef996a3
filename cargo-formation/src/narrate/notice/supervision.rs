//! The notices of `supervise`, in words.

mod settled;

use std::time::Duration;

use super::{Known, Tone, length, status};
use crate::formation::{Exit, ExitCode, ProcessName, RunName};
use crate::supervise::{Awaited, Fate, Next, Notice, StopReason};

/// What the tool says of something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// How bad it is.
    pub tone: Tone,
    word: &'static str,
    rest: String,
}

/// A notice in words; nothing where it is of no interest to a person.
#[must_use]
pub fn said(notice: &Notice, known: &Known) -> Option<Said> {
    let (tone, word, rest) = words(notice, known)?;
    Some(Said { tone, word, rest })
}

impl Said {
    /// As a line of the tool.
    #[must_use]
    pub fn line(&self) -> String {
        status(self.tone, self.word, &self.rest)
    }

    /// Where there is no margin and no colour: `Crashed web.1: exit code 1; …`.
    #[must_use]
    pub fn plain(&self) -> String {
        format!("{} {}", self.word, self.rest)
    }
}

fn words(notice: &Notice, known: &Known) -> Option<(Tone, &'static str, String)> {
    Some(match notice {
        Notice::Up { process, after } => {
            (Tone::Good, "Ready", up(process, *after, known.reached.get(process)?))
        }
        Notice::Started { name, pid, beside } => {
            (Tone::Good, "Started", started(name, *pid, *beside, known))
        }
        Notice::Ready { name, after } => (Tone::Good, "Ready", ready(name, *after, known)),
        Notice::Unwell { name, reason } => {
            (Tone::Bad, "Unwell", format!("{name} gets no requests: {reason}"))
        }
        Notice::WellAgain(name) => (Tone::Good, "Well", format!("{name} gets requests again")),
        Notice::Elsewhere { name, ports } => (Tone::Unusual, "Elsewhere", elsewhere(name, ports)),
        Notice::CannotOverlap { name, ports } => {
            (Tone::Unusual, "Alone", cannot_overlap(name, ports))
        }
        Notice::ReleaseStarts => (Tone::Good, "Releasing", "before anything starts".into()),
        Notice::ReleaseSucceeded => (Tone::Good, "Released", "the others may start".into()),
        Notice::ReleaseFailed(exit) => {
            (Tone::Bad, "Failed", format!("release: {exit}; nothing starts before it succeeds"))
        }
        Notice::NotSpawned { name, reason, next } => {
            (Tone::Bad, "Failed", format!("{name} cannot be started: {reason}; {}", then(*next)))
        }
        Notice::Ended { name, exit, next } => ended(name, *exit, *next, known),
        Notice::CandidateFailed { name, exit } => candidate_failed(name, *exit, known),
        Notice::Late { name, after } => (Tone::Unusual, "Late", late(name, *after, known)),
        Notice::Daemonized { name, pids } => (Tone::Unusual, "Daemonized", daemonized(name, pids)),
        Notice::LeftBehind { name, pids } => {
            (Tone::Unusual, "Left", format!("{name} left {} running; stopped now", processes(pids)))
        }
        Notice::PidFile { name, path } => (Tone::Unusual, "Warning", pid_file(name, path)),
        Notice::Stopping(reason) => (Tone::Good, "Stopping", because(*reason).into()),
        Notice::StoppingAfter(name) => {
            (Tone::Bad, "Stopping", format!("everything, because {name} failed"))
        }
        Notice::StoppingWithout { name, exit } => (Tone::Bad, "Stopping", without(name, *exit)),
        Notice::StoppingAfterBuild => (Tone::Bad, "Stopping", "because the build failed".into()),
        Notice::Waiting(awaited) => (Tone::Unusual, "Waiting", waiting(awaited)),
        Notice::Killing => (Tone::Unusual, "Killing", "everything that is left".into()),
        Notice::Killed { name, grace } => {
            (Tone::Bad, "Killed", format!("{name}, which did not stop within {}", length(*grace)))
        }
        Notice::Unreachable { name, pid, reason } => {
            (Tone::Bad, "Failed", format!("to signal process {pid} of {name}: {reason}"))
        }
        Notice::Abandoned { name, pid } => (Tone::Bad, "Abandoned", abandoned(name, *pid)),
        Notice::Skipped(name) => {
            (Tone::Unusual, "Skipped", format!("{name}, whose time has come: it still runs"))
        }
        Notice::Settled(settled) => settled::words(settled),
        Notice::BuildAgain => {
            (Tone::Good, "Building", "again, because release may have made it possible".into())
        }
        Notice::NothingLeft(ExitCode::SUCCESS) => {
            (Tone::Good, "Ended", "everything: nothing is left to run".into())
        }
        Notice::NothingLeft(_) => (
            Tone::Bad,
            "Ended",
            "everything, and not all of it well: nothing is left to run".into(),
        ),
        Notice::Stopped => (Tone::Good, "Stopped", "everything".into()),
    })
}

fn started(name: &RunName, pid: u32, beside: Option<u32>, known: &Known) -> String {
    let beside = beside.map(|old| format!(" beside process {old}")).unwrap_or_default();
    match (name, known.addresses.get(name)) {
        (RunName::Instance(_), Some(address)) => {
            format!("{name} at {address} (process {pid}){beside}")
        }
        // Where a service is reached is told when it is.
        (RunName::Service(_), _) | (_, None) => format!("{name} (process {pid}){beside}"),
    }
}

fn ready(name: &RunName, after: Duration, known: &Known) -> String {
    match known.addresses.get(name) {
        Some(address) => format!("{name} at {address}, after {}", length(after)),
        None => format!("{name}, after {}", length(after)),
    }
}

fn up(process: &ProcessName, after: Duration, address: &str) -> String {
    format!("{process} at {address}, after {}", length(after))
}

fn elsewhere(name: &RunName, ports: &[u16]) -> String {
    format!(
        "{name} listens at {}, and not at the `PORT` it was told. Have it read that variable, or \
         put `$PORT` into its `args`, or say `route = false` with its own number as `port`",
        numbers("port", "ports", ports)
    )
}

fn cannot_overlap(name: &RunName, ports: &[u16]) -> String {
    let place =
        if ports.is_empty() { "an address".to_owned() } else { numbers("port", "ports", ports) };
    let process = name.process();
    format!(
        "new code of {name} found {place} in use by the old one. From now on `{process}` stops \
         before it starts; `overlap = false` has it so from the start"
    )
}

fn late(name: &RunName, after: Duration, known: &Known) -> String {
    let why = known.signs.get(name).map(|sign| format!(": {sign}"));
    format!("{name} is not ready after {}{}", length(after), why.unwrap_or_default())
}

fn ended(name: &RunName, exit: Exit, next: Next, known: &Known) -> (Tone, &'static str, String) {
    let how = how(name, exit);
    let tone = if exit.success() { Tone::Good } else { Tone::Bad };
    let word = if exit.success() { "Ended" } else { "Crashed" };
    let then = match next {
        Next::Over if known.timed.contains(name.process()) => "it waits for its next time".into(),
        Next::Restart(_) | Next::Over | Next::GaveUp(_) | Next::InVain => then(next),
    };
    (tone, word, format!("{name}: {how}; {then}"))
}

/// How a process ended, and why that may have been.
fn how(name: &RunName, exit: Exit) -> String {
    match (exit, name) {
        (Exit::Code(127), RunName::Service(_)) => {
            format!("{exit} (a program was not found: is it installed, and in `PATH`?)")
        }
        (Exit::Code(127), RunName::Instance(_)) => format!(
            "{exit} (a program or shared library was not found; `cargo-env = true` gives it the library path of `cargo run`)"
        ),
        (Exit::Code(_) | Exit::Signal(_) | Exit::Unknown, _) => exit.to_string(),
    }
}

fn then(next: Next) -> String {
    match next {
        Next::Restart(delay) if delay.is_zero() => "its successor takes over".into(),
        Next::Restart(delay) => format!("starts again in {}", length(delay)),
        Next::Over => "it stays ended".into(),
        Next::InVain => "it is not tried again before something changes".into(),
        Next::GaveUp(times) => format!("failed {times} times in a row, and is not started again"),
    }
}

fn candidate_failed(
    name: &RunName,
    exit: Option<Exit>,
    known: &Known,
) -> (Tone, &'static str, String) {
    let how = match (exit, known.signs.get(name)) {
        (Some(exit), _) => exit.to_string(),
        (None, Some(sign)) => format!("it was not ready in time, {sign}"),
        (None, None) => "it was not ready in time".into(),
    };
    (Tone::Bad, "Failed", format!("new code of {name}: {how}; the old one goes on"))
}

fn daemonized(name: &RunName, pids: &[u32]) -> String {
    format!(
        "{name} went into the background and left {} running; stopped now. A process of a \
         formation stays in the foreground: turn off its daemon mode",
        processes(pids)
    )
}

fn pid_file(name: &RunName, path: &str) -> String {
    format!(
        "{name} wrote the PID file `{path}`. A process of a formation needs none, and an old one \
         can keep it from starting: turn it off"
    )
}

fn without(name: &RunName, exit: Option<Exit>) -> String {
    let text = format!("everything: {name} did not come up, and nothing is built without it");
    if exit.is_some_and(Exit::success) {
        let hint = "It ended well before it was ready; a backing service stays in the foreground: \
                    if it has a daemon mode, turn that off";
        return format!("{text}. {hint}");
    }
    text
}

fn because(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Interrupt => "everything; interrupt once more to kill what is left",
        StopReason::Terminate | StopReason::Hangup => "everything",
        StopReason::Command => "everything; `q` once more to kill what is left",
        StopReason::Errand(_) => "everything: what it was started for is over",
        StopReason::Client => "everything, as `cargo formation down` asks",
        StopReason::OutputClosed => "everything, because nobody reads the output any more",
    }
}

fn waiting(awaited: &[Awaited]) -> String {
    let one = |awaited: &Awaited| match awaited.pid {
        Some(pid) => {
            let left = length(awaited.left);
            let fate = match awaited.fate {
                Fate::Killed => format!("killed in {left}"),
                Fate::GivenUp => format!("given up in {left}"),
                Fate::Debugged => "which is debugged; interrupt once more to kill it".into(),
            };
            format!("{} (process {pid}, {fate})", awaited.name)
        }
        None => awaited.name.to_string(),
    };
    let shown: Vec<String> = awaited.iter().take(MOST_NAMES).map(one).collect();
    let more = awaited.len().saturating_sub(MOST_NAMES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("for {}{more}", shown.join(", "))
}

/// A line that names more than this is not read.
const MOST_NAMES: usize = 5;

fn abandoned(name: &RunName, pid: Option<u32>) -> String {
    match pid {
        Some(pid) => format!("{name}: process {pid} cannot be killed; see to it by hand"),
        None => format!("{name} cannot be killed; see to it by hand"),
    }
}

fn processes(pids: &[u32]) -> String {
    numbers("process", "processes", pids)
}

fn numbers<N: ToString>(one: &str, many: &str, numbers: &[N]) -> String {
    let noun = if numbers.len() == 1 { one } else { many };
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    format!("{noun} {}", numbers.join(", "))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Known, said};
    use crate::formation::{InstanceName, ProcessName, RunName};
    use crate::supervise::Notice;

    fn check(notice: &Notice, expected: Option<&str>) {
        let web: ProcessName = "web".parse().unwrap();
        let reached = [(web, "http://127.0.0.1:4000".to_owned())].into();
        let said = said(notice, &Known { reached, ..Known::default() });
        assert_eq!(said.map(|said| said.plain()).as_deref(), expected);
    }

    #[test]
    fn new_code_is_told_from_the_old_that_it_stands_beside() {
        let name = RunName::from(InstanceName { process: "web".parse().unwrap(), number: 1 });
        let started = |beside| Notice::Started { name: name.clone(), pid: 12, beside };
        check(&started(None), Some("Started web.1 (process 12)"));
        check(&started(Some(7)), Some("Started web.1 (process 12) beside process 7"));
    }

    #[test]
    fn who_is_reached_is_said_to_be_up_and_where() {
        let after = Duration::from_millis(1_240);
        let up = |name: &str| Notice::Up { process: name.parse().unwrap(), after };
        check(&up("web"), Some("Ready web at http://127.0.0.1:4000, after 1.2s"));
        check(&up("worker"), None);
    }
}
