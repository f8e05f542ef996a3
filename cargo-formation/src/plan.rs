//! Formation and options in, a plan out: what to build, which instances run, at which
//! ports, with which environment.
//!
//! Pure: it must not know the process environment, files, sockets or the clock.
//! Whatever it needs of them arrives in [`Request`] and [`Surroundings`].

pub mod dotenv;
pub mod scrub;
pub mod watch;

mod env_files;
mod environment;
mod error;
mod package;
mod ports;
mod quantities;
#[cfg(test)]
mod sample;
mod selection;
mod services;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use self::environment::Ground;
use self::words::Words;
use crate::formation::{
    BackingService, Binary, Formation, Health, InstanceName, ProcessName, Reach, Scale,
};

pub use self::error::{Limit, Place, PlanError, PlanNotice, PortHolder};
pub use self::package::{Made, PackageEnv};
pub use self::ports::{
    BaseOrigin, BasePort, BaseSources, BoundPorts, DEFAULT_BASE, base_port_chosen, bound_ports,
    next_block, public_ports, service_ports,
};
pub use self::services::{PlannedService, Readiness, ServiceStart};

/// What was asked for on the command line, in the words of the formation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The types that were named; all that run in development if empty.
    pub select: Vec<ProcessName>,
    /// The quantities that were asked for.
    pub scale: Scale,
    /// What becomes of the backing services.
    pub services: Services,
}

/// What becomes of the backing services. Which types run makes no difference to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Services {
    /// All of them are started.
    #[default]
    Started,
    /// None is; nobody needs what they are missing.
    Left,
}

/// What development finds around it. Everything the environment of an instance is made of.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The workspace root, absolute.
    pub root: PathBuf,
    /// Where cargo puts artifacts, absolute.
    pub target_directory: PathBuf,
    /// Where cargo puts intermediate artifacts, absolute, if that is another place.
    pub build_directory: Option<PathBuf>,
    /// The tool's own environment, as it found it.
    pub shell: Vec<(OsString, OsString)>,
    /// The environment files, the one that wins first, each with its text.
    pub env_files: Vec<EnvFile>,
    /// The `[env]` tables of cargo's configuration, already merged.
    pub cargo_env: Vec<CargoEnv>,
    /// What `cargo run` would tell the binaries of a package; needed for `cargo-env` types.
    pub packages: Vec<PackageEnv>,
    /// Where the ports start.
    pub base_port: u16,
}

impl Surroundings {
    /// Every directory that cargo builds into.
    #[must_use]
    pub fn artifact_directories(&self) -> Vec<&Path> {
        let target = Some(self.target_directory.as_path());
        target
            .into_iter()
            .chain(self.build_directory.as_deref())
            .filter(|directory| !directory.as_os_str().is_empty())
            .collect()
    }

    /// A working directory, absolute: the workspace root unless the table says another.
    fn dir(&self, said: Option<&Path>) -> PathBuf {
        said.map_or_else(|| self.root.clone(), |dir| self.root.join(dir))
    }
}

/// An environment file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvFile {
    /// Where it is, for messages.
    pub path: PathBuf,
    /// What it holds.
    pub text: String,
}

/// One variable of the `[env]` table of cargo's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CargoEnv {
    /// The variable.
    pub name: String,
    /// Its value; `relative` ones are already absolute.
    pub value: String,
    /// Whether it wins over the environment.
    pub force: bool,
}

/// Everything `dev` has to do, before it does any of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What cargo is asked to build.
    pub build: Selection,
    /// The backing services, in declaration order.
    pub services: Vec<PlannedService>,
    /// The one-off that runs before the others, if the formation has one.
    pub release: Option<PlannedInstance>,
    /// The instances, in declaration order and by number.
    pub instances: Vec<PlannedInstance>,
    /// What the developer should hear once.
    pub notices: Vec<PlanNotice>,
}

