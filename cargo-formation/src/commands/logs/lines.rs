//! From records of the history to lines that are written.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::whose::Whose;
use crate::narrate::Paint;
use crate::narrate::log::{Level, Place, Sieve, Taken, Wanted, level_of};
use crate::narrate::notice::{Tone, tone_of};
use crate::narrate::prefix::{Width, prefix_of};
use crate::world::clock;
use crate::world::history::{Block, Count, Ends, Head, Record, Speaker, TOOL};
use crate::world::output::{Dialect, plain, shown};

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As `dev` shows them.
    Text { dialect: Dialect, paint: Paint, stamp: bool },
    /// An object of JSON each.
    Json,
}

/// What is to be shown.
#[derive(Debug)]
pub(super) struct Selection {
    pub(super) whose: Whose,
    /// In microseconds since 1970.
    pub(super) since: u64,
    pub(super) wanted: Wanted,
}

/// A line as it is written, with its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// What belongs together has one number; what stands for itself need not have any.
    pub(super) group: Option<u64>,
    pub(super) bytes: Vec<u8>,
}

/// A line that came, before it is known whether it is wanted.
#[derive(Debug)]
struct Came {
    at: u64,
    by: Arc<Speaker>,
    text: Vec<u8>,
    /// The line before it is broken, and goes on here.
    goes_on: bool,
}

/// A run: that of the tool, whose, and which.
type Key = (u64, Arc<str>, Option<u64>);

/// What is shown of the records.
#[derive(Debug)]
pub(super) struct Lines {
    form: Form,
    whose: Whose,
    since: u64,
    sieve: Sieve<Key, Came>,
    names: BTreeSet<Arc<str>>,
    /// When the run of the tool began whose lines come.
    began: u64,
    count: Count,
    /// The runs whose last line is broken.
    broken: BTreeSet<Key>,
}

impl Lines {
    pub(super) fn new(form: Form, selection: Selection) -> Self {
        let Selection { whose, since, wanted } = selection;
        Self {
            form,
            whose,
            since,
            sieve: Sieve::new(wanted),
            names: BTreeSet::new(),
            began: 0,
            count: Count::default(),
            broken: BTreeSet::new(),
        }
    }

    /// What is to be written because of a record.
    pub(super) fn take(&mut self, record: Record) -> Vec<Line> {
        match record {
            Record::Head(head) => {
                self.head(head);
                Vec::new()
            }
            Record::Block(block) => self.block(block),
            Record::End { lines } => {
                self.gap(self.count.missing_before(lines)).into_iter().collect()
            }
        }
    }

    fn head(&mut self, head: Head) {
        if self.began != head.began {
            self.began = head.began;
            self.count = Count::default();
            self.broken.clear();
        }
        self.names.extend(head.names.into_iter().map(|(name, _)| name.into()));
    }

    fn block(&mut self, block: Block) -> Vec<Line> {
        let missing = self.count.missing(&block);
        if block.at < self.since {
            return Vec::new();
        }
        let mut lines: Vec<Line> = self.gap(missing).into_iter().collect();
        if self.whose.wants(&block.by.name) {
            let taken = if block.by.run.is_none() { self.said(block) } else { self.wrote(block) };
            lines.extend(taken.into_iter().map(|taken| self.written(taken)));
        }
        lines
    }

    /// What the tool said at one time is one.
    fn said(&mut self, block: Block) -> Vec<Taken<Came>> {
        let Block { at, by, text, .. } = block;
        let text = text.strip_suffix(b"\n").map(<[u8]>::to_vec).unwrap_or(text);
        let words = String::from_utf8_lossy(&plain(&text)).into_owned();
        let level = level_of_tool(&String::from_utf8_lossy(&text), &words);
        self.sieve.whole(Some(level), &words, Came { at, by: by.into(), text, goes_on: false })
    }

