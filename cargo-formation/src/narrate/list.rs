//! The formation as a table for people and as JSON for scripts.

use serde_json::{Value, json};

use crate::formation::{Formation, Port, ProcessType};

/// The formation as an aligned table, with a newline at its end.
///
/// `ports` are the public ports of the process types, in their order; who has none, or is
/// missing, shows `-`.
#[must_use]
pub fn text(formation: &Formation, ports: &[Option<u16>]) -> String {
    let heading = ["TYPE", "BINARY", "QUANTITY", "PORT", ""].map(str::to_owned);
    let rows = formation.processes.iter().enumerate().map(|(position, process)| {
        row(process, ports.get(position).copied().flatten(), several_packages(formation))
    });
    let rows: Vec<_> = std::iter::once(heading).chain(rows).collect();
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2), width(3)];
    let mut text = String::new();
    for row in &rows {
        text.push_str(line(row, widths).trim_end());
        text.push('\n');
    }
    text
}

type Row = [String; 5];

fn row(process: &ProcessType, port: Option<u16>, with_package: bool) -> Row {
    let binary = &process.binary;
    [
        process.name.to_string(),
        if with_package {
            format!("{}/{}", binary.package, binary.name)
        } else {
            binary.name.clone()
        },
        process.quantity.to_string(),
        port.map_or_else(|| "-".to_owned(), |port| port.to_string()),
        remarks(process),
    ]
}

/// Numbers end where their heading ends, words begin where it begins.
fn line([name, binary, quantity, port, remarks]: &Row, widths: [usize; 4]) -> String {
    let [a, b, c, d] = widths;
    format!("{name:a$}  {binary:b$}  {quantity:>c$}  {port:>d$}  {remarks}")
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
/// The document is an object with `app` (text or null) and `processes`, an array in
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
/// Keys are added, never renamed.
#[must_use]
pub fn json(formation: &Formation, ports: &[Option<u16>]) -> Value {
    let process = |(position, process): (usize, &ProcessType)| {
        process_json(process, ports.get(position).copied().flatten())
    };
    let processes: Vec<_> = formation.processes.iter().enumerate().map(process).collect();
    json!({ "app": formation.app(), "processes": processes })
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
        "port": port.filter(|_| process.port != Port::None),
        "ports": extra,
        "release": process.name.is_release(),
        "singleton": process.singleton,
        "schedule": process.schedule,
    })
}

#[cfg(test)]
mod tests;
