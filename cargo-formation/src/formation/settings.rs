//! What belongs to the formation as a whole.

use std::path::PathBuf;

use super::name::ProcessName;
use super::process::{Port, Ready, Restart, Stop};
use super::scale::Scale;
use super::template::Template;

/// `[workspace.metadata.formation]`, or the key `settings` of a lone package.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The app's name on platforms.
    pub app: Option<String>,
    /// The container image's name, without a tag.
    pub image: Option<String>,
    /// Where the ports start.
    pub base_port: Option<u16>,
    /// The environment file to read instead of `.env`, relative to the workspace root.
    pub env_file: Option<PathBuf>,
    /// Cargo features to build with, as `feature` or `package/feature`.
    pub features: Vec<String>,
    /// Whether default features are off.
    pub no_default_features: bool,
    /// The cargo profile of development.
    pub profile: Option<String>,
    /// What the app needs from its environment, in declaration order.
    pub config: Vec<ConfigItem>,
    /// What the app attaches to in development, in declaration order.
    pub services: Vec<BackingService>,
    /// What only development does.
    pub dev: DevSettings,
    /// What only one platform knows, in declaration order.
    pub platforms: Vec<Platform>,
}

/// A variable that the app needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigItem {
    /// The variable's name.
    pub name: String,
    /// Whether the app does not work without it.
    pub required: bool,
    /// Whether its value must never be written anywhere.
    pub secret: bool,
    /// The value it has when nobody says another; never that of a secret.
    pub default: Option<String>,
    /// What it is for.
    pub description: Option<String>,
}

impl ConfigItem {
    /// Whether nobody can do without saying it: it is required, and has no default.
    #[must_use]
    pub fn has_to_be_said(&self) -> bool {
        self.required && self.default.is_none()
    }
}

/// Quantities and exclusions for development.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DevSettings {
    /// How many instances run; what it does not name runs once.
    pub quantity: Scale,
    /// Types that do not run unless they are asked for.
    pub exclude: Vec<ProcessName>,
    /// Whether scheduled types run when it is their time.
    pub schedule: bool,
}

/// What the app attaches to in development: a database, a queue, an asset bundler.
#[derive(Clone, Debug, PartialEq)]
pub struct BackingService {
    /// Its name; shares one namespace with the process types.
    pub name: ProcessName,
    /// Where it comes from.
    pub source: ServiceSource,
    /// The working directory, relative to the workspace root.
    pub dir: Option<PathBuf>,
    /// Its own variables.
    pub env: Vec<(String, Template)>,
    /// Where it is reached.
    pub port: Port,
    /// How the formation knows that it is up.
    pub ready: Ready,
    /// How it is asked to stop.
    pub stop: Stop,
    /// What happens when it exits.
    pub restart: Restart,
    /// Whether it gets a pseudo-terminal.
    pub pty: bool,
    /// The image that stands for it where containers run.
    pub image: Option<String>,
}

/// Where a backing service comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceSource {
    /// A program of this machine.
    Command {
        /// The program: a name to look for in `PATH`, or a path relative to `dir`.
        program: Template,
        /// Its arguments.
        args: Vec<Template>,
    },
    /// The developer has one: nothing is started, and its port is where it is expected.
    Elsewhere,
    /// A service of an existing compose file.
    Compose {
        /// Its name there.
        service: String,
        /// Whether it stays when the formation ends.
        keep: bool,
    },
}

/// What only one platform knows: `platform.<name>`.
#[derive(Clone, Debug, PartialEq)]
pub struct Platform {
    /// The platform's name.
    pub name: String,
    /// The table as it stands, for the platform's emitter to read.
    pub settings: serde_json::Value,
}
