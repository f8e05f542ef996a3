//! Somebody interrupts the benchmark: nothing it has started is left behind.

#![expect(clippy::disallowed_methods, clippy::expect_used, reason = "a benchmark")]

use std::path::{Path, PathBuf};
use std::{fs, process, thread};

use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

use super::workspace::ROOT;

/// From now on a signal that asks this process to end, ends everything below this directory
/// first, and removes it.
pub(crate) fn listen(root: &Path) {
    let root = root.to_owned();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(asked());
        end(root);
    });
}

async fn asked() {
    let of = |kind| signal(kind).expect("a signal to listen for");
    let mut interrupt = of(SignalKind::interrupt());
    let (mut terminate, mut hangup) = (of(SignalKind::terminate()), of(SignalKind::hangup()));
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}

fn end(root: PathBuf) {
    loop {
        let left = harness::with_variable(ROOT, &root.to_string_lossy());
        if left.is_empty() {
            break;
        }
        for process in left {
            process.signal(Signal::KILL);
        }
    }
    // What cannot be removed is in a directory for what is temporary.
    let _ = fs::remove_dir_all(root);
    process::exit(130);
}
