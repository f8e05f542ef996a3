//! A key of the table, its value, and where they stand: the one place that knows TOML.

use std::fmt;
use std::ops::Range;

use toml_edit::{Item, TableLike};

use super::problem::{Parsed, Problem, unless};
use super::suggest;
use super::workspace::Place;

/// A key and its value.
#[derive(Clone, Copy)]
pub(super) struct Entry<'d> {
    /// The key.
    pub(super) key: &'d str,
    /// Where the key stands.
    pub(super) at: Place,
    item: &'d Item,
}

impl<'d> Entry<'d> {
    /// Where the value stands; the key, where a value has no place of its own (`web.port = true`
    /// makes `web` a table that begins nowhere).
    pub(super) fn value(&self) -> Place {
        match self.item.as_value().and_then(toml_edit::Value::span) {
            Some(span) => place(self.at.manifest, span),
            None => self.at,
        }
    }

    /// The problem that the value is not `expected`.
    pub(super) fn wrong(&self, expected: &str) -> Problem {
        let Self { key, item, .. } = self;
        let quoted = self
            .as_str()
            .is_some_and(|text| text.parse::<i64>().is_ok() || text.parse::<bool>().is_ok());
        Problem::error(format!("`{key}` must be {expected}, not {}", kind(item)))
            .here(self.value())
            .help_if(quoted.then(|| "remove the quotes".to_owned()))
    }

    /// The problem that the value is of the right kind and still wrong.
    pub(super) fn invalid(&self, why: impl fmt::Display) -> Problem {
        self.invalid_at(self.value(), why)
    }

    /// The same, of a part of the value.
    pub(super) fn invalid_at(&self, at: Place, why: impl fmt::Display) -> Problem {
        Problem::error(format!("invalid `{}`: {why}", self.key)).here(at)
    }

    /// The text, if it is one.
    pub(super) fn as_str(&self) -> Option<&'d str> {
        self.item.as_str()
    }

    pub(super) fn as_bool(&self) -> Option<bool> {
        self.item.as_bool()
    }

    pub(super) fn as_integer(&self) -> Option<i64> {
        self.item.as_integer()
    }

    pub(super) fn as_float(&self) -> Option<f64> {
        self.item.as_float()
    }

    pub(super) fn is_table(&self) -> bool {
        self.item.is_table_like()
    }

    /// The value as it stands.
    pub(super) fn item(&self) -> &'d Item {
        self.item
    }

    pub(super) fn text(&self) -> Parsed<&'d str> {
        let text = self.as_str().ok_or_else(|| self.wrong("a string"))?;
        if text.trim().is_empty() {
            return Err(self.invalid("this text is empty").into());
        }
        Ok(text)
    }

    pub(super) fn boolean(&self) -> Parsed<bool> {
        Ok(self.as_bool().ok_or_else(|| self.wrong("`true` or `false`"))?)
    }

    /// A whole number of this range.
    pub(super) fn number(&self, range: Range<u32>) -> Parsed<u32> {
        let expected = format!("a whole number from {} to {}", range.start, range.end - 1);
        let number = self.as_integer().ok_or_else(|| self.wrong(&expected))?;
        u32::try_from(number)
            .ok()
            .filter(|number| range.contains(number))
            .ok_or_else(|| self.invalid(format!("expected {expected}")).into())
    }

    /// The strings of an array, each with its place.
    pub(super) fn strings(&self) -> Parsed<Vec<(&'d str, Place)>> {
        let array = self.item.as_array().ok_or_else(|| self.wrong("an array of strings"))?;
        let mut problems = Vec::new();
        let mut strings = Vec::new();
        for value in array {
            let at = value.span().map_or(self.value(), |span| place(self.at.manifest, span));
            match value.as_str() {
                Some(text) => strings.push((text, at)),
                None => problems.push(
                    Problem::error(format!("`{}` must be an array of strings", self.key))
                        .at(at, "not a string"),
                ),
            }
        }
        unless(problems, strings)
    }

    /// The table, to be read key by key.
    pub(super) fn fields(&self, expected: &str) -> Parsed<Fields<'d>> {
        let table = self.item.as_table_like().ok_or_else(|| self.wrong(expected))?;
        Ok(Fields::new(table, self.at.manifest))
    }

    /// The keys of a table whose keys are names, in declaration order.
    pub(super) fn entries(&self, expected: &str) -> Parsed<Vec<Entry<'d>>> {
        let table = self.item.as_table_like().ok_or_else(|| self.wrong(expected))?;
        Ok(entries(table, self.at.manifest))
    }
}

/// The entry at the end of a path of keys.
pub(super) fn find<'d>(
    table: &'d dyn TableLike,
    manifest: usize,
    path: &[&str],
) -> Option<Entry<'d>> {
    let (first, rest) = path.split_first()?;
    let (key, item) = table.get_key_value(first)?;
    match rest {
        [] => Some(entry(key, item, manifest)),
        rest => find(item.as_table_like()?, manifest, rest),
    }
}

fn entries(table: &dyn TableLike, manifest: usize) -> Vec<Entry<'_>> {
    table
        .iter()
        .filter_map(|(name, _)| table.get_key_value(name))
        .map(|(key, item)| entry(key, item, manifest))
        .collect()
}

