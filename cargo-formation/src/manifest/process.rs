//! The keys of one process type.

use std::path::PathBuf;
use std::time::Duration;

use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};

use crate::formation::{
    ExtraPort, Health, MAX_QUANTITY, Port, ProcessName, Resources, Restart, Stop, Template,
};

use super::entry::{Entry, Field, Fields};
use super::problem::{Parsed, Problem, Problems, unless};
use super::resources::resources;
use super::value::{
    ReadyKey, Variable, args, boolean, duration, env, globs, inside, name, path, port, ready,
    restart, stop, templates, text, words,
};
use super::workspace::Place;

/// The table a process type is declared in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// That of the member package at this position.
    Package(usize),
    /// That of the workspace.
    Workspace,
}

/// A process type as it was written.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) name: ProcessName,
    /// Where its name stands.
    pub(super) at: Place,
    pub(super) home: Home,
    pub(super) keys: Keys,
}

/// The keys of a process type as they were written: what is absent is still absent.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) package: Field<(String, Place)>,
    pub(super) bin: Field<(String, Place)>,
    pub(super) args: Field<Vec<Template>>,
    pub(super) dir: Field<PathBuf>,
    pub(super) quantity: Field<u16>,
    pub(super) port: Field<Port>,
    pub(super) ports: Field<Vec<(ExtraPort, Place)>>,
    pub(super) health: Field<Health>,
    pub(super) ready: Field<ReadyKey>,
    pub(super) route: Field<bool>,
    pub(super) overlap: Field<bool>,
    pub(super) drain: Field<Duration>,
    pub(super) socket: Field<bool>,
    pub(super) stop: Field<Stop>,
    pub(super) restart: Field<Restart>,
    pub(super) singleton: Field<bool>,
    pub(super) schedule: Field<String>,
    pub(super) env: Field<Vec<Variable>>,
    pub(super) watch: Field<Vec<String>>,
    pub(super) inputs: Field<Vec<String>>,
    pub(super) rerun: Field<bool>,
    pub(super) cargo_env: Field<bool>,
    pub(super) pty: Field<bool>,
    pub(super) resources: Field<Resources>,
}

impl Draft {
    /// Where it is reached; `None` when what the table says of that is wrong.
    pub(super) fn effective_port(&self) -> Option<Port> {
        match &self.keys.port {
            Field::Given { value, .. } => Some(*value),
            Field::Faulty => None,
            Field::Absent if self.name.is_web() => Some(Port::Assigned),
            Field::Absent => Some(Port::None),
        }
    }
}

const EXPECTED: &str = "a table, or a binary and its arguments as one string";

/// Read one process type. The draft is there whenever its name is valid, so that the rules
/// between types can be checked although some of its values are wrong.
pub(super) fn process(entry: Entry<'_>, home: Home) -> (Option<Draft>, Vec<Problem>) {
    let mut problems = Vec::new();
    let name = name(&entry).map_err(|fault| problems.extend(fault.0)).ok();
    let mut report = |fault: Problems| problems.extend(fault.0);
    let mut fields = Fields::default();
    let mut short = None;
    if entry.as_str().is_some() {
        short = Some(short_form(entry).map_err(&mut report).unwrap_or(FAULTY));
    } else {
        match entry.fields(EXPECTED) {
            Ok(table) => fields = table,
            Err(fault) => {
                report(fault);
                short = Some(FAULTY);
            }
        }
    }
    let mut keys = keys(&mut fields, home);
    if let Some(short) = short {
        (keys.bin, keys.args) = short;
    }
    problems.extend(fields.problems(|_| None));
    (name.map(|name| Draft { name, at: entry.at, home, keys }), problems)
}

fn keys(fields: &mut Fields<'_>, home: Home) -> Keys {
    Keys {
        package: package(fields, home),
        bin: fields.read("bin", placed),
        args: fields.read("args", args),
        dir: fields.read("dir", inside),
        quantity: fields.read("quantity", quantity),
        port: fields.read("port", port),
        ports: fields.read("ports", ports),
        health: fields.read("health", health),
        ready: fields.read("ready", ready),
        route: fields.read("route", boolean),
        overlap: fields.read("overlap", boolean),
        drain: fields.read("drain", duration),
        socket: fields.read("socket", boolean),
        stop: fields.read("stop", stop),
        restart: fields.read("restart", restart),
        singleton: fields.read("singleton", boolean),
        schedule: fields.read("schedule", schedule),
        env: fields.read("env", env),
        watch: fields.read("watch", globs),
        inputs: fields.read("inputs", globs),
        rerun: fields.read("rerun", boolean),
        cargo_env: fields.read("cargo-env", boolean),
        pty: fields.read("pty", boolean),
        resources: fields.read("resources", resources),
    }
}

fn package(fields: &mut Fields<'_>, home: Home) -> Field<(String, Place)> {
    if home == Home::Workspace {
        return fields.read("package", placed);
    }
    fields.refuse("package", |entry| {
        Problem::error("`package` belongs to the table of the workspace")
            .at(entry.at, "a type of this table runs a binary of this package")
            .help("remove it, or declare the type in the other package")
    });
    Field::Absent
}

