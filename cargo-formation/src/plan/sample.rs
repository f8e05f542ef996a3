//! Formations for tests: as plain as the table allows.

use crate::formation::{Binary, Formation, Port, ProcessType, Settings};

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