    fn wrote(&mut self, block: Block) -> Vec<Taken<Came>> {
        let Block { at, by, text, ends, .. } = block;
        let key: Key = (self.began, Arc::clone(&by.name), by.run);
        let by = Arc::new(by);
        let mut taken = Vec::new();
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let text = line.strip_suffix(b"\n").unwrap_or(line).to_vec();
            let words = String::from_utf8_lossy(&plain(&text)).into_owned();
            let goes_on = self.broken.remove(&key);
            let came = Came { at, by: Arc::clone(&by), text, goes_on };
            taken.extend(self.sieve.push(key.clone(), &words, at, came));
        }
        if ends == Ends::Middle {
            self.broken.insert(key);
        }
        taken
    }

    /// That lines are missing.
    fn gap(&self, missing: u64) -> Option<Line> {
        if missing == 0 {
            return None;
        }
        let bytes = match self.form {
            Form::Json => format!("{{\"missing\":{missing}}}\n"),
            Form::Text { .. } => {
                let lines = if missing == 1 { "line is" } else { "lines are" };
                let prefix = prefix_of(TOOL, self.width(), '|', None);
                format!("{prefix}{missing} {lines} missing here: they came too fast\n")
            }
        };
        Some(Line { group: None, bytes: bytes.into_bytes() })
    }

    fn written(&mut self, taken: Taken<Came>) -> Line {
        let Taken { line, group, place } = taken;
        let bytes = match self.form {
            Form::Json => json(&line, place),
            Form::Text { dialect, paint, stamp } => self.text(&line, dialect, paint, stamp),
        };
        Line { group: Some(group), bytes }
    }

    fn text(&mut self, came: &Came, dialect: Dialect, paint: Paint, stamp: bool) -> Vec<u8> {
        let Came { at, by, text, goes_on } = came;
        if !self.names.contains(&by.name) {
            self.names.insert(Arc::clone(&by.name));
        }
        let is_tool = by.run.is_none();
        let bar = if *goes_on { '+' } else { '|' };
        let colour = (paint == Paint::Coloured && !is_tool).then_some(by.colour);
        let stamp = if stamp { clock::date_and_time(*at) + " " } else { String::new() };
        let prefix = stamp + &prefix_of(&by.name, self.width(), bar, colour);
        let text = if is_tool && paint == Paint::Plain { plain(text) } else { text.into() };
        let mut bytes = Vec::with_capacity(prefix.len() + text.len() + 1);
        // What the tool says may have more than one line, and so may what somebody logged.
        for line in text.split(|byte| *byte == b'\n').map(|line| shown(line, dialect)) {
            for line in line.split(|byte| *byte == b'\n') {
                bytes.extend_from_slice(prefix.as_bytes());
                bytes.extend_from_slice(line);
                bytes.push(b'\n');
            }
        }
        bytes
    }

    /// The width at which those line up whose lines are shown.
    fn width(&self) -> Width {
        let names = self.names.iter().map(|name| &**name).chain([TOOL]);
        Width::of_texts(names.filter(|name| self.whose.wants(name)))
    }
}

/// How bad it is what the tool or cargo says: its colour tells, or its first word.
fn level_of_tool(line: &str, words: &str) -> Level {
    match tone_of(line) {
        Some(Tone::Bad) => Level::Error,
        Some(Tone::Unusual) => Level::Warn,
        Some(Tone::Good) => Level::Info,
        None => level_of(words.lines().next().unwrap_or_default()).unwrap_or(Level::Info),
    }
}

/// A line for another program.
fn json(came: &Came, place: Place) -> Vec<u8> {
    let Came { at, by, text, .. } = came;
    let mut object = Map::new();
    let mut add = |name: &str, value: Value| drop(object.insert(name.to_owned(), value));
    add("time", clock::rfc_3339(*at).into());
    add("name", by.name.to_string().into());
    add("run", by.run.into());
    add("pid", by.pid.into());
    match place {
        Place::Head(level) => add("level", level.map(Level::name).into()),
        Place::Rest => add("continues", true.into()),
    }
    add("text", String::from_utf8_lossy(&plain(text)).into());
    let mut bytes = Value::Object(object).to_string().into_bytes();
    bytes.push(b'\n');
    bytes
}
