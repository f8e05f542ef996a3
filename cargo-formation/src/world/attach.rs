//! The terminals of runs that have one, and who is attached to them.
//!
//! A run with `pty` writes to a pseudo-terminal. Its reader frames lines for the log as it
//! does with a pipe, and shows the same bytes, as they came, to a [`Console`]: that of the
//! instance, which lives on from run to run. Whoever attaches is a [`Guest`] of it. Between a
//! guest and the [`client`] at somebody's own terminal there are [`lines`] of JSON.

pub mod client;
mod console;
mod keys;
pub mod lines;
mod modes;
mod parting;
mod screen;
mod serve;
mod window;

pub use self::console::{Console, Guest};
pub use self::serve::serve;
pub use self::window::Window;

#[cfg(test)]
mod tests;
