//! How a word of a command is written.
//!
//! A word is plain, which is the same word to every reader there is, or it has to be
//! quoted, which is the same word to a POSIX shell only. Which of the two is a type, so
//! that nothing is written before somebody has asked.

use std::fmt;

use crate::formation::Piece;

/// A word of the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::emit) enum Word {
    /// The same word to every reader; a variable in it is expanded by those that expand.
    Plain(Vec<Part>),
    /// The same word to a shell only.
    Quoted(Vec<Part>),
}

impl Word {
    pub(in crate::emit) fn new(parts: impl Iterator<Item = Part>) -> Self {
        let parts = join(parts);
        if is_plain(&parts) { Self::Plain(parts) } else { Self::Quoted(parts) }
    }

    pub(in crate::emit) fn literal(text: &str) -> Self {
        Self::new(std::iter::once(Part::Text(text.to_owned())))
    }

    pub(in crate::emit) fn assignment(name: &str, value: &[&Piece]) -> Self {
        let name = Part::Text(format!("{name}="));
        Self::new(std::iter::once(name).chain(value.iter().copied().map(Part::from)))
    }

    fn parts(&self) -> &[Part] {
        match self {
            Self::Plain(parts) | Self::Quoted(parts) => parts,
        }
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts().iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Variable(name) => Some(name.as_str()),
        })
    }

    /// Whether some reader would end the line in it.
    pub(super) fn breaks_the_line(&self) -> bool {
        self.parts().iter().any(|part| match part {
            Part::Text(text) => text.contains(breaks),
            Part::Variable(_) => false,
        })
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = self.parts().iter().peekable();
        if let (Self::Quoted(_), None) = (self, parts.peek()) {
            return f.write_str("''");
        }
        while let Some(part) = parts.next() {
            match (self, part) {
                (Self::Plain(_), Part::Text(text)) => f.write_str(text)?,
                (Self::Quoted(_), Part::Text(text)) => write_quoted(f, text)?,
                (Self::Plain(_), Part::Variable(name)) => match parts.peek() {
                    Some(Part::Text(next)) if continues_name(next) => write!(f, "${{{name}}}")?,
                    Some(_) | None => write!(f, "${name}")?,
                },
                // foreman replaces `$NAME` in the text before any shell sees it, quotes
                // or not; braces it leaves to the shell.
                (Self::Quoted(_), Part::Variable(name)) => write!(f, "\"${{{name}}}\"")?,
            }
        }
        Ok(())
    }
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::emit) enum Part {
    /// Stands for itself.
    Text(String),
    /// Stands for the value of the variable of this name.
    Variable(String),
}

impl From<&Piece> for Part {
    fn from(piece: &Piece) -> Self {
        match piece {
            Piece::Text(text) => Self::Text(text.clone()),
            Piece::Variable(name) => Self::Variable(name.clone()),
        }
    }
}

/// Neighbouring texts as one, none of them empty.
fn join(parts: impl Iterator<Item = Part>) -> Vec<Part> {
    let mut joined: Vec<Part> = Vec::new();
    for part in parts {
        match (joined.last_mut(), part) {
            (_, Part::Text(text)) if text.is_empty() => {}
            (Some(Part::Text(before)), Part::Text(text)) => before.push_str(&text),
            (_, part) => joined.push(part),
        }
    }
    joined
}

/// Whether a word needs no quotes anywhere.
fn is_plain(parts: &[Part]) -> bool {
    let plain = |part: &Part| match part {
        Part::Text(text) => text.bytes().all(is_plain_byte),
        // Ports are numbers; anything else may hold a space.
        Part::Variable(name) => name == "PORT" || name.starts_with("PORT_"),
    };
    let hazard = match (parts.first(), parts.last()) {
        (Some(Part::Text(first)), _) if starts_a_comment(first) => true,
        (_, Some(Part::Text(last))) => last.ends_with(':'),
        _ => false,
    };
    !parts.is_empty() && !hazard && parts.iter().all(plain)
}

fn is_plain_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_./:=,@%+-".contains(&byte)
}

/// Dokku cuts a line at ` //`.
fn starts_a_comment(text: &str) -> bool {
    text.starts_with("//")
}

fn continues_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
}

/// Write a text so that a shell reads exactly it: no more of it in quotes than reads well.
fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let (bare, rest) = bare_prefix(text);
    f.write_str(bare)?;
    // A dollar ends its quotes, because foreman would replace `$NAME` even between them;
    // a quote cannot stand between quotes.
    for chunk in rest.split_inclusive('$') {
        write!(f, "'{}'", chunk.replace('\'', r"'\''"))?;
    }
    Ok(())
}

/// Split off what needs no quotes: all of it, or an option or variable before its value.
fn bare_prefix(text: &str) -> (&str, &str) {
    let end = if text.bytes().all(is_plain_byte) && !text.ends_with(':') {
        text.len()
    } else {
        text.find('=').map_or(0, |equals| equals + 1)
    };
    let (bare, rest) = text.split_at(end);
    if bare.bytes().all(is_plain_byte) && !starts_a_comment(bare) {
        (bare, rest)
    } else {
        ("", text)
    }
}

/// Whether some reader would end the line here, or nobody could pass the character on.
///
/// honcho splits at everything that Unicode calls a line break.
pub(in crate::emit) fn breaks(c: char) -> bool {
    (c.is_control() && c != '\t') || matches!(c, '\u{2028}' | '\u{2029}')
}
