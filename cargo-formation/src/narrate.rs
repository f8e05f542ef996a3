//! What the tool says: from facts to text. Nothing here writes to the terminal.

pub mod diff;
pub mod environment;
pub mod list;
pub mod problem;
