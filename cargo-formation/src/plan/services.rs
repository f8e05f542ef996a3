//! The backing services: what is started for each, where, and when it is up.
//!
//! Which process types run makes no difference: whatever runs may need every service.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::environment::{Environment, Ground};
use super::ports::service_ports;
use super::words::word;
use super::{Place, PlanError, Surroundings, both};
use crate::formation::{
    BackingService, Formation, ProcessName, Ready, Restart, ServiceSource, Stop, Template,
};

/// A backing service and all that is needed to start it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedService {
    /// Its name.
    pub name: ProcessName,
    /// Its position, after those of the process types: gives the colour.
    pub position: usize,
    /// How it is started.
    pub start: ServiceStart,
    /// The whole environment, sorted by name; nothing else is inherited.
    pub env: Vec<(OsString, OsString)>,
    /// The working directory, absolute.
    pub dir: PathBuf,
    /// Where it is reached.
    pub port: Option<u16>,
    /// What has to happen until it is up.
    pub ready: Readiness,
    /// How it is asked to stop, and how long it may take.
    pub stop: Stop,
    /// What happens when it exits.
    pub restart: Restart,
    /// Whether it gets a pseudo-terminal.
    pub pty: bool,
}

/// How a backing service is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceStart {
    /// As a child.
    Command {
        /// An absolute path, or a name without a slash to look for in `PATH` of its environment.
        program: PathBuf,
        /// The arguments, variables expanded.
        args: Vec<String>,
    },
    /// By the engine of the compose file in `dir`.
    Compose {
        /// Its name in that file.
        service: String,
        /// Whether it stays when the formation ends.
        keep: bool,
    },
}

/// What has to happen until a process is up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It has been started.
    Started,
    /// This port of 127.0.0.1 accepts a connection.
    Tcp(u16),
    /// This path at this port of 127.0.0.1 answers with success.
    Http {
        /// The port.
        port: u16,
        /// The path, starting with `/`.
        path: String,
    },
    /// A line of its output contains this text.
    Log(String),
    /// It says `READY=1` at the socket in `NOTIFY_SOCKET`; see `sd_notify(3)`.
    Notify,
}

impl PlannedService {
    /// The port that it is to listen on, if it is a child and has one.
    pub(super) fn listens_on(&self) -> Option<u16> {
        match self.start {
            ServiceStart::Command { .. } => self.port,
            ServiceStart::Compose { .. } => None,
        }
    }
}

/// Those of the services `wanted` that are started here, in declaration order.
pub(super) fn services(
    formation: &Formation,
    wanted: impl Fn(&BackingService) -> bool,
    ground: &Ground,
    surroundings: &Surroundings,
) -> Result<Vec<PlannedService>, Vec<PlanError>> {
    let ports = service_ports(formation, surroundings.base_port);
    let (mut services, mut errors) = (Vec::new(), Vec::new());
    let declared = formation.settings.services.iter().zip(ports);
    let placed = declared.zip(formation.processes.len()..);
    for ((service, port), position) in placed.filter(|((service, _), _)| wanted(service)) {
        match planned(service, port, position, ground, surroundings) {
            Ok(planned) => services.extend(planned),
            Err(problems) => errors.extend(problems),
        }
    }
    if errors.is_empty() { Ok(services) } else { Err(errors) }
}

/// One service, if it is started here.
fn planned(
    service: &BackingService,
    port: Option<u16>,
    position: usize,
    ground: &Ground,
    surroundings: &Surroundings,
) -> Result<Option<PlannedService>, Vec<PlanError>> {
    let dir = surroundings.dir(service.dir.as_deref());
    let (env, errors) = ground.service(service, port);
    let own = if errors.is_empty() { Ok(()) } else { Err(errors) };
    let Some(start) = start(service, &dir, &env) else { return Ok(None) };
    let ((), start) = both(own, start)?;
    Ok(Some(PlannedService {
        name: service.name.clone(),
        position,
        start,
        env: env.into_iter().collect(),
        dir,
        port,
        ready: readiness(&service.ready, port),
        stop: service.stop,
        restart: service.restart,
        pty: service.pty,
    }))
}

/// How it is started, unless the developer has one elsewhere.
fn start(
    service: &BackingService,
    dir: &Path,
    env: &Environment,
) -> Option<Result<ServiceStart, Vec<PlanError>>> {
    match &service.source {
        ServiceSource::Command { program, args } => {
            Some(command((program, args), &service.name, dir, env))
        }
        ServiceSource::Compose { service, keep } => {
            Some(Ok(ServiceStart::Compose { service: service.clone(), keep: *keep }))
        }
        ServiceSource::Elsewhere => None,
    }
}

/// The program and its arguments, variables expanded.
fn command(
    (program, args): (&Template, &[Template]),
    owner: &ProcessName,
    dir: &Path,
    env: &Environment,
) -> Result<ServiceStart, Vec<PlanError>> {
    let mut errors = Vec::new();
    let mut expand = |template, place| {
        word(template, owner, place, env).unwrap_or_else(|error| {
            errors.push(error);
            String::new()
        })
    };
    let program = expand(program, Place::Program);
    let args = args.iter().zip(1..).map(|(arg, n)| expand(arg, Place::Argument(n))).collect();
    // The tool is not where the service will be, and looks for the program itself.
    let program = if program.contains('/') { dir.join(program) } else { program.into() };
    if errors.is_empty() { Ok(ServiceStart::Command { program, args }) } else { Err(errors) }
}

/// What needs a port has one: the table was refused otherwise.
fn readiness(ready: &Ready, port: Option<u16>) -> Readiness {
    match (ready, port) {
        (Ready::Tcp, Some(port)) => Readiness::Tcp(port),
        (Ready::Http(path), Some(port)) => Readiness::Http { port, path: path.clone() },
        (Ready::Started | Ready::Tcp | Ready::Http(_), _) => Readiness::Started,
        (Ready::Log(text), _) => Readiness::Log(text.clone()),
        (Ready::Notify, _) => Readiness::Notify,
    }
}

#[cfg(test)]
mod tests;
