//! The service of a process type.

use std::time::Duration;

use super::PLATFORM;
use super::backing::Backing;
use super::text::{NOT_THE_SAME, Text, is_of_its_own};
use crate::emit::app::{App, GRACE};
use crate::emit::bound::Bound;
use crate::emit::container::{self, ContainerPort};
use crate::emit::dockerfile::Variable;
use crate::emit::notice::{Refusal, Warning};
use crate::emit::resolve::{resolve, resolve_value};
use crate::emit::yaml::Node;
use crate::formation::{ConfigItem, Piece, ProcessType, Resources, Restart};

/// What every service is given.
#[derive(Debug)]
pub(super) struct Given<'f> {
    /// The formation.
    pub(super) app: &'f App<'f>,
    /// The image of all of them.
    pub(super) image: Text,
    /// What the image says to all of them.
    pub(super) variables: Vec<Variable<'f>>,
    /// The backing services beside them.
    pub(super) backing: &'f [Backing<'f>],
    /// Where everybody is reached.
    pub(super) urls: Vec<(String, String)>,
}

impl Given<'_> {
    /// The value that a variable has when nobody says another.
    fn default(&self, name: &str) -> Option<&str> {
        let mut config = self.app.formation.settings.config.iter();
        let config = config.find(|item| item.name == name);
        let of_image = || self.variables.iter().find(|known| known.name == name);
        config
            .and_then(|item| item.default.as_deref())
            .or_else(|| of_image().map(|variable| variable.value))
    }
}

/// The service of a process type, whose instances are reached at these ports of the machine.
pub(super) fn service(
    given: &Given<'_>,
    process: &ProcessType,
    ports: &[Bound],
) -> Result<Node, Vec<Refusal>> {
    let inside = container::ports(process);
    let (command, environment) =
        match (command(process, &inside, given), environment(given, process, &inside)) {
            (Ok(command), Ok(environment)) => (command, environment),
            (command, environment) => {
                let refusals = command.err().into_iter().chain(environment.err());
                return Err(refusals.flatten().collect());
            }
        };
    let mut keys = vec![
        ("image".to_owned(), given.image.clone().node()),
        ("build".to_owned(), Node::map([("context", Node::text("."))])),
        ("command".to_owned(), Node::List(command)),
        ("environment".to_owned(), Node::Map(environment)),
    ];
    let mut add = |key: &str, node: Option<Node>| {
        keys.extend(node.map(|node| (key.to_owned(), node)));
    };
    let dir = process.dir.as_ref().map(|dir| Text::literal(&format!("/app/{}", dir.display())));
    add("working_dir", dir.map(Text::node));
    add("ports", published(&inside, ports));
    add("depends_on", waits_for(given, process));
    add("profiles", process.schedule.as_ref().map(|_| Node::texts(["scheduled"])));
    // Process 1 of a container does not end by a signal that it does not handle.
    add("init", Some(Node::Flag(true)));
    add("restart", Some(Node::text(restart(process))));
    add("stop_signal", Some(Node::text(process.stop.signal.name())));
    add("stop_grace_period", Some(Node::text(length(process.stop.timeout.unwrap_or(GRACE)))));
    add("cap_drop", Some(Node::texts(["ALL"])));
    add("security_opt", Some(Node::texts(["no-new-privileges:true"])));
    add("deploy", Some(deploy(process)));
    Ok(Node::Map(keys))
}

