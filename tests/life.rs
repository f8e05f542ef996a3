//! Lives of formations, with real processes: they start, fail, stop and are killed, and
//! nothing is left behind.

#[path = "life/beside.rs"]
mod beside;
#[path = "life/build.rs"]
mod build;
#[path = "life/crash.rs"]
mod crash;
#[path = "life/daemons.rs"]
mod daemons;
#[path = "life/keys.rs"]
mod keys;
#[path = "life/killed.rs"]
mod killed;
#[path = "life/limits.rs"]
mod limits;
#[path = "life/ports.rs"]
mod ports;
#[path = "life/release.rs"]
mod release;
#[path = "life/stop.rs"]
mod stop;
#[path = "life/terminal.rs"]
mod terminal;
#[path = "life/unlucky.rs"]
mod unlucky;

use harness::Workspace;

/// A lone package with these process types.
fn formation(types: &str) -> Workspace {
    Workspace::new(env!("CARGO_BIN_EXE_cargo-formation"), types)
}
