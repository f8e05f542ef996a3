//! What is said about builds: who is hit by which error, and what was built.

mod attribution;
mod failure;
mod listing;

pub use self::attribution::{Errors, Target, TargetKind, affected};
pub use self::failure::{FailedBuild, failure};
pub use self::listing::{BuiltBinary, json, table};
