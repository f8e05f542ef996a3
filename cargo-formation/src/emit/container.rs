//! What every process type has in a container of its own: its ports, and what it is told.

use crate::formation::{Port, ProcessType};

/// Where a process listens that nobody shares its addresses with, unless the table says.
pub(super) const PORT: u16 = 8080;

/// A port inside of the container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ContainerPort {
    /// The variable that tells it: `PORT`, `PORT_ADMIN`.
    pub(super) variable: String,
    /// Its number.
    pub(super) number: u16,
}

/// The ports of a process type, its main one first. All are different.
pub(super) fn ports(process: &ProcessType) -> Vec<ContainerPort> {
    let extra = process.extra_ports.iter();
    let extra = extra.map(|extra| (format!("PORT_{}", extra.name.variable()), extra.port));
    let wanted: Vec<(String, Port)> =
        std::iter::once(("PORT".to_owned(), process.port)).chain(extra).collect();
    // Those that were chosen have theirs, whatever stands before them.
    let mut taken: Vec<u16> = wanted.iter().filter_map(|(_, port)| exact(*port)).collect();
    let mut ports = Vec::new();
    for (variable, port) in wanted {
        let number = match port {
            Port::None => continue,
            Port::Exact(number) => number,
            Port::Assigned => {
                let free = (PORT..=u16::MAX).find(|number| !taken.contains(number)).unwrap_or(PORT);
                taken.push(free);
                free
            }
        };
        ports.push(ContainerPort { variable, number });
    }
    ports
}

fn exact(port: Port) -> Option<u16> {
    match port {
        Port::Exact(number) => Some(number),
        Port::None | Port::Assigned => None,
    }
}

#[cfg(test)]
mod tests {
    use super::ports;
    use crate::emit::sample::process;
    use crate::formation::{ExtraPort, Port};

    fn check(port: Port, extra: &[(&str, Port)], expected: &[(&str, u16)]) {
        let mut process = process("web");
        process.port = port;
        let extra = extra.iter().map(|(name, port)| (name.parse().unwrap(), *port));
        process.extra_ports = extra.map(|(name, port)| ExtraPort { name, port }).collect();
        let found = ports(&process);
        let found: Vec<_> = found.iter().map(|port| (&*port.variable, port.number)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_port_has_a_number_of_its_own() {
        let (some, exact) = (Port::Assigned, Port::Exact);
        check(Port::None, &[], &[]);
        check(some, &[], &[("PORT", 8080)]);
        check(exact(80), &[("admin", some)], &[("PORT", 80), ("PORT_ADMIN", 8080)]);
        check(
            some,
            &[("a", some), ("b", some)],
            &[("PORT", 8080), ("PORT_A", 8081), ("PORT_B", 8082)],
        );
        check(some, &[("a", exact(8080))], &[("PORT", 8081), ("PORT_A", 8080)]);
    }
}
