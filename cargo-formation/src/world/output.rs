//! From the bytes of many children to one terminal.
//!
//! Each child writes into one pipe or terminal, so that its standard output and error keep
//! their order. A reader per child frames what comes into lines and gives them their prefix; one
//! writer writes everything, so that no two lines mix. What readers have read and the
//! writer has not written is bounded: a terminal that does not take it blocks the child,
//! and nobody else. What the tool itself says waits for no room, and neither do the last
//! words of a child, which are no more than a pipe holds.

mod framer;
mod line;
mod reader;
mod returns;
mod shown;
mod sought;
mod tail;
mod writer;

use std::sync::Arc;

pub(in crate::world) use self::framer::LONGEST_LINE;
pub use self::framer::Stamp;
pub use self::line::{Dialect, Form, plain, shown};
pub use self::reader::{Life, Reading, read};
pub use self::shown::Shown;
pub use self::sought::Sought;
pub use self::tail::Tail;
pub use self::writer::{Flushed, Room, Writer, start};

/// What a line of a child starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// Before a line: `web.1  | `.
    pub line: Vec<u8>,
    /// Before what continues a line that had to be broken: `web.1  + `.
    pub continuation: Vec<u8>,
}

/// Where bytes come from. Two runs never have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source(pub u64);

/// Something to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Whole lines of a child, prefixes and ends included.
    Lines(Vec<u8>),
    /// A part of a line of a child.
    Part(Part),
}

/// A part of a line: because it is a prompt, or because it is too long to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Whose line.
    pub source: Source,
    /// What the line starts with, stamp included.
    pub prefix: Arc<Prefix>,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether the line starts here.
    pub from: From,
    /// Whether the line ends here.
    pub to: To,
}

/// Where a part begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// At the beginning of a line.
    Start,
    /// Where the part before it ended.
    Middle,
}

/// Where a part ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// At the end of the line.
    End,
    /// Where the next part will begin.
    Middle,
}
