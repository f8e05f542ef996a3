//! The vocabulary: what a formation is, in types.
//!
//! Everything here is a value. Nothing here reads a file, knows a platform or
//! takes a decision; names and quantities that exist at all are valid, because
//! their constructors refuse the rest.

mod certainty;
mod duration;
mod exit;
mod identity;
mod keys;
mod moment;
mod name;
mod near;
mod process;
mod scale;
mod settings;
mod target;
mod template;

pub use self::certainty::Certainty;
pub use self::duration::{DurationError, parse_duration};
pub use self::exit::{Exit, ExitCode};
pub use self::identity::Identity;
pub use self::keys::{KeyError, KeySequence};
pub use self::moment::Moment;
pub use self::name::{InstanceName, NameError, ProcessName, RunName, variable};
pub(crate) use self::near::folded;
pub use self::near::nearest;
pub use self::process::{
    Binary, ExtraPort, Health, Origin, Port, ProcessType, Reach, Ready, Resources, Restart, Stop,
    StopSignal,
};
pub use self::scale::{MAX_QUANTITY, Scale, ScaleError, ScaleStep, ScaleTarget};
pub use self::settings::{
    BackingService, ConfigItem, DevSettings, Platform, ServiceSource, Settings,
};
pub use self::target::{Target, TargetError};
pub use self::template::{Piece, Template, TemplateError, Unset};

/// The process types of one workspace, in declaration order, and what they share.
///
/// Declaration order is meaning: it gives ports and colours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Formation {
    /// The process types. Names are unique, also as environment variables.
    pub processes: Vec<ProcessType>,
    /// What belongs to the formation as a whole.
    pub settings: Settings,
}

impl Formation {
    /// The process type of this name, if it is declared.
    #[must_use]
    pub fn get(&self, name: &ProcessName) -> Option<&ProcessType> {
        self.processes.iter().find(|process| process.name == *name)
    }

    /// The backing service of this name, if it is declared.
    #[must_use]
    pub fn service(&self, name: &ProcessName) -> Option<&BackingService> {
        self.settings.services.iter().find(|service| service.name == *name)
    }

    /// The name of the app as platforms see it, if the table says one.
    #[must_use]
    pub fn app(&self) -> Option<&str> {
        self.settings.app.as_deref()
    }
}
