//! Combinations of process types and databases: each is formatted, compiles without a warning,
//! passes its own tests, and is what `check` and `procfile --check` want.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use harness::{Workspace, skipped, works};

use crate::TOOL;

/// The process types that there are templates for.
const TYPES: [&str; 4] = ["web", "worker", "clock", "release"];

/// Everybody of whom `check --for` knows.
const PLATFORMS: [&str; 8] =
    ["all", "heroku", "scalingo", "paketo", "google", "railpack", "local", "portable"];

/// What is built at every run.
const USUAL: [(&str, &[&str]); 4] = [
    ("none", &["web", "worker", "clock", "release"]),
    ("sqlite", &["web", "clock"]),
    ("sqlite", &["web", "worker", "clock", "release"]),
    ("postgres", &["web", "worker", "clock", "release"]),
];

#[test]
fn every_combination_runs() {
    let _lock = alone();
    let all = combinations().into_iter();
    let all: Vec<_> = all.map(|(database, types)| Combination::make(database, &types)).collect();
    // What is soon known is not waited for.
    for combination in &all {
        run(&mut combination.cargo(&["fmt", "--check"]));
    }
    for combination in &all {
        combination.check();
    }
}

/// What is added to the first workspaces: a database or none, and what the library lacks or has.
const ADDED: [(&str, &[&str], &[&str]); 2] = [
    ("none", &["worker", "clock"], &["web admin", "worker mailer", "release"]),
    ("sqlite", &["release"], &["web", "worker mail-in", "clock timer"]),
];

#[test]
fn what_is_added_runs() {
    let _lock = alone();
    for (database, types, added) in ADDED {
        let mut combination = Combination::make(database, types);
        for words in added {
            let words: Vec<&str> = words.split(' ').collect();
            run(&mut combination.tool(&[&["add"], &words[..]].concat()));
            let name = words[words.len() - 1];
            combination.types = format!("{}, {name}", combination.types);
        }
        combination.is_whole = true;
        run(&mut combination.cargo(&["fmt", "--check"]));
        combination.check();
    }
}

fn combinations() -> Vec<(&'static str, Vec<&'static str>)> {
    if !is_every() {
        return USUAL.map(|(database, types)| (database, types.to_vec())).into();
    }
    let subsets = (1..16_u8).map(|bits| {
        let chosen = (0..4).filter(|bit| bits & (1 << bit) != 0);
        chosen.map(|bit| TYPES[bit]).collect::<Vec<_>>()
    });
    let databases = ["none", "sqlite", "postgres"];
    databases.iter().flat_map(|database| subsets.clone().map(|types| (*database, types))).collect()
}

/// Whether all of them are wanted.
fn is_every() -> bool {
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests says it")]
    env::var_os("SCAFFOLD_EVERY").is_some_and(|value| !value.is_empty())
}

/// Where they are: beside what is built of them, and at the same place in each run.
fn home() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("scaffold")
}

/// Nobody else builds there meanwhile.
fn alone() -> File {
    fs::create_dir_all(home()).unwrap();
    // Who formats and lints there has no other configuration than the usual one.
    for file in ["rustfmt.toml", "clippy.toml"] {
        fs::write(home().join(file), "").unwrap();
    }
    let lock = File::create(home().join("lock")).unwrap();
    lock.lock().unwrap();
    lock
}

/// A workspace that was made.
struct Combination {
    workspace: Workspace,
    types: String,
    database: &'static str,
    has_server: bool,
    is_whole: bool,
}

impl Combination {
    /// Its name has the length of one that somebody thought about.
    fn make(database: &'static str, types: &[&str]) -> Self {
        let types_in_short: Vec<&str> = types.iter().map(|name| &name[..2]).collect();
        let name = format!("the-{database}-{}", types_in_short.join("-"));
        let root = home().join(&name);
        let _ = fs::remove_dir_all(&root);
        let all = types.join(",");
        let above = Workspace::existing(TOOL, &home());
        let arguments =
            ["new", &name, "--types", &all, "--db", database, "--vcs", "none", "--vscode"];
        run(&mut above.command(&arguments));
        // The versions that are here already: nothing is fetched.
        let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock");
        fs::copy(lock, root.join("Cargo.lock")).unwrap();
        let is_whole = types.len() == TYPES.len();
        let has_server = database == "postgres" && has_postgres(&name);
        let (workspace, types) = (Workspace::existing(TOOL, &root), types.join(", "));
        Self { workspace, types, database, has_server, is_whole }
    }

    fn check(&self) {
        if self.is_whole || is_every() {
            let pedantic = ["--", "-W", "clippy::pedantic", "-D", "warnings"];
            run(&mut self.cargo(&[&["clippy", "--all-targets"], &pedantic[..]].concat()));
        }
        self.check_formation();
        self.check_tests();
        self.workspace.assert_nothing_alive();
    }

