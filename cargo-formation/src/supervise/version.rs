//! What a run is a run of: code, and what it is started with.

use crate::formation::Identity;

/// What a process is started with: arguments, environment, working directory.
///
/// A number of the world's, for what the world knows; a number means the same for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Setup(pub u64);

/// What is executed, and with what. Two runs of one version do the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The code. What is not built has the default one.
    pub code: Identity,
    /// What it is started with.
    pub setup: Setup,
    /// How often somebody has asked for it to be started again.
    pub again: u32,
}