impl Plan {
    /// Every port that is listened on for somebody who is started here, sorted. Those of a compose
    /// file are its engine's: a service that was kept has its port already.
    #[must_use]
    pub fn ports(&self) -> Vec<u16> {
        let instances = self.instances.iter().chain(&self.release);
        let instances = instances.flat_map(|planned| planned.ports.iter().copied());
        let services = self.services.iter().filter_map(PlannedService::listens_on);
        // The instances of a type whose requests are routed share one.
        let ports: BTreeSet<u16> = instances.chain(services).collect();
        ports.into_iter().collect()
    }
}

/// What cargo is asked to build: always the same packages and features, so that no
/// binary changes because another is or is not built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Every package that has a process type, whether it runs or not; sorted, unique.
    pub packages: Vec<String>,
    /// The binaries to build; sorted, unique.
    pub binaries: Vec<Binary>,
    /// The features to enable: what the binaries require as `package/feature`, those of
    /// the settings as they stand there; sorted, unique.
    pub features: Vec<String>,
    /// Whether default features are off.
    pub no_default_features: bool,
}

/// An instance and all that is needed to start it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedInstance {
    /// Its name.
    pub name: InstanceName,
    /// The position of its type in the formation: gives the colour.
    pub position: usize,
    /// What it runs.
    pub binary: Binary,
    /// The arguments, variables expanded, where it is reached at its port itself.
    pub args: Vec<String>,
    /// The whole environment, sorted by name, where it is reached at its port itself; nothing
    /// else is inherited.
    pub env: Vec<(OsString, OsString)>,
    /// How requests get to it.
    pub reach: Reach,
    /// How it is asked whether it is well: a run is asked in one way for as long as it lives.
    pub health: Option<Health>,
    /// What its arguments and environment are made of, to have them with another port.
    words: Words,
    /// The working directory, absolute.
    pub dir: PathBuf,
    /// Every port that is listened on for it, the one it is reached at first.
    pub ports: Vec<u16>,
    /// Whether it gets what `cargo run` would give it; see [`PlannedInstance::env_after`].
    pub cargo_env: bool,
    /// Whether it gets a pseudo-terminal.
    pub pty: bool,
}

impl PlannedInstance {
    /// Its environment, with what is known only after the build.
    #[must_use]
    pub fn env_after(&self, made: &Made) -> Vec<(OsString, OsString)> {
        self.with_made(self.env.clone(), made)
    }

    /// Its environment and arguments, with what is known only after the build, when it is to
    /// listen at this port.
    #[must_use]
    pub fn at(&self, port: u16, made: &Made) -> (Vec<(OsString, OsString)>, Vec<String>) {
        let (env, args) = self.words.at(port);
        (self.with_made(env.into_iter().collect(), made), args)
    }

    fn with_made(&self, env: Vec<(OsString, OsString)>, made: &Made) -> Vec<(OsString, OsString)> {
        if self.cargo_env { package::after(&env, made) } else { env }
    }
}

/// Decide everything that can be decided before anything is done.
///
/// # Errors
/// Every reason why the formation cannot be started as asked.
pub fn plan(
    formation: &Formation,
    request: &Request,
    surroundings: &Surroundings,
) -> Result<Plan, Vec<PlanError>> {
    let ((counts, ()), ground) = both(
        both(quantities::counts(formation, request), environment::reserved_is_untouched(formation)),
        Ground::lay(formation, surroundings),
    )?;
    ports::check(formation, &counts, surroundings.base_port)?;
    let started = request.services == Services::Started;
    let ((release, instances), services) = both(
        instances(formation, &counts, &ground, surroundings),
        services::services(formation, |_| started, &ground, surroundings),
    )?;
    Ok(Plan {
        build: selection::selection(formation, &counts),
        services,
        release,
        instances,
        notices: ground.notices(formation),
    })
}

