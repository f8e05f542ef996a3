//! What each process type is among the units: their names, and the ports of its instances.

use std::collections::BTreeMap;

use super::PLATFORM;
use crate::emit::app::App;
use crate::emit::notice::Refusal;
use crate::formation::ProcessType;
use crate::plan::{BoundPorts, DEFAULT_BASE, bound_ports};

/// A process type and its units.
#[derive(Clone, Debug)]
pub(super) struct Member<'f> {
    /// The type.
    pub(super) process: &'f ProcessType,
    /// `shop-web`.
    pub(super) stem: String,
    /// How its units are named.
    pub(super) shape: Shape,
    /// Those that the table wants.
    pub(super) instances: Vec<Instance>,
}

/// How the units of a process type are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `shop-web@4000.service`: as many as somebody starts.
    Template,
    /// `shop-clock.service`: there is never more than one.
    Single,
    /// `shop-release.service`, and what runs by the clock: started, and not kept running.
    Once,
}

/// One instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instance {
    /// What stands behind `@`: its port, else its number.
    pub(super) name: String,
    /// Its port.
    pub(super) port: Option<u16>,
    /// Its named ports, by their variables.
    pub(super) extra: Vec<(String, u16)>,
}

impl Member<'_> {
    /// The name of its unit file, without what kind of unit it is.
    pub(super) fn file_stem(&self) -> String {
        let at = if self.shape == Shape::Template { "@" } else { "" };
        format!("{}{at}", self.stem)
    }

    /// The service of an instance.
    pub(super) fn unit(&self, instance: &Instance) -> String {
        format!("{}.service", self.instance_stem(instance))
    }

    fn instance_stem(&self, instance: &Instance) -> String {
        match self.shape {
            Shape::Template => format!("{}@{}", self.stem, instance.name),
            Shape::Single | Shape::Once => self.stem.clone(),
        }
    }

    /// The services that are restarted when there is something new.
    pub(super) fn services(&self) -> Vec<String> {
        match self.shape {
            Shape::Template | Shape::Single => {
                self.instances.iter().map(|instance| self.unit(instance)).collect()
            }
            Shape::Once => Vec::new(),
        }
    }

    /// Everything that the formation wants of it.
    pub(super) fn wanted(&self) -> Vec<String> {
        if self.process.schedule.is_some() {
            return vec![format!("{}.timer", self.stem)];
        }
        let socket = |instance| format!("{}.socket", self.instance_stem(instance));
        let sockets = self.instances.iter().filter(|_| self.process.socket).map(socket);
        sockets.chain(self.services()).collect()
    }

    /// Its name in descriptions.
    pub(super) fn shown(&self) -> String {
        match self.shape {
            Shape::Template => format!("{}.%i", self.process.name),
            Shape::Single | Shape::Once => self.process.name.to_string(),
        }
    }

    /// Its port, in its units.
    pub(super) fn port_word(&self) -> String {
        match (self.shape, self.instances.first().and_then(|instance| instance.port)) {
            (Shape::Single, Some(port)) => port.to_string(),
            (Shape::Template | Shape::Single | Shape::Once, _) => "%i".to_owned(),
        }
    }
}

/// Every process type, in declaration order.
pub(super) fn members<'f>(app: &App<'f>, name: &str) -> Result<Vec<Member<'f>>, Vec<Refusal>> {
    let base = app.formation.settings.base_port.unwrap_or(DEFAULT_BASE);
    let ports = bound_ports(app.formation, base);
    let mut members = Vec::new();
    let mut refusals = Vec::new();
    let mut taken = BTreeMap::new();
    for (process, ports) in app.formation.processes.iter().zip(&ports) {
        let mut instances = Vec::new();
        for (number, bound) in (1_u16..).zip(ports) {
            match instance(process, number, bound, &mut taken) {
                Ok(instance) => instances.push(instance),
                Err(refusal) => refusals.push(refusal),
            }
        }
        let stem = format!("{name}-{}", process.name);
        members.push(Member { process, stem, shape: shape(process), instances });
    }
    if refusals.is_empty() { Ok(members) } else { Err(refusals) }
}

fn shape(process: &ProcessType) -> Shape {
    if process.name.is_release() || process.schedule.is_some() {
        Shape::Once
    } else if process.singleton {
        Shape::Single
    } else {
        Shape::Template
    }
}

/// One instance, whose ports nobody else has.
fn instance<'f>(
    process: &'f ProcessType,
    number: u16,
    bound: &BoundPorts,
    taken: &mut BTreeMap<u32, &'f ProcessType>,
) -> Result<Instance, Refusal> {
    let mut free = |port: u32| {
        let other = taken.insert(port, process);
        match (u16::try_from(port), other) {
            (Ok(port), None) => Ok(port),
            (Ok(_) | Err(_), other) => Err(Refusal::Port {
                process: process.name.clone(),
                platform: PLATFORM,
                port,
                other: other.map(|other| other.name.clone()),
            }),
        }
    };
    let port = bound.main.map(&mut free).transpose()?;
    let extra: Result<Vec<_>, _> = bound
        .extra
        .iter()
        .map(|(name, port)| Ok((format!("PORT_{}", name.variable()), free(*port)?)))
        .collect();
    let name = port.map_or_else(|| number.to_string(), |port| port.to_string());
    Ok(Instance { name, port, extra: extra? })
}
