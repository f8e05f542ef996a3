//! Backing services: up before anything is built, and there until everything else is gone.
//!
//! The databases, the queue and the bundler are real ones. Where one is not installed, its
//! tests say so and test nothing.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on panics")]
#![expect(clippy::disallowed_methods, reason = "tests read the environment they were started in")]

#[path = "services/alone.rs"]
mod alone;
#[path = "services/beside.rs"]
mod beside;
#[path = "services/bundler.rs"]
mod bundler;
#[path = "services/life.rs"]
mod life;
#[path = "services/lines.rs"]
mod lines;
#[path = "services/postgres.rs"]
mod postgres;
#[path = "services/redis.rs"]
mod redis;
#[path = "services/shop.rs"]
mod shop;
#[path = "services/start.rs"]
mod start;

use std::env;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};

use harness::{Tool, Workspace};

/// A process that has nothing to do with any service.
const IDLE: &str = r#"app = { bin = "zoo", args = ["idle"] }"#;

/// A lone package with these process types and, a line for each, these backing services. Its
/// binaries are the zoo and [`client.rs`](services/client.rs).
fn formation(types: &str, services: &[&str]) -> Workspace {
    let lines = services.iter().map(|service| format!("settings.services.{service}\n"));
    let table = format!("{types}\n{}", lines.collect::<String>());
    let workspace = Workspace::new(env!("CARGO_BIN_EXE_cargo-formation"), &table);
    workspace.write("src/bin/client.rs", include_str!("services/client.rs"));
    workspace
}

/// The line of a table for a service that is this shell script; a dollar is the shell's.
fn shell(name: &str, script: &str, more: &str) -> String {
    let script = script.replace('$', "$$");
    format!("{name} = {{ command = [\"sh\", \"-c\", '''{script}'''], {more} }}")
}

/// `dev` on ports that no other test uses.
fn dev(workspace: &Workspace, arguments: &[&str]) -> Tool {
    workspace.dev(&[&["--base-port", &base_port().to_string()], arguments].concat())
}

/// The start of five ranges of ports that nobody holds, and that no other test is given.
fn base_port() -> u16 {
    static TURN: AtomicU16 = AtomicU16::new(0);
    // Between the blocks of `--isolated` and the ports that the kernel gives to connections.
    let places = 20_500..32_000;
    let start = u16::try_from(std::process::id() % 115).unwrap();
    let is_free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
    for _ in 0..places.len() / 500 {
        let turn = TURN.fetch_add(1, Ordering::Relaxed);
        let base = places.start + (start * 100 + turn * 500) % 11_000;
        if (0..5).all(|range| is_free(base + range * 100)) {
            return base;
        }
    }
    places.start
}

/// A program of this machine, where a shell finds it or where Debian hides it.
fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let hidden = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let hidden = hidden.map(|version| version.path().join("bin"));
    env::split_paths(&path).chain(hidden).map(|place| place.join(name)).find(|file| file.is_file())
}

/// The position of the first line, or of the last, that has this in it.
#[track_caller]
fn position(tool: &Tool, which: Which, text: &str) -> usize {
    let lines = tool.lines();
    let mut lines = lines.iter().map(|line| line.text().contains(text));
    let found = match which {
        Which::First => lines.position(|found| found),
        Which::Last => lines.rposition(|found| found),
    };
    found.unwrap_or_else(|| panic!("no line has `{text}`\n{}", tool.transcript()))
}

/// Which of several lines.
#[derive(Clone, Copy)]
enum Which {
    First,
    Last,
}
