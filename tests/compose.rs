//! A service of a compose file as a process in the foreground, by way of an engine that is a
//! script: `compose/engine`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

#[path = "compose/ending.rs"]
mod ending;
#[path = "compose/engines.rs"]
mod engines;
#[path = "compose/starting.rs"]
mod starting;

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use harness::{DEADLINE, Tool, Workspace, eventually};

/// What the lists of containers of an engine look like.
const RUNNING: &str = r#"{"Service":"db","State":"running","ExitCode":0}"#;

/// Some engines, what they are to do, and what they were asked for.
struct Engines {
    workspace: Workspace,
}

impl Engines {
    /// Engines of these names.
    fn new(names: &[&str]) -> Self {
        let workspace = Workspace::empty(env!("CARGO_BIN_EXE_cargo-formation"));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/compose/engine");
        let engines = Self { workspace };
        for directory in ["bin", "fake"] {
            fs::create_dir(engines.workspace.beside(directory)).unwrap();
        }
        for name in names {
            let script = script.canonicalize().unwrap();
            symlink(script, engines.workspace.beside("bin").join(name)).unwrap();
        }
        engines
    }

    /// The usual one.
    fn docker() -> Self {
        Self::new(&["docker"])
    }

    fn file(&self, name: &str) -> PathBuf {
        self.workspace.beside("fake").join(name)
    }

    /// Let a command do this instead of what it does.
    fn does(self, command: &str, script: &str) -> Self {
        fs::write(self.file(command), script).unwrap();
        self
    }

    /// The service `db`, which is to be stopped at the end, or kept.
    fn start(&self, end: &str) -> Tool {
        let lock = self.workspace.beside("lock");
        let words = ["__compose", "db", end, "5", lock.to_str().unwrap()];
        let mut command = self.workspace.command(&words);
        // What the scripts use is there; other engines are not.
        let path = format!("{}:{}", self.workspace.beside("bin").display(), self.utilities());
        command.env("PATH", path).env("FAKE", self.workspace.beside("fake"));
        command.env("FORMATION_RUN", "ab.7").env("NOTIFY_SOCKET", self.file("socket"));
        Tool::start(command)
    }

    /// A directory with the programs that the scripts use, and nothing else.
    fn utilities(&self) -> String {
        let directory = self.workspace.beside("utilities");
        match fs::create_dir(&directory) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => {
                made.unwrap();
                for name in ["cat", "sleep", "rmdir", "mkdir"] {
                    let places = ["/bin", "/usr/bin"].map(|place| Path::new(place).join(name));
                    let found = places.into_iter().find(|place| place.exists()).unwrap();
                    symlink(found, directory.join(name)).unwrap();
                }
            }
        }
        directory.to_str().unwrap().to_owned()
    }

    /// What the engines were asked for until now, without the times.
    fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.file("calls")).unwrap_or_default();
        let without_time = |call: &str| {
            let mut words: Vec<&str> = call.split_whitespace().collect();
            if let Some(at) = words.iter().position(|word| *word == "--since") {
                words[at + 1] = "TIME";
            }
            words.join(" ")
        };
        text.lines().map(without_time).collect()
    }

    /// The calls that are no questions.
    fn deeds(&self) -> Vec<String> {
        let asks = |call: &String| call.contains(" version") || call.contains(" ps ");
        self.calls().into_iter().filter(|call| !asks(call)).collect()
    }

    #[track_caller]
    fn wait_for_call(&self, number: usize, call: &str) {
        eventually(&format!("call number {number} of `{call}`"), DEADLINE, || {
            let made = self.calls().iter().filter(|made| *made == call).count();
            (made >= number).then_some(())
        });
    }

    /// Who listens for the word that the service is up.
    fn listen(&self) -> UnixDatagram {
        let socket = UnixDatagram::bind(self.file("socket")).unwrap();
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        socket
    }
}

/// What comes to the socket.
fn heard(socket: &UnixDatagram) -> String {
    let mut message = [0; 100];
    let length = socket.recv(&mut message).unwrap();
    String::from_utf8_lossy(&message[..length]).into_owned()
}

const UP: &str = "docker up --detach db";
const WAIT: &str = "docker up --detach --wait --no-deps --no-recreate db";
const LOGS: &str = "docker logs --no-log-prefix --follow db";
const STOP: &str = "docker stop --timeout 5 db";
