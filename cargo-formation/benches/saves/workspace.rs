//! The workspace that is edited: three servers, and a library that all of them use.

#![expect(clippy::disallowed_methods, clippy::expect_used, reason = "a benchmark")]
#![allow(dead_code, reason = "each benchmark uses its part of this")]

use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, process};

/// The servers: each is a package of that name, with one binary.
pub(crate) const SERVERS: [&str; 3] = ["web", "worker", "clock"];

/// What every process that is started here has in its environment: the path of its workspace.
pub(crate) const MARK: &str = "SAVES_WORKSPACE";
/// And the path of the directory that all workspaces are in.
pub(crate) const ROOT: &str = "SAVES_ROOT";

/// What may be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// The sources of the first server.
    OneBinary,
    /// Those of the library.
    Library,
}

impl Edit {
    /// The servers that say something else afterwards.
    pub(crate) fn servers(self) -> &'static [&'static str] {
        match self {
            Self::OneBinary => &SERVERS[..1],
            Self::Library => &SERVERS,
        }
    }
}

/// A workspace, with ports of its own.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    base: u16,
    /// How often the first server was edited, and the library.
    edits: [u32; 2],
}

impl Workspace {
    /// Make it, with these lines in the manifest as its profile, and build it. `lock` is a
    /// `Cargo.lock` that names the dependencies' versions.
    pub(crate) fn new(root: &Path, base: u16, profile: &str) -> Self {
        let workspace = Self { root: root.to_owned(), base, edits: [0; 2] };
        workspace.write("Cargo.toml", &format!("{MANIFEST}\n{profile}"));
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
        fs::copy(lock, root.join("Cargo.lock")).expect("the versions that this project has");
        workspace.write("shared/Cargo.toml", &package("shared", ""));
        for server in SERVERS {
            workspace.write(&format!("{server}/Cargo.toml"), &package(server, DEPENDENCIES));
        }
        workspace.write("shared/src/lib.rs", &library(0));
        for server in SERVERS {
            workspace.write(&format!("{server}/src/main.rs"), &program(server, 0));
        }
        let status = workspace.cargo(&["build"]).status().expect("a cargo");
        assert!(status.success(), "the workspace is not built: {status}");
        workspace
    }

    /// The same once more, with what was built of it, elsewhere and at other ports.
    pub(crate) fn copy(&self, root: &Path, base: u16) -> Self {
        // Dates and all, or cargo would build everything again.
        let status = Command::new("cp").arg("-Rp").args([&self.root, root]).status();
        assert!(status.expect("cp").success(), "the workspace is not copied");
        Self { root: root.to_owned(), base, edits: self.edits }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The port of the first server; the next one's is 100 higher, as in a formation.
    pub(crate) fn base(&self) -> u16 {
        self.base
    }

    pub(crate) fn port(&self, server: &str) -> u16 {
        (self.base..).step_by(100).zip(SERVERS).find(|(_, name)| *name == server).expect("one").0
    }

    pub(crate) fn binary(&self, server: &str) -> PathBuf {
        self.root.join("target/debug").join(server)
    }

    /// A command that runs here, quiet, with nothing in its environment that the cargo of the
    /// benchmark has put there.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        let is_cargos = |name: &str| name.starts_with("CARGO") && name != "CARGO_HOME";
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_cargos)) {
            command.env_remove(name);
        }
        command.env("CARGO_NET_OFFLINE", "true").env_remove("PORT");
        let all = self.root.parent().expect("a directory of all workspaces");
        command.env(MARK, &self.root).env(ROOT, all).env("XDG_RUNTIME_DIR", all);
        command.current_dir(&self.root);
        command.stdin(Stdio::null()).stdout(self.log()).stderr(self.log());
        command
    }

    /// A cargo that works here, without the detour over rustup.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(real_cargo());
        command.args(arguments);
        command
    }

    /// What everybody here has said.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn log(&self) -> File {
        let log = File::options().create(true).append(true).open(self.log_path());
        log.expect("a file for what is said")
    }

    fn log_path(&self) -> PathBuf {
        self.root.with_extension("log")
    }

    /// Save an edit, as most editors do: write another file and give it the name. When that
    /// was, and what each server that is hit by it is to say from now on.
    pub(crate) fn save(&mut self, edit: Edit) -> (Instant, Vec<(SocketAddr, String)>) {
        self.edits[edit as usize] += 1;
        let [own, shared] = self.edits;
        let (path, text) = match edit {
            Edit::OneBinary => ("web/src/main.rs", program(SERVERS[0], own)),
            Edit::Library => ("shared/src/lib.rs", library(shared)),
        };
        let (path, new) = (self.root.join(path), self.root.join(path).with_extension("new~"));
        fs::write(&new, text).expect("a file");
        let saved = Instant::now();
        fs::rename(&new, path).expect("a file");
        (saved, self.answers(edit.servers()))
    }

    /// What these servers are to say, and where.
    pub(crate) fn answers(&self, servers: &[&str]) -> Vec<(SocketAddr, String)> {
        let [own, shared] = self.edits;
        let answer = |server: &&str| {
            let own = if **server == *SERVERS[0] { own } else { 0 };
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port(server)));
            (address, format!("{server} {own}, shared {shared}"))
        };
        servers.iter().map(answer).collect()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(path, text).expect("a file");
    }
}

/// The cargo that runs the benchmark.
pub(crate) fn real_cargo() -> String {
    env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// Bases of ports that are free, below those that the kernel gives away.
pub(crate) fn bases(count: usize) -> Vec<u16> {
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    let all_free = |base: &u16| (*base..).step_by(100).take(SERVERS.len()).all(is_free);
    let first = 20_000 + u16::try_from(process::id() % 5).expect("a digit") * 1_000;
    let bases: Vec<u16> = (first..32_000).step_by(300).filter(all_free).take(count).collect();
    assert!(bases.len() == count, "there are not {count} times {} ports free", SERVERS.len());
    bases
}

const MANIFEST: &str = "[workspace]
resolver = \"3\"
members = [\"web\", \"worker\", \"clock\", \"shared\"]

[workspace.metadata.formation.processes]
web = {}
worker = { port = true }
clock = { port = true }
";

const DEPENDENCIES: &str = "shared = { path = \"../shared\" }
axum = { version = \"0.8\", default-features = false, features = [\"http1\", \"json\", \"query\", \"tokio\"] }
tokio = { version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\"] }
";

fn package(name: &str, dependencies: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{dependencies}"
    )
}

fn library(answer: u32) -> String {
    format!("pub fn answer() -> String {{\n    String::from(\"shared {answer}\")\n}}\n")
}

fn program(server: &str, answer: u32) -> String {
    format!(
        r#"use std::collections::BTreeMap;

use axum::extract::{{Path, Query}};
use axum::routing::{{get, post}};
use axum::{{Json, Router}};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {{
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).expect("a port");
    let app = Router::new()
        .route("/", get(answer))
        .route("/items", get(list).post(add))
        .route("/items/{{name}}", post(rename));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, app).await
}}

async fn answer() -> String {{
    format!("{server} {answer}, {{}}", shared::answer())
}}

async fn list(Query(query): Query<BTreeMap<String, String>>) -> Json<BTreeMap<String, String>> {{
    Json(query)
}}

async fn add(Json(item): Json<BTreeMap<String, String>>) -> Json<usize> {{
    Json(item.len())
}}

async fn rename(Path(name): Path<String>, Json(new): Json<String>) -> Json<Vec<String>> {{
    Json(vec![name, new])
}}
"#
    )
}
