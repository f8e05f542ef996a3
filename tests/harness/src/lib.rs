//! What the tests that start real processes stand on.
//!
//! A [`Workspace`] is a temporary Cargo workspace whose package has the zoo as a binary.
//! It starts the tool with an environment of its own, finds everything that descends from
//! it, and ends all of that when it is dropped, also when a test fails.
//! A [`Tool`] is the tool at work: its lines as they come, its exit, and signals to it.
//!
//! Nothing here sleeps for a while and hopes. Whoever waits names what for, and the
//! deadline is there to fail.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "a test that cannot go on panics; and it looks at the clock and at processes"
)]

mod processes;
mod site;
mod terminal;
mod tool;
mod workspace;

use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub use self::processes::{Process, with_variable};
pub use self::site::{Site, request};
pub use self::terminal::Terminal;
pub use self::tool::{Line, Stream, Tool};
pub use self::workspace::{Workspace, manifest};

/// After this long something will not happen any more.
pub const DEADLINE: Duration = Duration::from_mins(2);

/// After this long, nothing will happen any more where hundreds of crates are compiled first.
pub const BUILD_DEADLINE: Duration = Duration::from_mins(20);

/// Look again and again until there is something to see.
#[track_caller]
pub fn eventually<T>(what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + within;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < until, "within {within:?} there was no {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether programs can be started under this one, such as `["setpriv", "--reuid=1"]`.
pub fn works(wrapper: &[&str]) -> bool {
    let mut command = Command::new(wrapper[0]);
    command.args(&wrapper[1..]).arg("true").stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Say, so that nobody overlooks it, that a test did not test anything.
pub fn skipped(why: &str) {
    let name = std::thread::current().name().unwrap_or("a test").to_owned();
    // Not `eprintln!`, which is kept from who runs the tests if they pass.
    let _ = writeln!(io::stderr(), "SKIPPED {name}: {why}");
}