fn entry<'d>(key: &'d toml_edit::Key, item: &'d Item, manifest: usize) -> Entry<'d> {
    Entry { key: key.get(), at: place(manifest, key.span().unwrap_or_default()), item }
}

pub(super) fn place(manifest: usize, span: Range<usize>) -> Place {
    Place { manifest, start: span.start, end: span.end }
}

fn kind(item: &Item) -> &'static str {
    match item.type_name() {
        "string" => "a string",
        "integer" => "a number",
        "float" => "a fraction",
        "boolean" => "a boolean",
        "datetime" => "a date",
        "array" => "an array",
        "array of tables" => "an array of tables",
        _ => "a table",
    }
}

/// A table whose keys are fixed. What was not asked for by the end is unknown.
#[derive(Default)]
pub(super) struct Fields<'d> {
    entries: Vec<Entry<'d>>,
    known: Vec<&'static str>,
    /// Keys of other tables that have their own problem here.
    refused: Vec<&'static str>,
    problems: Vec<Problem>,
}

impl<'d> Fields<'d> {
    pub(super) fn new(table: &'d dyn TableLike, manifest: usize) -> Self {
        Self { entries: entries(table, manifest), ..Self::default() }
    }

    /// The entry of this key, which is known from now on.
    pub(super) fn entry(&mut self, key: &'static str) -> Option<Entry<'d>> {
        self.known.push(key);
        self.entries.iter().find(|entry| entry.key == key).copied()
    }

    /// The value of this key.
    pub(super) fn read<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(Entry<'d>) -> Parsed<T>,
    ) -> Field<T> {
        let Some(entry) = self.entry(key) else {
            return Field::Absent;
        };
        match parse(entry) {
            Ok(value) => Field::Given { value, at: entry.at },
            Err(problems) => {
                self.problems.extend(problems.0);
                Field::Faulty
            }
        }
    }

    /// The good ones among the things that have their names under this key.
    pub(super) fn collect<T>(
        &mut self,
        key: &'static str,
        what: &str,
        parse: impl Fn(Entry<'d>) -> Parsed<T>,
    ) -> Vec<T> {
        let Some(entry) = self.entry(key) else {
            return Vec::new();
        };
        let (things, problems) = match entry.entries(&format!("a table of {what}")) {
            Ok(entries) => collect(entries, parse),
            Err(fault) => (Vec::new(), fault.0),
        };
        self.problems.extend(problems);
        things
    }

    /// Report a key that belongs to another table, if it is there.
    pub(super) fn refuse(&mut self, key: &'static str, why: impl Fn(&Entry<'d>) -> Problem) {
        self.refused.push(key);
        let found = self.entries.iter().find(|entry| entry.key == key);
        self.problems.extend(found.map(why));
    }

    /// Note a problem of the table.
    pub(super) fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Everything that was wrong, unknown keys included. `unknown` may know more of a key
    /// than that it is unknown.
    pub(super) fn problems(self, unknown: impl Fn(&Entry<'d>) -> Option<String>) -> Vec<Problem> {
        let Self { entries, known, refused, mut problems } = self;
        let familiar =
            |entry: &&Entry<'_>| known.contains(&entry.key) || refused.contains(&entry.key);
        for entry in entries.iter().filter(|entry| !familiar(entry)) {
            let help = unknown(entry).or_else(|| {
                let meant = suggest::key(entry.key, &known)?;
                Some(format!("did you mean `{meant}`?"))
            });
            let problem =
                Problem::error(format!("unknown key `{}`", entry.key)).here(entry.at).help_if(help);
            problems.push(match problem.help {
                Some(_) => problem,
                None => problem
                    .note(format!("the keys of this table: {}", suggest::list(known.clone()))),
            });
        }
        problems
    }

    /// `value`, unless something was wrong.
    pub(super) fn finish<T>(self, value: T) -> Parsed<T> {
        unless(self.problems(|_| None), value)
    }
}

/// The good ones, and what is wrong with the others.
pub(super) fn collect<'d, T>(
    entries: Vec<Entry<'d>>,
    parse: impl Fn(Entry<'d>) -> Parsed<T>,
) -> (Vec<T>, Vec<Problem>) {
    let (mut things, mut problems) = (Vec::new(), Vec::new());
    for entry in entries {
        match parse(entry) {
            Ok(thing) => things.push(thing),
            Err(fault) => problems.extend(fault.0),
        }
    }
    (things, problems)
}

/// What a table says under one key.
#[derive(Clone, Debug)]
pub(super) enum Field<T> {
    /// Nothing.
    Absent,
    /// Something that is already known to be wrong.
    Faulty,
    /// This, under a key that stands there.
    Given {
        /// The value.
        value: T,
        /// Where the key stands.
        at: Place,
    },
}

impl<T> Field<T> {
    pub(super) fn given(&self) -> Option<(&T, Place)> {
        match self {
            Self::Given { value, at } => Some((value, *at)),
            Self::Absent | Self::Faulty => None,
        }
    }

    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(super) fn is_faulty(&self) -> bool {
        matches!(self, Self::Faulty)
    }

    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::Given { value, .. } => Some(value),
            Self::Absent | Self::Faulty => None,
        }
    }

    pub(super) fn or(self, default: T) -> T {
        self.value().unwrap_or(default)
    }
}
