//! What the history is made of, and how it is written: a line of JSON each, in a file or to
//! whoever follows.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// One line of the history.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// Whose history this is. Each file begins so.
    Head(Head),
    /// Lines of somebody.
    Block(Block),
    /// The tool has come to its end, after so many lines.
    End {
        /// How many lines there were, those that were dropped among them.
        lines: u64,
    },
}

/// Whose history this is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The version of what follows.
    pub formation: u32,
    /// The workspace.
    pub root: PathBuf,
    /// The process id of the tool.
    pub pid: u32,
    /// When the tool started, in microseconds since 1970.
    pub began: u64,
    /// Who may have lines here: names of instances and backing services, with the number that
    /// gives the colour.
    pub names: Vec<(String, usize)>,
}

/// Lines that somebody has written at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The number of the first line, counted from 0 over all lines since the tool started.
    /// Where the next block does not begin where this one ends, lines were dropped.
    pub first: u64,
    /// How many lines these are.
    pub lines: u64,
    /// When they were read, in microseconds since 1970.
    pub at: u64,
    /// Whose they are.
    pub by: Speaker,
    /// The lines, each with its end.
    pub text: Vec<u8>,
    /// Whether the last one is whole.
    pub ends: Ends,
}

/// How a block ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// With the end of a line.
    Line,
    /// In the middle of a line that is too long to be kept; the next block of the same run goes on.
    Middle,
}

/// Who has written something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// An instance or a backing service; [`TOOL`] is the tool itself.
    pub name: Arc<str>,
    /// Which run of it: no two runs of one tool have the same number. The tool has none.
    pub run: Option<u64>,
    /// The process id of that run, once it is known.
    pub pid: Option<u32>,
    /// Gives the colour.
    pub colour: usize,
}

/// Whose lines those of the tool and of cargo are.
pub const TOOL: &str = "formation";

/// The version that is written, and the newest that is read.
pub const VERSION: u32 = 1;

/// A block as it is written.
#[derive(Serialize, Deserialize)]
struct Wire<'b> {
    first: u64,
    lines: u64,
    at: u64,
    #[serde(borrow)]
    name: Cow<'b, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pid: Option<u32>,
    colour: usize,
    /// The text, if it is UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    text: Option<Cow<'b, str>>,
    /// Otherwise its bytes, each as the character of that number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<String>,
    /// Whether the last line is not whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    part: bool,
}

#[derive(Serialize, Deserialize)]
struct WireEnd {
    end: u64,
}

impl Record {
    /// Read a record. Nothing if it is none, or one of a later version.
    #[must_use]
    pub fn decode(line: &[u8]) -> Option<Self> {
        if line.starts_with(b"{\"formation\":") {
            let head: Head = serde_json::from_slice(line).ok()?;
            return (head.formation <= VERSION).then_some(Self::Head(head));
        }
        if line.starts_with(b"{\"end\":") {
            let WireEnd { end } = serde_json::from_slice(line).ok()?;
            return Some(Self::End { lines: end });
        }
        let Wire { first, lines, at, name, run, pid, colour, text, bytes, part } =
            serde_json::from_slice(line).ok()?;
        let text = match (text, bytes) {
            (Some(text), _) => text.into_owned().into_bytes(),
            (None, Some(bytes)) => {
                bytes.chars().map(u8::try_from).collect::<Result<_, _>>().ok()?
            }
            (None, None) => return None,
        };
        let by = Speaker { name: name.into(), run, pid, colour };
        let ends = if part { Ends::Middle } else { Ends::Line };
        Some(Self::Block(Block { first, lines, at, by, text, ends }))
    }
}

impl Head {
    /// Write it, with the end of its line.
    pub fn encode(&self, out: &mut Vec<u8>) {
        write(self, out);
    }
}

impl Block {
    /// Write it, with the end of its line.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let text = str::from_utf8(&self.text).ok();
        let bytes = || self.text.iter().copied().map(char::from).collect();
        let wire = Wire {
            first: self.first,
            lines: self.lines,
            at: self.at,
            name: Cow::Borrowed(&self.by.name),
            run: self.by.run,
            pid: self.by.pid,
            colour: self.by.colour,
            text: text.map(Cow::Borrowed),
            bytes: if text.is_none() { Some(bytes()) } else { None },
            part: self.ends == Ends::Middle,
        };
        write(&wire, out);
    }

    /// How much memory it takes, about.
    pub(super) fn size(&self) -> usize {
        self.text.len() + size_of::<Self>()
    }
}

/// Write that the tool has come to its end after so many lines.
pub(super) fn encode_end(lines: u64, out: &mut Vec<u8>) {
    write(&WireEnd { end: lines }, out);
}

fn write(record: &impl Serialize, out: &mut Vec<u8>) {
    // Nothing here can fail: the keys are strings, and memory takes what is written to it.
    let _ = serde_json::to_writer(&mut *out, record);
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::{Block, Ends, Head, Record, Speaker, VERSION, encode_end};

    fn block(text: &[u8], ends: Ends) -> Block {
        let by = Speaker { name: "web.1".into(), run: Some(3), pid: Some(4242), colour: 1 };
        Block { first: 7, lines: 2, at: 1_795_455_780_000_000, by, text: text.to_vec(), ends }
    }

    #[test]
    fn what_was_written_is_read() {
        let every_byte: Vec<u8> = (0..=u8::MAX).collect();
        let odd = "\u{20ac}\u{0}\"\\\n\u{1b}[0m\u{7f}\t\r\n\n";
        for text in [b"one\ntwo\n", &b""[..], odd.as_bytes(), b"\\", b"\n", &every_byte] {
            for ends in [Ends::Line, Ends::Middle] {
                let block = block(text, ends);
                let mut line = Vec::new();
                block.encode(&mut line);
                assert_eq!(memchr::memchr_iter(b'\n', &line).count(), 1);
                assert_eq!(Record::decode(&line), Some(Record::Block(block)));
            }
        }
    }

    #[test]
    fn the_head_and_the_end_are_read() {
        let names = vec![("web.1".to_owned(), 0)];
        let head = Head { formation: VERSION, root: "/app".into(), pid: 7, began: 1, names };
        let mut line = Vec::new();
        head.encode(&mut line);
        assert_eq!(Record::decode(&line), Some(Record::Head(head.clone())));
        let mut end = Vec::new();
        encode_end(9, &mut end);
        assert_eq!(Record::decode(&end), Some(Record::End { lines: 9 }));
        let mut newer = Vec::new();
        Head { formation: VERSION + 1, ..head }.encode(&mut newer);
        assert_eq!(Record::decode(&newer), None);
    }

    #[test]
    fn what_is_damaged_is_no_record() {
        let mut line = Vec::new();
        block(b"one\n", Ends::Line).encode(&mut line);
        for cut in 1..line.len() - 1 {
            assert_eq!(Record::decode(&line[..cut]), None, "{cut}");
        }
        for text in ["", "\0\0\0", "{}", "[]", "{\"first\":1}"] {
            assert_eq!(Record::decode(text.as_bytes()), None, "{text}");
        }
    }
}
