//! What each process type is among the units: their names, and the ports of its instances.

use super::PLATFORM;
use crate::emit::app::App;
use crate::emit::bound::{Bound, Which, bound};
use crate::emit::notice::Refusal;
use crate::formation::ProcessType;

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
    /// Where it listens.
    pub(super) ports: Bound,
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
        match (self.shape, self.instances.first().and_then(|instance| instance.ports.port)) {
            (Shape::Single, Some(port)) => port.to_string(),
            (Shape::Template | Shape::Single | Shape::Once, _) => "%i".to_owned(),
        }
    }
}

/// Where everybody is reached, by the names that development has for them: the first instance, as
/// nobody stands before all of them.
pub(super) fn urls(members: &[Member<'_>]) -> Vec<(String, String)> {
    let url = |member: &Member<'_>| {
        let port = member.instances.first()?.ports.port?;
        let name = format!("FORMATION_{}_URL", member.process.name.variable());
        Some((name, format!("http://127.0.0.1:{port}")))
    };
    members.iter().filter(|member| member.shape != Shape::Once).filter_map(url).collect()
}

/// Every process type, in declaration order.
pub(super) fn members<'f>(app: &App<'f>, name: &str) -> Result<Vec<Member<'f>>, Vec<Refusal>> {
    let types = bound(app, PLATFORM, Which::All)?;
    let member = |(process, instances): (&'f ProcessType, Vec<Bound>)| Member {
        process,
        stem: format!("{name}-{}", process.name),
        shape: shape(process),
        instances: (1..).zip(instances).map(|(number, ports)| instance(number, ports)).collect(),
    };
    Ok(app.formation.processes.iter().zip(types).map(member).collect())
}

fn instance(number: u16, ports: Bound) -> Instance {
    Instance { name: ports.port.unwrap_or(number).to_string(), ports }
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
