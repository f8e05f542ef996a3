//! A small workspace that is edited while it runs: a library `shared`, and the process types
//! `web` and `worker`, which say at their start what they were built from.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use harness::{DEADLINE, Line, Process, Stream, Tool, Workspace, eventually};
use rustix::process::Signal;

/// The types, without ports: nobody calls them.
pub(crate) const TYPES: &str = "web = { port = false }";

/// A workspace that can be edited.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) workspace: Workspace,
}

/// The formation of a shop at work.
#[derive(Debug)]
pub(crate) struct Dev {
    pub(crate) tool: Tool,
    /// How many changes have settled that the test knows of.
    settled: Cell<usize>,
}

impl Shop {
    pub(crate) fn new() -> Self {
        Self::with("", TYPES, "worker = {}")
    }

    /// The workspace with this in its own manifest, and these in the tables of the packages.
    pub(crate) fn with(root: &str, web: &str, worker: &str) -> Self {
        let workspace = Workspace::empty(env!("CARGO_BIN_EXE_cargo-formation"));
        let manifest = "[workspace]\nmembers = [\"shared\", \"web\", \"worker\"]\n\
                        resolver = \"3\"\n\n[profile.dev]\ndebug = false\n";
        workspace.write("Cargo.toml", &format!("{manifest}\n{root}\n"));
        let package = |name| {
            format!("[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n")
        };
        workspace.write("shared/Cargo.toml", &package("shared"));
        for (name, table) in [("web", web), ("worker", worker)] {
            let manifest = format!(
                "{}\n[dependencies]\nshared = {{ path = \"../shared\" }}\n\n\
                 [package.metadata.formation]\n{table}\n",
                package(name)
            );
            workspace.write(format!("{name}/Cargo.toml"), &manifest);
        }
        let shop = Self { workspace };
        shop.write_shared(1, 1);
        shop.write_own("web", 1);
        shop.write_own("worker", 1);
        shop.install("cargo", &cargo_script());
        shop.install("rustc", RUSTC_SCRIPT);
        fs::create_dir(shop.workspace.beside("gates")).unwrap();
        shop.run_cargo(&["generate-lockfile", "--offline"]);
        shop
    }

