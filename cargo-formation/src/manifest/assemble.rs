//! From what was written to a process type with its defaults applied.

use std::time::Duration;

use crate::formation::{Binary, Health, Origin, Port, ProcessType, Ready, Resources, Restart};

use super::process::Draft;
use super::value::{ReadyKey, STOP};

/// How long a run that gets nothing new may finish what it has.
const DRAIN: Duration = Duration::from_secs(5);

/// Apply what follows from other keys. Nothing of the draft is faulty any more.
pub(super) fn process_type(draft: Draft, binary: Binary) -> ProcessType {
    let port = draft.effective_port().unwrap_or(Port::None);
    let Draft { name, keys, .. } = draft;
    let health = keys.health.value();
    let route = keys.route.or(true);
    let singleton = keys.singleton.or(false);
    let extra_ports: Vec<_> = keys.ports.or(Vec::new()).into_iter().map(|(port, _)| port).collect();
    let env = keys.env.or(Vec::new()).into_iter();
    let alone = singleton || !extra_ports.is_empty();
    let ready = match keys.ready.value() {
        Some(key) => ready(key, health.as_ref()),
        None => by_default(port, health.as_ref()),
    };
    ProcessType {
        name,
        origin: Origin::Table,
        binary,
        args: keys.args.or(Vec::new()),
        env: env.map(|variable| (variable.name, variable.value)).collect(),
        dir: keys.dir.value(),
        quantity: keys.quantity.or(1),
        port,
        extra_ports,
        health,
        ready,
        route,
        overlap: keys.overlap.or(port.exists() && route && !alone),
        drain: keys.drain.or(DRAIN),
        socket: keys.socket.or(false),
        stop: keys.stop.or(STOP),
        restart: keys.restart.or(Restart::OnFailure),
        singleton,
        schedule: keys.schedule.value(),
        watch: keys.watch.or(Vec::new()),
        inputs: keys.inputs.or(Vec::new()),
        rerun: keys.rerun.or(false),
        cargo_env: keys.cargo_env.or(false),
        pty: keys.pty.or(false),
        resources: keys.resources.or(Resources::default()),
    }
}

/// What follows from the port and the health path.
fn by_default(port: Port, health: Option<&Health>) -> Ready {
    match (port, health) {
        (Port::None, _) => Ready::Started,
        (_, Some(health)) => Ready::Http(health.path.clone()),
        (_, None) => Ready::Tcp,
    }
}

fn ready(key: ReadyKey, health: Option<&Health>) -> Ready {
    match key {
        // Without a path to ask for the rules have refused it.
        ReadyKey::Http => health.map_or(Ready::Tcp, |health| Ready::Http(health.path.clone())),
        ReadyKey::HttpAt(path) => Ready::Http(path),
        ReadyKey::Tcp => Ready::Tcp,
        ReadyKey::Notify => Ready::Notify,
        ReadyKey::Started => Ready::Started,
        ReadyKey::Log(text) => Ready::Log(text),
    }
}
