//! Where the benchmarks run: a workspace of its own, built beforehand, and a program at
//! work in it whose output is read as it comes.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark reads the clock, says what it found, and ends where it cannot go on"
)]
#![allow(dead_code, reason = "each benchmark uses its part of this")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// After this long a benchmark has failed.
const DEADLINE: Duration = Duration::from_mins(5);

/// A workspace whose only package has the zoo as its only binary, built for release.
pub(crate) struct Ground {
    root: TempDir,
}

impl Ground {
    /// Make it, with this formation; the zoo is the binary `zoo`.
    pub(crate) fn new(table: &str) -> Self {
        let root = tempfile::tempdir().expect("a temporary directory");
        let zoo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/zoo/src/main.rs");
        let zoo = zoo.canonicalize().expect("the zoo");
        let manifest = format!(
            "[package]\nname = \"ground\"\nedition = \"2024\"\n\n\
             [[bin]]\nname = \"zoo\"\npath = '{}'\n\n\
             [package.metadata.formation]\n{table}",
            zoo.display()
        );
        fs::write(root.path().join("Cargo.toml"), manifest).expect("a manifest");
        let ground = Self { root };
        let status = ground.formation(&["build", "--release"]).status().expect("the tool");
        assert!(status.success(), "the workspace is not built: {status}");
        ground
    }

    /// The directory, for whoever else is to run in it.
    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    /// The program that the formation runs.
    pub(crate) fn zoo(&self) -> PathBuf {
        self.path().join("target/release/zoo")
    }

    /// The tool, at work here.
    pub(crate) fn formation(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-formation"));
        command.args(arguments).current_dir(self.path());
        command.env("CARGO_TARGET_DIR", self.path().join("target"));
        command.env("XDG_RUNTIME_DIR", self.path());
        command.env_remove("CARGO_BUILD_BUILD_DIR");
        command
    }
}

/// A stream of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Output,
    Error,
}

/// A program whose two streams are read as they come. Ended when dropped.
pub(crate) struct Program {
    child: Child,
    chunks: Receiver<(Stream, Instant, Vec<u8>)>,
    began: Instant,
}

impl Program {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let began = Instant::now();
        let mut child = command.spawn().expect("a program to measure");
        let (sender, chunks) = channel();
        let streams: [(Stream, Box<dyn Read + Send>); 2] = [
            (Stream::Output, Box::new(child.stdout.take().expect("its output"))),
            (Stream::Error, Box::new(child.stderr.take().expect("its errors"))),
        ];
        for (stream, mut pipe) in streams {
            let sender = sender.clone();
            thread::spawn(move || {
                let mut buffer = vec![0; 256 * 1024];
                while let Ok(length @ 1..) = pipe.read(&mut buffer) {
                    if sender.send((stream, Instant::now(), buffer[..length].to_vec())).is_err() {
                        return;
                    }
                }
            });
        }
        Self { child, chunks, began }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote next, and when; nothing when both streams have ended.
    pub(crate) fn next(&self) -> Option<(Stream, Instant, Vec<u8>)> {
        match self.chunks.recv_timeout(DEADLINE) {
            Ok(chunk) => Some(chunk),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("silent for {DEADLINE:?}"),
        }
    }

    /// Its end, and how long it took from its start.
    pub(crate) fn end(mut self) -> (ExitStatus, Duration) {
        let status = self.child.wait().expect("its end");
        (status, self.began.elapsed())
    }

    /// Its end if it has come.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("its end, or none")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // The tool ends what it started when it is asked to.
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let (Ok(None), Some(pid)) = (self.child.try_wait(), pid) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
            let _ = self.child.wait();
        }
    }
}

/// The one in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Say whether a goal is reached.
pub(crate) fn verdict(reached: bool, goal: &str) {
    println!("{} {goal}", if reached { "reached:" } else { "MISSED: " });
}
