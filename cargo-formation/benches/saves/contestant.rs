//! Those who bring an edit to its servers: a person, this tool, and its peers.

#![expect(clippy::disallowed_methods, clippy::expect_used, reason = "a benchmark")]
#![allow(dead_code, reason = "each benchmark uses its part of this")]

use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;
use std::{env, fs, thread};

use rustix::process::{Pid, Signal, kill_process};

use super::workspace::{Edit, MARK, SERVERS, Workspace, real_cargo};

/// Somebody who brings an edit to its servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contestant {
    /// Somebody with infinitely fast fingers: `cargo build`, then the servers that were hit are
    /// killed and started again.
    Hand,
    Formation,
    Watchexec,
    Bacon,
    CargoWatch,
}

use Contestant::{Bacon, CargoWatch, Formation, Hand, Watchexec};

impl Contestant {
    pub(crate) const ALL: [Self; 5] = [Hand, Formation, Watchexec, Bacon, CargoWatch];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Hand => "by hand",
            Formation => "cargo formation",
            Watchexec => "watchexec",
            Bacon => "bacon",
            CargoWatch => "cargo-watch",
        }
    }

    /// How it is used.
    pub(crate) fn usage(self) -> &'static str {
        match self {
            Hand => "cargo build, kill, start",
            Formation => "cargo formation dev",
            Watchexec => {
                "watchexec -r -e rs,toml -w web -w shared -- cargo run -p web; three of them"
            }
            Bacon => "bacon --headless -j web, a job as `run-long` is; three of them",
            CargoWatch => "cargo watch -x run, in the directory of each package; three of them",
        }
    }

    /// Where its program is, and what it says its version is; nothing if it is not installed.
    pub(crate) fn installed(self) -> Option<(PathBuf, String)> {
        let program = match self {
            Hand => PathBuf::from(real_cargo()),
            Formation => PathBuf::from(env!("CARGO_BIN_EXE_cargo-formation")),
            Watchexec | Bacon | CargoWatch => find(self.name())?,
        };
        let said = Command::new(&program).arg("--version").output().ok()?;
        let version = String::from_utf8_lossy(&said.stdout);
        Some((program, version.lines().next().unwrap_or_default().to_owned()))
    }

    /// Start whoever is to see the edits of this workspace, and the servers.
    pub(crate) fn start(self, program: PathBuf, workspace: Workspace) -> Team {
        let mut team = Team { contestant: self, program, workspace, children: Vec::new() };
        team.prepare();
        let members: &[&str] = if self == Formation { &["all"] } else { &SERVERS };
        for member in members {
            let child = team.member(member).spawn();
            team.children.push(child.expect("a contestant that starts"));
        }
        team
    }
}

/// The processes of a contestant, in a workspace. Ended when dropped, with all they started.
pub(crate) struct Team {
    pub(crate) contestant: Contestant,
    program: PathBuf,
    pub(crate) workspace: Workspace,
    /// One for each server, but for this tool, which is one for all.
    children: Vec<Child>,
}

impl Team {
    fn prepare(&self) {
        if self.contestant == Bacon {
            let jobs = SERVERS.map(|server| {
                format!(
                    "[jobs.{server}]\ncommand = [\"cargo\", \"run\", \"-p\", \"{server}\"]\n\
                     need_stdout = true\nallow_warnings = true\nbackground = false\n\
                     on_change_strategy = \"kill_then_restart\"\n\
                     default_watch = false\nwatch = [\"{server}\", \"shared\"]\n\n"
                )
            });
            fs::write(self.workspace.root().join("bacon.toml"), jobs.concat()).expect("a file");
        }
    }

    /// What is started for this server, or for all of them.
    fn member(&self, server: &str) -> Command {
        let workspace = &self.workspace;
        let mut command = match self.contestant {
            Hand => workspace.command(workspace.binary(server)),
            Formation | Watchexec | Bacon | CargoWatch => workspace.command(&self.program),
        };
        match self.contestant {
            Hand => {}
            Formation => {
                // As cargo calls its subcommands.
                command.env("CARGO", real_cargo());
                command.args(["dev", "--base-port", &workspace.base().to_string()]);
                return command;
            }
            Watchexec => {
                command.args(["-r", "-e", "rs,toml", "-w", server, "-w", "shared", "--"]);
                command.args(["cargo", "run", "-p", server]);
            }
            Bacon => {
                command.args(["--headless", "-j", server]);
            }
            CargoWatch => {
                command.args(["watch", "-x", "run"]).current_dir(workspace.root().join(server));
            }
        }
        command.env("PORT", workspace.port(server).to_string());
        command
    }

    /// What is to be done by hand after an edit. Everybody else sees it.
    pub(crate) fn work(&mut self, edit: Edit) {
        if self.contestant != Hand {
            return;
        }
        let status = self.workspace.cargo(&["build"]).status().expect("a cargo");
        assert!(status.success(), "the workspace is not built by hand: {status}");
        for server in edit.servers() {
            let number = SERVERS.iter().position(|name| name == server).expect("one of them");
            end(&mut self.children[number], Signal::KILL);
            self.children[number] = self.member(server).spawn().expect("a server");
        }
    }

    /// Wait until nobody of it builds any more.
    pub(crate) fn rest(&self) {
        let builds = |command: &str| {
            let program = command.split(' ').next().and_then(|path| path.rsplit('/').next());
            matches!(program, Some("cargo" | "rustc" | "cc" | "collect2" | "ld"))
        };
        while self.processes().iter().any(|process| builds(&process.command)) {
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn processes(&self) -> Vec<harness::Process> {
        harness::with_variable(MARK, &self.workspace.root().to_string_lossy())
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        if self.contestant == Formation {
            for child in &mut self.children {
                end(child, Signal::TERM);
            }
        }
        // Not everybody ends what it has started.
        loop {
            let left = self.processes();
            if left.is_empty() {
                break;
            }
            for process in left {
                process.signal(Signal::KILL);
            }
        }
        for child in &mut self.children {
            let _ = child.wait();
        }
    }
}

/// Send a signal to a child that nobody has waited for, and wait for it.
fn end(child: &mut Child, signal: Signal) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let (Ok(None), Some(pid)) = (child.try_wait(), pid) {
        let _ = kill_process(pid, signal);
        let _ = child.wait();
    }
}

/// A program on the search path.
fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(program)).find(|path| path.is_file())
}
