//! A fly.toml, of which the table says a part.
//!
//! Fly splits a command into words as a shell would, and starts it without one: nobody expands
//! variables. The file has one environment, one signal and one patience for all process types.
//! How many machines run is nowhere in it.

mod end;
mod environment;
mod machine;
mod objections;
mod over;
mod same;
mod text;
mod usual;

use std::borrow::Cow;
use std::time::Duration;

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use self::environment::environment;
use self::machine::machine;
pub(super) use self::objections::objections;
pub(super) use self::over::over;
use self::text::text;
use super::app::{App, GRACE};
use super::container::{self, ContainerPort};
use super::literal::Literal;
use super::notice::{Refusal, Unsaid, Warning};
use super::own::Own;
use super::platform::Platform;
use super::shared::Shared;
use super::shell::ShellLine;
use super::{Exported, File};
use crate::formation::{Health, ProcessType, Restart, StopSignal};

/// The platform of this module.
const PLATFORM: Platform = Platform::Fly;

/// The first line of a file that is begun.
const BEGUN: &str =
    "# Begun by `cargo formation export fly`, which keeps what the table says up to date.\n";

/// The groups of machines that flyctl makes for itself and leaves out of a deploy: `fly-go`,
/// `machine_types.go`.
const OWN_GROUPS: [&str; 3] =
    ["fly_app_release_command", "fly_app_test_machine_command", "fly_app_console"];

/// The longest time to stop that Fly grants.
const LONGEST_GRACE: Duration = Duration::from_mins(5);

/// Between two checks of a service, Fly lets pass no less and no more than this.
const INTERVALS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// The shortest time between two checks of what is no service.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(2);

/// Export the fly.toml.
pub(super) fn fly(app: &App<'_>) -> Result<Exported, Vec<Refusal>> {
    if app.lasting().next().is_none() {
        return Err(vec![Refusal::Empty { platform: PLATFORM }]);
    }
    Own::read(app, PLATFORM)?;
    let mut draft = Draft::default();
    // Where there is no name, Fly gives one: `fly launch` writes it.
    if let Ok(name) = app.name(PLATFORM) {
        draft.file["app"] = value(name);
    }
    draft.put_stop(app);
    draft.put_release(app);
    draft.put_environment(app);
    draft.put_processes(app);
    draft.put_service(app);
    draft.put_checks(app);
    draft.put_machines(app);
    draft.put_restarts(app);
    draft.finish(app)
}

/// The file in the making.
#[derive(Default)]
struct Draft {
    file: DocumentMut,
    warnings: Vec<Warning>,
    refusals: Vec<Refusal>,
}

impl Draft {
    /// One signal for all: that of the type that stands for the whole. The longest patience.
    fn put_stop(&mut self, app: &App<'_>) {
        let wanted = app.foremost().map_or(StopSignal::Term, |process| process.stop.signal);
        // The others are all that Fly has a word for.
        let signal = if wanted == StopSignal::Hup { StopSignal::Term } else { wanted };
        let mut grace = Duration::ZERO;
        for process in app.lasting() {
            let (name, platform) = (process.name.clone(), PLATFORM);
            if process.stop.signal != signal {
                self.warnings.push(Warning::Signal { process: name.clone(), platform, signal });
            }
            let wanted = process.stop.timeout.unwrap_or(GRACE);
            if wanted > LONGEST_GRACE {
                let limit = LONGEST_GRACE;
                self.warnings.push(Warning::Grace { process: name, platform, limit });
            }
            grace = grace.max(wanted.min(LONGEST_GRACE));
        }
        self.file["kill_signal"] = value(signal.name());
        self.file["kill_timeout"] = value(format!("{}s", grace.as_millis().div_ceil(1000)));
        let mut build = Table::new();
        build["dockerfile"] = value("Dockerfile");
        self.put("build", build);
    }

    /// What runs before a deploy, and what keeps new code from running beside old.
    fn put_release(&mut self, app: &App<'_>) {
        let mut deploy = Table::new();
        if let Some(command) = app.release().and_then(|release| self.command(release)) {
            deploy["release_command"] = text(&command);
        }
        if app.lasting().any(|process| process.singleton) {
            // The other strategies start a new machine while an old one runs.
            deploy["strategy"] = value("rolling");
        }
        self.put("deploy", deploy);
    }

