//! A database: `postgres`.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use harness::{Workspace, skipped};
use rustix::process::Signal;

use crate::life::Program;
use crate::{Which, dev, formation, position, program};

/// Who runs it, and where it is.
struct Postgres {
    programs: PathBuf,
    /// It refuses to run as root, who becomes this user by way of `setpriv`.
    user: Option<u32>,
}

impl Postgres {
    /// What this machine has, or what it lacks is said.
    fn find() -> Option<Self> {
        let Some(programs) = program("initdb").and_then(|file| file.canonicalize().ok()) else {
            skipped("PostgreSQL is not installed; Debian has it in the package `postgresql`");
            return None;
        };
        let programs = programs.parent()?.to_owned();
        if !rustix::process::geteuid().is_root() {
            return Some(Self { programs, user: None });
        }
        let id = Command::new("id").args(["-u", "postgres"]).output();
        let user = id.ok().and_then(|id| String::from_utf8_lossy(&id.stdout).trim().parse().ok());
        if user.is_none() || program("setpriv").is_none() {
            skipped("PostgreSQL refuses root, and a user `postgres` or `setpriv` is missing");
            return None;
        }
        Some(Self { programs, user })
    }

    /// A program of the database with these arguments.
    fn words(&self, name: &str, arguments: &[&str]) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(user) = self.user {
            words.extend(["setpriv".into(), format!("--reuid={user}"), "--clear-groups".into()]);
        }
        words.push(self.programs.join(name).display().to_string());
        words.extend(arguments.iter().copied().map(String::from));
        words
    }

    /// Make a cluster beside a workspace that lets everybody in.
    fn make_cluster(&self, workspace: &Workspace) {
        let cluster = workspace.beside("cluster");
        fs::create_dir(&cluster).unwrap();
        self.give(workspace, &cluster);
        let data = cluster.join("data").display().to_string();
        let words =
            self.words("initdb", &["-D", &data, "-A", "trust", "-U", "app", "-E", "UTF8", "-N"]);
        let Output { status, stderr, .. } =
            Command::new(&words[0]).args(&words[1..]).current_dir("/").output().unwrap();
        assert!(status.success(), "{words:?}: {}", String::from_utf8_lossy(&stderr));
    }

    /// Let who runs it reach and fill this directory of a workspace, or one beside it.
    fn give(&self, workspace: &Workspace, directory: &Path) {
        let Some(user) = self.user else { return };
        chown(directory, Some(user), None).unwrap();
        let passable = Permissions::from_mode(0o711);
        fs::set_permissions(workspace.root().parent().unwrap(), passable).unwrap();
    }

    /// A script with what the guide has root put before the programs.
    fn as_user(&self, script: &str) -> String {
        if self.user.is_none() {
            return script.to_owned();
        }
        let user = "setpriv --reuid=postgres --clear-groups";
        ["    initdb", "| postgres", "exec postgres"].iter().fold(
            script.to_owned(),
            |script, call| {
                let (before, program) = call.rsplit_once(' ').unwrap();
                script.replace(call, &format!("{before} {user} {program}"))
            },
        )
    }

    /// The line of the table for that cluster.
    fn line(&self, more: &str) -> String {
        // At a port only: a path for a socket in a temporary directory may be too long.
        let words = self.words("postgres", &["-D", "../cluster/data", "-k", "", "-p", "$PORT"]);
        format!("postgres = {{ command = {words:?}, port = true{more} }}")
    }
}

#[test]
fn it_lives_as_long_as_somebody_may_need_it() {
    let Some(postgres) = Postgres::find() else { return };
    let prepare = |workspace: &Workspace| postgres.make_cluster(workspace);
    // It listens a moment before it lets anybody in, and says when it does.
    let up = ", ready = { log = \"ready to accept connections\" }";
    let program = Program {
        name: "postgres",
        line: &postgres.line(up),
        protocol: "postgres",
        answer: "the answer is 42",
        farewell: Some("database system is shut down"),
        prepare: &prepare,
    };
    program.lives_well();
}

#[test]
fn a_port_that_is_open_is_a_sign() {
    let Some(postgres) = Postgres::find() else { return };
    let workspace = formation(crate::IDLE, &[&postgres.line("")]);
    postgres.make_cluster(&workspace);
    let tool = dev(&workspace, &[]);
    tool.wait_for("Ready postgres at 127.0.0.1:");
    tool.wait_for("app.1     | ready");
    let listens = position(&tool, Which::First, "listening on IPv4 address");
    assert!(listens < position(&tool, Which::First, "Compiling app"), "{}", tool.transcript());
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn one_that_was_killed_recovers_at_the_next_start() {
    let Some(postgres) = Postgres::find() else { return };
    let line = postgres.line(", ready = { log = \"ready to accept connections\" }");
    let workspace = formation(
        "app = { bin = \"client\", args = [\"postgres\", \"FORMATION_POSTGRES_URL\"] }",
        &[&line],
    );
    postgres.make_cluster(&workspace);
    let tool = dev(&workspace, &[]);
    tool.wait_for("heard the answer is 42");
    tool.signal_group(Signal::KILL);
    workspace.assert_nothing_alive_within(harness::DEADLINE);
    let tool = dev(&workspace, &[]);
    tool.wait_for("heard the answer is 42");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn the_script_of_the_guide_makes_a_database_once_and_whole() {
    let Some(postgres) = Postgres::find() else { return };
    let guide = include_str!("../../docs/guide/services.md");
    let script = guide.split("```").find(|block| block.contains("exec postgres")).unwrap();
    let line = guide.lines().find(|line| line.contains("./bin/postgres $PORT")).unwrap();
    let workspace = formation(
        r#"app = { bin = "client", args = ["shop", "FORMATION_POSTGRES_URL"] }"#,
        &[&line.replace("port = 5433", "port = true")],
    );
    workspace.write("bin/postgres", &postgres.as_user(script.trim_start_matches("sh\n")));
    let file = workspace.root().join("bin/postgres");
    fs::set_permissions(file, Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(workspace.root().join(".postgres")).unwrap();
    postgres.give(&workspace, &workspace.root().join(".postgres"));
    let tool = dev(&workspace, &[]);
    tool.wait_for("creating configuration files");
    // All at once, as in a power cut: whoever is asked cleans up.
    workspace.alive().iter().for_each(|process| process.signal(Signal::KILL));
    workspace.assert_nothing_alive_within(harness::DEADLINE);
    for times in [1, 0] {
        let tool = dev(&workspace, &[]);
        tool.wait_for("heard the answer is 42");
        assert_eq!(tool.count("creating configuration files"), times, "{}", tool.transcript());
        tool.signal(Signal::TERM);
        tool.ends_with(143);
    }
    workspace.assert_nothing_alive();
}