    /// A program beside the workspace, which finds the place where it lies in `$here`.
    fn install(&self, name: &str, script: &str) {
        let path = self.workspace.beside(name);
        let here = path.parent().unwrap().display();
        fs::write(&path, format!("#!/bin/sh\nhere='{here}'\n{script}")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Write the library: what it gives to `web` and what to everybody.
    pub(crate) fn write_shared(&self, of_web: u32, of_all: u32) {
        self.workspace.write("shared/src/lib.rs", &shared(of_web, of_all));
    }

    /// Write the source of a process type, which is to say this.
    pub(crate) fn write_own(&self, name: &str, own: u32) {
        self.workspace.write(format!("{name}/src/main.rs"), &source(name, own));
    }

    /// Write a source that does not compile.
    pub(crate) fn break_own(&self, name: &str) {
        self.workspace.write(
            format!("{name}/src/main.rs"),
            "fn main() { let wrong: u32 = \"no number\"; }\n",
        );
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.workspace.root().join(path)
    }

    /// `dev` that watches, until both types are up and cargo is over.
    pub(crate) fn dev(&self, arguments: &[&str]) -> Dev {
        let dev = self.begin(arguments);
        dev.tool.wait_for("| web ");
        dev.tool.wait_for("| worker ");
        self.wait_for_end_of_cargo();
        dev
    }

    /// `dev` that watches.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Dev {
        self.begin_under(&[], arguments)
    }

    /// The same, started by another program: `sh -c '…; exec "$@"' sh`.
    pub(crate) fn begin_under(&self, wrapper: &[&str], arguments: &[&str]) -> Dev {
        let mut command = self.workspace.command_under(wrapper, &[&["dev"], arguments].concat());
        self.prepare(&mut command);
        self.grow_old();
        Dev { tool: Tool::start(command), settled: Cell::new(0) }
    }

    /// Wait until nobody can take what was written so far for later than what follows.
    fn grow_old(&self) {
        let stamp = |name: &str| {
            let path = self.workspace.beside(name);
            fs::write(&path, "").unwrap();
            fs::metadata(path).unwrap().modified().unwrap()
        };
        let written = stamp("written");
        eventually("later stamp", DEADLINE, || {
            let later = stamp("later").duration_since(written).unwrap_or_default();
            (later > Duration::from_millis(50)).then_some(())
        });
    }

    /// The environment in which cargo and the compiler can be held back.
    fn prepare(&self, command: &mut Command) {
        command.env("CARGO", self.workspace.beside("cargo"));
        command.env("RUSTC_WRAPPER", self.workspace.beside("rustc"));
    }

    /// Another cargo than that of `dev`, in the same environment.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let like = self.workspace.command(arguments);
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).current_dir(self.workspace.root());
        for (name, value) in like.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        self.prepare(&mut command);
        command
    }

    /// Run another cargo, which is to succeed.
    #[track_caller]
    pub(crate) fn run_cargo(&self, arguments: &[&str]) {
        let output = self.cargo(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Another cargo that builds, and stops at the gate `another`.
    pub(crate) fn other_cargo_that_waits(&self) -> Child {
        self.workspace.write("shared/examples/another.rs", "fn main() {}\n");
        let mut command = self.cargo(&["build", "-p", "shared", "--example", "another"]);
        command.stderr(Stdio::null()).spawn().unwrap()
    }

    /// Wait until no cargo builds.
    #[track_caller]
    pub(crate) fn wait_for_end_of_cargo(&self) {
        eventually("end of cargo", DEADLINE, || {
            self.workspace.find("/cargo build").is_none().then_some(())
        });
    }

    /// How often cargo was started by the tool with this command.
    pub(crate) fn cargos(&self, command: &str) -> usize {
        let log = fs::read_to_string(self.workspace.beside("cargo.log")).unwrap_or_default();
        log.lines().filter(|line| *line == command).count()
    }

    /// The living process of this number.
    #[track_caller]
    pub(crate) fn process(&self, pid: u32) -> Process {
        let mut alive = self.workspace.alive().into_iter();
        alive.find(|process| process.pid == pid).unwrap_or_else(|| panic!("{pid} is not alive"))
    }
}

/// Holding back.
impl Shop {
    /// From now on hold this back: `cargo-build`, `cargo-metadata`, or a crate by its name.
    pub(crate) fn hold(&self, what: &str) -> Held {
        let gate = self.workspace.beside("gates").join(what);
        let held = Held { arrived: gate.with_extension("arrived"), gate };
        let _ = fs::remove_file(&held.arrived);
        fs::write(&held.gate, "").unwrap();
        held
    }
}

/// Somebody is not let through.
#[derive(Debug)]
pub(crate) struct Held {
    gate: PathBuf,
    arrived: PathBuf,
}

impl Held {
    /// Wait until somebody is held back, by what this tool does or by others.
    #[track_caller]
    pub(crate) fn wait(&self, dev: &Dev) {
        let shown = ShownIfItFails(&dev.tool);
        let what = format!("{} at its gate", self.gate.display());
        eventually(&what, DEADLINE, || fs::remove_file(&self.arrived).ok());
        drop(shown);
    }

    /// Let whoever comes through from now on.
    pub(crate) fn release(self) {
        fs::remove_file(&self.gate).unwrap();
    }
}

/// A tool whose lines are shown if the test fails meanwhile.
struct ShownIfItFails<'t>(&'t Tool);

impl Drop for ShownIfItFails<'_> {
    #[expect(clippy::print_stderr, reason = "the test fails, and this says where it stood")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0.transcript());
        }
    }
}

impl Dev {
    /// Wait for the next change to settle. What is said of it, without the times.
    #[track_caller]
    pub(crate) fn settled(&self) -> String {
        let known = self.settled.get();
        let line = self
            .tool
            .wait_until(&format!("change number {}", known + 1), |lines| changes(lines).nth(known));
        self.settled.set(known + 1);
        line
    }

    /// Wait for the next change to settle, of which this is to be said.
    #[track_caller]
    pub(crate) fn settles(&self, line: &str) {
        let settled = self.settled();
        assert_eq!(settled, line, "\n{}", self.tool.transcript());
    }

    /// Wait for the next change to settle, but not longer than this.
    pub(crate) fn settles_within(&self, longest: Duration) {
        let known = self.settled.get();
        if self.tool.reaches(longest, |lines| changes(lines).nth(known).is_some()) {
            self.settled.set(known + 1);
        }
    }

    /// Wait until somebody has said that everything has settled, and nobody started after that.
    #[track_caller]
    pub(crate) fn comes_to_rest(&self, when: &str) {
        let known = self.tool.wait_until(&format!("rest in {when}"), |lines| {
            let last = |wanted: fn(&str) -> bool| lines.iter().rposition(|l| wanted(&l.text()));
            let started = last(|line| line.trim_start().starts_with("Started "));
            let settled = last(|line| without_times(line).is_some());
            (settled > started).then(|| changes(lines).count())
        });
        self.settled.set(known);
    }

