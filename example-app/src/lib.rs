//! A small service of three process types: `web` answers requests, `worker` asks `web`
//! how it is and says how long that took, `clock` ticks.
//!
//! Each is a binary of this package, in `src/bin/`. What they share is here: how they
//! read their configuration, where they log to, and how they end. It is what the
//! twelve-factor rules ask of any process: configuration from the environment, logs to
//! standard output, a graceful end at `SIGTERM`.

pub mod config;
pub mod health;
pub mod logging;
pub mod pages;
pub mod shutdown;
