//! Everything that touches the world: cargo, children, signals, files, the terminal, the clock.
//!
//! Nothing here decides. It performs actions and reports facts.

pub mod cargo;
pub mod files;
pub mod identity;
pub mod metadata;
pub mod snapshot;
