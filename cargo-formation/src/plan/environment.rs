//! The whole environment of an instance or of a backing service.
//!
//! From the strongest to the weakest:
//!
//! 1. the tool's: `PORT`, `PORT_<NAME>`, `PS`, `FORMATION_*`; inherited ones are taken out,
//!    so a type without a port sees no `PORT`;
//! 2. for `cargo-env` types, what `cargo run` would say of their package;
//! 3. `[env]` of cargo's configuration with `force = true`;
//! 4. the shell, without what cargo and rustup added to it;
//! 5. the environment files, the first one that has the variable;
//! 6. `env` of the process type or of the backing service;
//! 7. the defaults of `config` in the table;
//! 8. `[env]` of cargo's configuration;
//! 9. `RUST_BACKTRACE=1`, and a `TERM` for who has a pseudo-terminal.
//!
//! Templates see the result. A value of `env` sees what the others leave and what was
//! declared above it, so `PATH_LIST = "$PATH_LIST:more"` adds to a weaker value.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use super::package::{self, PackageEnv};
use super::ports::{InstancePorts, public_ports, service_ports};
use super::words::{self, Words};
use super::{PlanError, PlanNotice, Surroundings, env_files, scrub};
use crate::formation::{
    BackingService, Formation, InstanceName, ProcessName, ProcessType, Template,
};

/// The kind of terminal that a pseudo-terminal is said to be where the shell does not say: what
/// those who attach to it nearly always have.
const TERM: &str = "xterm-256color";

/// Variables by name.
pub(super) type Environment = BTreeMap<OsString, OsString>;

/// What the environments of all instances are built on.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    /// What wins over a type's own variables.
    above: Environment,
    /// What a type's own variables win over.
    below: Environment,
    /// Where the types and the backing services are reached.
    urls: Environment,
    /// The variables of files that the shell hides, sorted.
    hidden: Vec<String>,
    packages: &'a [PackageEnv],
    /// The cargo that started the tool, if one did.
    cargo: Option<&'a OsStr>,
}

impl<'a> Ground<'a> {
    /// Put together what does not depend on the instance.
    pub(super) fn lay(
        formation: &Formation,
        surroundings: &'a Surroundings,
    ) -> Result<Self, Vec<PlanError>> {
        let artifacts = surroundings.artifact_directories();
        let shell = scrub::for_processes(&surroundings.shell, &artifacts);
        let files = env_files::merge(&surroundings.env_files, &shell)?;
        let shell: Environment = shell.into_iter().collect();
        let hides = |name: &str, value: &str| {
            !is_the_tools(OsStr::new(name))
                && shell.get(OsStr::new(name)).is_some_and(|shells| shells != value)
        };
        let hidden = files.iter().filter(|(name, file)| hides(name, &file.value));
        let hidden = hidden.map(|(name, _)| name.clone()).collect();

        let mut above: Environment =
            files.into_iter().map(|(name, file)| (name.into(), file.value.into())).collect();
        above.extend(shell);
        above.extend(of_cargo(surroundings, Force::Yes));
        above.retain(|name, _| !is_the_tools(name));

        let mut below = Environment::from([("RUST_BACKTRACE".into(), "1".into())]);
        below.extend(of_cargo(surroundings, Force::No));
        below.extend(
            formation.settings.config.iter().filter_map(|item| {
                Some((item.name.as_str().into(), item.default.as_deref()?.into()))
            }),
        );
        below.retain(|name, _| !is_the_tools(name));

        Ok(Self {
            above,
            below,
            urls: urls(formation, surroundings.base_port),
            hidden,
            packages: &surroundings.packages,
            cargo: surroundings
                .shell
                .iter()
                .find(|(n, _)| n == "CARGO")
                .map(|(_, v)| v.as_os_str()),
        })
    }

    /// What the environment and the arguments of one instance are made of.
    pub(super) fn words(
        &self,
        process: &ProcessType,
        name: &InstanceName,
        ports: &InstancePorts,
    ) -> Words {
        let mut env = self.common();
        if process.pty {
            name_terminal(&mut env);
        }
        if process.cargo_env {
            let package = self.packages.iter().find(|p| p.name == process.binary.package);
            package::add(&mut env, package, self.cargo);
        }
        env.extend(self.urls.clone());
        env.extend(identity(name, ports));
        Words {
            owner: process.name.clone(),
            env,
            own: self.own(&process.env).cloned().collect(),
            args: process.args.clone(),
        }
    }

    /// The environment of a backing service, and what is wrong with its variables.
    pub(super) fn service(
        &self,
        service: &BackingService,
        port: Option<u16>,
    ) -> (Environment, Vec<PlanError>) {
        let mut env = self.common();
        if service.pty {
            name_terminal(&mut env);
        }
        env.extend(self.urls.clone());
        let name = || OsString::from(service.name.as_str());
        env.extend([("PS".into(), name()), ("FORMATION_PROCESS".into(), name())]);
        env.extend(port.map(|port| ("PORT".into(), port.to_string().into())));
        let errors = words::add(&service.name, self.own(&service.env), &mut env);
        (env, errors)
    }

