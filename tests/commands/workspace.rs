//! A workspace in a directory of its own, and the tool in it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Nothing here takes this long; who waits longer waits for ever.
pub(crate) const DEADLINE: Duration = Duration::from_mins(2);

/// The programs that are behind what is tested.
pub(crate) const ZOO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/zoo/src/main.rs");

/// A workspace.
pub(crate) struct Workspace {
    dir: TempDir,
}

impl Workspace {
    pub(crate) fn new() -> Self {
        let workspace = Self { dir: TempDir::with_prefix("formation-").unwrap() };
        fs::create_dir(workspace.dir.path().join("run")).unwrap();
        fs::create_dir(workspace.root()).unwrap();
        workspace
    }

    /// A lone package `shop` with this table, and these binaries, that say their names.
    pub(crate) fn shop(table: &str, binaries: &[&str]) -> Self {
        let workspace = Self::new();
        workspace.package("", "shop", table, binaries);
        workspace
    }

    /// A lone package whose binary `zoo` is the zoo.
    pub(crate) fn zoo(table: &str) -> Self {
        let workspace = Self::new();
        let bin = format!("[[bin]]\nname = \"zoo\"\npath = {ZOO:?}\n");
        workspace.package("", "shop", &format!("{table}\n{bin}"), &[]);
        workspace
    }

    /// Write a package.
    pub(crate) fn package(&self, dir: &str, name: &str, more: &str, binaries: &[&str]) {
        let text = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{more}\n"
        );
        self.write(&join(dir, "Cargo.toml"), &text);
        for binary in binaries {
            let says = format!("fn main() {{ println!(\"I am {binary} of {name}\"); }}\n");
            self.write(&join(dir, &format!("src/bin/{binary}.rs")), &says);
        }
    }

    /// The directory of the workspace, without links in its path.
    pub(crate) fn root(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join("ws")
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replace a part of a file.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(path)).unwrap();
        assert!(text.contains(from), "`{from}` is not in {path}");
        self.write(path, &text.replace(from, to));
    }

    /// The tool, as cargo would start it.
    pub(crate) fn tool(&self, words: &[&str]) -> Tool<'_> {
        let program = OsString::from(env!("CARGO_BIN_EXE_cargo-formation"));
        self.program(&program).env("CARGO", cargo()).args(&["formation"]).args(words)
    }

    /// Cargo itself.
    pub(crate) fn cargo(&self, words: &[&str]) -> Tool<'_> {
        self.program(&cargo()).args(words)
    }

    /// Any program, in the environment of a user who has set nothing.
    pub(crate) fn program(&self, program: &OsStr) -> Tool<'_> {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.root());
        for name in ["PATH", "HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "TMPDIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.env("XDG_RUNTIME_DIR", self.dir.path().join("run"));
        // Nobody else's configuration, and nobody else's lock on the packages.
        command.env("CARGO_HOME", self.dir.path().join("cargo"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Tool { _workspace: self, command }
    }
}

/// Nothing that was started here outlives the test, however it ends.
impl Drop for Workspace {
    fn drop(&mut self) {
        for (pid, _) in processes(self.dir.path()) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// The processes whose working directory is here, with their command lines; on Linux.
pub(crate) fn processes(root: &Path) -> Vec<(Pid, String)> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let process = |entry: fs::DirEntry| {
        let pid = entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw)?;
        let cwd = fs::read_link(entry.path().join("cwd")).ok()?;
        // What has ended and is not reaped has no command line.
        let line = fs::read(entry.path().join("cmdline")).ok().filter(|line| !line.is_empty())?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        cwd.starts_with(root).then_some((pid, line))
    };
    entries.flatten().filter_map(process).collect()
}

/// The cargo that runs the tests, and no shim before it.
pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn join(dir: &str, file: &str) -> String {
    if dir.is_empty() { file.to_owned() } else { format!("{dir}/{file}") }
}

/// A program that is about to be run. The workspace stays for as long.
pub(crate) struct Tool<'w> {
    _workspace: &'w Workspace,
    pub(crate) command: Command,
}

