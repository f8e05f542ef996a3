//! A workspace with one server, which is edited and called.

use std::cell::Cell;
use std::fs;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};

use harness::{DEADLINE, Tool, Workspace, eventually, manifest};
use rustix::process::Signal;

use crate::client::{Answer, get};

/// A workspace with one server.
pub(crate) struct Shop {
    pub(crate) workspace: Workspace,
    /// Where its ports start.
    pub(crate) port: u16,
    app: App,
}

/// What serves.
enum App {
    /// [`app.rs`](app.rs).
    Plain,
    /// The example app, with this module for its health.
    Example { api: String },
}

/// The formation of a shop at work.
pub(crate) struct Dev {
    pub(crate) tool: Tool,
    settled: Cell<usize>,
}

impl Shop {
    /// With this table.
    pub(crate) fn new(table: &str) -> Self {
        let workspace = Workspace::empty(env!("CARGO_BIN_EXE_cargo-formation"));
        let shop = Self { workspace, port: base_port(), app: App::Plain };
        shop.workspace.write("Cargo.toml", &manifest("shop", table));
        shop.workspace.write("src/bin/web.rs", include_str!("app.rs"));
        shop.write_version(1);
        shop
    }

    /// A copy of the example app, whose health is its version. What it depends on is kept beside
    /// what these tests were compiled into, so that it is compiled once.
    pub(crate) fn example() -> Self {
        let workspace = Workspace::empty(env!("CARGO_BIN_EXE_cargo-formation"));
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        let manifest = read(&root.join("Cargo.toml"));
        let members = manifest.lines().find(|line| line.starts_with("members = ")).unwrap();
        workspace.write("Cargo.toml", &manifest.replace(members, "members = [\"example-app\"]"));
        workspace.write("Cargo.lock", &read(&root.join("Cargo.lock")));
        let files =
            files(&root.join("example-app/src")).chain(files(&root.join("example-app/migrations")));
        for file in files {
            workspace.write(file.strip_prefix(root).unwrap(), &read(&file));
        }
        let manifest = read(&root.join("example-app/Cargo.toml"));
        let (before, tests) = manifest.split_once("[dev-dependencies]").unwrap();
        let (_, after) = tests.split_once("[lints]").unwrap();
        workspace.write("example-app/Cargo.toml", &format!("{before}[lints]{after}"));
        let api = read(&root.join("example-app/src/api.rs"));
        let shop = Self { workspace, port: base_port(), app: App::Example { api } };
        shop.write_version(1);
        shop
    }

    /// Where its version is asked for, and something longer.
    pub(crate) fn paths(&self) -> (&'static str, &'static str) {
        match self.app {
            App::Plain => ("/", "/long"),
            App::Example { .. } => ("/healthz", "/"),
        }
    }

    /// `web` becomes another version.
    pub(crate) fn write_version(&self, version: u64) {
        let (path, text) = match &self.app {
            // A module and no binary, as it is in a directory below that of the binaries.
            App::Plain => (PLAIN, format!("pub(crate) const VERSION: u64 = {version};\n")),
            App::Example { api } => {
                (EXAMPLE, api.replace("Ok(\"ok\\n\")", &format!("Ok(\"{version}\\n\")")))
            }
        };
        self.workspace.write(path, &text);
    }

    /// Code that no compiler takes.
    pub(crate) fn break_code(&self) {
        let (path, text) = match &self.app {
            App::Plain => (PLAIN, "pub(crate) const VERSION: u64 = ;\n".to_owned()),
            App::Example { api } => (EXAMPLE, format!("{api}\nconst VERSION: u64 = ;\n")),
        };
        self.workspace.write(path, &text);
    }

    pub(crate) fn mark(&self, name: &str) {
        self.workspace.write(name, "");
    }

    pub(crate) fn unmark(&self, name: &str) {
        fs::remove_file(self.workspace.root().join(name)).unwrap();
    }

