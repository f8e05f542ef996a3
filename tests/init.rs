//! `init` as a user has it: real workspaces, the real cargo, a real terminal.
#![expect(clippy::unwrap_used, reason = "a fixture that is wrong should fail its test")]

#[path = "init/asking.rs"]
mod asking;
#[path = "init/refusing.rs"]
mod refusing;
#[path = "init/site.rs"]
mod site;
#[path = "init/taking.rs"]
mod taking;
