//! A line as whoever reads it is shown it.

use std::borrow::Cow;

use super::super::{ansi, clock};
use crate::narrate::Paint;
use crate::narrate::log::{entry, render};

/// Who reads what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// A program: every byte of a line passes unchanged.
    Bytes,
    /// A person at a terminal that many processes share: colours pass, what would move the
    /// cursor, erase, or overwrite other lines does not.
    Terminal(Form),
}

/// How a person is shown a line that is JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it came.
    Raw,
    /// As loggers write for people, in these colours.
    Rendered(Paint),
}

/// A line, without its end, as it is shown; more than one if it is JSON that says more.
#[must_use]
pub fn shown(line: &[u8], dialect: Dialect) -> Cow<'_, [u8]> {
    match dialect {
        Dialect::Bytes => Cow::Borrowed(line),
        Dialect::Terminal(Form::Raw) => tame(line),
        Dialect::Terminal(Form::Rendered(paint)) => rendered(line, paint),
    }
}

/// A line without escape sequences.
#[must_use]
pub fn plain(line: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(0x1b, line).is_some() { ansi::plain(line).into() } else { line.into() }
}

fn rendered(line: &[u8], paint: Paint) -> Cow<'_, [u8]> {
    let is_json = line.trim_ascii_start().first() == Some(&b'{');
    let text = str::from_utf8(line).ok().filter(|_| is_json);
    match text.and_then(entry) {
        Some(entry) => {
            let time = entry.time.as_ref().map(clock::logged);
            render(&entry, time.as_deref(), paint).into_bytes().into()
        }
        None => tame(line),
    }
}

/// A line as it may be shown on a terminal that others use, too.
fn tame(line: &[u8]) -> Cow<'_, [u8]> {
    let is_wild = |byte: &u8| *byte < 0x20 && *byte != b'\t' || *byte == 0x7f;
    if !line.iter().any(is_wild) {
        return Cow::Borrowed(line);
    }
    // A terminal would show what came after the last return; one at the end is part of the end.
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let shown = memchr::memrchr(b'\r', line).map_or(line, |at| &line[at + 1..]);
    let mut tamed = ansi::colours_only(shown);
    let coloured = tamed.contains(&0x1b);
    tamed.retain(|byte| !is_wild(byte) || *byte == 0x1b);
    if coloured {
        // Whatever it left on, the next line is somebody else's.
        tamed.extend_from_slice(b"\x1b[0m");
    }
    Cow::Owned(tamed)
}
