//! From what was written to a process type with its defaults applied.

use std::time::Duration;

use crate::formation::{Binary, Port, ProcessType, Ready, Resources, Restart};

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
    let by_default = match (port, &health) {
        (Port::None, _) => Ready::Started,
        (_, Some(_)) => Ready::Http,
        (_, None) => Ready::Tcp,
    };
    ProcessType {
        name,
        binary,
        args: keys.args.or(Vec::new()),
        env: keys.env.or(Vec::new()),
        dir: keys.dir.value(),
        quantity: keys.quantity.or(1),
        port,
        extra_ports: keys.ports.or(Vec::new()).into_iter().map(|(port, _)| port).collect(),
        health,
        ready: keys.ready.value().map_or(by_default, ready),
        route,
        overlap: keys.overlap.or(port.exists() && route && !singleton),
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

fn ready(key: ReadyKey) -> Ready {
    match key {
        ReadyKey::Http => Ready::Http,
        ReadyKey::Tcp => Ready::Tcp,
        ReadyKey::Notify => Ready::Notify,
        ReadyKey::Started => Ready::Started,
        ReadyKey::Log(text) => Ready::Log(text),
    }
}
