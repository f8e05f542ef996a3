//! An uptime monitor: it asks addresses every so often whether they are well, and keeps
//! and shows the answers.
//!
//! Four process types, each a binary of `src/bin/`:
//!
//! - `clock` puts every check that is due into the queue,
//! - `worker` takes checks from the queue, performs them, and records what it found,
//! - `web` shows the history as a page and as JSON, and takes new monitors,
//! - `migrate`, the formation's `release`, brings the database up to date before them.
//!
//! What they share is here. [`check`] has the words; [`database`] and [`queue`] are where
//! the processes meet, for they know nothing else of each other. That is a file, in `data/` or
//! where systemd says, or the PostgreSQL server that `DATABASE_URL=postgres://…` names.
//!
//! Why nothing gets lost when any of them is killed says `docs/design/example-app.md`.

pub mod api;
pub mod chart;
pub mod check;
pub mod clock;
pub mod config;
pub mod database;
pub mod engine;
pub mod logging;
pub mod migrate;
pub mod moment;
pub mod page;
pub mod probe;
pub mod queue;
pub mod shutdown;
pub mod worker;
