//! A workspace of its own for each test, and everything that was started in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::processes::{Process, with_variable_or_in};
use crate::tool::Tool;
use crate::{DEADLINE, eventually};

/// The variable by which everything is found that was started for a test.
const TAG: &str = "HARNESS_TAG";

/// A temporary workspace. What was started in it ends with it.
#[derive(Debug)]
pub struct Workspace {
    tool: PathBuf,
    tag: String,
    root: PathBuf,
    directory: TempDir,
}

impl Workspace {
    /// A lone package `app` with the binary `zoo` and this formation.
    ///
    /// `tool` is `env!("CARGO_BIN_EXE_cargo-formation")`; only a test knows it.
    pub fn new(tool: &str, types: &str) -> Self {
        let workspace = Self::empty(tool);
        workspace.write("Cargo.toml", &manifest("app", types));
        workspace
    }

    /// A directory without any file, for workspaces of another shape.
    pub fn empty(tool: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let tag = format!("{}-{number}", process::id());
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("app");
        let workspace = Self { tool: tool.into(), tag, root, directory };
        fs::create_dir(workspace.root()).unwrap();
        fs::create_dir(workspace.runtime_directory()).unwrap();
        workspace
    }

    /// A workspace that exists. Nothing is written to it, and only what is started for
    /// this test ends with it.
    pub fn existing(tool: &str, root: &Path) -> Self {
        let mut workspace = Self::empty(tool);
        root.clone_into(&mut workspace.root);
        workspace
    }

    /// The root of the workspace.
    pub fn root(&self) -> PathBuf {
        self.root.clone()
    }

    /// A path beside the workspace, for what is not of it.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What is `XDG_RUNTIME_DIR` for this workspace.
    pub fn runtime_directory(&self) -> PathBuf {
        self.beside("run")
    }

    /// What is `XDG_STATE_HOME` for this workspace.
    pub fn state_directory(&self) -> PathBuf {
        self.beside("state")
    }

    /// Write a file of the workspace, and the directories above it.
    pub fn write(&self, path: impl AsRef<Path>, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Add to a file of the workspace.
    pub fn append(&self, path: impl AsRef<Path>, text: &str) {
        let old = fs::read_to_string(self.root().join(&path)).unwrap();
        self.write(path, &format!("{old}\n{text}\n"));
    }

    /// The tool with these arguments, ready to be changed and started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_under(&[], arguments)
    }

    /// As [`Self::command`], but started by another program: `sh -c '…; exec "$@"' sh`.
    pub fn command_under(&self, wrapper: &[&str], arguments: &[&str]) -> Command {
        let mut words = wrapper.iter().map(AsRef::<std::ffi::OsStr>::as_ref);
        let mut command = match words.next() {
            Some(program) => {
                let mut command = Command::new(program);
                command.args(words).arg(&self.tool);
                command
            }
            None => Command::new(&self.tool),
        };
        command.args(arguments).current_dir(self.root()).stdin(Stdio::null());
        command.env(TAG, &self.tag).env("XDG_RUNTIME_DIR", self.runtime_directory());
        command.env("XDG_STATE_HOME", self.state_directory());
        command.env("CARGO_NET_OFFLINE", "true").env("CARGO_INCREMENTAL", "0");
        // Whoever runs the tests may have set these for the build of the tests.
        for name in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"] {
            command.env_remove(name);
        }
        for name in ["PORT", "NO_COLOR", "CLICOLOR_FORCE", "CARGO_TERM_COLOR", "RUSTFLAGS"] {
            command.env_remove(name);
        }
        command
    }

    /// `dev --no-watch` with these further arguments, its output captured.
    pub fn dev(&self, arguments: &[&str]) -> Tool {
        Tool::start(self.command(&[&["dev", "--no-watch"], arguments].concat()))
    }

    /// Everything that was started here and lives.
    pub fn alive(&self) -> Vec<Process> {
        let directory = self.directory.path().canonicalize().unwrap();
        with_variable_or_in(TAG, &self.tag, &directory)
    }

    /// The first living process whose command line has this in it.
    pub fn find(&self, text: &str) -> Option<Process> {
        self.alive().into_iter().find(|process| process.command.contains(text))
    }

    /// The first living process of exactly this command.
    pub fn exactly(&self, command: &str) -> Option<Process> {
        self.alive().into_iter().find(|process| process.command == command)
    }

    /// Wait until a process of exactly this command lives. (A shell that has yet to start
    /// it also has it in its command line.)
    #[track_caller]
    pub fn wait_for_process(&self, command: &str) -> Process {
        eventually(&format!("process `{command}`"), DEADLINE, || self.exactly(command))
    }

    /// Wait until none lives.
    #[track_caller]
    pub fn wait_for_end_of(&self, command: &str) {
        eventually(&format!("end of `{command}`"), DEADLINE, || {
            self.exactly(command).is_none().then_some(())
        });
    }

    /// Fail if anything lives that was started here.
    #[track_caller]
    pub fn assert_nothing_alive(&self) {
        let alive = self.alive();
        assert!(alive.is_empty(), "still alive:\n{}", list(&alive));
    }

    /// Fail if anything lives that was started here when this long has passed.
    #[track_caller]
    pub fn assert_nothing_alive_within(&self, within: Duration) {
        let until = std::time::Instant::now() + within;
        while !self.alive().is_empty() {
            if std::time::Instant::now() >= until {
                return self.assert_nothing_alive();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Workspace {
    /// Whatever a failed test left goes, and only that.
    fn drop(&mut self) {
        for _ in 0..1_000 {
            let alive = self.alive();
            if alive.is_empty() {
                return;
            }
            for process in alive {
                process.signal(Signal::KILL);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The manifest of a package with the binary `zoo` and these process types, which is a
/// workspace of its own unless it is a member of one.
pub fn manifest(package: &str, types: &str) -> String {
    let zoo = concat!(env!("CARGO_MANIFEST_DIR"), "/../zoo/src/main.rs");
    format!(
        "[package]\nname = \"{package}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [[bin]]\nname = \"zoo\"\npath = \"{zoo}\"\n\n\
         [package.metadata.formation]\n{types}\n"
    )
}

fn list(processes: &[Process]) -> String {
    let lines: Vec<String> = processes.iter().map(|process| format!("  {process}")).collect();
    lines.join("\n")
}
