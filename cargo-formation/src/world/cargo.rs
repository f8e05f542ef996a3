//! The one cargo that builds the formation: what it is asked, and what it says.
//!
//! Spawning and ending it is somebody else's; here are its arguments, and readers for its
//! two streams. Standard output is JSON, a message a line; standard error is for people,
//! and the only place where cargo says that it waits for another cargo, or what is wrong
//! with a manifest. Only the exit status says whether it succeeded.

mod arguments;
mod messages;
mod seen;
mod stderr;
mod topic;

pub use self::arguments::{BuildRequest, Colour, Resolve, arguments, progress_variables};
pub use self::messages::{BuildNews, Level, read_messages};
pub use self::seen::Seen;
pub use self::stderr::{Lock, StderrNews, read_stderr};

#[cfg(test)]
mod tests;