/// A text and where it stands, for messages that point at it later.
fn placed(entry: Entry<'_>) -> Parsed<(String, Place)> {
    Ok((text(entry)?, entry.value()))
}

/// A binary and its arguments as one string.
type ShortForm = (Field<(String, Place)>, Field<Vec<Template>>);

const FAULTY: ShortForm = (Field::Faulty, Field::Faulty);

fn short_form(entry: Entry<'_>) -> Parsed<ShortForm> {
    let mut words = words(entry)?;
    if words.is_empty() {
        return Err(entry.invalid("the name of a binary is missing").into());
    }
    let (bin, place) = words.remove(0);
    if let Some(help) = no_binary(&bin) {
        let why = format!("`{bin}` is not the name of a binary target");
        return Err(entry.invalid(why).help(help).into());
    }
    let at = entry.at;
    let args = Field::Given { value: templates(entry, words)?, at };
    Ok((Field::Given { value: (bin, place), at }, args))
}

/// What people write before the binary where a shell reads the line.
fn no_binary(word: &str) -> Option<&'static str> {
    match word {
        "cargo" => Some("name the binary itself; it is built before it runs"),
        word if word.contains('=') => {
            Some("set variables with `env`: `{ env = { NAME = \"value\" } }`")
        }
        word if word.contains('/') => Some("name the binary target, not a file"),
        _ => None,
    }
}

pub(super) fn quantity(entry: Entry<'_>) -> Parsed<u16> {
    // Within the range of 16 bits by its upper end.
    Ok(u16::try_from(entry.number(0..u32::from(MAX_QUANTITY) + 1)?).unwrap_or(MAX_QUANTITY))
}

fn ports(entry: Entry<'_>) -> Parsed<Vec<(ExtraPort, Place)>> {
    let mut problems = Vec::new();
    let mut ports: Vec<(ExtraPort, Place)> = Vec::new();
    for extra in entry.entries("a table of names and ports, as `{ admin = true }`")? {
        match extra_port(extra) {
            Ok(port) => ports.push((port, extra.at)),
            Err(fault) => problems.extend(fault.0),
        }
    }
    for (position, (port, at)) in ports.iter().enumerate() {
        let variable = port.name.variable();
        let same = |(other, _): &&(ExtraPort, Place)| other.name.variable() == variable;
        if let Some((other, first)) = ports.iter().take(position).find(same) {
            problems.push(
                Problem::error(format!("`{}` and `{}` are one port", other.name, port.name))
                    .at(*at, format!("this is `PORT_{variable}` too"))
                    .beside(*first, format!("this is `PORT_{variable}`")),
            );
        }
    }
    unless(problems, ports)
}

fn extra_port(entry: Entry<'_>) -> Parsed<ExtraPort> {
    let name = name(&entry)?;
    match port(entry)? {
        Port::None => Err(entry.invalid("an extra port is `true` or a number").into()),
        port @ (Port::Assigned | Port::Exact(_)) => Ok(ExtraPort { name, port }),
    }
}

fn health(entry: Entry<'_>) -> Parsed<Health> {
    let defaults = Health {
        path: String::new(),
        startup: Duration::from_secs(30),
        interval: Duration::from_secs(5),
        timeout: Duration::from_secs(2),
    };
    if entry.as_str().is_some() {
        return Ok(Health { path: path(entry)?, ..defaults });
    }
    let mut fields = entry.fields("a path, or a table, as `{ path = \"/healthz\" }`")?;
    let given = fields.read("path", path);
    if given.is_absent() {
        fields.report(
            Problem::error("`health` has no `path`")
                .at(entry.at, "asks for nothing")
                .help("add `path = \"/healthz\"`"),
        );
    }
    let startup = fields.read("startup", duration).or(defaults.startup);
    let interval = fields.read("interval", duration).or(defaults.interval);
    let timeout = fields.read("timeout", duration).or(defaults.timeout);
    fields.finish(Health { path: given.or(defaults.path), startup, interval, timeout })
}

/// Five fields: what every platform that knows schedules understands.
fn schedule(entry: Entry<'_>) -> Parsed<String> {
    let text = entry.text()?;
    let fields = text.split_whitespace().count();
    if fields != 5 {
        return Err(entry
            .invalid(format!("a schedule has five fields, this one has {fields}"))
            .help("minute, hour, day, month, weekday: \"*/5 * * * *\" is every five minutes")
            .into());
    }
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    match parser.parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(reason) => Err(entry.invalid(cron(reason)).into()),
    }
}

/// The parser's reason as a fragment of our own sentence.
fn cron(reason: CronError) -> String {
    let text = match reason {
        CronError::InvalidPattern(text)
        | CronError::IllegalCharacters(text)
        | CronError::ComponentError(text) => text,
        CronError::EmptyPattern
        | CronError::InvalidDate
        | CronError::InvalidTime
        | CronError::TimeSearchLimitExceeded => reason.to_string(),
    };
    text.trim_end_matches('.').to_lowercase()
}
