//! `dev = { quantity = { web = 2 }, exclude = ["clock"] }`: what only development does.

use crate::formation::{DevSettings, ScaleStep, ScaleTarget, nearest};

use super::entry::Entry;
use super::problem::Problem;
use super::process::{Draft, quantity};
use super::suggest;
use super::value::boolean;
use super::workspace::Place;

/// What development does, with the places of the names it uses.
#[derive(Debug, Default)]
pub(super) struct Dev {
    quantity: Vec<(String, u16, Place)>,
    /// `None` if nothing is said of it: one developer may say that nothing is excluded.
    exclude: Option<Vec<(String, Place)>>,
    schedule: Option<bool>,
}

/// Read it; what is good of it is compared with the types although the rest is wrong.
pub(super) fn dev(entry: Entry<'_>) -> (Dev, Vec<Problem>) {
    let mut fields = match entry.fields("a table, as `{ quantity = { web = 2 } }`") {
        Ok(fields) => fields,
        Err(fault) => return (Dev::default(), fault.0),
    };
    let quantity = fields.collect("quantity", "quantities, as `{ web = 2 }`", |one| {
        Ok((one.key.to_owned(), quantity(one)?, one.at))
    });
    let exclude = fields.read("exclude", |entry| {
        Ok(entry.strings()?.into_iter().map(|(name, at)| (name.to_owned(), at)).collect())
    });
    let schedule = fields.read("schedule", boolean).value();
    (Dev { quantity, exclude: exclude.value(), schedule }, fields.problems(|_| None))
}

impl Dev {
    /// Let what one developer says stand in for what everybody says, key by key.
    pub(super) fn overlay(&mut self, own: Self) {
        self.quantity.retain(|(name, ..)| !own.quantity.iter().any(|(other, ..)| other == name));
        self.quantity.extend(own.quantity);
        self.exclude = own.exclude.or(self.exclude.take());
        self.schedule = own.schedule.or(self.schedule);
    }

    /// Compare the names it uses with those that are declared.
    pub(super) fn resolve(self, drafts: &[Draft], problems: &mut Vec<Problem>) -> DevSettings {
        let schedule = self.schedule.unwrap_or_default();
        let mut settings = DevSettings { schedule, ..DevSettings::default() };
        for (name, quantity, at) in self.quantity {
            let target = if name == "all" {
                ScaleTarget::All
            } else {
                match declared(&name, at, drafts) {
                    Ok(draft) => {
                        problems.extend(singleton(draft, quantity, at));
                        ScaleTarget::Process(draft.name.clone())
                    }
                    Err(problem) => {
                        problems.push(problem);
                        continue;
                    }
                }
            };
            // A key of a table is there once, and its quantity was checked.
            if let Err(reason) = settings.quantity.push(ScaleStep { target, quantity }) {
                problems.push(Problem::error(reason.to_string()).at(at, "in `dev.quantity`"));
            }
        }
        for (name, at) in self.exclude.unwrap_or_default() {
            match declared(&name, at, drafts) {
                Ok(draft) => settings.exclude.push(draft.name.clone()),
                Err(problem) => problems.push(problem),
            }
        }
        settings
    }
}

fn declared<'n>(name: &str, at: Place, drafts: &'n [Draft]) -> Result<&'n Draft, Problem> {
    drafts.iter().find(|draft| draft.name.as_str() == name).ok_or_else(|| {
        let names = || drafts.iter().map(|draft| draft.name.as_str());
        let problem = Problem::error(format!("there is no process type `{name}`")).here(at);
        match nearest(name, names()) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.note(format!("the process types: {}", suggest::list(names()))),
        }
    })
}

fn singleton(draft: &Draft, quantity: u16, at: Place) -> Option<Problem> {
    let (_, singleton_at) = draft.keys.singleton.given().filter(|(singleton, _)| **singleton)?;
    (quantity > 1).then(|| {
        Problem::error(format!("`singleton` and a quantity of {quantity} exclude each other"))
            .at(at, format!("asks for {quantity} in development"))
            .beside(singleton_at, "there is never more than one")
    })
}
