//! The lines that processes log: what they say, how bad it is, which belong together, and how
//! a person is shown them.

mod entry;
mod grouping;
mod level;
mod render;
mod sieve;
mod text;

pub use self::entry::{Entry, Time, entry};
pub use self::grouping::{Grouping, Place};
pub use self::level::Level;
pub use self::render::render;
pub use self::sieve::{Sieve, Taken, Wanted};
pub use self::text::level_of;