    /// Nothing is to be said of its table and its Procfile.
    fn check_formation(&self) {
        let said = run(&mut self.tool(&["check"]));
        // That another cargo is at work is no news of the workspace.
        let lines = said.lines().filter(|line| !line.trim_start().starts_with("Blocking "));
        assert!(lines.eq([format!("     Checked {}", self.types)]), "{said}");
        run(&mut self.tool(&["procfile", "--check"]));
        run(&mut self.tool(&["export", "dockerfile", "--check"]));
        // Some want somebody who answers requests, and names without a dash.
        let mut names = self.types.split(", ");
        let is_usual = names.clone().all(|name| TYPES.contains(&name));
        let answers = names.any(|name| name == "web");
        let platforms: &[&str] = if is_usual && answers { &PLATFORMS } else { &[] };
        for platform in platforms {
            let said = run(&mut self.tool(&["check", "--for", platform]));
            assert!(!said.contains("warning"), "{said}");
        }
        self.check_rust();
        let root = self.workspace.root();
        for file in ["launch.json", "tasks.json"] {
            let Ok(text) = fs::read_to_string(root.join(".vscode").join(file)) else { continue };
            serde_json::from_str::<serde_json::Value>(&text).unwrap();
        }
    }

    /// What it depends on compiles with the Rust that it says.
    fn check_rust(&self) {
        let metadata = run(&mut self.cargo(&["metadata", "--format-version", "1", "--quiet"]));
        let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
        let version = |package: &serde_json::Value| {
            let text = package["rust_version"].as_str()?.to_owned();
            Some(text.split('.').map(|part| part.parse::<u32>().unwrap()).collect::<Vec<_>>())
        };
        let packages = metadata["packages"].as_array().unwrap();
        let (own, others): (Vec<_>, Vec<_>) =
            packages.iter().partition(|package| package["source"].is_null());
        let own = version(own[0]).unwrap();
        for package in others {
            let wants = version(package).unwrap_or_default();
            assert!(wants[..wants.len().min(2)] <= own[..], "{} wants {wants:?}", package["name"]);
        }
    }

    /// Its tests, by themselves or beside the formation.
    fn check_tests(&self) {
        let in_formation = self.has_server || (self.database != "postgres" && self.is_whole);
        let mut command = if in_formation {
            let file = self.workspace.root().join(".env.test").exists();
            let environment: &[&str] = if file { &["--env-file", ".env.test"] } else { &[] };
            self.tool(&[&["test"], environment, &["--", "cargo", "test"]].concat())
        } else {
            self.cargo(&["test"])
        };
        let output = command.env("RUSTFLAGS", "-D warnings").output().unwrap();
        let text = text(&output);
        assert!(output.status.success(), "{text}");
        // Where nothing is missing, nothing is left out.
        assert_eq!(text.contains("SKIPPED"), !in_formation && self.may_skip(), "{text}");
    }

    /// Whether a test of it wants a formation, or a server.
    fn may_skip(&self) -> bool {
        let tests = self.workspace.root().join("tests");
        self.database == "postgres" || tests.join("web.rs").exists()
    }

    fn tool(&self, arguments: &[&str]) -> Command {
        prepared(self.workspace.command(arguments))
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("cargo");
        command.args(arguments).current_dir(self.workspace.root());
        command.env("CARGO_NET_OFFLINE", "true").env("CARGO_INCREMENTAL", "0");
        for name in ["DATABASE_URL", "FORMATION_WEB_URL", "FORMATION_POSTGRES_URL"] {
            command.env_remove(name);
        }
        prepared(command)
    }
}

/// A command that builds where all of them are built.
fn prepared(mut command: Command) -> Command {
    command.env("CARGO_TARGET_DIR", home().join("target")).env_remove("RUSTFLAGS");
    command
}

/// Whether there is a server that can be started here.
fn has_postgres(name: &str) -> bool {
    let installed = Path::new("/usr/lib/postgresql").exists() || works(&["initdb", "--version"]);
    if !installed {
        skipped(&format!("{name}: PostgreSQL is not installed (Debian: postgresql)"));
        return false;
    }
    let home = home().display().to_string();
    let user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];
    let reaches = [&user[..], &["test", "-x", &home, "-a"]].concat();
    if rustix::process::geteuid().is_root() && !works(&reaches) {
        skipped(&format!("{name}: PostgreSQL refuses root, and `postgres` does not reach {home}"));
        return false;
    }
    true
}

/// Run to the end, which is a good one. What was said.
#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = text(&output);
    assert!(output.status.success(), "{command:?}\n{text}");
    text
}

fn text(output: &Output) -> String {
    let Output { stdout, stderr, .. } = output;
    String::from_utf8_lossy(stderr).into_owned() + &String::from_utf8_lossy(stdout)
}