    /// Wait until it is known what the first build has read. Until then any file of a package
    /// counts, also what an editor makes beside it, and would be a change of its own.
    #[track_caller]
    pub(crate) fn knows_what_is_read(&self, shop: &Shop) {
        // A change that no cargo is asked about is settled when all else is understood.
        shop.workspace.write(".env.local", "");
        self.settles("Up to date; web, worker unchanged");
    }

    /// Wait until a process type says this of itself; the process that did last.
    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> u32 {
        let text = format!("| {words} in process ");
        self.tool.wait_until(&text, |lines| {
            lines.iter().rev().find_map(|line| {
                let (_, pid) =
                    line.text().split_once(&text).map(|(a, b)| (a.len(), b.to_owned()))?;
                pid.parse().ok()
            })
        })
    }

    /// Wait until a process type says this of itself for the n-th time; the process.
    #[track_caller]
    pub(crate) fn says_again(&self, number: usize, words: &str) -> u32 {
        let text = format!("| {words} in process ");
        let line = self.tool.wait_for_nth(number, &text).text();
        line.split_once(&text).unwrap().1.parse().unwrap()
    }

    /// How many processes of a type have said something.
    pub(crate) fn starts(&self, name: &str) -> usize {
        let text = format!("| {name} ");
        let lines = self.tool.text(Stream::Out);
        lines.lines().filter(|line| line.contains(&text)).count()
    }

    /// Stop it, and see that nothing is left.
    #[track_caller]
    pub(crate) fn end(&self, shop: &Shop) {
        self.tool.signal(Signal::TERM);
        self.tool.ends_with(143);
        shop.workspace.assert_nothing_alive();
    }
}

/// What was said of each change that has settled.
fn changes(lines: &[Line]) -> impl Iterator<Item = String> {
    lines.iter().filter_map(|line| without_times(&line.text()))
}

/// The line about a change that has settled, without the times.
fn without_times(line: &str) -> Option<String> {
    let line = line.trim_start();
    let known = ["Rebuilt ", "Restarted ", "Changed ", "Behind ", "Up to date "];
    known.iter().find(|word| line.starts_with(**word))?;
    let cuts = [" in ", "in ", " after "].into_iter();
    let (head, rest) =
        cuts.filter_map(|cut| line.split_once(cut)).min_by_key(|(head, _)| head.len())?;
    // What cargo took, and what it waited for others.
    let rest = rest
        .split_once(" (cargo ")
        .and_then(|(_, rest)| rest.split_once(')'))
        .map_or(rest, |(_, rest)| rest);
    let tail = rest.find([',', ';', ':']).map_or("", |at| &rest[at..]);
    Some(format!("{}{tail}", head.trim_end()))
}

/// A source of the library.
pub(crate) fn shared(of_web: u32, of_all: u32) -> String {
    format!(
        "pub fn of_web() -> u32 {{ {of_web} }}\n\
         pub fn of_all() -> u32 {{ {of_all} }}\n\
         pub fn live(words: &str) {{\n    \
         println!(\"{{words}} in process {{}}\", std::process::id());\n    \
         loop {{ std::thread::park(); }}\n}}\n"
    )
}

/// A source of a process type.
pub(crate) fn source(name: &str, own: u32) -> String {
    let more = if name == "web" { "shared::of_web()" } else { "0" };
    format!(
        "fn main() {{ shared::live(&format!(\"{name} {own} {{}} {{}}\", shared::of_all(), {more})) }}\n"
    )
}

/// A cargo that says when it is started, and waits as long as it is held back.
fn cargo_script() -> String {
    let real = env!("CARGO");
    format!(
        "echo \"$1\" >>\"$here/cargo.log\"\n\
         gate=\"$here/gates/cargo-$1\"\n\
         [ -e \"$gate\" ] && : >\"$gate.arrived\"\n\
         while [ -e \"$gate\" ]; do sleep 0.01; done\n\
         exec '{real}' \"$@\"\n"
    )
}

/// A compiler that waits as long as its crate is held back.
const RUSTC_SCRIPT: &str = r#"
for word; do
    [ "$last" = --crate-name ] && gate="$here/gates/$word"
    [ "$last" = --out-dir ] && out=$word
    last=$word
done
if [ -n "$gate" ]; then
    if [ -e "$gate" ]; then
        # What a compiler has there that is at work.
        mkdir -p "$out/rustcAbC123"
        : >"$out/part.abc-cgu.0.rcgu.o"
        : >"$gate.arrived"
    fi
    while [ -e "$gate" ]; do sleep 0.01; done
fi
exec "$@"
"#;

/// Touch a file, as `touch` does.
pub(crate) fn touch(path: &Path) {
    assert!(Command::new("touch").arg(path).status().unwrap().success());
}
