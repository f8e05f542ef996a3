//! What the tool says: from facts to text. Nothing here writes to the terminal.

pub mod attach;
pub mod build;
pub mod diff;
pub mod environment;
pub mod keys;
pub mod list;
pub mod log;
pub mod notice;
pub mod prefix;
pub mod problem;
pub mod ps;
pub mod quantities;
mod table;

/// Whether a text has colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paint {
    /// Text alone.
    #[default]
    Plain,
    /// With escape sequences of colour.
    Coloured,
}
