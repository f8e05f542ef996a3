//! A PostgreSQL server of its own, from the binaries that Debian installs, for as long as a
//! test needs one. It listens at a socket in a directory that goes with it, and nowhere else.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Tool, skipped};
use rustix::process::{Signal, geteuid};
use tempfile::TempDir;

/// A server that runs.
pub(crate) struct Server {
    tool: Tool,
    directory: TempDir,
}

impl Server {
    /// Start one, or say why a test is skipped.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            skipped("there is no PostgreSQL in /usr/lib/postgresql (Debian: postgresql)");
            return None;
        };
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let user = user();
        if let Some(user) = &user {
            run(Command::new("chown").arg(user).arg(directory.path()));
        }
        let user = user.as_deref();
        let mut initdb = unprivileged(user, &programs.join("initdb"), directory.path());
        initdb.args(["--auth=trust", "--username=uptime", "--no-sync", "--locale=C.UTF-8"]);
        run(initdb.arg("--pgdata").arg(&data));
        let mut server = unprivileged(user, &programs.join("postgres"), directory.path());
        server.arg("-D").arg(&data).arg("-k").arg(directory.path());
        let tool = Tool::start({
            server.args(["-c", "listen_addresses=", "-c", "fsync=off"]);
            server
        });
        tool.wait_for("database system is ready to accept connections");
        Some(Self { tool, directory })
    }

    /// Its address, with a database that is there.
    pub(crate) fn url(&self) -> String {
        let socket = self.directory.path().display();
        format!("postgres://uptime@localhost/postgres?host={socket}")
    }

    /// End it, whoever is connected.
    pub(crate) fn stop(&self) {
        self.tool.signal(Signal::INT);
        self.tool.finish();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The directory of the newest version.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let programs = versions.map(|version| version.path().join("bin"));
    let complete = |bin: &PathBuf| bin.join("initdb").exists() && bin.join("postgres").exists();
    let number = |bin: &PathBuf| bin.iter().nth_back(1)?.to_str()?.parse::<u32>().ok();
    programs.filter(complete).max_by_key(number)
}

/// Who it runs as, if we are root, whom it refuses.
fn user() -> Option<String> {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let is_known = |user: &str| users.lines().any(|line| line.split(':').next() == Some(user));
    let user = if is_known("postgres") { "postgres" } else { "nobody" };
    geteuid().is_root().then(|| user.to_owned())
}

/// A program as this user, that ends when the thread of this test does.
fn unprivileged(user: Option<&str>, program: &Path, directory: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if let Some(user) = user {
        command.args(["--reuid", user, "--regid", &group(user), "--clear-groups"]);
    }
    command.args([OsStr::new("--pdeathsig=INT"), program.as_os_str()]).current_dir(directory);
    command
}

/// The group of a user, by number.
fn group(user: &str) -> String {
    let id = Command::new("id").args(["-g", user]).output().unwrap();
    String::from_utf8(id.stdout).unwrap().trim().to_owned()
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {text}");
}
