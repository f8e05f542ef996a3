//! What is said after a build that failed.

use std::collections::{BTreeMap, BTreeSet};

use super::attribution::{Errors, affected};
use crate::formation::{ProcessName, ProcessType};

/// What is known after a build that failed.
#[derive(Clone, Copy, Debug)]
pub struct FailedBuild<'a> {
    /// The process types that were to be built, in declaration order.
    pub processes: &'a [&'a ProcessType],
    /// For each package the local packages it is built from, itself included.
    pub closures: &'a BTreeMap<String, BTreeSet<String>>,
    /// The errors of each target that has some.
    pub errors: &'a [Errors],
    /// Those whose binary was built, or was good already.
    pub built: &'a BTreeSet<ProcessName>,
}

/// Say who cannot be built, why, and who can, in a line.
///
/// `build failed: web, worker cannot be built (2 errors in shop-core); clock is built`
#[must_use]
pub fn failure(outcome: &FailedBuild<'_>) -> String {
    let is_built = |process: &&&ProcessType| outcome.built.contains(&process.name);
    let (built, missing): (Vec<&ProcessType>, Vec<&ProcessType>) =
        outcome.processes.iter().partition(is_built);
    let mut clauses = groups(outcome, &missing);
    if !built.is_empty() {
        let verb = if built.len() == 1 { "is" } else { "are" };
        clauses.push(format!("{} {verb} built", names(&built)));
    }
    if missing.is_empty() {
        clauses.push("see what cargo says above".to_owned());
    }
    format!("build failed: {}", clauses.join("; "))
}

/// Those who cannot be built, together with who has the same reason.
fn groups(outcome: &FailedBuild<'_>, missing: &[&ProcessType]) -> Vec<String> {
    let mut groups: Vec<(String, Vec<&ProcessType>)> = Vec::new();
    for &process in missing {
        let reason = reason(outcome, process);
        match groups.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, members)) => members.push(process),
            None => groups.push((reason, vec![process])),
        }
    }
    let clause = |(reason, members): (String, Vec<&ProcessType>)| {
        format!("{} cannot be built ({reason})", names(&members))
    };
    groups.into_iter().map(clause).collect()
}

/// Where the errors are that keep it from being built. A build script that fails, a
/// manifest that is wrong: cargo says it to people only.
fn reason(outcome: &FailedBuild<'_>, process: &ProcessType) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for errors in outcome.errors {
        if affected(&errors.target, &[process], outcome.closures).is_empty() {
            continue;
        }
        let package = errors.target.package.as_str();
        match counts.iter_mut().find(|(other, _)| *other == package) {
            Some((_, count)) => *count += errors.count,
            None => counts.push((package, errors.count)),
        }
    }
    let parts: Vec<String> = counts
        .iter()
        .map(|(package, count)| {
            let noun = if *count == 1 { "error" } else { "errors" };
            format!("{count} {noun} in {package}")
        })
        .collect();
    if parts.is_empty() { "see what cargo says above".to_owned() } else { parts.join(", ") }
}

fn names(processes: &[&ProcessType]) -> String {
    let names: Vec<&str> = processes.iter().map(|process| process.name.as_str()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests;
