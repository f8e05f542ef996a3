//! An app.json, which Heroku and Dokku read in two dialects.
//!
//! Heroku takes it when it creates an app, and refuses a key that it does not know; Dokku takes
//! it at every deploy, with checks and schedules in it. Both run the commands of the Procfile:
//! there are none here.

mod dokku;
mod number;
mod over;
mod read;

use std::time::Duration;

use serde_json::{Map, Value, json};

pub(super) use self::dokku::dokku;
pub(super) use self::over::{Dialect, objections_of_heroku, over};
use super::app::App;
use super::notice::{Refusal, Unsaid, Warning};
use super::own::Own;
use super::platform::Platform;
use super::shared::Shared;
use super::shell::ShellLine;
use super::{Exported, File};
use crate::formation::{ConfigItem, ProcessType, StopSignal};

/// The platform of this module, where it is not Dokku.
const PLATFORM: Platform = Platform::AppJson;

/// The time from Heroku's `SIGTERM` to its `SIGKILL`, which nobody can change.
const HEROKU_GRACE: Duration = Duration::from_secs(30);

/// The sizes of Heroku that are for sale one by one, with their memory in MiB.
const DYNOS: [(&str, u64); 4] = [
    ("standard-1x", 512),
    ("standard-2x", 1024),
    ("performance-m", 2560),
    ("performance-l", 14 * 1024),
];

/// Export what Heroku creates an app from.
pub(super) fn app_json(app: &App<'_>) -> Result<Exported, Vec<Refusal>> {
    if app.formation.processes.is_empty() {
        return Err(vec![Refusal::Empty { platform: PLATFORM }]);
    }
    Own::read(app, PLATFORM)?;
    let mut file = Map::new();
    file.insert("formation".to_owned(), quantities(app).into());
    put_env(&mut file, app);
    let files = vec![File::shared("app.json", pretty(&file.into()), Shared::AppJson, app)];
    let warnings = app.lasting().flat_map(warnings).collect();
    Ok(Exported { files, unsaid: unsaid(app), warnings })
}

/// As both write it, with a line break at the end.
fn pretty(file: &Value) -> String {
    format!("{file:#}\n")
}

/// How many run of each type, in declaration order.
fn quantities(app: &App<'_>) -> Map<String, Value> {
    let entry =
        |process: &ProcessType| (process.name.to_string(), json!({ "quantity": process.quantity }));
    app.lasting().map(entry).collect()
}

/// What the app needs from its environment. No secret has a value here.
fn put_env(file: &mut Map<String, Value>, app: &App<'_>) {
    let items = app.formation.settings.config.iter().filter(|item| is_variable(&item.name));
    let env: Map<String, Value> = items.map(|item| (item.name.clone(), variable(item))).collect();
    if !env.is_empty() {
        file.insert("env".to_owned(), env.into());
    }
}

/// Whether both take the name of a variable: the pattern is that of Heroku's schema.
fn is_variable(name: &str) -> bool {
    let is_first = |c: char| c.is_ascii_uppercase();
    let is_next = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(is_first) && name.chars().all(is_next)
}

fn variable(item: &ConfigItem) -> Value {
    let mut variable = Map::new();
    if let Some(description) = &item.description {
        variable.insert("description".to_owned(), description.as_str().into());
    }
    if let (Some(default), false) = (&item.default, item.secret) {
        variable.insert("value".to_owned(), default.as_str().into());
    }
    variable.insert("required".to_owned(), item.required.into());
    variable.into()
}

fn warnings(process: &ProcessType) -> Vec<Warning> {
    let (name, platform) = (process.name.clone(), PLATFORM);
    let mut warnings = Vec::new();
    if process.stop.signal != StopSignal::Term {
        let signal = StopSignal::Term;
        warnings.push(Warning::Signal { process: name.clone(), platform, signal });
    }
    if process.stop.timeout.is_some_and(|timeout| timeout > HEROKU_GRACE) {
        warnings.push(Warning::Grace { process: name, platform, limit: HEROKU_GRACE });
    }
    warnings
}

/// What Heroku is told by commands: all of it, once the app is there.
fn unsaid(app: &App<'_>) -> Vec<Unsaid> {
    let scale = app.lasting().map(|process| format!("{}={}", process.name, process.quantity));
    let scale: Vec<String> = scale.collect();
    let mut unsaid = Vec::new();
    if !scale.is_empty() {
        let line = ShellLine::of(["heroku", "ps:scale"]);
        let line = line.words(scale.iter().map(String::as_str));
        let what = "how many run, once the app is there".to_owned();
        unsaid.push(Unsaid { what, command: line.to_string() });
    }
    let sized = app.lasting().filter_map(|process| Some((process, process.resources.memory?)));
    for (process, memory) in sized {
        let size = format!("{}={}", process.name, dyno(memory));
        let what = format!("how much memory `{}` has", process.name);
        unsaid.push(Unsaid {
            what,
            command: ShellLine::of(["heroku", "ps:type", &size]).to_string(),
        });
    }
    for process in app.scheduled() {
        let schedule = process.schedule.as_deref().unwrap_or_default();
        let what = format!("when `{}` runs (`{schedule}`)", process.name);
        let command = "heroku addons:create scheduler && heroku addons:open scheduler".to_owned();
        unsaid.push(Unsaid { what, command });
    }
    for item in &app.formation.settings.config {
        if !is_variable(&item.name) {
            let what = format!("`{}`, whose name has other than capital letters", item.name);
            let command = format!("heroku config:set {}=…", item.name);
            unsaid.push(Unsaid { what, command });
        }
    }
    unsaid
}

/// The smallest size with this much memory, in bytes.
fn dyno(memory: u64) -> &'static str {
    let fits = |(_, mebibytes): &&(&str, u64)| memory <= mebibytes * 1024 * 1024;
    DYNOS.iter().find(fits).map_or("performance-l", |(size, _)| size)
}

#[cfg(test)]
mod tests;
