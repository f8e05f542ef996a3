//! What a change has led to, in a line.

use std::fmt::Display;
use std::time::Duration;

use super::super::{Tone, length};
use crate::formation::RunName;
use crate::supervise::Settled;

/// A shorter wait is told by nobody.
const WORTH_TELLING: Duration = Duration::from_millis(10);

/// `Rebuilt web in 0.41s (cargo 0.40s), restarted web.1 web.2; worker, clock unchanged`
pub(super) fn words(settled: &Settled) -> (Tone, &'static str, String) {
    let Settled { took, cargo, waited, rebuilt, restarted, .. } = settled;
    let took = span(*took, *cargo, *waited);
    let rest = rest(settled);
    if !rebuilt.is_empty() {
        return (Tone::Good, "Rebuilt", format!("{} in {took}, {rest}", list(rebuilt, ", ")));
    }
    let is_restart = settled.started.is_empty() && settled.stopped.is_empty();
    match rest.strip_prefix("restarted ").filter(|_| is_restart && !restarted.is_empty()) {
        Some(rest) => (Tone::Good, "Restarted", format!("in {took}: {rest}")),
        None if settled.has_moved() => (Tone::Good, "Changed", format!("in {took}: {rest}")),
        None if !(settled.behind.is_empty() && settled.down.is_empty()) => {
            (Tone::Unusual, "Behind", format!("after {took}: {rest}"))
        }
        None if rest.is_empty() => (Tone::Good, "Up to date", format!("in {took}")),
        None => (Tone::Good, "Up to date", format!("in {took}; {rest}")),
    }
}

/// Who was moved and who was not.
fn rest(settled: &Settled) -> String {
    let Settled { restarted, started, stopped, behind, down, unchanged, .. } = settled;
    let moved = [("restarted", restarted), ("started", started), ("stopped", stopped)];
    let moved = moved.into_iter().filter(|(_, names)| !names.is_empty());
    let moved: Vec<_> = moved.map(|(verb, names)| format!("{verb} {}", list(names, " "))).collect();
    let is = |names: &[RunName]| if names.len() == 1 { "is" } else { "are" };
    let runs = |names: &[RunName]| match names {
        [_] => "runs what it ran before",
        _ => "run what they ran before",
    };
    let mut parts = Vec::new();
    parts.extend((!moved.is_empty()).then(|| moved.join(", ")));
    parts.extend(
        (!behind.is_empty()).then(|| format!("{} still {}", list(behind, " "), runs(behind))),
    );
    parts.extend((!down.is_empty()).then(|| format!("{} {} down", list(down, " "), is(down))));
    parts.extend((!unchanged.is_empty()).then(|| format!("{} unchanged", list(unchanged, ", "))));
    parts.join("; ")
}

fn span(took: Duration, cargo: Option<Duration>, waited: Duration) -> String {
    let waited = if waited < WORTH_TELLING {
        String::new()
    } else {
        format!(", waited {} for another cargo", length(waited))
    };
    let cargo = cargo.map(|cargo| format!(" (cargo {}{waited})", length(cargo)));
    format!("{}{}", length(took), cargo.unwrap_or_default())
}

fn list(names: &[impl Display], between: &str) -> String {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    names.join(between)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::words;
    use crate::formation::{InstanceName, ProcessName, RunName};
    use crate::supervise::Settled;

    fn check(rebuilt: &str, restarted: &str, unchanged: &str, cargo: Option<u64>, line: &str) {
        check_waited(rebuilt, restarted, unchanged, (cargo, 9), line);
    }

    fn check_waited(
        rebuilt: &str,
        restarted: &str,
        unchanged: &str,
        (cargo, waited): (Option<u64>, u64),
        line: &str,
    ) {
        let types = |text: &str| -> Vec<ProcessName> {
            text.split_whitespace().map(|name| name.parse().unwrap()).collect()
        };
        let instance = |process| RunName::from(InstanceName { process, number: 1 });
        let (_, word, rest) = words(&Settled {
            took: Duration::from_millis(412),
            cargo: cargo.map(Duration::from_millis),
            waited: Duration::from_millis(waited),
            rebuilt: types(rebuilt),
            restarted: types(restarted).into_iter().map(instance).collect(),
            unchanged: types(unchanged),
            ..Settled::default()
        });
        assert_eq!(format!("{word} {rest}"), line);
    }

    #[test]
    fn one_line_tells_what_happened_and_what_it_cost() {
        check(
            "web",
            "web",
            "worker clock",
            Some(401),
            "Rebuilt web in 412ms (cargo 401ms), restarted web.1; worker, clock unchanged",
        );
        check_waited(
            "web",
            "web",
            "",
            (Some(401), 340),
            "Rebuilt web in 412ms (cargo 401ms, waited 340ms for another cargo), restarted web.1",
        );
        check("", "web worker", "", None, "Restarted in 412ms: web.1 worker.1");
        check("", "", "web", Some(40), "Up to date in 412ms (cargo 40ms); web unchanged");
    }
}
