//! A service of its own for each test, with a database of its own.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use example_app::check::{Check, Monitor};
use example_app::database::Database;
use example_app::queue::{Depth, Job, Queue};
use harness::{DEADLINE, Tool, eventually};
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::postgres::Server;

/// So long that nothing is due twice in a test.
pub(crate) const DAY: i64 = 86_400;

/// Where the database is in the directory of a test.
const FILE: &str = "new/uptime.db";

/// A database, and what runs on it. All of it ends with the test.
pub(crate) struct App {
    runtime: Runtime,
    url: String,
    started: Mutex<Vec<Arc<Tool>>>,
    pub(crate) server: Option<Server>,
    directory: TempDir,
}

impl App {
    /// Over a file that does not exist yet.
    pub(crate) fn without_tables() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join(FILE).display());
        Self::new(url, None, directory)
    }

    /// Over SQLite.
    pub(crate) fn sqlite() -> Self {
        let app = Self::without_tables();
        app.start("migrate", "release.1").ends_with(0);
        app
    }

    /// Over PostgreSQL, where there is one.
    pub(crate) fn postgres() -> Option<Self> {
        let server = Server::start()?;
        let app = Self::new(server.url(), Some(server), tempfile::tempdir().unwrap());
        app.start("migrate", "release.1").ends_with(0);
        Some(app)
    }

    fn new(url: String, server: Option<Server>, directory: TempDir) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, url, started: Mutex::default(), server, directory }
    }

    /// Start a binary as this instance.
    pub(crate) fn start(&self, binary: &str, instance: &str) -> Arc<Tool> {
        self.start_with(binary, &[("PS", instance), ("PORT", "0"), ("DATABASE_URL", &self.url)])
    }

    /// Start a binary with these variables, and none that the service would read.
    pub(crate) fn start_with(&self, binary: &str, variables: &[(&str, &str)]) -> Arc<Tool> {
        let path = match binary {
            "web" => env!("CARGO_BIN_EXE_web"),
            "worker" => env!("CARGO_BIN_EXE_worker"),
            "clock" => env!("CARGO_BIN_EXE_clock"),
            "migrate" => env!("CARGO_BIN_EXE_migrate"),
            other => panic!("`{other}` is no binary of the service"),
        };
        let mut command = Command::new(path);
        let read = ["DATABASE_URL", "FORMATION_WEB_URL", "HOST", "PORT", "PS", "RUST_LOG"];
        for name in read.into_iter().chain(["STATE_DIRECTORY"]) {
            command.env_remove(name);
        }
        command.current_dir(self.directory.path()).envs(variables.iter().copied());
        let tool = Arc::new(Tool::start(command));
        self.started.lock().unwrap().push(Arc::clone(&tool));
        tool
    }

    /// Start `web`, and wait until it listens. Where.
    pub(crate) fn web(&self) -> String {
        let line = self.start("web", "web.1").wait_for("listening at ").text();
        format!("http://{}", line.split("listening at ").nth(1).unwrap())
    }

    /// Have these watched once, at this address and their number.
    pub(crate) fn watch(&self, count: usize, url: &str) {
        for number in 0..count {
            let (name, url) = (format!("m{number}"), format!("{url}/{number}"));
            let monitor = Monitor { name, url, every: DAY };
            self.on_database(async |database| database.save(&monitor).await.unwrap());
        }
    }

    /// Put a check in the queue, as if that were done when it was due.
    pub(crate) fn enqueue(&self, monitor: &str, due: i64) {
        let job = Job { monitor: monitor.to_owned(), due, enqueued: due };
        self.on_queue(async |queue| queue.push(job).await.unwrap());
    }

    /// Forget what was before this moment.
    pub(crate) fn forget(&self, before: i64) {
        self.on_queue(async |queue| queue.forget(before).await.unwrap());
        let forgotten = self.on_database(async |database| database.forget(before).await);
        forgotten.unwrap();
    }

    pub(crate) fn depth(&self) -> Depth {
        self.on_queue(async |queue| queue.depth().await.unwrap())
    }

    pub(crate) fn history(&self, monitor: &str) -> Vec<Check> {
        self.on_database(async |database| database.history(monitor, 1_000).await.unwrap())
    }

    /// The value of `DATABASE_URL`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The file of SQLite.
    pub(crate) fn file(&self) -> PathBuf {
        self.directory.path().join(FILE)
    }

    /// Wait until this many checks were put in the queue and all of them are done.
    #[track_caller]
    pub(crate) fn wait_until_done(&self, enqueued: i64) {
        let done = Depth { enqueued, open: 0 };
        eventually("end of the queue", DEADLINE, || (self.depth() == done).then_some(()));
    }

    /// Do something with a connection of our own.
    pub(crate) fn on_database<T>(&self, action: impl AsyncFnOnce(Database) -> T) -> T {
        let connected = async { action(Database::connect(&self.url).await.unwrap()).await };
        self.runtime.block_on(connected)
    }

    fn on_queue<T>(&self, action: impl AsyncFnOnce(Queue) -> T) -> T {
        let connected = async { action(Queue::connect(&self.url).await.unwrap()).await };
        self.runtime.block_on(connected)
    }
}

impl Drop for App {
    fn drop(&mut self) {
        for tool in self.started.lock().unwrap().drain(..) {
            tool.signal(Signal::KILL);
        }
    }
}
