//! The value of a line: quotes, escapes, substitution.

use super::{Cursor, DotenvProblem};

/// Read what follows `=`, to the end of its line or of the line that closes its quote.
pub(super) fn value(
    cursor: &mut Cursor<'_>,
    known: &dyn Fn(&str) -> Option<String>,
) -> Result<String, DotenvProblem> {
    let first = cursor.rest.trim_start_matches([' ', '\t']).chars().next();
    let value = if let Some(quote @ ('\'' | '"')) = first {
        quoted(cursor, quote, known)?
    } else {
        let line = cursor.line;
        let mut inside = Cursor { rest: unquoted(cursor.take_line()), line };
        Text { cursor: &mut inside, style: Style::Bare, used: Used::Yes, known }.read(None)?
    };
    if value.contains('\0') { Err(DotenvProblem::Nul) } else { Ok(value) }
}

/// Cut an unquoted value before its comment.
///
/// `line` still has the white space after `=`, so that `A= # note` is empty.
fn unquoted(line: &str) -> &str {
    let comment = line
        .char_indices()
        .zip(line.chars().skip(1))
        .find(|((_, before), c)| before.is_whitespace() && *c == '#')
        .map(|((at, _), _)| at);
    comment.map_or(line, |at| &line[..at]).trim()
}

fn quoted(
    cursor: &mut Cursor<'_>,
    quote: char,
    known: &dyn Fn(&str) -> Option<String>,
) -> Result<String, DotenvProblem> {
    while cursor.bump() != Some(quote) {}
    let value = if quote == '\'' {
        let (value, _) = cursor.rest.split_once('\'').ok_or(DotenvProblem::Unclosed(quote))?;
        while cursor.bump() != Some(quote) {}
        value.to_owned()
    } else {
        Text { cursor: &mut *cursor, style: Style::Double, used: Used::Yes, known }
            .read(Some(quote))?
    };
    let after = cursor.take_line();
    let comment = after.trim_start();
    let apart = comment.len() < after.len();
    if comment.is_empty() || (apart && comment.starts_with('#')) {
        Ok(value)
    } else {
        Err(DotenvProblem::AfterQuote)
    }
}

/// How a text is quoted, which says what a backslash means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Only `\$` is special: paths of other systems keep their backslashes.
    Bare,
    /// As in the double quotes of a shell, and `\n`, `\r`, `\t`.
    Double,
}

/// Whether a text becomes part of the value; a default that is not needed does not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Used {
    Yes,
    No,
}

/// A text with escapes and variables.
struct Text<'c, 't, 'k> {
    cursor: &'c mut Cursor<'t>,
    style: Style,
    used: Used,
    known: &'k dyn Fn(&str) -> Option<String>,
}

impl Text<'_, '_, '_> {
    /// Read up to and with `stop`, or everything.
    fn read(&mut self, stop: Option<char>) -> Result<String, DotenvProblem> {
        let mut text = String::new();
        loop {
            match (self.cursor.bump(), stop) {
                (None, None) => return Ok(text),
                (None, Some('}')) => return Err(DotenvProblem::Substitution),
                (None, Some(quote)) => return Err(DotenvProblem::Unclosed(quote)),
                (Some(c), Some(stop)) if c == stop => return Ok(text),
                (Some('\\'), _) => self.escape(&mut text),
                (Some('$'), _) => self.variable(&mut text)?,
                (Some(c), _) => text.push(c),
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self, text: &mut String) {
        let meant = match (self.style, self.cursor.peek()) {
            (_, Some('$')) => Some('$'),
            (Style::Double, Some('n')) => Some('\n'),
            (Style::Double, Some('r')) => Some('\r'),
            (Style::Double, Some('t')) => Some('\t'),
            (Style::Double, Some(c @ ('"' | '\\' | '`'))) => Some(c),
            (Style::Double, Some('\n')) => {
                self.cursor.bump();
                return;
            }
            (Style::Bare | Style::Double, _) => None,
        };
        if let Some(c) = meant {
            self.cursor.bump();
            text.push(c);
        } else {
            text.push('\\');
        }
    }

    /// What follows a dollar.
    fn variable(&mut self, text: &mut String) -> Result<(), DotenvProblem> {
        let braced = self.cursor.peek() == Some('{');
        if braced {
            self.cursor.bump();
        }
        let name = self.name();
        if !braced {
            if name.is_empty() {
                text.push('$');
            } else {
                text.push_str(&self.set(name)?);
            }
            return Ok(());
        }
        if name.is_empty() {
            return Err(DotenvProblem::Substitution);
        }
        match (self.cursor.bump(), self.cursor.peek()) {
            (Some('}'), _) => text.push_str(&self.set(name)?),
            (Some(':'), Some('-')) => {
                self.cursor.bump();
                text.push_str(&self.or_default(name)?);
            }
            _ => return Err(DotenvProblem::Substitution),
        }
        Ok(())
    }

    /// The value of a variable, or else the text up to `}`; as in a shell, an empty
    /// value is no value.
    fn or_default(&mut self, name: &str) -> Result<String, DotenvProblem> {
        let value = (self.known)(name).filter(|value| !value.is_empty());
        let used = if value.is_some() { Used::No } else { self.used };
        let outer = std::mem::replace(&mut self.used, used);
        let default = self.read(Some('}'))?;
        self.used = outer;
        Ok(value.unwrap_or(default))
    }

    /// The value of a variable that has to be set.
    fn set(&self, name: &str) -> Result<String, DotenvProblem> {
        match ((self.known)(name), self.used) {
            (Some(value), _) => Ok(value),
            (None, Used::No) => Ok(String::new()),
            (None, Used::Yes) => Err(DotenvProblem::Unset(name.to_owned())),
        }
    }
}

impl<'t> Text<'_, 't, '_> {
    /// Take the name at the cursor; empty if there is none.
    fn name(&mut self) -> &'t str {
        let rest = self.cursor.rest;
        let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let (name, after) = rest.split_at(length);
        if super::is_name(name) {
            self.cursor.rest = after;
            name
        } else {
            ""
        }
    }
}
