//! What a platform cannot run, what it runs otherwise, and what its files do not say.

mod refusal;
mod warning;

use std::fmt;

pub use self::refusal::Refusal;
pub use self::warning::Warning;
use crate::formation::ProcessName;

/// What of the table a notice is about, for those who show where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject<'n> {
    /// No part of it alone.
    Whole,
    /// A process type, and in it the keys that lead there, the outermost first. Those at the end
    /// need not be written: what is not said has its default.
    Process(&'n ProcessName, Vec<&'n str>),
    /// The same among the settings.
    Settings(Vec<&'n str>),
}

/// What is said of a formation that is emitted.
pub trait Remark: fmt::Display {
    /// What of the table it is about.
    fn subject(&self) -> Subject<'_>;
}

impl<'n> Subject<'n> {
    /// A process type as such.
    pub(super) fn name(process: &'n ProcessName) -> Self {
        Self::Process(process, Vec::new())
    }
}

/// What the files of a platform do not say, with what says it instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsaid {
    /// What is not said.
    pub what: String,
    /// The command that does it.
    pub command: String,
}

impl fmt::Display for Unsaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}`", self.what, self.command)
    }
}
