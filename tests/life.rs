//! Lives of formations, with real processes: they start, fail, stop and are killed, and
//! nothing is left behind.

#[path = "life/stop.rs"]
mod stop;

use harness::Workspace;

/// A lone package with these process types.
fn formation(types: &str) -> Workspace {
    Workspace::new(env!("CARGO_BIN_EXE_cargo-formation"), types)
}