impl Tool<'_> {
    pub(crate) fn args(mut self, words: &[&str]) -> Self {
        self.command.args(words);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Start it, and go on while it runs.
    pub(crate) fn start(mut self) -> Running {
        Running::new(self.command.spawn().unwrap())
    }

    /// Run it to its end.
    pub(crate) fn run(self) -> Said {
        self.start().end()
    }
}

/// A program that runs. It is killed if nobody waits for its end.
pub(crate) struct Running {
    child: Option<Child>,
    lines: Receiver<Line>,
    said: Said,
}

/// What a program wrote, or that it wrote its last.
enum Line {
    Out(String),
    Err(String),
    End,
}

/// What a program said, and how it ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) status: Option<ExitStatus>,
}

impl Running {
    fn new(mut child: Child) -> Self {
        let (sender, lines) = channel();
        let (out, end) = (sender.clone(), sender.clone());
        let stdout = child.stdout.take().unwrap();
        let stderr = child.stderr.take().unwrap();
        thread::spawn(move || {
            each_line(stdout, |line| drop(out.send(Line::Out(line))));
            let _ = out.send(Line::End);
        });
        thread::spawn(move || {
            each_line(stderr, |line| drop(end.send(Line::Err(line))));
            let _ = end.send(Line::End);
        });
        Self { child: Some(child), lines, said: Said::default() }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.pid()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Write to its standard input.
    pub(crate) fn type_in(&mut self, text: &str) {
        let stdin = self.child.as_mut().unwrap().stdin.as_mut().unwrap();
        stdin.write_all(text.as_bytes()).unwrap();
    }

    /// Wait for a line that has this in it.
    pub(crate) fn wait_for(&mut self, marker: &str) -> String {
        loop {
            match self.lines.recv_timeout(DEADLINE) {
                Ok(Line::Out(line)) => {
                    self.said.stdout += &line;
                    if line.contains(marker) {
                        return line;
                    }
                }
                Ok(Line::Err(line)) => {
                    self.said.stderr += &line;
                    if line.contains(marker) {
                        return line;
                    }
                }
                Ok(Line::End) => {}
                Err(error) => panic!("`{marker}` never came ({error}): {}", self.said),
            }
        }
    }

    /// Wait for its end.
    pub(crate) fn end(mut self) -> Said {
        drop(self.child.as_mut().unwrap().stdin.take());
        loop {
            match self.lines.recv_timeout(DEADLINE) {
                Ok(Line::Out(line)) => self.said.stdout += &line,
                Ok(Line::Err(line)) => self.said.stderr += &line,
                Ok(Line::End) => {}
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                    panic!("it never ended: {}", self.said)
                }
            }
        }
        // Its streams are closed; a program that lives on after that is ended by the drop.
        let mut child = self.child.take().unwrap();
        self.said.status = Some(child.wait().unwrap());
        std::mem::take(&mut self.said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn each_line(stream: impl Read, mut then: impl FnMut(String)) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line).unwrap_or(0) > 0 {
        then(String::from_utf8_lossy(&line).into_owned());
        line.clear();
    }
}

impl Said {
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }

    /// It ended like this.
    #[track_caller]
    pub(crate) fn ended(&self, code: i32) -> &Self {
        assert_eq!(self.code(), Some(code), "{self}");
        self
    }

    /// It ended like this, and this is all it said to standard error.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, stderr: &str) -> &Self {
        assert_eq!((self.code(), self.stderr.trim_end()), (Some(code), stderr), "{self}");
        assert_eq!(self.stdout, "", "a refusal is for people");
        self
    }

    /// It said this to standard error.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(self.stderr.contains(text), "`{text}` was not said: {self}");
        self
    }

    /// It did not say this to standard error.
    #[track_caller]
    pub(crate) fn never_says(&self, text: &str) -> &Self {
        assert!(!self.stderr.contains(text), "`{text}` was said: {self}");
        self
    }

    /// Its standard output, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("{error}: {self}"),
        }
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { stdout, stderr, status } = self;
        write!(f, "{status:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}
