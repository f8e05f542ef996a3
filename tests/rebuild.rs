//! What a save leads to, with a real cargo and a real watch: who is built, who restarts, who
//! is left alone, and what is said of it.
//!
//! The time of a build does not matter here, its moments do: a test can hold a compiler or
//! cargo itself back, and let it go on. See [`shop::Shop`].

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on panics")]

#[path = "rebuild/around.rs"]
mod around;
#[path = "app/chance.rs"]
mod chance;
#[path = "rebuild/during.rs"]
mod during;
#[path = "rebuild/environment.rs"]
mod environment;
#[path = "rebuild/inputs.rs"]
mod inputs;
#[path = "rebuild/random.rs"]
mod random;
#[path = "rebuild/restarts.rs"]
mod restarts;
#[path = "rebuild/saves.rs"]
mod saves;
#[path = "rebuild/scarce.rs"]
mod scarce;
#[path = "rebuild/shop.rs"]
mod shop;
#[path = "rebuild/table.rs"]
mod table;
