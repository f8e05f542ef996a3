//! Somebody who does what a page says, from top to bottom.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;

use harness::{Tool, Workspace};

use super::is_left_out;
use super::line::Numbers;
use super::page::{Block, Step};
use super::place::{Place, Prepared};
use super::terminal::{Terminal, is_formation};

/// A sitting with a page.
pub(crate) struct Sitting {
    page: String,
    // What was started ends before what it was started in is another's.
    workspace: Workspace,
    prepared: Prepared,
    /// Where the reader is.
    directory: PathBuf,
    /// The terminals at which something runs.
    terminals: Vec<Terminal>,
    numbers: Numbers,
}

impl Sitting {
    pub(crate) fn new(page: &str, place: Place) -> Self {
        let workspace = Workspace::empty(env!("CARGO_BIN_EXE_cargo-formation"));
        let prepared = place.prepare(&workspace);
        let directory = prepared.directory.clone();
        let (page, terminals) = (page.to_owned(), Vec::new());
        Self { page, workspace, prepared, directory, terminals, numbers: Numbers::default() }
    }

    pub(crate) fn perform(&mut self, block: &Block) {
        match block {
            Block::File { path, text, is_added } => self.write(path, text, *is_added),
            Block::Console(steps) => self.console(steps),
        }
    }

    fn write(&self, path: &str, text: &str, is_added: bool) {
        let path = self.directory.join(path);
        let old = if is_added { fs::read_to_string(&path).unwrap() } else { String::new() };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, old + text).unwrap();
    }

    fn console(&mut self, steps: &[Step]) {
        let mut terminal = match steps.first() {
            Some(Step::Type(_)) => None,
            _ => {
                Some(self.terminals.pop().unwrap_or_else(|| panic!("{}: nothing runs", self.page)))
            }
        };
        for step in steps {
            match step {
                Step::Type(command) => {
                    if let Some(terminal) = terminal.take() {
                        terminal.finish(&mut self.numbers);
                    }
                    terminal = self.enter(command);
                }
                Step::Interrupt => {
                    let terminal = terminal.as_ref().unwrap();
                    terminal.wait(&mut self.numbers);
                    terminal.interrupt();
                }
                Step::See(line) => {
                    // Of a command that is not run nothing is seen.
                    if let Some(terminal) = &mut terminal {
                        terminal.show(line);
                    }
                }
            }
        }
        let Some(terminal) = terminal else { return };
        if is_formation(&terminal.command) && !steps.contains(&Step::Interrupt) {
            terminal.wait(&mut self.numbers);
            self.terminals.push(terminal);
        } else {
            terminal.finish(&mut self.numbers);
        }
    }

    /// Type a command, and see what runs then, if anything does.
    fn enter(&mut self, command: &str) -> Option<Terminal> {
        if is_left_out(&self.page, command) {
            return None;
        }
        if let Some(name) = command.strip_prefix("cd ") {
            self.go_to(name);
            return None;
        }
        let mut words = self.prepared.words.clone();
        let mut script = self.numbers.in_command(command);
        if is_formation(command) {
            let base = free_base();
            script = format!("{script} --base-port {base}");
            words.extend(ports(base));
        }
        // The tool that is tested, and one stream, as at a terminal.
        let script = script.replace("cargo formation", "exec \"$0\" formation");
        let script = format!("exec 2>&1; {script}");
        let mut shell = self.workspace.command_under(&["sh", "-c", &script], &[]);
        shell.current_dir(&self.directory);
        // What a reader does not have, but who runs the tests may, or has because of cargo.
        for name in ["RUST_BACKTRACE", "RUST_LOG", "DATABASE_URL", "HOST", "LD_LIBRARY_PATH"] {
            shell.env_remove(name);
        }
        Some(Terminal::new(&self.page, command, Tool::start(shell), words))
    }

    fn go_to(&mut self, name: &str) {
        if name == ".." {
            assert!(self.directory.pop());
        } else {
            self.directory.push(name);
        }
        assert!(self.directory.is_dir(), "{}: there is no `{name}`", self.page);
    }

    /// Stand up.
    pub(crate) fn end(self) {
        assert!(self.terminals.is_empty(), "{} leaves {:#?} at work", self.page, self.terminals);
        self.workspace.assert_nothing_alive();
    }
}

/// From the ports of a formation that starts here to those of one that starts at 4000.
fn ports(base: u16) -> impl Iterator<Item = (String, String)> {
    let numbers = (0..1_000).step_by(100).flat_map(|number| [number, number + 1, number + 10]);
    numbers.map(move |number| (format!(":{}", base + number), format!(":{}", 4_000 + number)))
}

/// A port from which on a formation finds room, above those that runs are given and below those
/// that the kernel gives to connections.
fn free_base() -> u16 {
    let is_free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let has_room = |base: &u16| (0..10).all(|n| (0..3).all(|m| is_free(base + n * 100 + m)));
    let first = u16::try_from(std::process::id() % 17).unwrap_or_default();
    let mut bases = (first..first + 17).map(|number| 30_000 + number % 17 * 100);
    bases.find(has_room).unwrap()
}
