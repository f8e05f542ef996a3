//! The one environment that Fly has for all process types.

use super::PLATFORM;
use crate::emit::app::App;
use crate::emit::container;
use crate::emit::literal::Literal;
use crate::emit::notice::{Refusal, Warning};
use crate::formation::{ProcessName, ProcessType};

/// A variable, and who has it.
struct Variable<'f> {
    name: String,
    value: String,
    owner: &'f ProcessName,
    /// How many have it.
    owners: usize,
    /// Whether it is one of the table's `env`.
    is_own: bool,
}

/// A name, and its value.
type Pair = (String, String);

/// Every variable with its value, ports first; and those that are told to more than the table
/// means.
///
/// # Errors
/// Where two types have one variable with two values.
pub(super) fn environment(app: &App<'_>) -> Result<(Vec<Pair>, Vec<Warning>), Vec<Refusal>> {
    let types: Vec<&ProcessType> = app.release().into_iter().chain(app.lasting()).collect();
    let mut variables: Vec<Variable<'_>> = Vec::new();
    let mut refusals = Vec::new();
    for process in &types {
        match of_type(process) {
            Ok(pairs) => {
                for (pair, is_own) in pairs {
                    refusals.extend(add(&mut variables, process, pair, is_own));
                }
            }
            Err(refused) => refusals.extend(refused),
        }
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let lonely =
        variables.iter().filter(|variable| variable.is_own && variable.owners < types.len());
    let warnings = lonely.map(|variable| Warning::Everybody {
        process: variable.owner.clone(),
        platform: PLATFORM,
        variable: variable.name.clone(),
    });
    let warnings = warnings.collect();
    let mut pairs: Vec<Pair> =
        variables.into_iter().map(|variable| (variable.name, variable.value)).collect();
    pairs.sort_by_key(|(name, _)| !name.starts_with("PORT"));
    for item in &app.formation.settings.config {
        let known = pairs.iter().any(|(name, _)| *name == item.name);
        if let (Some(default), false, false) = (&item.default, item.secret, known) {
            pairs.push((item.name.clone(), default.clone()));
        }
    }
    Ok((pairs, warnings))
}

/// The variables of one type; and which of them are its own.
fn of_type(process: &ProcessType) -> Result<Vec<(Pair, bool)>, Vec<Refusal>> {
    let ports = container::ports(process);
    let literal = Literal { platform: PLATFORM, process, ports: &ports };
    let of_port =
        |port: &container::ContainerPort| ((port.variable.clone(), port.number.to_string()), false);
    let mut pairs: Vec<(Pair, bool)> = ports.iter().map(of_port).collect();
    let mut refusals = Vec::new();
    for (name, value) in &process.env {
        match literal.value(name, value) {
            Ok(value) => pairs.push(((name.clone(), value), true)),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if refusals.is_empty() { Ok(pairs) } else { Err(refusals) }
}

fn add<'f>(
    variables: &mut Vec<Variable<'f>>,
    process: &'f ProcessType,
    (name, value): Pair,
    is_own: bool,
) -> Option<Refusal> {
    let Some(known) = variables.iter_mut().find(|known| known.name == name) else {
        variables.push(Variable { name, value, owner: &process.name, owners: 1, is_own });
        return None;
    };
    if known.value == value {
        known.owners += 1;
        return None;
    }
    Some(Refusal::Environment {
        platform: PLATFORM,
        variable: name,
        one: known.owner.clone(),
        other: process.name.clone(),
    })
}
