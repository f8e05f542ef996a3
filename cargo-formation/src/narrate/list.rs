//! The formation as a table for people and as JSON for scripts.

use serde_json::{Value, json};

use super::table::{Column, table};
use crate::formation::{BackingService, Formation, ProcessType, Ready, ServiceSource, Template};

/// Where everybody is reached, in declaration order; `None` for who has no port.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ports<'a> {
    /// The public ports of the process types.
    pub processes: &'a [Option<u16>],
    /// The ports of the backing services.
    pub services: &'a [Option<u16>],
}

/// The formation as aligned tables, with a newline at the end: the process types and, if there
/// are any, the backing services. Who has no port shows `-`.
#[must_use]
pub fn text(formation: &Formation, ports: Ports<'_>) -> String {
    let with_package = several_packages(formation);
    let processes = formation.processes.iter().zip(known(ports.processes));
    let rows: Vec<_> =
        processes.map(|(process, port)| process_row(process, port, with_package)).collect();
    let mut text = table(
        [
            Column::Words("TYPE"),
            Column::Words("BINARY"),
            Column::Numbers("QUANTITY"),
            Column::Numbers("PORT"),
            Column::Words(""),
        ],
        &rows,
    );
    let services = formation.settings.services.iter().zip(known(ports.services));
    let rows: Vec<_> = services.map(|(service, port)| service_row(service, port)).collect();
    if !rows.is_empty() {
        let columns = [
            Column::Words("SERVICE"),
            Column::Words("STARTED BY"),
            Column::Numbers("PORT"),
            Column::Words("READY"),
        ];
        text.push('\n');
        text.push_str(&table(columns, &rows));
    }
    text
}

/// The ports that are known, and none for everybody else.
fn known(ports: &[Option<u16>]) -> impl Iterator<Item = Option<u16>> {
    ports.iter().copied().chain(std::iter::repeat(None))
}

fn process_row(process: &ProcessType, port: Option<u16>, with_package: bool) -> [String; 5] {
    let binary = &process.binary;
    [
        process.name.to_string(),
        if with_package {
            format!("{}/{}", binary.package, binary.name)
        } else {
            binary.name.clone()
        },
        process.quantity.to_string(),
        or_none(port),
        remarks(process),
    ]
}

fn service_row(service: &BackingService, port: Option<u16>) -> [String; 4] {
    let (started_by, ready) = match &service.source {
        ServiceSource::Command { program, args } => (words(program, args), awaited(&service.ready)),
        ServiceSource::Compose { service: of, .. } => {
            (format!("compose: {of}"), awaited(&service.ready))
        }
        ServiceSource::Elsewhere => ("yourself".to_owned(), "-".to_owned()),
    };
    [service.name.to_string(), started_by, or_none(port), ready]
}

fn or_none(port: Option<u16>) -> String {
    port.map_or_else(|| "-".to_owned(), |port| port.to_string())
}

/// A command as it could stand in the table.
fn words(program: &Template, args: &[Template]) -> String {
    let words = std::iter::once(program).chain(args).map(|word| {
        let word = word.to_string();
        let plain = !word.is_empty() && !word.contains([' ', '\t', '\n', '"', '\'', '\\']);
        if plain { word } else { shell_words::quote(&word).into_owned() }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What is awaited until a service is up.
fn awaited(ready: &Ready) -> String {
    match ready {
        Ready::Log(text) => format!("log {text:?}"),
        Ready::Http(path) => format!("http {path}"),
        Ready::Tcp | Ready::Notify | Ready::Started => word(ready).to_owned(),
    }
}

/// The word of the table for it.
fn word(ready: &Ready) -> &'static str {
    match ready {
        Ready::Http(_) => "http",
        Ready::Tcp => "tcp",
        Ready::Log(_) => "log",
        Ready::Notify => "notify",
        Ready::Started => "started",
    }
}

fn several_packages(formation: &Formation) -> bool {
    let mut packages = formation.processes.iter().map(|process| &process.binary.package);
    packages.next().is_some_and(|first| packages.any(|other| other != first))
}

/// What sets a type apart from the others.
fn remarks(process: &ProcessType) -> String {
    let mut remarks = Vec::new();
    if process.name.is_release() {
        remarks.push("runs before the others".to_owned());
    }
    if process.singleton {
        remarks.push("singleton".to_owned());
    }
    if let Some(schedule) = &process.schedule {
        remarks.push(format!("at {schedule} (UTC)"));
    }
    remarks.join(", ")
}

/// The formation as JSON.
///
/// The document is an object with `app` (text or null), `processes` and `services`, arrays in
/// declaration order. Each process has
///
/// | key | value |
/// |---|---|
/// | `type` | the name of the process type |
/// | `package`, `binary` | the binary target it runs and the package that has it |
/// | `args` | its arguments, in the notation of the table |
/// | `quantity` | how many instances run in production |
/// | `port` | the public port in development, or null |
/// | `ports` | the names of its extra ports |
/// | `release` | whether it runs once, before the others start |
/// | `singleton` | whether there is never more than one |
/// | `schedule` | the cron expression by which it runs, or null |
///
/// and each backing service
///
/// | key | value |
/// |---|---|
/// | `service` | its name |
/// | `command` | the program and its arguments, in the notation of the table, or null |
/// | `compose` | its name in the compose file, or null; if both are null, the developer starts it |
/// | `port` | where it is reached, or null |
/// | `ready` | `http`, `tcp`, `log`, `notify` or `started` |
/// | `awaits` | the path of `http` or the text of `log`, else null |
///
/// Keys are added, never renamed.
#[must_use]
pub fn json(formation: &Formation, ports: Ports<'_>) -> Value {
    let processes = formation.processes.iter().zip(known(ports.processes));
    let processes: Vec<_> = processes.map(|(process, port)| process_json(process, port)).collect();
    let services = formation.settings.services.iter().zip(known(ports.services));
    let services: Vec<_> = services.map(|(service, port)| service_json(service, port)).collect();
    json!({ "app": formation.app(), "processes": processes, "services": services })
}

fn process_json(process: &ProcessType, port: Option<u16>) -> Value {
    let args: Vec<_> = process.args.iter().map(ToString::to_string).collect();
    let extra: Vec<_> = process.extra_ports.iter().map(|extra| extra.name.as_str()).collect();
    json!({
        "type": process.name.as_str(),
        "package": process.binary.package,
        "binary": process.binary.name,
        "args": args,
        "quantity": process.quantity,
        "port": port.filter(|_| process.port.exists()),
        "ports": extra,
        "release": process.name.is_release(),
        "singleton": process.singleton,
        "schedule": process.schedule,
    })
}

fn service_json(service: &BackingService, port: Option<u16>) -> Value {
    let (command, compose) = match &service.source {
        ServiceSource::Command { program, args } => {
            let words = std::iter::once(program).chain(args).map(ToString::to_string);
            (Some(words.collect::<Vec<_>>()), None)
        }
        ServiceSource::Compose { service, .. } => (None, Some(service)),
        ServiceSource::Elsewhere => (None, None),
    };
    let awaits = match &service.ready {
        Ready::Http(awaited) | Ready::Log(awaited) => Some(awaited),
        Ready::Tcp | Ready::Notify | Ready::Started => None,
    };
    json!({
        "service": service.name.as_str(),
        "command": command,
        "compose": compose,
        "port": port,
        "ready": word(&service.ready),
        "awaits": awaits,
    })
}

#[cfg(test)]
mod tests;
