//! Where a command says what it has to say: to the terminal, or to whoever asked for it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::formation::ExitCode;
use crate::narrate::notice;
use crate::world::terminal::{Stream, Terminal};

/// What a command speaks with.
#[derive(Debug)]
pub(super) struct Voice {
    pub(super) stdout: Stream,
    pub(super) stderr: Stream,
    terminal: Terminal,
    /// What was said, where it is kept: others write to the terminal meanwhile.
    kept: Option<Mutex<Vec<String>>>,
}

impl Voice {
    /// Say everything at once.
    pub(super) fn aloud(terminal: Terminal) -> Self {
        Self { stdout: terminal.stdout, stderr: terminal.stderr, terminal, kept: None }
    }

    /// Keep everything that is said.
    pub(super) fn kept(&self) -> Self {
        Self { kept: Some(Mutex::default()), ..Self::aloud(self.terminal) }
    }

    /// What was kept.
    pub(super) fn into_said(self) -> Vec<String> {
        let kept = self.kept.unwrap_or_default();
        kept.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Write a result: see [`Terminal::print`].
    #[must_use]
    pub(super) fn print(&self, text: &str) -> ExitCode {
        self.terminal.print(text)
    }

    /// Whether whoever reads the results goes away: see [`Terminal::is_left_within`].
    pub(super) fn is_left_within(&self, time: Duration) -> bool {
        self.terminal.is_left_within(time)
    }

    /// Write a part of a result: see [`Terminal::pass`].
    #[must_use]
    pub(super) fn pass(&self, bytes: &[u8]) -> ExitCode {
        self.terminal.pass(bytes)
    }

    /// Say a line.
    pub(super) fn say(&self, line: &str) {
        match &self.kept {
            Some(kept) => kept.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned()),
            None => self.terminal.say(line),
        }
    }

    /// Say what is wrong.
    pub(super) fn error(&self, text: &str) {
        self.say(&notice::error(text));
    }

    /// Say what is unwise.
    pub(super) fn warn(&self, text: &str) {
        self.say(&notice::warning(text));
    }

    /// Ask whoever is there: see [`Terminal::ask`].
    pub(super) fn ask(&self, question: &str) -> Option<String> {
        self.terminal.ask(question)
    }

    /// How wide the terminal is: see [`Terminal::width`].
    pub(super) fn width(&self) -> Option<u16> {
        self.terminal.width()
    }
}
