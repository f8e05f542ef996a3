//! Who has which name, binary and port: what is declared already, and what has been taken over.

use std::collections::BTreeMap;

use super::Ground;
use super::homes::services;
use crate::formation::{Port, ProcessName, Template};
use crate::manifest::{Target, Workspace};
use crate::scaffold::found::{At, Command, literal};
use crate::scaffold::reason::{NoTarget, Reason};

/// What is somebody's.
#[derive(Debug)]
pub(super) struct Claims<'w> {
    workspace: &'w Workspace,
    /// By the variables that the names make.
    names: BTreeMap<String, Holder>,
    used: Vec<Used>,
    ports: Vec<u16>,
    /// Where the ports of the formation start.
    base: u16,
    /// How many process types there may be at the end.
    most_types: usize,
}

/// Who has a name.
#[derive(Clone, Debug)]
pub(super) enum Holder {
    /// Somebody who is declared already.
    Declared(String),
    /// An entry of a file, and what it runs.
    Taken(String, At, Command),
    /// A binary.
    Guessed(String),
}

impl Holder {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Declared(name) | Self::Taken(name, ..) | Self::Guessed(name) => name,
        }
    }
}

/// A binary that is run.
#[derive(Debug)]
struct Used {
    package: String,
    binary: String,
    /// The process type that runs it.
    by: String,
}

/// The port where those of a formation start that says no other.
const BASE: u16 = 4000;

/// How many ports a process type owns.
const RANGE: usize = 100;

impl<'w> Claims<'w> {
    /// What is declared.
    pub(super) fn declared(ground: &Ground<'w>) -> Self {
        let mut claims = Self {
            workspace: ground.workspace,
            names: BTreeMap::new(),
            used: Vec::new(),
            ports: Vec::new(),
            base: ground.formation.and_then(|it| it.settings.base_port).unwrap_or(BASE),
            most_types: ground.formation.map_or(0, |it| it.processes.len()) + ground.found.len(),
        };
        for name in services(ground.workspace) {
            claims.declare(&name);
        }
        let Some(formation) = ground.formation else { return claims };
        for process in &formation.processes {
            claims.declare(process.name.as_str());
            let (package, binary) = (process.binary.package.clone(), process.binary.name.clone());
            claims.used.push(Used { package, binary, by: process.name.to_string() });
            claims.ports.extend(exact(process.port));
            claims.ports.extend(process.extra_ports.iter().filter_map(|extra| exact(extra.port)));
        }
        for service in &formation.settings.services {
            claims.declare(service.name.as_str());
            claims.ports.extend(exact(service.port));
        }
        claims
    }

    fn declare(&mut self, name: &str) {
        let variable = name.to_ascii_uppercase().replace('-', "_");
        self.names.insert(variable, Holder::Declared(name.to_owned()));
    }

    /// Give a name to somebody.
    pub(super) fn hold(&mut self, name: &ProcessName, holder: Holder) {
        self.names.insert(name.variable(), holder);
    }

    /// Who has exactly this name.
    pub(super) fn holder(&self, name: &str) -> Option<&Holder> {
        let name: ProcessName = name.parse().ok()?;
        self.names.get(&name.variable()).filter(|holder| holder.name() == name.as_str())
    }

    /// The name, if it is one and nobody has it.
    pub(super) fn free(&self, name: &str) -> Result<ProcessName, Reason> {
        let name: ProcessName = name.parse().map_err(Reason::Name)?;
        match self.names.get(&name.variable()) {
            None => Ok(name),
            Some(Holder::Taken(known, at, _)) if *known == name.as_str() => {
                Err(Reason::Duplicate(at.clone()))
            }
            Some(holder) if holder.name() == name.as_str() => Err(Reason::Taken),
            Some(holder) => Err(Reason::TooAlike(holder.name().to_owned())),
        }
    }

    /// Whether some type runs this binary.
    pub(super) fn runs(&self, target: &Target<'_>) -> bool {
        let (package, name) = (&target.package.name, &target.binary.name);
        self.used.iter().any(|used| used.package == *package && used.binary == *name)
    }

    /// Note that a type runs this binary.
    pub(super) fn run(&mut self, target: &Target<'_>, by: &ProcessName) {
        let (package, binary) = (target.package.name.clone(), target.binary.name.clone());
        self.used.push(Used { package, binary, by: by.to_string() });
    }

    /// Whether there may be one more type, of this binary: its range of ports is to fit, and
    /// cargo is not to write two binaries to one file.
    pub(super) fn room(&self, target: &Target<'_>) -> Result<(), Reason> {
        if usize::from(self.base) + RANGE * (self.used.len() + 1) > usize::from(u16::MAX) {
            return Err(Reason::TooMany);
        }
        let Target { package, binary } = target;
        let has = |package: &str, binary: &str| {
            self.workspace.package(package).is_some_and(|it| it.binary(binary).is_some())
        };
        let clash = self
            .used
            .iter()
            .filter(|used| used.package != package.name)
            .find(|used| has(&used.package, &binary.name) || has(&package.name, &used.binary));
        match clash {
            None => Ok(()),
            Some(used) => Err(NoTarget::SameFile(binary.name.clone(), used.by.clone()).into()),
        }
    }

    /// The port of a `PORT=3000`, if it can be had: nobody has it, and it is in nobody's range.
    pub(super) fn port(&mut self, value: &Template) -> Option<u16> {
        let port: u16 = literal(value)?.parse().ok().filter(|port| *port > 0)?;
        let base = usize::from(self.base);
        let ranges = base..base + RANGE * (self.most_types + 1);
        let free = !self.ports.contains(&port) && !ranges.contains(&usize::from(port));
        self.ports.extend(free.then_some(port));
        free.then_some(port)
    }
}

fn exact(port: Port) -> Option<u16> {
    match port {
        Port::Exact(port) => Some(port),
        Port::None | Port::Assigned => None,
    }
}
