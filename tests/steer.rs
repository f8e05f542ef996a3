//! A formation that runs is steered from elsewhere: by commands, by several at once, by clients
//! that behave badly, in every state that it can be in.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on panics"
)]
#![expect(clippy::disallowed_methods, reason = "tests read the environment they were started in")]

#[path = "steer/client.rs"]
mod client;
#[path = "steer/crowd.rs"]
mod crowd;
#[path = "steer/down.rs"]
mod down;
#[path = "steer/found.rs"]
mod found;
#[path = "steer/hostile.rs"]
mod hostile;
#[path = "steer/idle.rs"]
mod idle;
#[path = "steer/listening.rs"]
mod listening;
#[path = "steer/others.rs"]
mod others;
#[path = "steer/quantities.rs"]
mod quantities;
#[path = "steer/stage.rs"]
mod stage;
#[path = "steer/states.rs"]
mod states;
#[path = "steer/stays.rs"]
mod stays;
