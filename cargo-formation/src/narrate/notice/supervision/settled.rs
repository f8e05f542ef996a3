//! What a change has led to, in a line.

use std::fmt::Display;
use std::time::Duration;

use super::super::{Tone, length};
use crate::supervise::Settled;

/// A shorter wait is told by nobody.
const WORTH_TELLING: Duration = Duration::from_millis(10);

/// `rebuilt web in 0.41s (cargo 0.40s), restarted web.1 web.2; worker, clock unchanged`
pub(super) fn words(settled: &Settled) -> (Tone, &'static str, String) {
    let Settled { took, cargo, waited, rebuilt, restarted, unchanged } = settled;
    let took = span(*took, *cargo, *waited);
    let mut rest = if unchanged.is_empty() {
        String::new()
    } else {
        format!("; {} unchanged", list(unchanged, ", "))
    };
    if restarted.is_empty() {
        return (Tone::Good, "Up to date", format!("in {took}{rest}"));
    }
    rest = format!("{}{rest}", list(restarted, " "));
    if rebuilt.is_empty() {
        (Tone::Good, "Restarted", format!("in {took}: {rest}"))
    } else {
        (Tone::Good, "Rebuilt", format!("{} in {took}, restarted {rest}", list(rebuilt, ", ")))
    }
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
