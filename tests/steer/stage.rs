//! A formation that runs, is asked, and is looked at behind its back.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use harness::{DEADLINE, Stream, Tool, Workspace, eventually};
use serde_json::Value;

use crate::client::Client;

/// A workspace, and the tool that runs its formation.
pub(crate) struct Stage {
    pub(crate) workspace: Workspace,
    pub(crate) dev: Tool,
    is_isolated: bool,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A line of `ps`, as far as these tests look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) pid: Option<u32>,
}

/// A lone package with these process types.
pub(crate) fn formation(types: &str) -> Workspace {
    Workspace::new(env!("CARGO_BIN_EXE_cargo-formation"), types)
}

/// What tells everything to wait until somebody looks.
const IDLE: &str = "bin = \"zoo\", args = [\"idle\"]";

/// A formation of these types that do nothing, besides `keeper`.
pub(crate) fn idle_types(names: &[&str]) -> String {
    let lines = names.iter().map(|name| format!("{name} = {{ {IDLE} }}\n"));
    lines.collect()
}

impl Stage {
    /// A formation of these types, with these flags of `dev`, which has its socket.
    #[track_caller]
    pub(crate) fn open(types: &str, flags: &[&str]) -> Self {
        Self::in_workspace(formation(types), flags)
    }

    #[track_caller]
    pub(crate) fn in_workspace(workspace: Workspace, flags: &[&str]) -> Self {
        let dev = Tool::start(workspace.command(&[&["dev"], flags].concat()));
        let is_isolated = flags.contains(&"--isolated");
        let stage = Self { workspace, dev, is_isolated };
        stage.comes_up();
        stage
    }

    /// A formation that was started in some other way.
    #[track_caller]
    pub(crate) fn of(workspace: Workspace, dev: Tool) -> Self {
        let stage = Self { workspace, dev, is_isolated: false };
        stage.comes_up();
        stage
    }

    /// A formation that has ended.
    pub(crate) fn that_was(workspace: Workspace, dev: Tool) -> Self {
        Self { workspace, dev, is_isolated: false }
    }

    /// Wait for somebody who listens at the socket.
    #[track_caller]
    pub(crate) fn comes_up(&self) {
        eventually("control socket", DEADLINE, || {
            let socket = self.find_socket()?;
            Client::connect(&socket).is_ok().then_some(())
        });
    }

    /// The path of the control socket.
    #[track_caller]
    pub(crate) fn socket(&self) -> PathBuf {
        self.find_socket().expect("there is no control socket")
    }

    fn find_socket(&self) -> Option<PathBuf> {
        sockets(&self.workspace.runtime_directory()).pop()
    }