    /// `dev` that watches, not waited for.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Dev {
        let base = self.port.to_string();
        let arguments = [&["dev", "--base-port", &base], arguments].concat();
        let mut command = self.workspace.command(&arguments);
        if let App::Example { .. } = self.app {
            let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("example");
            command.env("CARGO_TARGET_DIR", target).env_remove("CARGO_INCREMENTAL");
            command.env_remove("DATABASE_URL").env_remove("SQLX_OFFLINE");
        }
        Dev { tool: Tool::start(command), settled: Cell::new(0) }
    }

    /// `dev` that watches, all of it up.
    pub(crate) fn dev(&self, arguments: &[&str]) -> Dev {
        let dev = self.begin(arguments);
        match self.app {
            App::Plain => dev.tool.wait_for("Ready web at "),
            App::Example { .. } => dev.tool.build_and_wait_for("Ready web at "),
        };
        dev
    }

    /// The version that answers.
    pub(crate) fn version(&self) -> u64 {
        let Answer { status, body } = self.get("/").unwrap();
        assert_eq!(status, 200, "{body}");
        body.parse().unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> io::Result<Answer> {
        get(self.port, path)
    }

    pub(crate) fn end(&self, dev: &Dev) {
        dev.tool.signal(Signal::TERM);
        dev.tool.ends_with(143);
        self.workspace.assert_nothing_alive();
    }
}

impl Dev {
    /// Kill the process of an instance, which is returned. That is not noticed yet.
    pub(crate) fn kill(&self, shop: &Shop, instance: &str) -> u32 {
        let pid = self.latest(instance);
        let alive = shop.workspace.alive();
        alive.iter().find(|process| process.pid == pid).unwrap().signal(Signal::KILL);
        pid
    }

    /// Wait until one more change has settled, in this way.
    #[track_caller]
    pub(crate) fn settles(&self, how: &str) -> String {
        self.settled.set(self.settled.get() + 1);
        let words = ["Rebuilt", "Restarted", "Changed", "Behind", "Up to date"];
        let nth = self.settled.get();
        let line = self.tool.wait_until(&format!("change number {nth}"), |lines| {
            let settled = lines.iter().map(harness::Line::text);
            let mut settled =
                settled.filter(|line| words.iter().any(|word| line.trim_start().starts_with(word)));
            settled.nth(nth - 1)
        });
        assert!(line.contains(how), "{line}\n{}", self.tool.transcript());
        line
    }

    /// The process of an instance that was started last, once one was. Who answers may do so
    /// before the line of its start is read.
    pub(crate) fn latest(&self, instance: &str) -> u32 {
        self.tool.wait_until(&format!("a start of {instance}"), |lines| started(lines, instance))
    }

    /// The process of an instance that was started in the place of this one.
    pub(crate) fn next_after(&self, instance: &str, pid: u32) -> u32 {
        self.tool.wait_until(&format!("another start of {instance}"), |lines| {
            started(lines, instance).filter(|latest| *latest != pid)
        })
    }
}

/// The process of an instance whose start was said last.
fn started(lines: &[harness::Line], instance: &str) -> Option<u32> {
    let start = format!("Started {instance} (process ");
    lines.iter().rev().find_map(|line| {
        let text = line.text();
        let (_, id) = text.split_once(&start)?;
        id.split(')').next()?.parse().ok()
    })
}

/// Where the version is.
const PLAIN: &str = "src/bin/version/mod.rs";
const EXAMPLE: &str = "example-app/src/api.rs";

fn files(directory: &Path) -> Box<dyn Iterator<Item = PathBuf>> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    Box::new(entries.flat_map(|path| {
        if path.is_dir() { files(&path) } else { Box::new(std::iter::once(path)) }
    }))
}

/// The start of a range of ports that nobody holds, and that no other test is given.
fn base_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 50).unwrap() * 100;
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    eventually("free ports", DEADLINE, || {
        let offset = (first + NEXT.fetch_add(100, Ordering::Relaxed)) % 7_000;
        let base = 12_000 + offset;
        (is_free(base) && is_free(base + 1)).then_some(base)
    })
}