    fn put_environment(&mut self, app: &App<'_>) {
        match environment(app) {
            Ok((variables, warnings)) => {
                self.warnings.extend(warnings);
                let mut env = Table::new();
                for (name, value) in variables {
                    env[&name] = text(&value);
                }
                self.put("env", env);
            }
            Err(refusals) => self.refusals.extend(refusals),
        }
    }

    fn put_processes(&mut self, app: &App<'_>) {
        let mut processes = Table::new();
        for process in app.lasting() {
            if OWN_GROUPS.contains(&process.name.as_str()) {
                let (process, platform) = (process.name.clone(), PLATFORM);
                let what = "machines of Fly's own, which no deploy changes";
                self.refusals.push(Refusal::Meaning { process, platform, what });
            }
            self.warnings.extend(process.dir.clone().map(|dir| Warning::Directory {
                process: process.name.clone(),
                platform: PLATFORM,
                dir,
            }));
            if let Some(command) = self.command(process) {
                processes[process.name.as_str()] = text(&command);
            }
        }
        self.put("processes", processes);
    }

    /// The one type that requests from outside come to.
    fn put_service(&mut self, app: &App<'_>) {
        let Some((process, port)) = public(app) else { return };
        let mut service = Table::new();
        service["internal_port"] = value(i64::from(port.number));
        service["force_https"] = value(true);
        service["auto_stop_machines"] = value("off");
        service["processes"] = value(names([process]));
        if let Some(health) = &process.health {
            let mut checks = ArrayOfTables::new();
            let interval = health.interval.clamp(INTERVALS.0, INTERVALS.1);
            checks.push(check(health, interval));
            service["checks"] = Item::ArrayOfTables(checks);
        }
        self.put("http_service", service);
    }

    /// Checks of what only the other machines of the app reach.
    fn put_checks(&mut self, app: &App<'_>) {
        let public = public(app).map(|(process, _)| &process.name);
        let mut checks = Table::new();
        checks.set_implicit(true);
        for process in app.lasting().filter(|process| Some(&process.name) != public) {
            let (Some(health), Some(port)) = (&process.health, main_port(process)) else {
                continue;
            };
            let mut check = check(health, health.interval.max(SHORTEST_INTERVAL));
            check["type"] = value("http");
            check["port"] = value(i64::from(port.number));
            check["processes"] = value(names([process]));
            checks[process.name.as_str()] = Item::Table(check);
        }
        self.put("checks", checks);
    }

    fn put_machines(&mut self, app: &App<'_>) {
        let mut machines = ArrayOfTables::new();
        for process in app.lasting() {
            match machine(process) {
                Ok(Some(table)) => machines.push(table),
                Ok(None) => {}
                Err(refusal) => self.refusals.push(refusal),
            }
        }
        if !machines.is_empty() {
            self.file["vm"] = Item::ArrayOfTables(machines);
        }
    }

    /// Fly itself starts again what fails, and nothing else.
    fn put_restarts(&mut self, app: &App<'_>) {
        let mut restarts = ArrayOfTables::new();
        for process in app.lasting() {
            let policy = match process.restart {
                Restart::Always => "always",
                Restart::OnFailure => continue,
                Restart::Never => "never",
            };
            let mut restart = Table::new();
            restart["policy"] = value(policy);
            restart["processes"] = value(names([process]));
            restarts.push(restart);
        }
        if !restarts.is_empty() {
            self.file["restart"] = Item::ArrayOfTables(restarts);
        }
    }

    fn finish(self, app: &App<'_>) -> Result<Exported, Vec<Refusal>> {
        if !self.refusals.is_empty() {
            return Err(self.refusals);
        }
        let text = format!("{BEGUN}{}", self.file);
        let file = File::shared("fly.toml", text, Shared::FlyToml, app);
        Ok(Exported { files: vec![file], unsaid: unsaid(app), warnings: self.warnings })
    }

    /// Add a table, unless there is nothing in it.
    fn put(&mut self, name: &str, table: Table) {
        if !table.is_empty() {
            self.file[name] = Item::Table(table);
        }
    }

