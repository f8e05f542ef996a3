//! The service as it runs: its own binaries, over SQLite and over a PostgreSQL server that
//! a test starts for itself.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on panics")]

#[path = "service/app.rs"]
mod app;
#[path = "service/page.rs"]
mod page;
#[path = "service/postgres.rs"]
mod postgres;
#[path = "service/queue.rs"]
mod queue;
#[path = "service/start.rs"]
mod start;
#[path = "service/web.rs"]
mod web;
