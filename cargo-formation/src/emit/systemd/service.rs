//! The service of a process type.

use std::time::Duration;

use super::PLATFORM;
use super::member::{Member, Shape};
use super::unit::{Part, Unit, Word};
use crate::emit::app::{App, GRACE};
use crate::emit::notice::{Refusal, Warning};
use crate::emit::resolve::{resolve, resolve_value};
use crate::formation::{ConfigItem, Piece, Ready, Restart};

/// What the processes do not get, because services do without. `MemoryDenyWriteExecute` is not
/// among it: it breaks what compiles at run time. `DynamicUser` brings along a read-only system,
/// a `/tmp` of its own, and that no rights are gained.
const HARDENING: [(&str, &str); 18] = [
    ("DynamicUser", "yes"),
    ("ProtectHome", "yes"),
    ("PrivateDevices", "yes"),
    ("ProtectKernelTunables", "yes"),
    ("ProtectKernelModules", "yes"),
    ("ProtectKernelLogs", "yes"),
    ("ProtectControlGroups", "yes"),
    ("ProtectClock", "yes"),
    ("ProtectHostname", "yes"),
    ("ProtectProc", "invisible"),
    ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
    ("RestrictNamespaces", "yes"),
    ("RestrictRealtime", "yes"),
    ("LockPersonality", "yes"),
    ("SystemCallArchitectures", "native"),
    ("SystemCallFilter", "@system-service"),
    ("SystemCallErrorNumber", "EPERM"),
    ("UMask", "0077"),
];

/// Below this port only whoever may listens.
const FIRST_FREE_PORT: u16 = 1024;

/// The unit of a process type.
pub(super) fn service(
    app: &App<'_>,
    name: &str,
    member: &Member<'_>,
    urls: &[(String, String)],
) -> Result<Unit, Vec<Refusal>> {
    let command = command(name, member);
    let environment = environment(app, member, urls);
    let directory = directory(name, member).map_err(|refusal| vec![refusal]);
    let (command, environment, directory) = match (command, environment, directory) {
        (Ok(command), Ok(environment), Ok(directory)) => (command, environment, directory),
        (command, environment, directory) => {
            let refusals = [command.err(), environment.err(), directory.err()];
            return Err(refusals.into_iter().flatten().flatten().collect());
        }
    };
    let mut unit = Unit::default();
    unit.section("Unit");
    order(&mut unit, app, name, member);
    unit.section("Service");
    unit.set("Type", kind(member));
    unit.set("ExecStart", command);
    unit.set("WorkingDirectory", directory);
    for assignment in environment {
        unit.set("Environment", assignment);
    }
    // Without the file, what is required would be missing.
    let is_required = app.formation.settings.config.iter().any(ConfigItem::has_to_be_said);
    unit.set("EnvironmentFile", format!("{}/etc/{name}/env", if is_required { "" } else { "-" }));
    treatment(&mut unit, name, member);
    for (key, value) in HARDENING {
        unit.set(key, value);
    }
    capabilities(&mut unit, member);
    Ok(unit)
}

/// What stands around it. At the start of the machine `release` is not run, so that nobody waits
/// for it then; in a deploy it comes first.
fn order(unit: &mut Unit, app: &App<'_>, name: &str, member: &Member<'_>) {
    unit.set("Description", format!("{name} {}", member.shown()));
    unit.set("Wants", "network-online.target");
    unit.set("After", "network-online.target");
    if app.release().is_some() && !member.process.name.is_release() {
        unit.set("After", format!("{name}-release.service"));
    }
    if member.process.socket {
        let instance = if member.shape == Shape::Template { "@%i" } else { "" };
        unit.set("Requires", format!("{}{instance}.socket", member.stem));
    }
    if member.shape != Shape::Once {
        unit.set("PartOf", format!("{name}.target"));
        // By default a few crashes in ten seconds would end it for good.
        unit.set("StartLimitIntervalSec", 0);
    }
}

