//! What a client of a formation that runs may ask, and what it is answered, as text.
//!
//! A line of JSON each way; `docs/reference/protocol.md` is for those who write another client.
//! Names are texts here: whether they mean somebody is for those to say who know the formation.

mod line;
mod reply;
mod request;
mod status;

pub use self::line::{Line, Told};
pub use self::reply::{Became, Reply};
pub use self::request::{
    Attach, Listen, Misunderstood, Names, Quantities, Request, Until, parse, text,
};
pub use self::status::{Build, Instance, Kind, Next, Schedule, State, Status, Type};

/// The version of the protocol. Another number means that one side does not know what the other
/// means; what is only added has the same number, and who does not know it ignores it.
pub const VERSION: u32 = 1;

/// The longest line that is read, in bytes.
pub const LONGEST_LINE: usize = 1024 * 1024;
