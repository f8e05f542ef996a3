//! The pod of a process type: one container, with no rights that a service does not need.

use std::time::Duration;

use super::name::{Kind, Names};
use super::text::{escape, lost, refused, text};
use crate::emit::app::{App, GRACE};
use crate::emit::container::{self, ContainerPort};
use crate::emit::notice::Refusal;
use crate::emit::resolve::{resolve, resolve_value};
use crate::emit::yaml::Node;
use crate::formation::{ConfigItem, Health, ProcessType, Resources};

/// How long a pod that is to stop goes on, so that nobody is led to it any more when it is asked.
const PARTING: Duration = Duration::from_secs(5);

/// What every pod is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given<'f> {
    /// The app.
    pub(super) app: &'f App<'f>,
    /// Its names.
    pub(super) names: &'f Names,
    /// The image, without a tag.
    pub(super) image: &'f str,
    /// What is another when a default is, so that the pods are too.
    pub(super) config: Option<&'f str>,
}

impl Given<'_> {
    /// Where everybody is reached, by the names that development has for them.
    pub(super) fn urls(&self) -> Vec<(String, String)> {
        let url = |process: &ProcessType| {
            let ports = container::ports(process);
            let port = ports.iter().find(|port| port.variable == "PORT")?.number;
            let name = format!("FORMATION_{}_URL", process.name.variable());
            Some((name, format!("http://{}:{port}", self.names.object(process))))
        };
        self.app.lasting().filter_map(url).collect()
    }
}

/// Whether a pod is started again when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// Whatever its exit status.
    Always,
    /// Never.
    Once,
}

/// The template of the pods of a process type.
pub(super) fn pod(
    given: &Given<'_>,
    process: &ProcessType,
    hold: Hold,
) -> Result<Node, Vec<Refusal>> {
    let mut metadata = vec![("labels".to_owned(), Node::Map(given.names.selector(process)))];
    if let Some(config) = given.config {
        let annotations = Node::map([("formation/config", Node::text(config))]);
        metadata.push(("annotations".to_owned(), annotations));
    }
    let parting = if parts(process) { PARTING } else { Duration::ZERO };
    let grace = process.stop.timeout.unwrap_or(GRACE) + parting;
    let mut spec = vec![
        ("automountServiceAccountToken", Node::Flag(false)),
        // Otherwise a service called `web` would set `WEB_PORT` and others everywhere.
        ("enableServiceLinks", Node::Flag(false)),
        ("terminationGracePeriodSeconds", Node::Number(seconds(grace))),
    ];
    if hold == Hold::Once {
        spec.push(("restartPolicy", Node::text("Never")));
    }
    spec.push(("containers", Node::List(vec![container(given, process)?])));
    let tmp = [("name", Node::text("tmp")), ("emptyDir", Node::Map(Vec::new()))];
    spec.push(("volumes", Node::List(vec![Node::map(tmp)])));
    let spec = spec.into_iter().map(|(key, node)| (key.to_owned(), node)).collect();
    Ok(Node::map([("metadata", Node::Map(metadata)), ("spec", Node::Map(spec))]))
}

/// Whether requests come to it.
fn parts(process: &ProcessType) -> bool {
    process.port.exists() && Kind::of(process) == Kind::Deployment
}

fn container(given: &Given<'_>, process: &ProcessType) -> Result<Node, Vec<Refusal>> {
    let (args, env, dir) = match (args(given, process), env(given, process), dir(process)) {
        (Ok(args), Ok(env), Ok(dir)) => (args, env, dir),
        (args, env, dir) => {
            let dir = dir.err().map(|refusal| vec![refusal]);
            return Err([args.err(), env.err(), dir].into_iter().flatten().flatten().collect());
        }
    };
    let mut keys = Vec::new();
    let mut add =
        |key: &str, node: Option<Node>| keys.extend(node.map(|node| (key.to_owned(), node)));
    add("name", Some(Node::text(Names::component(process))));
    add("image", Some(Node::text(given.image)));
    add("command", Some(Node::texts([escape(&process.binary.name)])));
    add("args", (!args.is_empty()).then(|| Node::texts(args)));
    add("workingDir", dir.map(Node::Text));
    add("env", Some(Node::List(env)));
    add("envFrom", sources(given));
    let ports = container::ports(process);
    add(
        "ports",
        (!ports.is_empty()).then(|| Node::List(ports.iter().map(container_port).collect())),
    );
    if let (true, Some(health)) = (parts(process), &process.health) {
        let failures = seconds(health.startup).div_ceil(seconds(health.interval));
        add("startupProbe", Some(probe(health, failures)));
        add("readinessProbe", Some(probe(health, 3)));
    }
    add("lifecycle", parts(process).then(parting));
    add("resources", resources(process.resources));
    add("securityContext", Some(rights()));
    let tmp = Node::map([("name", Node::text("tmp")), ("mountPath", Node::text("/tmp"))]);
    add("volumeMounts", Some(Node::List(vec![tmp])));
    Ok(Node::Map(keys))
}

