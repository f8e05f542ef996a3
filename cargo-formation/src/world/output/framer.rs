//! From bytes to lines with a prefix. Knows nothing of time, pipes or the terminal.

use std::sync::Arc;

use super::line::{Dialect, Form, shown};
use super::{From, Part, Piece, Prefix, Source, To};

/// The most bytes of one line that are kept. A longer line is broken, and what follows is
/// marked as its continuation.
pub(in crate::world) const LONGEST_LINE: usize = 1024 * 1024;

/// Whether lines carry the time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// They do not.
    None,
    /// They do, before the name.
    Time,
}

/// The bytes of one child, on their way to become lines.
#[derive(Debug)]
pub(super) struct Framer {
    source: Source,
    prefix: Arc<Prefix>,
    dialect: Dialect,
    /// What came of a line that has not ended, and was not written yet.
    rest: Vec<u8>,
    written: Written,
}

/// What was written of the line that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Nothing,
    Beginning,
}

impl Framer {
    pub(super) fn new(source: Source, prefix: Prefix, dialect: Dialect) -> Self {
        let prefix = Arc::new(prefix);
        Self { source, prefix, dialect, rest: Vec::new(), written: Written::Nothing }
    }

    /// From now on lines start with this.
    pub(super) fn restamp(&mut self, prefix: Prefix) {
        self.prefix = Arc::new(prefix);
    }

