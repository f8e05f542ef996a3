//! Formations for tests: as plain as the table allows.

use crate::formation::{
    BackingService, Binary, Formation, Port, ProcessType, Ready, Restart, ServiceSource, Settings,
    Stop, StopSignal, Template,
};

/// A type of that name without a port, in package `app`.
pub(super) fn process(name: &str) -> ProcessType {
    let binary = Binary { package: "app".into(), name: name.into(), required_features: vec![] };
    ProcessType::of_binary(name.parse().unwrap(), binary)
}

/// A type of that name with a port.
pub(super) fn listening(name: &str, port: Port) -> ProcessType {
    ProcessType { port, ..process(name) }
}

/// A formation of these types, in this order.
pub(super) fn formation<const N: usize>(processes: [ProcessType; N]) -> Formation {
    Formation { processes: processes.into(), settings: Settings::default() }
}

/// A backing service of that name without a port, which runs these words.
pub(super) fn service(name: &str, words: &[&str]) -> BackingService {
    let mut words = words.iter().map(|word| Template::parse(word).unwrap());
    let program = words.next().unwrap();
    BackingService {
        name: name.parse().unwrap(),
        source: ServiceSource::Command { program, args: words.collect() },
        dir: None,
        env: vec![],
        port: Port::None,
        ready: Ready::Started,
        stop: Stop { signal: StopSignal::Term, timeout: None },
        restart: Restart::OnFailure,
        pty: false,
        image: None,
    }
}