    /// The words of a command as the reader of `[processes]` splits them.
    fn command(&mut self, process: &ProcessType) -> Option<String> {
        let ports = container::ports(process);
        match (Literal { platform: PLATFORM, process, ports: &ports }).words() {
            Ok(words) => Some(words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")),
            Err(refusals) => {
                self.refusals.extend(refusals);
                None
            }
        }
    }
}

/// The word as the reader of `[processes]` takes it for one: to `google/shlex` a carriage return
/// is a blank, to shells it is not.
fn quoted(word: &str) -> Cow<'_, str> {
    let quoted = shell_words::quote(word);
    let is_plain = matches!(quoted, Cow::Borrowed(_));
    if is_plain && word.contains('\r') { format!("'{word}'").into() } else { quoted }
}

/// The type that Fly routes requests to, and its port.
fn public<'f>(app: &App<'f>) -> Option<(&'f ProcessType, ContainerPort)> {
    let process = app.foremost()?;
    Some((process, main_port(process)?))
}

fn main_port(process: &ProcessType) -> Option<ContainerPort> {
    container::ports(process).into_iter().find(|port| port.variable == "PORT")
}

fn names<'f>(processes: impl IntoIterator<Item = &'f ProcessType>) -> Array {
    processes.into_iter().map(|process| process.name.as_str()).collect()
}

fn check(health: &Health, interval: Duration) -> Table {
    let mut check = Table::new();
    check["method"] = value("GET");
    check["path"] = value(&health.path);
    check["interval"] = value(length(interval));
    check["timeout"] = value(length(health.timeout));
    check["grace_period"] = value(length(health.startup));
    check
}

/// A length of time as Go writes it.
fn length(time: Duration) -> String {
    match time.subsec_millis() {
        0 => format!("{}s", time.as_secs()),
        _ => format!("{}ms", time.as_millis()),
    }
}

/// What Fly is told by commands, in this order.
fn unsaid(app: &App<'_>) -> Vec<Unsaid> {
    let mut unsaid = Vec::new();
    let mut say = |what: &str, command: String| {
        unsaid.push(Unsaid { what: what.to_owned(), command });
    };
    let secrets: Vec<String> = app.secrets().map(|item| format!("{}=…", item.name)).collect();
    if !secrets.is_empty() {
        say("what is secret", format!("fly secrets set {}", secrets.join(" ")));
    }
    say("how it is deployed", ShellLine::of(["fly", "deploy"]).to_string());
    let scale = app.lasting().map(|process| format!("{}={}", process.name, process.quantity));
    let scale: Vec<String> = scale.collect();
    let line = ShellLine::of(["fly", "scale", "count"]).words(scale.iter().map(String::as_str));
    say("how many run", line.to_string());
    for process in app.scheduled() {
        let schedule = process.schedule.as_deref().unwrap_or_default();
        let line = ShellLine::of(["fly", "machine", "run", "--schedule", rhythm(schedule)]);
        let line = line.variables("--env", process).words([".", &process.binary.name]);
        unsaid.push(Unsaid {
            what: format!(
                "when `{}` runs (`{schedule}`; Fly has `hourly`, `daily`, `weekly` and `monthly`, and \
                 chooses the hour and minute)",
                process.name
            ),
            command: line.arguments(process).to_string(),
        });
    }
    unsaid
}

/// The rhythm of Fly that comes next to a schedule: it has four.
fn rhythm(schedule: &str) -> &'static str {
    let field = |at: usize| schedule.split_whitespace().nth(at).unwrap_or("*");
    let is_one = |at: usize| !field(at).contains(['*', ',', '-', '/', '?']);
    let is_any = |at: usize| ["*", "?"].contains(&field(at));
    let is_weekday = is_any(2) && is_one(4);
    let is_nth_weekday = is_any(2) && field(4).contains(['#', 'L']);
    if !is_one(1) {
        "hourly"
    } else if is_one(2) || is_nth_weekday {
        "monthly"
    } else if is_weekday {
        "weekly"
    } else {
        "daily"
    }
}

#[cfg(test)]
mod tests;
