//! The ports of instances that share the addresses of one machine.

use std::collections::BTreeMap;

use super::app::App;
use super::notice::Refusal;
use super::platform::Platform;
use crate::formation::ProcessType;
use crate::plan::{BoundPorts, DEFAULT_BASE, bound_ports};

/// The ports of one instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bound {
    /// Its port.
    pub(super) port: Option<u16>,
    /// Its named ports, by their variables.
    pub(super) extra: Vec<(String, u16)>,
}

/// Which ports are the machine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// All of them.
    All,
    /// The one in `PORT`; the named ones are seen by nobody else.
    Main,
}

/// The ports of every instance of each process type, all of them different.
pub(super) fn bound(
    app: &App<'_>,
    platform: Platform,
    which: Which,
) -> Result<Vec<Vec<Bound>>, Vec<Refusal>> {
    let base = app.formation.settings.base_port.unwrap_or(DEFAULT_BASE);
    let mut ground = Ground { platform, which, taken: BTreeMap::new() };
    let mut refusals = Vec::new();
    let mut types = Vec::new();
    for (process, ports) in app.formation.processes.iter().zip(bound_ports(app.formation, base)) {
        let mut instances = Vec::new();
        for ports in ports {
            match ground.instance(process, &ports) {
                Ok(bound) => instances.push(bound),
                Err(refusal) => refusals.push(refusal),
            }
        }
        types.push(instances);
    }
    if refusals.is_empty() { Ok(types) } else { Err(refusals) }
}

/// Who has which port.
struct Ground<'f> {
    platform: Platform,
    which: Which,
    taken: BTreeMap<u32, &'f ProcessType>,
}

impl<'f> Ground<'f> {
    fn instance(&mut self, process: &'f ProcessType, ports: &BoundPorts) -> Result<Bound, Refusal> {
        let port = ports.main.map(|port| self.take(process, port)).transpose()?;
        let extra = ports.extra.iter().filter(|_| self.which == Which::All).cloned();
        let extra: Vec<_> = extra.collect();
        let extra: Result<Vec<_>, _> = extra
            .into_iter()
            .map(|(name, port)| {
                Ok((format!("PORT_{}", name.variable()), self.take(process, port)?))
            })
            .collect();
        Ok(Bound { port, extra: extra? })
    }

    fn take(&mut self, process: &'f ProcessType, port: u32) -> Result<u16, Refusal> {
        match (u16::try_from(port), self.taken.insert(port, process)) {
            (Ok(port), None) => Ok(port),
            (Ok(_) | Err(_), other) => Err(Refusal::Port {
                process: process.name.clone(),
                platform: self.platform,
                port,
                other: other.map(|other| other.name.clone()),
            }),
        }
    }
}
