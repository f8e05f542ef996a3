//! A kustomization: a workload for each process type, and what it is reached and told by.
//!
//! Every file holds one object and is all ours. What differs between clusters, as a tag, a
//! namespace or the way in from outside, is said in a kustomization of somebody's own, which has
//! this directory among its resources.

mod name;
mod pod;
mod text;

use xxhash_rust::xxh3::xxh3_64;

use self::name::{KUBERNETES as PLATFORM, Kind, Names};
use self::pod::{Given, Hold, pod, seconds};
use self::text::lost;
use super::app::App;
use super::container;
use super::dockerfile::lost_dirs;
use super::notice::{Refusal, Unsaid, Warning};
use super::own::Own;
use super::schedule::{Clock, schedule};
use super::shell::ShellLine;
use super::yaml::Node;
use super::{Exported, File};
use crate::formation::{ProcessType, Restart};

/// The label of what has to be there before `release` runs, and of `release` itself.
const FIRST: (&str, &str) = ("formation/stage", "release");

/// For how long a start that was missed may be made up for.
const STARTING_DEADLINE: u64 = 300;

/// Export the kustomization.
pub(super) fn kubernetes(app: &App<'_>) -> Result<Exported, Vec<Refusal>> {
    if app.formation.processes.is_empty() {
        return Err(vec![Refusal::Empty { platform: PLATFORM }]);
    }
    Own::read(app, PLATFORM)?;
    let names = Names::of(app)?;
    let image = app.image(PLATFORM).map_err(|refusal| vec![refusal])?;
    let (config, mut refusals) = match config(app) {
        Ok(config) => (config, Vec::new()),
        Err(refusals) => (None, refusals),
    };
    let hash =
        config.as_ref().map(|config| format!("{:016x}", xxh3_64(config.to_string().as_bytes())));
    let given = Given { app, names: &names, image, config: hash.as_deref() };
    let mut objects = Vec::new();
    if let Some(config) = config {
        objects.push(("configmap".to_owned(), config_map(&names, config)));
    }
    for process in &app.formation.processes {
        match workload(&given, process) {
            Ok(object) => objects.push(object),
            Err(more) => refusals.extend(more),
        }
        objects.extend(service(&names, process));
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    Ok(Exported { files: files(&objects), unsaid: unsaid(app, &names), warnings: warnings(app) })
}

/// A file for each object, and the list of them.
fn files(objects: &[(String, Node)]) -> Vec<File> {
    let header = PLATFORM.header();
    let file =
        |stem: &str, node: &Node| File::ours(format!("{stem}.yaml"), format!("# {header}\n{node}"));
    let list = Node::map([
        ("apiVersion", Node::text("kustomize.config.k8s.io/v1beta1")),
        ("kind", Node::text("Kustomization")),
        ("resources", Node::texts(objects.iter().map(|(stem, _)| format!("{stem}.yaml")))),
    ]);
    let objects = objects.iter().map(|(stem, node)| file(stem, node));
    std::iter::once(file("kustomization", &list)).chain(objects).collect()
}

/// What the app needs from its environment and has a default for.
fn config(app: &App<'_>) -> Result<Option<Node>, Vec<Refusal>> {
    let items = app.formation.settings.config.iter().filter(|item| !item.secret);
    let defaults = items.filter_map(|item| Some((&item.name, item.default.as_ref()?)));
    let (mut pairs, mut refusals) = (Vec::new(), Vec::new());
    for (name, default) in defaults {
        match lost(default) {
            None => pairs.push((name.clone(), Node::text(default))),
            Some(why) => refusals.push(Refusal::Default {
                platform: PLATFORM,
                name: name.clone(),
                text: default.escape_debug().to_string(),
                why,
            }),
        }
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    Ok((!pairs.is_empty()).then_some(Node::Map(pairs)))
}

fn config_map(names: &Names, config: Node) -> Node {
    let mut labels = names.labels(None);
    labels.push((FIRST.0.to_owned(), Node::text(FIRST.1)));
    Node::map([
        ("apiVersion", Node::text("v1")),
        ("kind", Node::text("ConfigMap")),
        ("metadata", metadata(names.config(), labels)),
        ("data", config),
    ])
}

fn metadata(name: String, labels: Vec<(String, Node)>) -> Node {
    Node::map([("name", Node::text(name)), ("labels", Node::Map(labels))])
}

/// What runs a process type, and the stem of its file's name.
fn workload(given: &Given<'_>, process: &ProcessType) -> Result<(String, Node), Vec<Refusal>> {
    let names = given.names;
    let mut labels = names.labels(Some(process));
    let (kind, api, spec) = match Kind::of(process) {
        Kind::Deployment => ("Deployment", "apps/v1", deployment(given, process)?),
        Kind::CronJob => ("CronJob", "batch/v1", cron_job(given, process)?),
        Kind::Job => {
            labels.push((FIRST.0.to_owned(), Node::text(FIRST.1)));
            ("Job", "batch/v1", job(given, process)?)
        }
    };
    let node = Node::map([
        ("apiVersion", Node::text(api)),
        ("kind", Node::text(kind)),
        ("metadata", metadata(names.object(process), labels)),
        ("spec", spec),
    ]);
    Ok((format!("{}-{}", kind.to_lowercase(), Names::component(process)), node))
}

fn deployment(given: &Given<'_>, process: &ProcessType) -> Result<Node, Vec<Refusal>> {
    let strategy = if process.singleton {
        // The other strategy starts new code beside the old.
        Node::map([("type", Node::text("Recreate"))])
    } else {
        let rolling = [("maxUnavailable", Node::Number(0)), ("maxSurge", Node::Number(1))];
        Node::map([("type", Node::text("RollingUpdate")), ("rollingUpdate", Node::map(rolling))])
    };
    let selector = Node::map([("matchLabels", Node::Map(given.names.selector(process)))]);
    Ok(Node::map([
        ("replicas", Node::Number(process.quantity.into())),
        ("strategy", strategy),
        ("selector", selector),
        ("template", pod(given, process, Hold::Always)?),
    ]))
}

fn cron_job(given: &Given<'_>, process: &ProcessType) -> Result<Node, Vec<Refusal>> {
    let times = schedule(Clock::Kubernetes, process, PLATFORM).map_err(|refusal| vec![refusal])?;
    Ok(Node::map([
        ("schedule", Node::text(times)),
        ("timeZone", Node::text("Etc/UTC")),
        ("concurrencyPolicy", Node::text("Forbid")),
        ("startingDeadlineSeconds", Node::Number(STARTING_DEADLINE)),
        ("jobTemplate", Node::map([("spec", job(given, process)?)])),
    ]))
}

/// Once, and not again if it fails: somebody has to look.
fn job(given: &Given<'_>, process: &ProcessType) -> Result<Node, Vec<Refusal>> {
    let template = pod(given, process, Hold::Once)?;
    Ok(Node::map([("backoffLimit", Node::Number(0)), ("template", template)]))
}

/// The address of a process type.
fn service(names: &Names, process: &ProcessType) -> Option<(String, Node)> {
    let ports = container::ports(process);
    if ports.is_empty() || Kind::of(process) != Kind::Deployment {
        return None;
    }
    let port = |port: &container::ContainerPort| {
        let name = pod::port_name(port);
        Node::map([
            ("name", Node::text(name.clone())),
            ("port", Node::Number(port.number.into())),
            ("targetPort", Node::text(name)),
        ])
    };
    let spec = Node::map([
        ("selector", Node::Map(names.selector(process))),
        ("ports", Node::List(ports.iter().map(port).collect())),
    ]);
    let node = Node::map([
        ("apiVersion", Node::text("v1")),
        ("kind", Node::text("Service")),
        ("metadata", metadata(names.object(process), names.labels(Some(process)))),
        ("spec", spec),
    ]);
    Some((format!("service-{}", Names::component(process)), node))
}

fn warnings(app: &App<'_>) -> Vec<Warning> {
    let platform = PLATFORM;
    let usual = app.foremost().map(|process| process.stop.signal);
    let mut warnings = lost_dirs(app);
    for process in &app.formation.processes {
        let name = || process.name.clone();
        let component = Names::component(process);
        if component != process.name.as_str() {
            warnings.push(Warning::Renamed { process: name(), platform, name: component });
        }
        if let Some(signal) = usual.filter(|signal| *signal != process.stop.signal) {
            warnings.push(Warning::Signal { process: name(), platform, signal });
        }
        if process.restart == Restart::Never && Kind::of(process) == Kind::Deployment {
            warnings.push(Warning::Restarted { process: name(), platform });
        }
    }
    warnings
}

/// What makes it run, in this order.
fn unsaid(app: &App<'_>, names: &Names) -> Vec<Unsaid> {
    let directory = app.directory(PLATFORM).display().to_string();
    let say =
        |what: &str, line: &ShellLine| Unsaid { what: what.to_owned(), command: line.to_string() };
    let kubectl = |words: &[&str]| ShellLine::of(["kubectl"]).words(words.iter().copied());
    let mut unsaid = Vec::new();
    if app.formation.settings.config.iter().any(|item| item.default.is_none() || item.secret) {
        let create =
            ["create", "secret", "generic", &names.secret(), "--from-env-file", ".env.production"];
        unsaid.push(say("what is secret, or has no default", &kubectl(&create)));
    }
    let apply = ["apply", "--kustomize", &directory];
    if let Some(release) = app.release() {
        let job = format!("job/{}", names.object(release));
        let first = format!("{}={}", FIRST.0, FIRST.1);
        let forget = kubectl(&["delete", &job, "--ignore-not-found"]);
        unsaid.push(say("that `release` runs again, as a job that is there does not", &forget));
        let only = kubectl(&apply).words(["--selector", &first]);
        unsaid.push(say("that `release` runs before the others", &only));
        let grace = format!("{}s", seconds(std::time::Duration::from_mins(15)));
        let wait = ["wait", "--for", "condition=complete", "--timeout", &grace, &job];
        unsaid.push(say("that it has succeeded", &kubectl(&wait)));
    }
    unsaid.push(say("how the rest comes to the cluster", &kubectl(&apply)));
    unsaid
}

#[cfg(test)]
mod tests;
