//! A unit file, and how a word is written in one.
//!
//! Facts from `systemd.syntax(7)`, `systemd.service(5)` ("Command lines"), `systemd.exec(5)`
//! ("Environment") and `systemd.unit(5)` ("Specifiers").

use std::fmt::{self, Write as _};

use crate::formation::Piece;

/// Sections with settings, in order. A setting may be there several times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Unit {
    text: String,
}

impl Unit {
    /// Begin a section.
    pub(super) fn section(&mut self, name: &str) {
        let before = if self.text.is_empty() { "" } else { "\n" };
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{before}[{name}]");
    }

    /// Set something. The value is written as it is: words that come from the table are
    /// [`Word`]s, all else is ours.
    pub(super) fn set(&mut self, key: &str, value: impl fmt::Display) {
        let _ = writeln!(self.text, "{key}={value}");
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A word of a command line, or an assignment to a variable, quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word(String);

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Stands for itself.
    Text(String),
    /// The name of the instance, `%i`.
    Instance,
    /// The value of a variable. In command lines only: assignments expand none.
    Variable(String),
}

impl Part {
    /// A piece of the table, of which nothing is known beforehand.
    pub(super) fn of(piece: &Piece) -> Self {
        match piece {
            Piece::Text(text) => Self::Text(text.clone()),
            Piece::Variable(name) => Self::Variable(name.clone()),
        }
    }
}

impl Word {
    /// A word of a command line.
    pub(super) fn of_command(parts: &[Part]) -> Self {
        // What looks like a variable in a command line is one: `$$` is a dollar.
        Self(quoted(parts, |text| text.replace('$', "$$")))
    }

    /// `NAME=value` for a variable, where a dollar is a dollar. `Err` names the variable that
    /// would be expanded, and is not.
    pub(super) fn of_assignment(name: &str, parts: &[Part]) -> Result<Self, String> {
        let variable = parts.iter().find_map(|part| match part {
            Part::Variable(name) => Some(name.clone()),
            Part::Text(_) | Part::Instance => None,
        });
        if let Some(variable) = variable {
            return Err(variable);
        }
        let mut all = vec![Part::Text(format!("{name}="))];
        all.extend_from_slice(parts);
        Ok(Self(quoted(&all, str::to_owned)))
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The parts between quotes; bare where everybody sees that nothing needs them.
fn quoted(parts: &[Part], dollars: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    let mut is_plain = !parts.is_empty();
    for part in parts {
        match part {
            Part::Text(literal) => {
                is_plain &= literal.bytes().all(is_plain_byte);
                escape(&dollars(literal), &mut text);
            }
            Part::Instance => text.push_str("%i"),
            // In braces: exactly one word, whatever the value is.
            Part::Variable(name) => {
                is_plain = false;
                let _ = write!(text, "${{{name}}}");
            }
        }
    }
    if is_plain && !text.is_empty() { text } else { format!("\"{text}\"") }
}

fn is_plain_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_./:=,@+-".contains(&byte)
}

/// A percent sign begins a specifier, also between quotes.
fn escape(literal: &str, text: &mut String) {
    for c in literal.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '%' => text.push_str("%%"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            c if c.is_ascii_control() => {
                let _ = write!(text, "\\x{:02x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
}