/// Decide what one backing service is started with, and what is worth saying once; `None` if
/// it is not started here.
///
/// # Errors
/// Every reason why it cannot be started.
pub fn plan_service(
    formation: &Formation,
    name: &ProcessName,
    surroundings: &Surroundings,
) -> Result<Option<(PlannedService, Vec<PlanNotice>)>, Vec<PlanError>> {
    let ((), ground) =
        both(environment::reserved_is_untouched(formation), Ground::lay(formation, surroundings))?;
    let wanted = |service: &BackingService| service.name == *name;
    let planned = services::services(formation, wanted, &ground, surroundings)?.pop();
    Ok(planned.map(|planned| (planned, ground.notices(formation))))
}

/// The environment of a command that is nobody of the formation, and is to reach it: what
/// everybody has, and where everybody is reached.
///
/// # Errors
/// When an environment file is wrong.
pub fn visitor(
    formation: &Formation,
    surroundings: &Surroundings,
) -> Result<Vec<(OsString, OsString)>, Vec<PlanError>> {
    let ground = Ground::lay(formation, surroundings)?;
    Ok(ground.visitor().into_iter().collect())
}

/// What a build of the whole formation for production consists of.
#[must_use]
pub fn production(formation: &Formation) -> Selection {
    selection::selection(formation, &vec![1; formation.processes.len()])
}

/// What cargo is asked for when nothing is to run: the binaries of these types, or of all.
///
/// # Errors
/// When a name is not that of a process type, or there are none.
pub fn build_selection(
    formation: &Formation,
    types: &[ProcessName],
) -> Result<Selection, Vec<PlanError>> {
    let counts = quantities::named(formation, types)?;
    Ok(selection::selection(formation, &counts))
}

/// The value of two decisions, or what is wrong with either.
fn both<A, B>(
    first: Result<A, Vec<PlanError>>,
    second: Result<B, Vec<PlanError>>,
) -> Result<(A, B), Vec<PlanError>> {
    match (first, second) {
        (Ok(first), Ok(second)) => Ok((first, second)),
        (Err(mut errors), Err(more)) => {
            errors.extend(more);
            Err(errors)
        }
        (Err(errors), Ok(_)) | (Ok(_), Err(errors)) => Err(errors),
    }
}

/// The one-off and the instances, each with all that starting it needs.
fn instances(
    formation: &Formation,
    counts: &[u16],
    ground: &Ground,
    surroundings: &Surroundings,
) -> Result<(Option<PlannedInstance>, Vec<PlannedInstance>), Vec<PlanError>> {
    let mut release = None;
    let mut instances = Vec::new();
    let mut errors = Vec::new();
    for (position, &count) in counts.iter().enumerate() {
        for number in 1..=count {
            match instance(formation, position, number, ground, surroundings) {
                Ok(planned) if planned.name.process.is_release() => release = Some(planned),
                Ok(planned) => instances.push(planned),
                // The others of this type have the same problems.
                Err(problems) => {
                    errors.extend(problems);
                    break;
                }
            }
        }
    }
    if errors.is_empty() { Ok((release, instances)) } else { Err(errors) }
}

/// One instance of the type at `position`.
fn instance(
    formation: &Formation,
    position: usize,
    number: u16,
    ground: &Ground,
    surroundings: &Surroundings,
) -> Result<PlannedInstance, Vec<PlanError>> {
    let process = &formation.processes[position];
    let name = InstanceName { process: process.name.clone(), number };
    let ports = ports::of_instance(process, position, number, surroundings.base_port);
    let words = ground.words(process, &name, &ports);
    let (env, args) = words.expand()?;
    Ok(PlannedInstance {
        name,
        position,
        binary: process.binary.clone(),
        args,
        env: env.into_iter().collect(),
        dir: surroundings.dir(process.dir.as_deref()),
        ports: ports.all(),
        reach: process.reach(),
        health: process.health.clone(),
        words,
        cargo_env: process.cargo_env,
        pty: process.pty,
    })
}
