//! Formations for tests: as plain as the table allows.

use std::time::Duration;

use crate::formation::{
    Binary, Formation, Port, ProcessType, Ready, Resources, Restart, Settings, Stop, StopSignal,
};

/// A type of that name without a port, in package `app`.
pub(super) fn process(name: &str) -> ProcessType {
    ProcessType {
        name: name.parse().unwrap(),
        binary: Binary { package: "app".into(), name: name.into(), required_features: vec![] },
        args: vec![],
        env: vec![],
        dir: None,
        quantity: 1,
        port: Port::None,
        extra_ports: vec![],
        health: None,
        ready: Ready::Started,
        route: true,
        overlap: true,
        drain: Duration::from_secs(5),
        socket: false,
        stop: Stop { signal: StopSignal::Term, timeout: None },
        restart: Restart::OnFailure,
        singleton: false,
        schedule: None,
        watch: vec![],
        inputs: vec![],
        rerun: false,
        cargo_env: false,
        pty: false,
        resources: Resources::default(),
    }
}

/// A type of that name with a port.
pub(super) fn listening(name: &str, port: Port) -> ProcessType {
    ProcessType { port, ..process(name) }
}

/// A formation of these types, in this order.
pub(super) fn formation<const N: usize>(processes: [ProcessType; N]) -> Formation {
    Formation { processes: processes.into(), settings: Settings::default() }
}
