//! A line for a shell, as people are told to type it.

use std::fmt;

use super::procfile::word::{Part, Word};
use super::resolve::{resolve, resolve_value};
use crate::formation::ProcessType;

/// Words of a command line; a shell reads exactly these, variables aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ShellLine(Vec<Word>);

impl ShellLine {
    /// A line of these words.
    pub(super) fn of<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        Self(words.into_iter().map(Word::literal).collect())
    }

    /// Add words.
    pub(super) fn words<'w>(mut self, words: impl IntoIterator<Item = &'w str>) -> Self {
        self.0.extend(words.into_iter().map(Word::literal));
        self
    }

    /// Add the variables of a process type, each after this flag.
    pub(super) fn variables(mut self, flag: &str, process: &ProcessType) -> Self {
        for (name, value) in &process.env {
            let value = resolve_value(name, value, &process.env);
            self.0.extend([Word::literal(flag), Word::assignment(name, &value)]);
        }
        self
    }

    /// Add the arguments of a process type.
    pub(super) fn arguments(mut self, process: &ProcessType) -> Self {
        let word = |arg| Word::new(resolve(arg, &process.env).into_iter().map(Part::from));
        self.0.extend(process.args.iter().map(word));
        self
    }
}

impl fmt::Display for ShellLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, word) in self.0.iter().enumerate() {
            let before = if position == 0 { "" } else { " " };
            write!(f, "{before}{word}")?;
        }
        Ok(())
    }
}
