//! Formation and options in, a plan out: what to build, which instances run, at which
//! ports, with which environment.
//!
//! Pure: it must not know the process environment, files, sockets or the clock.
//! Whatever it needs of them arrives in [`Request`] and [`Surroundings`].

use std::ffi::OsString;
use std::path::PathBuf;

use crate::formation::{Binary, InstanceName, ProcessName, Scale};

/// What was asked for on the command line, in the words of the formation.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The types that were named; all that run in development if empty.
    pub select: Vec<ProcessName>,
    /// The quantities that were asked for.
    pub scale: Scale,
}

/// What development finds around it. Everything the environment of an instance is made of.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The workspace root, absolute.
    pub root: PathBuf,
    /// Where cargo puts artifacts, absolute.
    pub target_directory: PathBuf,
    /// The tool's own environment, as it found it.
    pub shell: Vec<(OsString, OsString)>,
    /// The environment files, the one that wins first, each with its text.
    pub env_files: Vec<EnvFile>,
    /// The `[env]` tables of cargo's configuration, already merged.
    pub cargo_env: Vec<CargoEnv>,
    /// Where the ports start.
    pub base_port: u16,
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
    /// The one-off that runs before the others, if the formation has one.
    pub release: Option<PlannedInstance>,
    /// The instances, in declaration order and by number.
    pub instances: Vec<PlannedInstance>,
}

/// What cargo is asked to build: always the same packages and features, so that no
/// binary changes because another is or is not built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Every package that has a process type, whether it runs or not; sorted, unique.
    pub packages: Vec<String>,
    /// The binaries to build; sorted, unique.
    pub binaries: Vec<Binary>,
    /// The features to enable, as `package/feature`; sorted, unique.
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
    /// The arguments, variables expanded.
    pub args: Vec<String>,
    /// The whole environment, sorted by name; nothing else is inherited.
    pub env: Vec<(OsString, OsString)>,
    /// The working directory, absolute.
    pub dir: PathBuf,
    /// Every port that it is to listen on, the one in `PORT` first.
    pub ports: Vec<u16>,
}