    /// Somebody who may ask.
    #[track_caller]
    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.socket()).unwrap()
    }

    /// Somebody who has asked for this.
    #[track_caller]
    pub(crate) fn asks(&self, request: &str) -> Client {
        let mut client = self.client();
        client.ask(request);
        client
    }

    /// What is answered to this.
    #[track_caller]
    pub(crate) fn answer(&self, request: &str) -> Value {
        self.asks(request).only_answer()
    }

    /// What a command says, from the root of the workspace.
    #[track_caller]
    pub(crate) fn steer(&self, words: &[&str]) -> Said {
        said(&self.begin(words))
    }

    /// What a command says that has to go well.
    #[track_caller]
    pub(crate) fn do_(&self, words: &[&str]) -> Said {
        let said = self.steer(words);
        assert_eq!(said.code, 0, "{words:?}: {}\n{}", said.err, self.dev.transcript());
        said
    }

    /// A command that is not waited for.
    pub(crate) fn begin(&self, words: &[&str]) -> Tool {
        let mut command = self.workspace.command(words);
        if self.is_isolated {
            command.env("FORMATION_SOCKET", self.socket());
        }
        Tool::start(command)
    }

    /// How everybody is.
    #[track_caller]
    pub(crate) fn status(&self) -> Value {
        let status = self.answer(r#"{"command":"ps"}"#);
        assert_eq!(status["kind"], "status", "{status}");
        status
    }

    /// The lines of `ps`, none of which may say what cannot be.
    #[track_caller]
    pub(crate) fn ps(&self) -> Vec<Seen> {
        let seen = lines(&self.status());
        self.believe(&seen);
        seen
    }

    /// The states of an instance, one for each line.
    #[track_caller]
    pub(crate) fn states(&self, name: &str) -> Vec<String> {
        let seen = self.ps().into_iter().filter(|seen| seen.name == name);
        seen.map(|seen| seen.state).collect()
    }

    /// Wait until the only line of an instance says this.
    #[track_caller]
    pub(crate) fn is(&self, name: &str, state: &str) -> Option<u32> {
        let last = RefCell::new(Vec::new());
        let shown = ShownIfItFails(|| format!("{:?}\n{}", last.borrow(), self.dev.transcript()));
        let pid = eventually(&format!("{name} {state}"), DEADLINE, || {
            let all = self.ps();
            let of: Vec<&Seen> = all.iter().filter(|seen| seen.name == name).collect();
            let found = matches!(&of[..], [one] if one.state == state).then(|| of[0].pid);
            last.replace(all);
            found
        });
        drop(shown);
        pid
    }

    /// The process of an instance that is up alone.
    #[track_caller]
    pub(crate) fn pid(&self, name: &str) -> u32 {
        self.is(name, "ready").expect("it has no process")
    }

    /// What `ps` says of processes was said when they began, and of one instance at most one
    /// run is up that is not about to be replaced.
    #[track_caller]
    fn believe(&self, seen: &[Seen]) {
        let mut up: BTreeMap<&str, usize> = BTreeMap::new();
        for Seen { name, state, pid } in seen {
            if state == "ready" {
                *up.entry(name).or_default() += 1;
            }
            if let Some(pid) = pid {
                // What was said is read by another thread.
                self.dev.wait_for(&format!("Started {name} (process {pid})"));
            }
        }
        let twice = up.iter().find(|(_, count)| **count > 1);
        assert_eq!(twice, None, "{seen:?}\n{}", self.dev.transcript());
    }

    /// Wait until what `ps` says of processes is all that lives of the zoo, and nothing moves.
    #[track_caller]
    pub(crate) fn comes_to_rest(&self) -> Vec<Seen> {
        let last = RefCell::new((Vec::new(), Vec::new()));
        let shown = ShownIfItFails(|| format!("{:?}\n{}", last.borrow(), self.dev.transcript()));
        let rest = eventually("rest", DEADLINE, || {
            let seen = self.ps();
            let instances = seen.iter().filter(|seen| seen.name.contains('.'));
            let mut said: Vec<u32> = instances.filter_map(|seen| seen.pid).collect();
            let mut alive = self.animals();
            said.sort_unstable();
            alive.sort_unstable();
            let rests = |seen: &Seen| AT_REST.contains(&seen.state.as_str());
            let is_rest = seen.iter().all(rests) && said == alive;
            last.replace((seen.clone(), alive));
            is_rest.then_some(seen)
        });
        drop(shown);
        rest
    }

    /// The processes of the formation that lead a run.
    pub(crate) fn animals(&self) -> Vec<u32> {
        let alive = self.workspace.alive().into_iter();
        let zoo = alive.filter(|process| is_run(process.pid) && process.pid == process.group);
        zoo.map(|process| process.pid).collect()
    }

    /// Write a file that those who look for it look for.
    pub(crate) fn mark(&self, name: &str) {
        fs::write(self.workspace.root().join(name), "").unwrap();
    }

    pub(crate) fn unmark(&self, name: &str) {
        fs::remove_file(self.workspace.root().join(name)).unwrap();
    }

    /// Stop it with `down`, and see that nothing is left.
    #[track_caller]
    pub(crate) fn end(&self) {
        let down = self.do_(&["down"]);
        assert!(down.err.contains("Stopped everything"), "{}", down.err);
        self.has_ended();
    }

    /// It has ended as `down` ends it, and nothing is left, the socket neither.
    #[track_caller]
    pub(crate) fn has_ended(&self) {
        self.dev.ends_with(0);
        self.workspace.assert_nothing_alive();
        assert_eq!(self.find_socket(), None);
    }
}

/// States that do not change by themselves.
const AT_REST: &[&str] = &["ready", "stopped", "finished", "failed", "late", "unwell", "not-built"];

/// What a command said, when it has ended.
#[track_caller]
pub(crate) fn said(command: &Tool) -> Said {
    let (code, _) = command.finish();
    Said { code, out: command.text(Stream::Out), err: command.text(Stream::Err) }
}

/// The control sockets below a runtime directory.
pub(crate) fn sockets(runtime: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(runtime.join("cargo-formation")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path().join("control")).filter(|path| path.exists()).collect()
}

/// The lines of a status.
pub(crate) fn lines(status: &Value) -> Vec<Seen> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |value: &Value| Seen {
        name: text(&value["name"]),
        state: text(&value["state"]),
        pid: value["pid"].as_u64().map(|pid| u32::try_from(pid).unwrap()),
    };
    status["instances"].as_array().unwrap().iter().map(line).collect()
}

/// Whether a process is, or descends from, a run.
fn is_run(pid: u32) -> bool {
    let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environ.split(|byte| *byte == 0).any(|variable| variable.starts_with(b"FORMATION_INSTANCE="))
}

/// What is to be shown if a test fails before this is dropped.
struct ShownIfItFails<F: Fn() -> String>(F);

impl<F: Fn() -> String> Drop for ShownIfItFails<F> {
    #[expect(clippy::print_stderr, reason = "the test fails, and this says where it stood")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", (self.0)());
        }
    }
}
