//! `formation.local.toml`: what is one developer's own, over `dev` and `services` of the settings.
//!
//! `dev` is laid over the shared one key by key. An entry of `services` stands in for the
//! whole service of its name, in its place, so that nobody else's port moves; a new one
//! comes after those that are declared; `false` leaves a service to the developer.

use crate::formation::{ServiceSource, nearest};

use super::entry::{Entry, Fields};
use super::problem::Problem;
use super::service::{Service, service};
use super::settings::{Shared, development};
use super::suggest;
use super::value::name;
use super::workspace::Place;

/// Lay the file over the settings; what is wrong with it.
pub(super) fn overlay(mut fields: Fields<'_>, shared: &mut Shared) -> Vec<Problem> {
    shared.dev.overlay(development(&mut fields));
    let changes = fields.collect("services", "backing services", |entry| Ok(change(entry)));
    for (change, problems) in changes {
        let problem = change.and_then(|change| change.apply(&mut shared.services).err());
        for problem in problems.into_iter().chain(problem) {
            fields.report(problem);
        }
    }
    fields.problems(of_everybody)
}

/// What one entry does to the services.
enum Change {
    /// It declares this one, new or in place of the shared one.
    Declared(Box<Service>),
    /// The service of this name, which stands there, is the developer's own.
    Left(String, Place),
}

fn change(entry: Entry<'_>) -> (Option<Change>, Vec<Problem>) {
    match entry.as_bool() {
        Some(false) => match name(&entry) {
            Ok(name) => (Some(Change::Left(name.to_string(), entry.at)), Vec::new()),
            Err(fault) => (None, fault.0),
        },
        Some(true) => {
            let problem = entry.invalid("expected a table, or `false` if you have your own");
            (None, vec![problem.help("remove the line; the service is started anyway")])
        }
        None => {
            let (service, problems) = service(entry);
            (service.map(|service| Change::Declared(Box::new(service))), problems)
        }
    }
}

impl Change {
    fn apply(self, services: &mut Vec<Service>) -> Result<(), Problem> {
        match self {
            Self::Declared(own) => {
                let shared = services.iter_mut().find(|shared| shared.value.name == own.value.name);
                match shared {
                    Some(shared) => *shared = *own,
                    None => services.push(*own),
                }
            }
            Self::Left(name, at) => {
                let shared = services.iter_mut().find(|shared| shared.value.name.as_str() == name);
                match shared {
                    Some(shared) => shared.value.source = ServiceSource::Elsewhere,
                    None => return Err(unknown(&name, at, services)),
                }
            }
        }
        Ok(())
    }
}

fn unknown(name: &str, at: Place, services: &[Service]) -> Problem {
    let names = || services.iter().map(|service| service.value.name.as_str());
    let problem = Problem::error(format!("there is no backing service `{name}`")).here(at);
    match nearest(name, names()) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None if services.is_empty() => problem.note("the settings declare none"),
        None => problem.note(format!("the backing services: {}", suggest::list(names()))),
    }
}

/// Somebody who puts more of the table here.
fn of_everybody(entry: &Entry<'_>) -> Option<String> {
    suggest::key(entry.key, &["dev", "services"]).is_none().then(|| {
        "only `dev` and `services` stand in this file; what everybody has stands in `Cargo.toml`"
            .to_owned()
    })
}
