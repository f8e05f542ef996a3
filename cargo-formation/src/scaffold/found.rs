//! What a reader of somebody else's file has found: names, and the commands they stand for.

use std::fmt;
use std::path::PathBuf;

use super::reason::Reason;
use crate::formation::{Restart, Template};

/// A line of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The file, as people would type it from the workspace root.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
}

/// As compilers and editors write it: `Procfile:3`.
impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Something with a name that somebody else's tool runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name there, which may be none here.
    pub name: String,
    /// Where it stands.
    pub at: At,
    /// What is run, or why that cannot be said.
    pub command: Result<Command, Reason>,
    /// How many of it there are, if that is said.
    pub quantity: Option<u16>,
    /// What happens when it exits, if that is said.
    pub restart: Option<Restart>,
    /// Whether it is given a terminal.
    pub pty: bool,
    /// What else is said of it, and has no place in the table.
    pub left: Vec<String>,
}

impl Found {
    /// A name and its command, of which nothing else is said.
    pub(super) fn new(name: String, at: At, command: Result<Command, Reason>) -> Self {
        Self { name, at, command, quantity: None, restart: None, pty: false, left: Vec::new() }
    }
}

/// What is run, without a shell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments; never empty.
    pub words: Vec<Template>,
    /// Its own variables, in the order in which they are set.
    pub env: Vec<(String, Template)>,
    /// Its working directory, relative to the workspace root or absolute.
    pub dir: Option<PathBuf>,
}

impl Command {
    /// Set a variable; the last value counts.
    pub(super) fn set(&mut self, name: String, value: Template) {
        self.env.retain(|(known, _)| *known != name);
        self.env.push((name, value));
    }
}

/// What a text says that names no variable.
pub(super) fn literal(template: &Template) -> Option<String> {
    template.expand(|_| None).ok()
}
