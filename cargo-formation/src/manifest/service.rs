//! Backing services: what the app attaches to in development.

use crate::formation::{BackingService, Port, Ready, Restart, ServiceSource, Template};

use super::entry::{Entry, Field, Fields};
use super::problem::{Parsed, Problem, Problems};
use super::value::{
    ReadyKey, STOP, args, boolean, env, inside, name, port, ready, restart, stop, text,
};
use super::workspace::Place;

/// A backing service and where its name, its port and its variables stand.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) value: BackingService,
    pub(super) at: Place,
    pub(super) port_at: Place,
    pub(super) env_at: Vec<Place>,
}

const EXPECTED: &str = "a table, as `{ command = \"redis-server --port $PORT\" }`";

/// What only a command can have: a compose file says the same in its own words.
const COMMAND_KEYS: [&str; 5] = ["dir", "env", "stop", "restart", "pty"];

/// Read one. It is there whenever its name is valid, so that names can be compared although
/// some of its values are wrong.
pub(super) fn service(entry: Entry<'_>) -> (Option<Service>, Vec<Problem>) {
    let name = match name(&entry) {
        Ok(name) => name,
        Err(fault) => return (None, fault.0),
    };
    let mut fields = match entry.fields(EXPECTED) {
        Ok(fields) => fields,
        Err(fault) => return (None, with_command(entry, fault).0),
    };
    let source = source(&mut fields, entry);
    let port = fields.read("port", port);
    let ready = fields.read("ready", ready);
    let port_at = port.given().map_or(entry.at, |(_, at)| at);
    reachable(&mut fields, &source, &port);
    let ready = readiness(&mut fields, &source, &ready, &port);
    let env = fields.read("env", env).or(Vec::new()).into_iter();
    let (env, env_at) = env.map(|variable| ((variable.name, variable.value), variable.at)).unzip();
    let service = BackingService {
        name,
        source,
        dir: fields.read("dir", inside).value(),
        env,
        port: port.or(Port::None),
        ready,
        stop: fields.read("stop", stop).or(STOP),
        restart: fields.read("restart", restart).or(Restart::OnFailure),
        pty: fields.read("pty", boolean).or(false),
        image: fields.read("image", text).value(),
    };
    let service = Service { value: service, at: entry.at, port_at, env_at };
    (Some(service), fields.problems(|_| None))
}

fn with_command(entry: Entry<'_>, mut fault: Problems) -> Problems {
    if let (Some(text), Some(problem)) = (entry.as_str(), fault.0.first_mut()) {
        problem.help = Some(format!("write `{{ command = {text:?} }}`"));
    }
    fault
}

fn source(fields: &mut Fields<'_>, entry: Entry<'_>) -> ServiceSource {
    let command = fields.read("command", command);
    let compose = fields.read("compose", compose);
    let keep = fields.read("keep", boolean);
    match (command, compose) {
        (Field::Given { at, .. }, Field::Given { at: other, .. }) => {
            let problem = Problem::error(format!("`{}` has two sources", entry.key));
            fields.report(
                problem.at(other, "a compose file starts it").beside(at, "a command starts it"),
            );
            command_of(None)
        }
        (Field::Absent | Field::Faulty, Field::Given { value: service, .. }) => {
            foreign_keys(fields);
            ServiceSource::Compose { service, keep: keep.or(false) }
        }
        (command, compose) => {
            if command.is_absent() && compose.is_absent() {
                fields.report(no_source(entry));
            }
            if let (true, Some((_, at))) = (compose.is_absent(), keep.given()) {
                let problem = Problem::error("`keep` is for services of a compose file");
                fields.report(problem.at(at, "a command ends with the formation"));
            }
            command_of(command.value())
        }
    }
}

/// The name of a service in the compose file. The engine would take a dash for an option.
fn compose(entry: Entry<'_>) -> Parsed<String> {
    let name = text(entry)?;
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.starts_with('-') || !name.chars().all(in_name) {
        let why = "expected the name of a service in the compose file";
        return Err(entry.invalid(why).into());
    }
    Ok(name)
}

/// A program and its arguments. What is empty names no program.
fn command(entry: Entry<'_>) -> Parsed<(Template, Vec<Template>)> {
    let mut words = args(entry)?;
    if words.first().is_none_or(|program| program.pieces().is_empty()) {
        return Err(entry.invalid("there is no program").into());
    }
    let program = words.remove(0);
    Ok((program, words))
}

/// That command, or one in its place where something is wrong with it.
fn command_of(given: Option<(Template, Vec<Template>)>) -> ServiceSource {
    let (program, args) = given.unwrap_or_default();
    ServiceSource::Command { program, args }
}

fn no_source(entry: Entry<'_>) -> Problem {
    Problem::error(format!(
        "the backing service `{}` has neither `command` nor `compose`",
        entry.key
    ))
    .at(entry.at, "nothing starts it")
    .help("add `command = \"…\"`, or `compose = \"name of a service in the compose file\"`")
}

fn foreign_keys(fields: &mut Fields<'_>) {
    for key in COMMAND_KEYS {
        fields.refuse(key, |entry| {
            Problem::error(format!("`{key}` and `compose` exclude each other"))
                .at(entry.at, "the compose file says this")
        });
    }
}

/// The compose file publishes a port; nobody can choose another for it.
fn reachable(fields: &mut Fields<'_>, source: &ServiceSource, port: &Field<Port>) {
    if let (ServiceSource::Compose { .. }, Some((Port::Assigned, at))) = (source, port.given()) {
        fields.report(
            Problem::error("the port of a compose service must be a number")
                .at(at, "the compose file chooses it")
                .help("write the port that the compose file publishes"),
        );
    }
}

fn readiness(
    fields: &mut Fields<'_>,
    source: &ServiceSource,
    ready: &Field<ReadyKey>,
    port: &Field<Port>,
) -> Ready {
    let has_port = port.given().is_some_and(|(port, _)| port.exists());
    let Some((key, at)) = ready.given() else {
        return if has_port { Ready::Tcp } else { Ready::Started };
    };
    // Of a port that is wrong something has been said already.
    if let (false, false, Some(asks)) = (has_port, port.is_faulty(), key.asks_a_port()) {
        fields.report(no_port(asks, source, at));
    }
    if let (ReadyKey::Notify, ServiceSource::Compose { .. }) = (key, source) {
        fields.report(
            Problem::error("`ready = \"notify\"` and `compose` exclude each other")
                .at(at, "nothing in a container reaches the socket")
                .help("use `port`, or `ready = { log = \"text\" }`"),
        );
    }
    match key {
        ReadyKey::Http => Ready::Http("/".to_owned()),
        ReadyKey::HttpAt(path) => Ready::Http(path.clone()),
        ReadyKey::Tcp => Ready::Tcp,
        ReadyKey::Notify => Ready::Notify,
        ReadyKey::Started => Ready::Started,
        ReadyKey::Log(text) => Ready::Log(text.clone()),
    }
}

fn no_port(asks: &str, source: &ServiceSource, at: Place) -> Problem {
    let help = match source {
        ServiceSource::Command { .. } | ServiceSource::Elsewhere => "add `port = true`",
        ServiceSource::Compose { .. } => "add `port`, the number that the compose file publishes",
    };
    Problem::error(format!("`{asks}` needs a port")).at(at, "nothing to connect to").help(help)
}