fn kind(member: &Member<'_>) -> &'static str {
    match (member.shape, &member.process.ready) {
        (Shape::Once, _) => "oneshot",
        (Shape::Template | Shape::Single, Ready::Notify) => "notify",
        (
            Shape::Template | Shape::Single,
            Ready::Http(_) | Ready::Tcp | Ready::Log(_) | Ready::Started,
        ) => "exec",
    }
}

/// The working directory. It stands there as it is, up to the end of the line.
fn directory(name: &str, member: &Member<'_>) -> Result<String, Refusal> {
    let Some(dir) = &member.process.dir else { return Ok(format!("/opt/{name}")) };
    let dir = dir.display().to_string();
    let why = "a directory is on one line, and does not end with a space or a backslash";
    if dir.contains(char::is_control) || dir.ends_with(|c: char| c.is_whitespace() || c == '\\') {
        return Err(text_refused(member, &dir, why));
    }
    if dir.contains(is_noncharacter) {
        return Err(text_refused(member, &dir, NONCHARACTER));
    }
    Ok(format!("/opt/{name}/{}", dir.replace('%', "%%")))
}

/// The command line.
fn command(name: &str, member: &Member<'_>) -> Result<String, Vec<Refusal>> {
    let binary = &member.process.binary.name;
    // It is a path, in which nothing is expanded and not all is allowed.
    if !binary.chars().all(|c| c.is_ascii_alphanumeric() || "_-+.".contains(c)) {
        let why = "a program has letters, digits, `_`, `-`, `+` and `.` there";
        return Err(vec![text_refused(member, binary, why)]);
    }
    let mut words = vec![format!("/opt/{name}/bin/{binary}")];
    let mut refusals = Vec::new();
    for arg in &member.process.args {
        let parts: Vec<Part> = arg.pieces().iter().map(|piece| part(member, piece)).collect();
        match refuse(member, &parts, |c| c == '\0', "nothing that is started can have it") {
            Ok(()) => words.push(Word::of_command(&parts).to_string()),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if refusals.is_empty() { Ok(words.join(" ")) } else { Err(refusals) }
}

/// What is known of a piece of the table.
fn part(member: &Member<'_>, piece: &Piece) -> Part {
    let Piece::Variable(variable) = piece else { return Part::of(piece) };
    match (variable.as_str(), member.shape) {
        ("FORMATION_PROCESS", _) => Part::Text(member.process.name.to_string()),
        ("PORT", Shape::Template) if member.process.port.exists() => Part::Instance,
        ("PORT", Shape::Single) => Part::Text(member.port_word()),
        _ => Part::of(piece),
    }
}

/// The address of a process type in place of the variable that has it.
fn known(part: Part, urls: &[(String, String)]) -> Part {
    let Part::Variable(variable) = &part else { return part };
    let url = urls.iter().find(|(name, _)| name == variable);
    url.map_or(part, |(_, url)| Part::Text(url.clone()))
}

/// The variables that the unit itself has: ours, the defaults of the formation's configuration,
/// and those of the type. The environment file wins over them.
fn environment(
    app: &App<'_>,
    member: &Member<'_>,
    urls: &[(String, String)],
) -> Result<Vec<String>, Vec<Refusal>> {
    let mut pairs =
        vec![("FORMATION_PROCESS".to_owned(), vec![Part::Text(member.process.name.to_string())])];
    if member.process.port.exists() {
        pairs.push(("PORT".to_owned(), vec![part(member, &Piece::Variable("PORT".to_owned()))]));
    }
    if let (Shape::Single, Some(instance)) = (member.shape, member.instances.first()) {
        let extra = instance.ports.extra.iter();
        pairs.extend(extra.map(|(name, port)| (name.clone(), vec![Part::Text(port.to_string())])));
    }
    let given = urls.iter();
    pairs.extend(given.map(|(name, url)| (name.clone(), vec![Part::Text(url.clone())])));
    for item in &app.formation.settings.config {
        let default = item.default.iter();
        pairs.extend(default.map(|value| (item.name.clone(), vec![Part::Text(value.clone())])));
    }
    let own = &member.process.env;
    for (name, value) in own {
        let pieces = resolve_value(name, value, own);
        let parts = pieces.into_iter().map(|piece| known(part(member, piece), urls));
        pairs.push((name.clone(), parts.collect()));
    }
    let mut words = Vec::new();
    let mut refusals = Vec::new();
    for (name, parts) in pairs {
        match assignment(member, &name, &parts) {
            Ok(word) => words.push(word),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if refusals.is_empty() { Ok(words) } else { Err(refusals) }
}

fn assignment(member: &Member<'_>, name: &str, parts: &[Part]) -> Result<String, Refusal> {
    let is_refused = |c: char| c.is_ascii_control() && c != '\t' && c != '\n';
    let why = "a variable may have tabs and line breaks, and no other control characters";
    refuse(member, parts, is_refused, why)?;
    match Word::of_assignment(name, parts) {
        Ok(word) => Ok(word.to_string()),
        Err(variable) => Err(Refusal::Variable {
            process: member.process.name.clone(),
            platform: PLATFORM,
            name: name.to_owned(),
            variable,
        }),
    }
}

/// Refuse a text with characters in it that systemd refuses there, or everywhere.
fn refuse(
    member: &Member<'_>,
    parts: &[Part],
    is_refused: impl Fn(char) -> bool,
    why: &'static str,
) -> Result<(), Refusal> {
    for part in parts {
        match part {
            Part::Text(text) if text.contains(&is_refused) => {
                return Err(text_refused(member, text, why));
            }
            Part::Text(text) if text.contains(is_noncharacter) => {
                return Err(text_refused(member, text, NONCHARACTER));
            }
            Part::Text(_) | Part::Instance | Part::Variable(_) => {}
        }
    }
    Ok(())
}

const NONCHARACTER: &str =
    "one of its code points is no character, and the whole line would be left out";

/// What Unicode calls a noncharacter, and systemd no clean UTF-8: `unichar_is_valid` of its
/// source.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

fn text_refused(member: &Member<'_>, text: &str, why: &'static str) -> Refusal {
    let (process, text) = (member.process.name.clone(), text.escape_debug().to_string());
    Refusal::Text { process, platform: PLATFORM, text, why }
}

/// How it is stopped, started again, and held in bounds.
fn treatment(unit: &mut Unit, name: &str, member: &Member<'_>) {
    let process = member.process;
    if member.shape != Shape::Once {
        unit.set("Restart", restart(process.restart));
        unit.set("RestartSec", 1);
    }
    unit.set("KillSignal", process.stop.signal.name());
    // The signal that asks goes to the process, the one that kills to all of its group.
    unit.set("KillMode", "mixed");
    unit.set("TimeoutStopSec", timeout(process.stop.timeout.unwrap_or(GRACE)));
    if let Some(memory) = process.resources.memory {
        unit.set("MemoryMax", memory);
    }
    if let Some(cpu) = process.resources.cpu {
        let tenth = if cpu % 10 == 0 { String::new() } else { format!(".{}", cpu % 10) };
        unit.set("CPUQuota", format!("{}{tenth}%", cpu / 10));
    }
    unit.set("SyslogIdentifier", format!("{name}-{}", member.shown()));
    unit.set("Slice", format!("{name}.slice"));
    unit.set("User", name);
    unit.set("StateDirectory", name);
}

fn restart(restart: Restart) -> &'static str {
    match restart {
        Restart::Always => "always",
        Restart::OnFailure => "on-failure",
        Restart::Never => "no",
    }
}

/// How long something may take. None at all would be for ever; see `systemd.service(5)`.
fn timeout(time: Duration) -> String {
    if time.is_zero() {
        "1ms".to_owned()
    } else if time.subsec_millis() == 0 {
        format!("{}s", time.as_secs())
    } else {
        format!("{}ms", time.as_millis())
    }
}

/// None, but the one to listen where only few may.
fn capabilities(unit: &mut Unit, member: &Member<'_>) {
    let ports = member.instances.iter().flat_map(|instance| {
        instance.ports.port.into_iter().chain(instance.ports.extra.iter().map(|(_, port)| *port))
    });
    let needed = !member.process.socket && ports.min().is_some_and(|port| port < FIRST_FREE_PORT);
    let capability = if needed { "CAP_NET_BIND_SERVICE" } else { "" };
    unit.set("CapabilityBoundingSet", capability);
    if needed {
        unit.set("AmbientCapabilities", capability);
    }
}

/// What is another thing here than in development.
pub(super) fn warnings(member: &Member<'_>, urls: &[(String, String)]) -> Vec<Warning> {
    let process = member.process;
    let args = process.args.iter().flat_map(|arg| resolve(arg, &process.env));
    let values =
        process.env.iter().flat_map(|(name, value)| resolve_value(name, value, &process.env));
    let used = args.chain(values).filter_map(|piece| match known(part(member, piece), urls) {
        Part::Variable(name) => Some(name),
        Part::Text(_) | Part::Instance => None,
    });
    let ours = |name: &String| name == "PS" || name.starts_with("FORMATION_");
    let ours: std::collections::BTreeSet<String> = used.filter(ours).collect();
    let process = &process.name;
    ours.into_iter()
        .map(|variable| Warning::OwnVariable { process: process.clone(), variable })
        .collect()
}