/// The words of the command. There is no shell in the container; what is known only when it is
/// started is put in by the engine.
fn command(
    process: &ProcessType,
    inside: &[ContainerPort],
    given: &Given<'_>,
) -> Result<Vec<Node>, Vec<Refusal>> {
    let mut words = vec![Text::literal(&process.binary.name).node()];
    let mut refusals = Vec::new();
    for arg in &process.args {
        match value(process, &resolve(arg, &process.env), inside, given) {
            Ok(text) => words.push(text.node()),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if refusals.is_empty() { Ok(words) } else { Err(refusals) }
}

/// A text of the table.
fn value(
    process: &ProcessType,
    pieces: &[&Piece],
    inside: &[ContainerPort],
    given: &Given<'_>,
) -> Result<Text, Refusal> {
    let mut text = Text::default();
    for piece in pieces {
        text = match piece {
            Piece::Text(literal) if literal.contains('\0') => {
                return Err(text_refused(process, literal, "nothing that is started can have it"));
            }
            Piece::Text(literal) => text.and(literal),
            Piece::Variable(name) => match known(process, name, inside, given) {
                Some(known) => text.and(&known),
                None => text.and_all(&outside(process, name, given)?),
            },
        };
    }
    Ok(text)
}

/// A variable that whoever starts the engine may set, or has to.
fn outside(process: &ProcessType, name: &str, given: &Given<'_>) -> Result<Text, Refusal> {
    let is_asked = given.app.formation.settings.config.iter().any(|item| item.name == name);
    match given.default(name) {
        Some(default) => defaulted(name, default),
        None if !is_asked && is_of_its_own(name) => {
            Err(text_refused(process, &format!("${name}"), NOT_THE_SAME))
        }
        None => Ok(Text::default().needed(name)),
    }
}

fn defaulted(name: &str, default: &str) -> Result<Text, Refusal> {
    Text::with_default(name, default).ok_or_else(|| Refusal::Default {
        platform: PLATFORM,
        name: name.to_owned(),
        text: default.escape_debug().to_string(),
        why: "a brace or a line break ends a default there; let the program have the default",
    })
}

/// A variable that is the same in every container of the type.
fn known(
    process: &ProcessType,
    name: &str,
    inside: &[ContainerPort],
    given: &Given<'_>,
) -> Option<String> {
    if name == "FORMATION_PROCESS" {
        return Some(process.name.to_string());
    }
    let port = inside.iter().find(|port| port.variable == name).map(|port| port.number.to_string());
    let url = || given.urls.iter().find(|(known, _)| known == name).map(|(_, url)| url.clone());
    port.or_else(url)
}

/// The variables: ours, what the app needs, and those of the type. What the app needs comes from
/// the shell of who starts the engine, or from `.env`; no value of a secret is here.
fn environment(
    given: &Given<'_>,
    process: &ProcessType,
    inside: &[ContainerPort],
) -> Result<Vec<(String, Node)>, Vec<Refusal>> {
    let mut pairs =
        vec![("FORMATION_PROCESS".to_owned(), Text::literal(process.name.as_str()).node())];
    let ports = inside.iter();
    pairs.extend(ports.map(|port| (port.variable.clone(), Node::text(port.number.to_string()))));
    let urls = given.urls.iter();
    pairs.extend(urls.map(|(name, url)| (name.clone(), Text::literal(url).node())));
    let mut refusals = Vec::new();
    let own = &process.env;
    let is_own = |name: &str| own.iter().any(|(known, _)| known == name);
    let config = given.app.formation.settings.config.iter();
    for item in config.filter(|item| !is_own(&item.name)) {
        match needed(given, item) {
            Ok(node) => pairs.push((item.name.clone(), node)),
            Err(refusal) => refusals.push(refusal),
        }
    }
    for (name, template) in own {
        match value(process, &resolve_value(name, template, own), inside, given) {
            Ok(text) => pairs.push((name.clone(), text.node())),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if refusals.is_empty() { Ok(pairs) } else { Err(refusals) }
}

/// What the app needs of its environment. Without a value it is passed on if it is set: what is
/// not set is then taken out of the container, whatever its image says.
fn needed(given: &Given<'_>, item: &ConfigItem) -> Result<Node, Refusal> {
    match given.default(&item.name) {
        Some(default) => Ok(defaulted(&item.name, default)?.node()),
        None if item.required => Ok(Text::default().needed(&item.name).node()),
        None => Ok(Node::Null),
    }
}

fn text_refused(process: &ProcessType, text: &str, why: &'static str) -> Refusal {
    let (process, text) = (process.name.clone(), text.escape_debug().to_string());
    Refusal::Text { process, platform: PLATFORM, text, why }
}

/// Where it is reached on the machine, and from nowhere else. As many ports as instances: with
/// one for several, the second would not start.
fn published(inside: &[ContainerPort], ports: &[Bound]) -> Option<Node> {
    let target = inside.iter().find(|port| port.variable == "PORT")?.number;
    let mut bound = ports.iter().filter_map(|bound| bound.port);
    let first = bound.next()?;
    let range =
        bound.next_back().map_or_else(|| first.to_string(), |last| format!("{first}-{last}"));
    Some(Node::List(vec![Node::map([
        ("target", Node::Number(target.into())),
        ("published", Node::text(range)),
        ("host_ip", Node::text("127.0.0.1")),
    ])]))
}

/// `release` waits for what is attached to, the others for `release`.
fn waits_for(given: &Given<'_>, process: &ProcessType) -> Option<Node> {
    let mut waits = Vec::new();
    let mut wait = |name: &str, condition: &str| {
        waits.push((name.to_owned(), Node::map([("condition", Node::text(condition))])));
    };
    if given.app.release().is_some() && !process.name.is_release() {
        wait("release", "service_completed_successfully");
    }
    for backing in given.backing {
        wait(backing.service.name.as_str(), backing.condition());
    }
    (!waits.is_empty()).then_some(Node::Map(waits))
}

/// `on-failure` of an engine does not start again when the machine does, so what has to run is
/// started again whatever its exit status.
fn restart(process: &ProcessType) -> &'static str {
    let runs_once = process.name.is_release() || process.schedule.is_some();
    match process.restart {
        Restart::Never => "no",
        Restart::Always | Restart::OnFailure if runs_once => "no",
        Restart::Always | Restart::OnFailure => "unless-stopped",
    }
}

pub(super) fn length(time: Duration) -> String {
    if time.subsec_millis() == 0 {
        format!("{}s", time.as_secs())
    } else {
        format!("{}ms", time.as_millis())
    }
}

fn deploy(process: &ProcessType) -> Node {
    let mut keys = vec![("replicas".to_owned(), Node::Number(process.quantity.into()))];
    let Resources { memory, cpu } = process.resources;
    let memory = memory.map(|bytes| ("memory".to_owned(), Node::text(format!("{bytes}b"))));
    let cpu =
        cpu.map(|cpu| ("cpus".to_owned(), Node::text(format!("{}.{:03}", cpu / 1000, cpu % 1000))));
    let limits: Vec<_> = memory.into_iter().chain(cpu).collect();
    if !limits.is_empty() {
        keys.push(("resources".to_owned(), Node::map([("limits", Node::Map(limits))])));
    }
    Node::Map(keys)
}

/// What is another thing here than in development.
pub(super) fn warnings(process: &ProcessType) -> Vec<Warning> {
    let name = || process.name.clone();
    let socket = process.socket.then(|| Warning::NoSocket { process: name(), platform: PLATFORM });
    let args = process.args.iter().flat_map(|arg| resolve(arg, &process.env));
    let values =
        process.env.iter().flat_map(|(name, value)| resolve_value(name, value, &process.env));
    let instance = args.chain(values).find_map(|piece| match piece {
        Piece::Variable(name) if name == "PS" || name == "FORMATION_INSTANCE" => Some(name.clone()),
        Piece::Variable(_) | Piece::Text(_) => None,
    });
    let instance = instance.map(|variable| Warning::OwnVariable { process: name(), variable });
    [socket, instance].into_iter().flatten().collect()
}
