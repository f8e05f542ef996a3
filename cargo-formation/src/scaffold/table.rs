//! Process types and backing services, put into the text of a manifest.
//!
//! The rest of the text stays as it is, comments, order and ends of lines included, and what is
//! declared already is never touched.

use std::fmt;

use similar::{Change, ChangeTag, TextDiff};
use toml_edit::{Array, DocumentMut, InlineTable, Value};

use super::manifest;
use crate::formation::{Port, ProcessName, Restart, Template};

/// Which table of a manifest something is put into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Home {
    /// That of the package.
    Package,
    /// That of the workspace.
    Workspace,
}

impl Home {
    /// Where process types are.
    #[must_use]
    pub fn types(self) -> &'static [&'static str] {
        match self {
            Self::Package => &["package", "metadata", "formation"],
            Self::Workspace => &["workspace", "metadata", "formation", "processes"],
        }
    }

    /// Where backing services are.
    #[must_use]
    pub fn services(self) -> &'static [&'static str] {
        match self {
            Self::Package => &["package", "metadata", "formation", "settings", "services"],
            Self::Workspace => &["workspace", "metadata", "formation", "services"],
        }
    }
}

/// A process type to be declared. What is `None` or empty is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewType {
    /// Its name.
    pub name: ProcessName,
    /// The binary target, where it does not have that name.
    pub bin: Option<String>,
    /// The package, where the name of the binary does not tell it.
    pub package: Option<String>,
    /// The arguments.
    pub args: Vec<Template>,
    /// How it is treated.
    pub keys: CommonKeys,
    /// How many instances run in production.
    pub quantity: Option<u16>,
}

/// A backing service to be declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewService {
    /// Its name.
    pub name: ProcessName,
    /// What it is.
    pub source: NewSource,
    /// How it is treated.
    pub keys: CommonKeys,
}

/// Where a backing service comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewSource {
    /// A program and its arguments.
    Command(Vec<Template>),
    /// A service of the compose file.
    Compose(String),
}

/// Keys that both have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommonKeys {
    /// The working directory, relative to the workspace root.
    pub dir: Option<String>,
    /// Where it is reached.
    pub port: Option<Port>,
    /// What happens when it exits.
    pub restart: Option<Restart>,
    /// Whether it gets a terminal.
    pub pty: bool,
    /// Its own variables.
    pub env: Vec<(String, Template)>,
}

/// Why nothing can be put into a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotPut {
    /// It is no TOML; why, in the words of the parser.
    NotToml(String),
    /// What is to hold it is no table.
    NoTable(String),
}

impl fmt::Display for NotPut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotToml(why) => write!(f, "it is not valid TOML: {why}"),
            Self::NoTable(path) => write!(f, "`{path}` is no table that could hold more"),
        }
    }
}

impl std::error::Error for NotPut {}

/// The text of a manifest with more process types, behind those that are there.
///
/// # Errors
/// When the manifest has no place for them.
pub fn put_types(manifest: &str, home: Home, types: &[NewType]) -> Result<String, NotPut> {
    let entries = types.iter().map(|new| (new.name.as_str(), process(new)));
    put(manifest, home.types(), entries.collect())
}

/// The text of a manifest with more backing services, behind those that are there.
///
/// # Errors
/// When the manifest has no place for them.
pub fn put_services(manifest: &str, home: Home, new: &[NewService]) -> Result<String, NotPut> {
    let entries = new.iter().map(|new| (new.name.as_str(), service(new)));
    put(manifest, home.services(), entries.collect())
}

fn put(old: &str, path: &[&str], entries: Vec<(&str, InlineTable)>) -> Result<String, NotPut> {
    if entries.is_empty() {
        return Ok(old.to_owned());
    }
    let (mark, text) = match old.strip_prefix('\u{feff}') {
        Some(text) => ("\u{feff}", text),
        None => ("", old),
    };
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| NotPut::NotToml(error.message().to_owned()))?;
    let table = manifest::reach(document.as_table_mut(), path)
        .ok_or_else(|| NotPut::NoTable(path.join(".")))?;
    for (name, entry) in entries {
        // What is declared already stays as it is.
        let _ = manifest::put(table, name, entry);
    }
    Ok(format!("{mark}{}", with_ends_of(text, &document.to_string())))
}