    /// The environment of who is nobody, and wants to know where everybody is.
    pub(super) fn visitor(&self) -> Environment {
        let mut env = self.common();
        env.extend(self.urls.clone());
        env
    }

    /// What everybody has. Everybody has an environment of their own, hence the copies.
    fn common(&self) -> Environment {
        let mut env = self.below.clone();
        env.extend(self.above.clone());
        env
    }

    /// The variables of somebody's own that nothing stronger has.
    fn own<'o>(
        &self,
        own: &'o [(String, Template)],
    ) -> impl Iterator<Item = &'o (String, Template)> {
        own.iter().filter(|(variable, _)| !self.above.contains_key(OsStr::new(variable)))
    }

    /// What the developer should hear once about variables.
    pub(super) fn notices(self, formation: &Formation) -> Vec<PlanNotice> {
        let set = |name: &str| {
            let key = OsStr::new(name);
            self.above.contains_key(key)
                || self.below.contains_key(key)
                || is_the_tools(key)
                || formation.processes.iter().any(|p| p.env.iter().any(|(own, _)| own == name))
        };
        let required = formation.settings.config.iter().filter(|item| item.required);
        let unset: Vec<_> =
            required.filter(|item| !set(&item.name)).map(|item| item.name.clone()).collect();
        let mut notices = Vec::new();
        if !self.hidden.is_empty() {
            notices.push(PlanNotice::ShellHides { variables: self.hidden });
        }
        if !unset.is_empty() {
            notices.push(PlanNotice::RequiredUnset { variables: unset });
        }
        notices
    }
}

/// Who has a terminal knows of what kind.
fn name_terminal(env: &mut Environment) {
    env.entry("TERM".into()).or_insert_with(|| TERM.into());
}

/// See that the table sets no variable that is always the tool's.
pub(super) fn reserved_is_untouched(formation: &Formation) -> Result<(), Vec<PlanError>> {
    let of_types = formation.processes.iter().flat_map(|process| {
        let extra =
            |name: &str| process.extra_ports.iter().any(|port| extra_variable(&port.name) == name);
        let names = process.env.iter().map(|(name, _)| name);
        let reserved = names.filter(move |name| is_the_tools(OsStr::new(name)) || extra(name));
        reserved.map(|variable| (&process.name, variable))
    });
    let of_services = formation.settings.services.iter().flat_map(|service| {
        let names = service.env.iter().map(|(name, _)| name);
        let reserved = names.filter(|name| is_the_tools(OsStr::new(name)));
        reserved.map(|variable| (&service.name, variable))
    });
    let errors: Vec<_> = of_types
        .chain(of_services)
        .map(|(owner, variable)| PlanError::Reserved {
            owner: owner.clone(),
            variable: variable.clone(),
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Whether this variable is always the tool's.
fn is_the_tools(name: &OsStr) -> bool {
    name == "PORT" || name == "PS" || name.as_encoded_bytes().starts_with(b"FORMATION_")
}

/// The variable of an extra port.
fn extra_variable(name: &ProcessName) -> String {
    format!("PORT_{}", name.variable())
}

/// Which of the variables of cargo's configuration.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Force {
    Yes,
    No,
}

/// The `[env]` tables of cargo's configuration, those that win over the shell or the others.
fn of_cargo(
    surroundings: &Surroundings,
    force: Force,
) -> impl Iterator<Item = (OsString, OsString)> {
    let wanted = surroundings.cargo_env.iter().filter(move |v| v.force == (force == Force::Yes));
    wanted.map(|variable| (variable.name.as_str().into(), variable.value.as_str().into()))
}

/// `FORMATION_<NAME>_URL` of everything that has a port, whether it runs or not.
fn urls(formation: &Formation, base: u16) -> Environment {
    let processes = formation.processes.iter().map(|process| &process.name);
    let processes = processes.zip(public_ports(formation, base)).map(|entry| ("http", entry));
    let services = formation.settings.services.iter().map(|service| &service.name);
    let services = services.zip(service_ports(formation, base)).map(|entry| ("tcp", entry));
    let url = |(scheme, (name, port)): (&str, (&ProcessName, Option<u16>))| {
        let url = format!("{scheme}://127.0.0.1:{}", port?);
        Some((format!("FORMATION_{}_URL", name.variable()).into(), url.into()))
    };
    processes.chain(services).filter_map(url).collect()
}

/// What an instance is told of itself.
fn identity(name: &InstanceName, ports: &InstancePorts) -> Environment {
    let own = [
        ("PS".to_owned(), name.to_string()),
        ("FORMATION_PROCESS".to_owned(), name.process.to_string()),
        ("FORMATION_INSTANCE".to_owned(), name.number.to_string()),
    ];
    let main = ports.main.map(|port| ("PORT".to_owned(), port.to_string()));
    let extra = ports.extra.iter().map(|(name, port)| (extra_variable(name), port.to_string()));
    own.into_iter().chain(main).chain(extra).map(|(n, v)| (n.into(), v.into())).collect()
}
