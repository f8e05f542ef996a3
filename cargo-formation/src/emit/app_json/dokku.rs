//! Dokku's dialect: quantities at every deploy, checks of its own, schedules.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::over::CHECK;
use super::{pretty, put_env, quantities};
use crate::emit::app::App;
use crate::emit::notice::{Refusal, Unsaid, Warning};
use crate::emit::own::Own;
use crate::emit::platform::Platform;
use crate::emit::schedule::{Clock, schedule};
use crate::emit::shared::Shared;
use crate::emit::shell::ShellLine;
use crate::emit::{Exported, File};
use crate::formation::{Health, ProcessType, Resources};

/// The platform of this module.
const PLATFORM: Platform = Platform::Dokku;

/// How long Dokku waits for a stop unless it is told.
const USUAL_GRACE: Duration = Duration::from_secs(30);

/// Export what Dokku reads beside the Procfile.
pub(in crate::emit) fn dokku(app: &App<'_>) -> Result<Exported, Vec<Refusal>> {
    if app.formation.processes.is_empty() {
        return Err(vec![Refusal::Empty { platform: PLATFORM }]);
    }
    Own::read(app, PLATFORM)?;
    let mut file = Map::new();
    file.insert("formation".to_owned(), exposed(app).into());
    let checks: Map<String, Value> = app.lasting().filter_map(checks).collect();
    if !checks.is_empty() {
        file.insert("healthchecks".to_owned(), checks.into());
    }
    let (mut cron, mut refusals) = (Vec::new(), Vec::new());
    for process in app.scheduled() {
        match entry(process) {
            Ok(entry) => cron.push(entry),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    if !cron.is_empty() {
        file.insert("cron".to_owned(), cron.into());
    }
    put_env(&mut file, app);
    let files = vec![File::shared("app.json", pretty(&file.into()), Shared::DokkuJson, app)];
    Ok(Exported { files, unsaid: unsaid(app), warnings: warnings(app) })
}

/// The quantities. A type with a port that is not `web` gets one only if it is a service.
fn exposed(app: &App<'_>) -> Map<String, Value> {
    let mut formation = quantities(app);
    for process in app.lasting().filter(|process| process.port.exists() && !process.name.is_web()) {
        if let Some(entry) = formation.get_mut(process.name.as_str()) {
            entry["service"] = json!({ "exposed": true });
        }
    }
    formation
}

/// What has to answer before the old containers go.
fn checks(process: &ProcessType) -> Option<(String, Value)> {
    let Health { path, startup, interval, timeout } = process.health.as_ref()?;
    let wait = seconds(*interval);
    let check = json!({
        "type": "startup",
        "name": CHECK,
        "path": path,
        "attempts": seconds(*startup).div_ceil(wait),
        "wait": wait,
        "timeout": seconds(*timeout),
    });
    Some((process.name.to_string(), json!([check])))
}

/// Whole seconds, one at least.
fn seconds(length: Duration) -> u64 {
    u64::try_from(length.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1)
}

/// A command that is the name of a type is its line of the Procfile. What runs by the clock never
/// overlaps with itself; by default it would.
fn entry(process: &ProcessType) -> Result<Value, Refusal> {
    let schedule = schedule(Clock::Dokku, process, PLATFORM)?;
    let command = process.name.as_str();
    Ok(json!({ "command": command, "schedule": schedule, "concurrency_policy": "forbid" }))
}

/// What Dokku takes for something else.
fn warnings(app: &App<'_>) -> Vec<Warning> {
    let is_limited = |process: &ProcessType| process.resources != Resources::default();
    let build = app.lasting().filter(|process| process.name.as_str() == "build");
    build
        .filter(|process| is_limited(process))
        .map(|process| Warning::Meaning {
            process: process.name.clone(),
            platform: PLATFORM,
            // Dokku's documentation, "Resource Management", "Build-time Resource Limits".
            what: "its limits are also those of the build",
        })
        .collect()
}

/// What Dokku is told once, on its machine.
fn unsaid(app: &App<'_>) -> Vec<Unsaid> {
    // The file has no name in it: where there is none, the commands have a word for it.
    let name = app.name(PLATFORM).unwrap_or("APP");
    let say = |what: String, line: ShellLine| Unsaid { what, command: line.to_string() };
    let mut unsaid = Vec::new();
    let grace = app.lasting().filter_map(|process| process.stop.timeout).max();
    if let Some(grace) = grace.filter(|grace| *grace > USUAL_GRACE) {
        let grace = seconds(grace).to_string();
        let line = ShellLine::of(["dokku", "ps:set", name, "stop-timeout-seconds", &grace]);
        unsaid.push(say("how long a stop may take".to_owned(), line));
    }
    let single: Vec<&str> = app
        .lasting()
        .filter(|process| process.singleton)
        .map(|found| found.name.as_str())
        .collect();
    if !single.is_empty() {
        let what =
            format!("that new code of `{}` starts after the old has ended", single.join("`, `"));
        let line = ShellLine::of(["dokku", "checks:disable", name, &single.join(",")]);
        unsaid.push(say(what, line));
    }
    unsaid.extend(app.lasting().filter_map(|process| {
        let line = limits(process, name)?;
        Some(say(format!("what `{}` may use", process.name), line))
    }));
    if app.scheduled().next().is_some() {
        let line = ShellLine::of(["cargo", "formation", "procfile", "--for", "dokku"]);
        let line = line.words(["--output", "Procfile"]);
        unsaid.push(say("what the schedules run".to_owned(), line));
        let line = ShellLine::of(["timedatectl", "set-timezone", "Etc/UTC"]);
        unsaid.push(say("that schedules are in UTC, on Dokku's machine".to_owned(), line));
    }
    unsaid
}

fn limits(process: &ProcessType, app: &str) -> Option<ShellLine> {
    let name = process.name.as_str();
    let mut line = ShellLine::of(["dokku", "resource:limit", "--process-type", name]);
    let resources = process.resources;
    if let Some(memory) = resources.memory {
        line = line.words(["--memory", &format!("{}m", memory.div_ceil(1024 * 1024))]);
    }
    if let Some(cpu) = resources.cpu {
        line = line.words(["--cpu", &format!("{}.{:03}", cpu / 1000, cpu % 1000)]);
    }
    let any = resources.memory.is_some() || resources.cpu.is_some();
    any.then(|| line.words([app]))
}
