//! Everything that touches the world: cargo, children, signals, files, the terminal, the clock.
//!
//! Nothing here decides. It performs actions and reports facts.

mod ansi;
pub mod attach;
pub mod base;
pub mod build;
pub mod cargo;
pub mod changes;
pub mod children;
pub mod clock;
pub mod compose;
pub mod control;
pub mod dep_info;
pub mod files;
pub mod guard;
pub mod handed;
pub mod history;
pub mod identity;
pub mod installed;
pub mod keyboard;
pub mod leftovers;
pub mod lock;
pub mod metadata;
pub mod output;
pub mod pidfile;
pub mod ports;
pub mod private;
pub mod pty;
pub mod ready;
pub mod roots;
pub mod router;
pub mod schedule;
pub mod shim;
pub mod signals;
pub mod silence;
pub mod snapshot;
pub mod terminal;
pub mod watch;
