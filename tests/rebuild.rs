//! What a save leads to, with a real cargo and a real watch: who is built, who restarts, who
//! is left alone, and what is said of it.
//!
//! The time of a build does not matter here, its moments do: a test can hold a compiler or
//! cargo itself back, and let it go on. See [`shop::Shop`].

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on panics")]

#[path = "rebuild/during.rs"]
mod during;
#[path = "rebuild/restarts.rs"]
mod restarts;
#[path = "rebuild/shop.rs"]
mod shop;