    /// Take bytes in; lines that are complete come out.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<Piece>) {
        let Some(last) = memchr::memrchr(b'\n', bytes) else {
            self.keep(bytes, out);
            return;
        };
        let (mut lines, rest) = bytes.split_at(last + 1);
        if (self.written == Written::Beginning || !self.rest.is_empty())
            && let Some(end) = memchr::memchr(b'\n', lines)
        {
            let (first, others) = lines.split_at(end + 1);
            self.finish(first, out);
            lines = others;
        }
        if !lines.is_empty() {
            out.push(Piece::Lines(self.frame(lines)));
        }
        self.keep(rest, out);
    }

    /// Nothing came for a while: show what there is of a line, it may be a prompt.
    pub(super) fn show(&mut self, out: &mut Vec<Piece>) {
        if !self.rest.is_empty() {
            let bytes = std::mem::take(&mut self.rest);
            out.push(self.part(&bytes, To::Middle));
            self.written = Written::Beginning;
        }
    }

    /// Nothing more will come: a line without an end gets one.
    pub(super) fn end(&mut self, out: &mut Vec<Piece>) {
        if self.written == Written::Beginning || !self.rest.is_empty() {
            self.finish(b"\n", out);
        }
    }

    /// Whether there is something of a line that has not been shown.
    pub(super) fn has_rest(&self) -> bool {
        !self.rest.is_empty()
    }

    /// The line that was begun ends with these bytes.
    fn finish(&mut self, bytes: &[u8], out: &mut Vec<Piece>) {
        self.rest.extend_from_slice(bytes);
        let line = std::mem::take(&mut self.rest);
        out.push(match self.written {
            Written::Nothing => Piece::Lines(self.frame(&line)),
            Written::Beginning => self.part(&line, To::End),
        });
        self.written = Written::Nothing;
    }

    /// Keep the beginning of a line; what is too long is written in parts.
    fn keep(&mut self, bytes: &[u8], out: &mut Vec<Piece>) {
        self.rest.extend_from_slice(bytes);
        while self.rest.len() > LONGEST_LINE {
            let after = self.rest.split_off(LONGEST_LINE);
            let bytes = std::mem::replace(&mut self.rest, after);
            // A line broken on purpose: the end it gets here is ours, and the next part says so.
            let mut bytes = self.translate(&bytes);
            bytes.push(b'\n');
            out.push(Piece::Part(self.raw_part(bytes, To::End)));
            self.written = Written::Beginning;
        }
    }

    fn part(&self, bytes: &[u8], to: To) -> Piece {
        let mut bytes = match (to, bytes.strip_suffix(b"\n")) {
            (To::End, Some(line)) => self.translate(line),
            _ => self.translate(bytes),
        };
        if to == To::End {
            bytes.push(b'\n');
        }
        Piece::Part(self.raw_part(bytes, to))
    }

    fn raw_part(&self, bytes: Vec<u8>, to: To) -> Part {
        let from = match self.written {
            Written::Nothing => From::Start,
            Written::Beginning => From::Middle,
        };
        Part { source: self.source, prefix: Arc::clone(&self.prefix), bytes, from, to }
    }

    /// Whole lines, each with its prefix.
    fn frame(&self, lines: &[u8]) -> Vec<u8> {
        let prefix = &self.prefix.line;
        // Lines of eighty bytes are usual; a wrong guess costs a copy.
        let mut framed = Vec::with_capacity(lines.len() + prefix.len() * (lines.len() / 64 + 1));
        let mut start = 0;
        let mut add = |line: &[u8]| {
            framed.extend_from_slice(prefix);
            framed.extend_from_slice(line);
        };
        for end in memchr::memchr_iter(b'\n', lines) {
            match self.dialect {
                Dialect::Bytes => add(&lines[start..=end]),
                Dialect::Terminal(_) => {
                    // What somebody logged may have more than one line.
                    let shown = shown(&lines[start..end], self.dialect);
                    shown
                        .split(|byte| *byte == b'\n')
                        .for_each(|line| add(&[line, b"\n"].concat()));
                }
            }
            start = end + 1;
        }
        framed
    }

    /// A part of a line: nothing that somebody logged.
    fn translate(&self, part: &[u8]) -> Vec<u8> {
        match self.dialect {
            Dialect::Bytes => part.to_vec(),
            Dialect::Terminal(_) => shown(part, Dialect::Terminal(Form::Raw)).into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Dialect, Form, Framer, LONGEST_LINE};
    use crate::narrate::Paint;
    use crate::world::output::{From, Part, Piece, Prefix, Source, To};

    fn framer(dialect: Dialect) -> Framer {
        let prefix = Prefix { line: b"a | ".to_vec(), continuation: b"a + ".to_vec() };
        Framer::new(Source(1), prefix, dialect)
    }

    /// What comes out, readable: parts in brackets, with a dot where a line goes on.
    fn check(dialect: Dialect, steps: &[&[u8]], end: bool) -> String {
        let mut framer = framer(dialect);
        let mut out = Vec::new();
        for step in steps {
            match *step {
                b"SHOW" => framer.show(&mut out),
                bytes => framer.push(bytes, &mut out),
            }
        }
        if end {
            framer.end(&mut out);
        }
        out.iter().map(readable).collect()
    }

    fn readable(piece: &Piece) -> String {
        match piece {
            Piece::Lines(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Piece::Part(Part { bytes, from, to, .. }) => {
                let dot = |middle| if middle { "." } else { "" };
                let bytes = String::from_utf8_lossy(bytes);
                format!("[{}{bytes}{}]", dot(*from == From::Middle), dot(*to == To::Middle))
            }
        }
    }

    #[test]
    fn every_line_gets_its_prefix_wherever_the_reads_cut() {
        let lines = "a | one\na | \na | two\n";
        assert_eq!(check(Dialect::Bytes, &[b"one\n\ntwo\n"], true), lines);
        assert_eq!(check(Dialect::Bytes, &[b"on", b"e\n", b"\nt", b"wo\n"], true), lines);
    }

    #[test]
    fn a_line_without_an_end_gets_one() {
        assert_eq!(check(Dialect::Bytes, &[b"tail"], true), "a | tail\n");
        assert_eq!(check(Dialect::Bytes, &[b"tail"], false), "");
        assert_eq!(check(Dialect::Bytes, &[], true), "");
    }

    #[test]
    fn a_prompt_is_shown_and_its_line_goes_on() {
        let steps: [&[u8]; 3] = [b"name? ", b"SHOW", b"bob\nhello\n"];
        assert_eq!(check(Dialect::Bytes, &steps, true), "[name? .][.bob\n]a | hello\n");
        assert_eq!(check(Dialect::Bytes, &[b"name? ", b"SHOW"], true), "[name? .][.\n]");
    }

    #[test]
    fn bytes_pass_unchanged_to_a_program() {
        let mut framer = framer(Dialect::Bytes);
        let mut out = Vec::new();
        framer.push(b"\xff\xfe\0\r\x1b[2J\n", &mut out);
        assert_eq!(out, [Piece::Lines(b"a | \xff\xfe\0\r\x1b[2J\n".to_vec())]);
    }

    #[test]
    fn a_terminal_is_shared() {
        let shown = |line: &[u8]| check(Dialect::Terminal(Form::Raw), &[line], true);
        assert_eq!(shown(b"\x1b[2J\x1b[Hgone?\n"), "a | gone?\n");
        assert_eq!(shown(b"\x1b[31mred\n"), "a | \x1b[31mred\x1b[0m\n");
        assert_eq!(shown(b"10%\r50%\r100%\n"), "a | 100%\n");
        assert_eq!(shown(b"dos\r\n"), "a | dos\n");
        assert_eq!(shown(b"\x1b]0;title that never ends\n"), "a | \n");
        assert_eq!(shown(b"tab\there\x07\x08\n"), "a | tab\there\n");
    }

    #[test]
    fn what_is_logged_as_json_is_rendered_for_a_person_with_a_prefix_before_each_line() {
        let line = br#"{"level":"ERROR","message":"one\ntwo"}"#;
        let line = [&line[..], b"\n"].concat();
        let check = |dialect, expected: &str| {
            assert_eq!(check(dialect, &[&line], true), expected, "{dialect:?}");
            assert_eq!(check(dialect, &[&line[..9], &line[9..]], true), expected, "{dialect:?}");
        };
        check(Dialect::Terminal(Form::Rendered(Paint::Plain)), "a | ERROR one\na |     two\n");
        let raw = format!("a | {}", String::from_utf8(line.clone()).unwrap());
        check(Dialect::Terminal(Form::Raw), &raw);
        check(Dialect::Bytes, &raw);
    }

    #[test]
    fn an_endless_line_is_broken_in_bounded_memory() {
        let mut framer = framer(Dialect::Bytes);
        let mut out = Vec::new();
        for _ in 0..40 {
            framer.push(&vec![b'x'; 65_536], &mut out);
            assert!(framer.rest.len() <= LONGEST_LINE);
        }
        framer.push(b"\n", &mut out);
        let parts: Vec<_> = out.iter().map(readable).collect();
        assert_eq!(parts.len(), 3);
        assert!(parts[0].starts_with("[x") && parts[0].ends_with("x\n]"));
        assert!(parts[1].starts_with("[.x") && parts[2].starts_with("[.x"));
        let bytes: usize = parts.iter().map(|part| part.matches('x').count()).sum();
        assert_eq!(bytes, 40 * 65_536);
    }
}
