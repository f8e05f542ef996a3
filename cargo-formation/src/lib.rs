//! `cargo formation`: the twelve-factor process model for Cargo workspaces.
//!
//! Four layers, each of which uses only the ones below it; `tests/architecture.rs`
//! reads the `use` lines and says so when that is no longer true.
//!
//! | layer | modules |
//! |---|---|
//! | entry | `cli`, `commands` |
//! | loop | `drive` |
//! | shell | `world` |
//! | decisions | `manifest`, `plan`, `supervise`, `emit`, `scaffold`, `control`, `narrate` |
//! | vocabulary | `formation` |

pub mod formation;

pub mod manifest;

pub mod plan;

pub mod supervise;

pub mod emit;

pub mod scaffold;

pub mod control;

pub mod narrate;

pub mod cli;

pub mod commands;

pub mod drive;

pub mod world;
