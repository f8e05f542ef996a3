//! Environment files: `.env`.
//!
//! A parser of our own, and a small one, because the field's own crate (`dotenvy`) reads
//! the process environment while it substitutes, which a pure decision must not, and
//! refuses unquoted values with a space in them, which other tools of the field accept.
//!
//! | | |
//! |---|---|
//! | `NAME=value`, `NAME = value`, `export NAME=value` | names are `[A-Za-z_][A-Za-z0-9_]*` |
//! | `NAME=` | the empty value |
//! | `# …`, `NAME=value # …` | a comment starts at `#` after white space: `a#b` is a value, as in a shell |
//! | `NAME=two words` | an unquoted value ends with its line, without the white space around it |
//! | `'…'` | everything stands for itself, lines included |
//! | `"…"` | `\n`, `\r`, `\t`, `\"`, `\\`, `\$`, `` \` ``; a backslash ends a line that goes on; any other stays |
//! | `$NAME`, `${NAME}`, `${NAME:-default}` | not in single quotes; `\$` is a dollar, and so is one before no name |
//!
//! Of two lines for one name the last wins. A variable that is not set is an error: a
//! password with a `$` in it should not silently lose its end. A file may start with a
//! byte order mark, and its lines may end in CRLF.

mod error;
mod value;

pub use self::error::{DotenvError, DotenvProblem};

use std::collections::BTreeMap;

use self::value::value;

/// Read an environment file. `outer` knows the variables that win over the file's own
/// when a value is substituted.
///
/// # Errors
/// Every line that cannot be read.
pub fn parse(
    text: &str,
    outer: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, String>, Vec<DotenvError>> {
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    let mut errors = Vec::new();
    let mut cursor = Cursor { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1 };
    while cursor.find_entry() {
        let start = cursor;
        let known = |name: &str| outer(name).or_else(|| values.get(name).cloned());
        match entry(&mut cursor, &known) {
            Ok((name, value)) => {
                values.insert(name.to_owned(), value);
            }
            Err(kind) => {
                errors.push(DotenvError { line: start.line, kind });
                // A quote without its end has swallowed the lines after it.
                cursor = start;
                cursor.take_line();
            }
        }
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

/// Read `NAME=value`, at the start of `cursor`.
fn entry<'t>(
    cursor: &mut Cursor<'t>,
    known: &dyn Fn(&str) -> Option<String>,
) -> Result<(&'t str, String), DotenvProblem> {
    let mut rest_of_line = *cursor;
    let line = rest_of_line.take_line();
    let (left, _) = line.split_once('=').ok_or(DotenvProblem::NoValue)?;
    let name = match left.trim().split_once([' ', '\t']) {
        Some(("export", name)) => name.trim(),
        _ => left.trim(),
    };
    if !is_name(name) {
        return Err(DotenvProblem::Name(name.to_owned()));
    }
    cursor.rest = &cursor.rest[left.len() + 1..];
    Ok((name, value(cursor, known)?))
}

/// Whether a text can be the name of a variable, in a file as in a shell.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// What has not been read yet.
#[derive(Clone, Copy, Debug)]
struct Cursor<'t> {
    rest: &'t str,
    line: usize,
}

impl<'t> Cursor<'t> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.rest = &self.rest[next.len_utf8()..];
        self.line += usize::from(next == '\n');
        Some(next)
    }

    /// Take what is left of the line, and its end; the end is not returned.
    fn take_line(&mut self) -> &'t str {
        let (line, rest) = match self.rest.split_once('\n') {
            Some((line, rest)) => {
                self.line += 1;
                (line, rest)
            }
            None => (self.rest, ""),
        };
        self.rest = rest;
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// Go to the next line that is neither blank nor a comment, if there is one.
    fn find_entry(&mut self) -> bool {
        while !self.rest.is_empty() {
            let mut after = *self;
            let line = after.take_line().trim_start();
            if !line.is_empty() && !line.starts_with('#') {
                return true;
            }
            *self = after;
        }
        false
    }
}

#[cfg(test)]
mod tests;