/// A text with the ends of lines of another: what is in both keeps its own, and what is new has
/// those that are usual there. The parser makes most of them the same.
fn with_ends_of(old: &str, new: &str) -> String {
    let returns = old.matches("\r\n").count();
    if returns == 0 {
        return new.to_owned();
    }
    let usual = if returns * 2 > old.matches('\n').count() { "\r\n" } else { "\n" };
    let lines: Vec<&str> = old.split_inclusive('\n').collect();
    let [plain, new] = [old, new].map(|text| text.replace("\r\n", "\n"));
    let difference = TextDiff::from_lines(&plain, &new);
    let line = |change: Change<&str>| match (change.tag(), change.old_index()) {
        (ChangeTag::Equal, Some(at)) => lines.get(at).map(|line| (*line).to_owned()),
        (ChangeTag::Equal, None) | (ChangeTag::Delete, _) => None,
        (ChangeTag::Insert, _) => Some(change.value().replace('\n', usual)),
    };
    difference.iter_all_changes().filter_map(line).collect()
}

fn process(new: &NewType) -> InlineTable {
    let NewType { name: _, bin, package, args, keys, quantity } = new;
    let mut entry = InlineTable::new();
    let mut set = |key: &str, value: Option<Value>| entry.extend(value.map(|value| (key, value)));
    set("bin", bin.as_deref().map(Value::from));
    set("package", package.as_deref().map(Value::from));
    set("args", (!args.is_empty()).then(|| array(args)));
    set("quantity", quantity.map(|quantity| i64::from(quantity).into()));
    common(&mut entry, keys);
    entry
}

fn service(new: &NewService) -> InlineTable {
    let NewService { name: _, source, keys } = new;
    let mut entry = InlineTable::new();
    match source {
        NewSource::Command(words) => entry.insert("command", command(words)),
        NewSource::Compose(name) => entry.insert("compose", name.into()),
    };
    common(&mut entry, keys);
    entry
}

fn common(entry: &mut InlineTable, keys: &CommonKeys) {
    let CommonKeys { dir, port, restart, pty, env } = keys;
    let restart = restart.map(|restart| match restart {
        Restart::Always => "always",
        Restart::OnFailure => "on-failure",
        Restart::Never => "never",
    });
    let port = port.map(|port| match port {
        Port::None => Value::from(false),
        Port::Assigned => true.into(),
        Port::Exact(number) => i64::from(number).into(),
    });
    let variables = env.iter().map(|(name, value)| (name.as_str(), Value::from(notation(value))));
    let mut set = |key: &str, value: Option<Value>| entry.extend(value.map(|value| (key, value)));
    set("dir", dir.as_deref().map(Value::from));
    set("port", port);
    set("restart", restart.map(Value::from));
    set("pty", pty.then(|| true.into()));
    set("env", (!env.is_empty()).then(|| variables.collect::<InlineTable>().into()));
}

/// One string, where splitting it gives these words back; else an array.
fn command(words: &[Template]) -> Value {
    let texts: Vec<String> = words.iter().map(notation).collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+$".contains(c);
    if texts.iter().all(|text| !text.is_empty() && text.chars().all(plain)) {
        return texts.join(" ").into();
    }
    texts.iter().map(String::as_str).collect::<Array>().into()
}

fn array(words: &[Template]) -> Value {
    words.iter().map(notation).collect::<Array>().into()
}

/// A template as people write it: with braces only where the name would go on.
fn notation(template: &Template) -> String {
    use crate::formation::Piece;
    let mut text = String::new();
    let mut pieces = template.pieces().iter().peekable();
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Text(literal) => text.push_str(&literal.replace('$', "$$")),
            Piece::Variable(name) => {
                let goes_on = matches!(pieces.peek(), Some(Piece::Text(next))
                    if next.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'));
                let name = if goes_on { format!("${{{name}}}") } else { format!("${name}") };
                text.push_str(&name);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests;