/// The working directory. Nothing is expanded in it.
fn dir(process: &ProcessType) -> Result<Option<String>, Refusal> {
    let Some(dir) = &process.dir else { return Ok(None) };
    let dir = format!("/app/{}", dir.display());
    match lost(&dir) {
        Some(why) => Err(refused(process, &dir, why)),
        None => Ok(Some(dir)),
    }
}

fn args(given: &Given<'_>, process: &ProcessType) -> Result<Vec<String>, Vec<Refusal>> {
    let args = process.args.iter().map(|arg| text(given, process, &resolve(arg, &process.env)));
    all(args)
}

/// Ours, and those of the type. They win over what the app needs, which is read before.
fn env(given: &Given<'_>, process: &ProcessType) -> Result<Vec<Node>, Vec<Refusal>> {
    let entry = |name: &str, value: String| {
        Node::map([("name", Node::text(name)), ("value", Node::Text(value))])
    };
    let mut env = vec![entry("FORMATION_PROCESS", process.name.to_string())];
    let ports = container::ports(process);
    env.extend(ports.iter().map(|port| entry(&port.variable, port.number.to_string())));
    env.extend(given.urls().iter().map(|(name, url)| entry(name, url.clone())));
    let own = process.env.iter().map(|(name, value)| {
        let value = text(given, process, &resolve_value(name, value, &process.env))?;
        Ok(entry(name, value))
    });
    env.extend(all(own)?);
    Ok(env)
}

/// Everything, or every refusal.
fn all<T>(results: impl Iterator<Item = Result<T, Refusal>>) -> Result<Vec<T>, Vec<Refusal>> {
    let mut good = Vec::new();
    let mut refusals = Vec::new();
    for result in results {
        match result {
            Ok(value) => good.push(value),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if refusals.is_empty() { Ok(good) } else { Err(refusals) }
}

/// Where the app's own variables come from; of one that is in both, the secret counts.
fn sources(given: &Given<'_>) -> Option<Node> {
    let items = &given.app.formation.settings.config;
    if items.is_empty() {
        return None;
    }
    let mut sources = Vec::new();
    if given.config.is_some() {
        let name = Node::map([("name", Node::text(given.names.config()))]);
        sources.push(Node::map([("configMapRef", name)]));
    }
    let required = items.iter().any(ConfigItem::has_to_be_said);
    let secret = Node::map([
        ("name", Node::text(given.names.secret())),
        ("optional", Node::Flag(!required)),
    ]);
    sources.push(Node::map([("secretRef", secret)]));
    Some(Node::List(sources))
}

/// What a port is called: the names have fifteen characters at most.
pub(super) fn port_name(port: &ContainerPort) -> String {
    if port.variable == "PORT" { "http".to_owned() } else { format!("port-{}", port.number) }
}

fn container_port(port: &ContainerPort) -> Node {
    Node::map([
        ("name", Node::text(port_name(port))),
        ("containerPort", Node::Number(port.number.into())),
    ])
}

/// No `livenessProbe`: where health asks the database, every pod would be killed when that is away.
fn probe(health: &Health, failures: u64) -> Node {
    let get = [("path", Node::text(&health.path)), ("port", Node::text("http"))];
    Node::map([
        ("httpGet", Node::map(get)),
        ("periodSeconds", Node::Number(seconds(health.interval))),
        ("timeoutSeconds", Node::Number(seconds(health.timeout))),
        ("failureThreshold", Node::Number(failures)),
    ])
}

/// The image has no program that sleeps; Kubernetes has since 1.30.
fn parting() -> Node {
    let sleep = Node::map([("seconds", Node::Number(seconds(PARTING)))]);
    Node::map([("preStop", Node::map([("sleep", sleep)]))])
}

/// Memory is a limit as well, as a node that has none left kills anybody. Processor time is not:
/// what nobody else wants may be used.
fn resources(resources: Resources) -> Option<Node> {
    let memory = resources.memory.map(|memory| ("memory".to_owned(), Node::text(size(memory))));
    let cpu = resources.cpu.map(|cpu| ("cpu".to_owned(), Node::text(format!("{cpu}m"))));
    let requests: Vec<(String, Node)> = cpu.into_iter().chain(memory.clone()).collect();
    if requests.is_empty() {
        return None;
    }
    let mut keys = vec![("requests".to_owned(), Node::Map(requests))];
    keys.extend(memory.map(|memory| ("limits".to_owned(), Node::Map(vec![memory]))));
    Some(Node::Map(keys))
}

/// A size in bytes, shorter where it is whole.
fn size(bytes: u64) -> String {
    const MEBIBYTE: u64 = 1024 * 1024;
    if bytes.is_multiple_of(MEBIBYTE) {
        format!("{}Mi", bytes / MEBIBYTE)
    } else {
        bytes.to_string()
    }
}

fn rights() -> Node {
    Node::map([
        ("allowPrivilegeEscalation", Node::Flag(false)),
        ("readOnlyRootFilesystem", Node::Flag(true)),
        ("runAsNonRoot", Node::Flag(true)),
        ("capabilities", Node::map([("drop", Node::texts(["ALL"]))])),
        ("seccompProfile", Node::map([("type", Node::text("RuntimeDefault"))])),
    ])
}

/// Whole seconds, one at least.
pub(super) fn seconds(length: Duration) -> u64 {
    u64::try_from(length.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1)
}
