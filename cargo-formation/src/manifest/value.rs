//! The values that both process types and backing services have.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use crate::formation::{
    Port, ProcessName, Restart, Stop, StopSignal, Template, nearest, parse_duration,
};

use super::entry::{Entry, Field};
use super::problem::{Parsed, Problem, unless};
use super::suggest;
use super::workspace::Place;

/// What `ready` may say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ReadyKey {
    Http,
    /// HTTP, with the path to ask for.
    HttpAt(String),
    Tcp,
    Notify,
    Started,
    Log(String),
}

impl ReadyKey {
    /// How it is written, if it asks the port.
    pub(super) fn asks_a_port(&self) -> Option<&'static str> {
        match self {
            Self::Tcp => Some("ready = \"tcp\""),
            Self::Http => Some("ready = \"http\""),
            Self::HttpAt(_) => Some("ready = { http = … }"),
            Self::Notify | Self::Started | Self::Log(_) => None,
        }
    }
}

/// A length of time: a string with a unit, or whole seconds.
pub(super) fn duration(entry: Entry<'_>) -> Parsed<Duration> {
    let text = match (entry.as_str(), entry.as_integer()) {
        (Some(text), _) => text.to_owned(),
        (None, Some(seconds)) => seconds.to_string(),
        (None, None) => return Err(entry.wrong("a length of time, as `\"5s\"`").into()),
    };
    parse_duration(&text).map_err(|reason| entry.invalid(reason).into())
}

/// A path relative to the workspace root that stays inside.
pub(super) fn inside(entry: Entry<'_>) -> Parsed<PathBuf> {
    let path = Path::new(entry.text()?);
    match escape(path) {
        None => Ok(path.to_owned()),
        Some(reason) => Err(entry
            .invalid(reason)
            .help("paths of the table are relative to the workspace root and stay inside")
            .into()),
    }
}

/// Why a path does not stay inside the workspace root.
fn escape(path: &Path) -> Option<&'static str> {
    let mut depth = 0_i32;
    for component in path.components() {
        match component {
            Component::Prefix(_) | Component::RootDir => return Some("this path is absolute"),
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
        }
        if depth < 0 {
            return Some("this path leaves the workspace");
        }
    }
    None
}

/// The path of an URL.
pub(super) fn path(entry: Entry<'_>) -> Parsed<String> {
    let path = text(entry)?;
    let printable = |c: char| c.is_ascii_graphic();
    if !path.starts_with('/') {
        let help = format!("write \"/{path}\"");
        return Err(entry.invalid("a path starts with `/`").help(help).into());
    }
    if !path.chars().all(printable) {
        return Err(entry.invalid("a path has no spaces and only ASCII letters").into());
    }
    Ok(path)
}

/// Globs relative to the workspace root: an array, or one string.
pub(super) fn globs(entry: Entry<'_>) -> Parsed<Vec<String>> {
    let globs = match entry.as_str() {
        Some(one) => vec![(one, entry.value())],
        None => entry.strings()?,
    };
    let mut problems = Vec::new();
    for (glob, at) in &globs {
        let path = glob.strip_prefix('!').unwrap_or(glob);
        let reason =
            if path.is_empty() { Some("this glob is empty") } else { escape(Path::new(path)) };
        if let Some(reason) = reason {
            problems.push(entry.invalid_at(*at, reason));
        }
    }
    unless(problems, globs.into_iter().map(|(glob, _)| glob.to_owned()).collect())
}

/// Plain strings.
pub(super) fn strings(entry: Entry<'_>) -> Parsed<Vec<String>> {
    Ok(entry.strings()?.into_iter().map(|(text, _)| text.to_owned()).collect())
}

/// A text that is not empty.
pub(super) fn text(entry: Entry<'_>) -> Parsed<String> {
    Ok(entry.text()?.to_owned())
}

/// A text that a line of output can have in it.
fn line(entry: Entry<'_>) -> Parsed<String> {
    let text = text(entry)?;
    if text.contains(['\n', '\r', '\0']) {
        let why = "no line of output has an end of line or a NUL in it";
        return Err(entry.invalid(why).help("write a part of one line").into());
    }
    Ok(text)
}

pub(super) fn boolean(entry: Entry<'_>) -> Parsed<bool> {
    entry.boolean()
}

/// Arguments: an array of strings, or one string that is split as a shell would.
pub(super) fn args(entry: Entry<'_>) -> Parsed<Vec<Template>> {
    let words = match entry.as_str() {
        Some(_) => words(entry)?,
        None if entry.item().is_array() => {
            entry.strings()?.into_iter().map(|(word, at)| (word.to_owned(), at)).collect()
        }
        None => return Err(entry.wrong("an array of strings, or a string").into()),
    };
    templates(entry, words)
}

/// The words of a string, split as a shell would.
pub(super) fn words(entry: Entry<'_>) -> Parsed<Vec<(String, Place)>> {
    let text = entry.as_str().ok_or_else(|| entry.wrong("a string"))?;
    let words = shell_words::split(text).map_err(|_| entry.invalid("a quote is not closed"))?;
    if let Some(operator) = words.iter().find(|word| OPERATORS.contains(&word.as_str())) {
        let problem =
            entry.invalid(format!("`{operator}` would need a shell, and none is involved"));
        return Err(problem.help("put this into the program, or into a program of its own").into());
    }
    Ok(words.into_iter().map(|word| (word, entry.value())).collect())
}

/// Words that a shell would not pass on.
const OPERATORS: [&str; 9] = ["&&", "||", "|", ";", "&", ">", ">>", "<", "2>&1"];

/// What no program can be given.
pub(super) const NUL: &str = "a program can be given no NUL";

/// Words that may name variables.
pub(super) fn templates(entry: Entry<'_>, words: Vec<(String, Place)>) -> Parsed<Vec<Template>> {
    let mut problems = Vec::new();
    let mut templates = Vec::new();
    for (word, at) in words {
        if word.contains('\0') {
            problems.push(entry.invalid_at(at, NUL));
            continue;
        }
        match Template::parse(&word) {
            Ok(template) => templates.push(template),
            Err(reason) => problems.push(entry.invalid_at(at, reason)),
        }
    }
    unless(problems, templates)
}

/// A variable that the table sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: Template,
    /// Where its name stands.
    pub(super) at: Place,
}

/// Variables, in declaration order.
pub(super) fn env(entry: Entry<'_>) -> Parsed<Vec<Variable>> {
    let mut problems = Vec::new();
    let mut variables = Vec::new();
    for variable in entry.entries("a table of variables")? {
        problems.extend(variable_name(&variable));
        match template(variable) {
            Ok(value) => {
                let (name, at) = (variable.key.to_owned(), variable.at);
                variables.push(Variable { name, value, at });
            }
            Err(faults) => problems.extend(faults.0),
        }
    }
    unless(problems, variables)
}

fn template(entry: Entry<'_>) -> Parsed<Template> {
    let text = entry.as_str().ok_or_else(|| {
        let plain = entry.item().as_value().filter(|value| !value.is_array());
        let quoted = plain.filter(|value| !value.is_inline_table());
        entry
            .wrong("a string")
            .help_if(quoted.map(|value| format!("write `\"{}\"`", value.to_string().trim())))
    })?;
    if text.contains('\0') {
        return Err(entry.invalid(NUL).into());
    }
    Template::parse(text).map_err(|reason| entry.invalid(reason).into())
}

/// What is wrong with the name of a variable that the table sets or asks for.
pub(super) fn variable_name(entry: &Entry<'_>) -> Option<Problem> {
    let name = entry.key;
    let in_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let valid = name.chars().all(in_name) && !name.starts_with(|c: char| c.is_ascii_digit());
    if name.is_empty() || !valid {
        let problem = Problem::error(format!("`{name}` cannot be the name of a variable"));
        return Some(problem.at(entry.at, "expected letters, digits and `_`, no digit first"));
    }
    if ["PORT", "PS"].contains(&name) || name.starts_with("FORMATION_") {
        let problem = Problem::error(format!("the variable `{name}` cannot be set"));
        let problem = problem.at(entry.at, "this one is always set by `cargo formation`");
        let help = "say `port = 8080` for a port of your choice".to_owned();
        return Some(problem.help_if((name == "PORT").then_some(help)));
    }
    None
}

/// `true`, `false` or a number.
pub(super) fn port(entry: Entry<'_>) -> Parsed<Port> {
    match (entry.as_bool(), entry.as_integer()) {
        (Some(true), _) => Ok(Port::Assigned),
        (Some(false), _) => Ok(Port::None),
        (None, None) => Err(entry.wrong("`true` or a port number").into()),
        (None, Some(number)) => match u16::try_from(number) {
            Ok(number) if number > 0 => Ok(Port::Exact(number)),
            _ => Err(entry.invalid("a port is a number from 1 to 65535").into()),
        },
    }
}

pub(super) fn ready(entry: Entry<'_>) -> Parsed<ReadyKey> {
    const WORDS: [&str; 4] = ["http", "tcp", "notify", "started"];
    if entry.is_table() {
        return ready_table(entry);
    }
    match entry.text()? {
        "http" => Ok(ReadyKey::Http),
        "tcp" => Ok(ReadyKey::Tcp),
        "notify" => Ok(ReadyKey::Notify),
        "started" => Ok(ReadyKey::Started),
        "log" => Err(entry
            .invalid("the text to wait for is missing")
            .help("write `{ log = \"listening\" }`")
            .into()),
        other => Err(one_of(entry, other, &WORDS).into()),
    }
}

/// `{ log = "text" }` or `{ http = "/path" }`.
fn ready_table(entry: Entry<'_>) -> Parsed<ReadyKey> {
    let mut fields = entry.fields("a table")?;
    let (log, http) = (fields.read("log", line), fields.read("http", path));
    let key = match (log, http) {
        (Field::Given { at: first, .. }, Field::Given { at, value }) => {
            fields.report(
                Problem::error("`log` and `http` exclude each other")
                    .at(at, "waits for an answer")
                    .beside(first, "waits for a line of output"),
            );
            ReadyKey::HttpAt(value)
        }
        (Field::Given { value, .. }, _) => ReadyKey::Log(value),
        (_, Field::Given { value, .. }) => ReadyKey::HttpAt(value),
        (log, http) => {
            if log.is_absent() && http.is_absent() {
                fields.report(entry.invalid("it names neither a `log` text nor an `http` path"));
            }
            ReadyKey::Started
        }
    };
    fields.finish(key)
}

pub(super) fn restart(entry: Entry<'_>) -> Parsed<Restart> {
    match entry.text()? {
        "always" => Ok(Restart::Always),
        "on-failure" => Ok(Restart::OnFailure),
        "never" => Ok(Restart::Never),
        other => Err(one_of(entry, other, &["always", "on-failure", "never"]).into()),
    }
}

/// The problem that a word is none of those that are known here.
fn one_of(entry: Entry<'_>, word: &str, known: &[&str]) -> Problem {
    let nearest = nearest(word, known.iter().copied());
    entry
        .invalid(format!("expected one of {}", suggest::list(known.iter().copied())))
        .help_if(nearest.map(|meant| format!("did you mean `{meant}`?")))
}

pub(super) fn stop(entry: Entry<'_>) -> Parsed<Stop> {
    let mut fields = entry.fields("a table, as `{ signal = \"INT\", timeout = \"20s\" }`")?;
    let signal = fields.read("signal", signal).or(StopSignal::Term);
    let timeout = fields.read("timeout", duration).value();
    fields.finish(Stop { signal, timeout })
}

/// How a process is stopped of which nothing else is said.
pub(super) const STOP: Stop = Stop { signal: StopSignal::Term, timeout: None };

fn signal(entry: Entry<'_>) -> Parsed<StopSignal> {
    let word = entry.text()?;
    let short = word.strip_prefix("SIG").unwrap_or(word);
    match StopSignal::ALL.iter().find(|(name, _)| *name == short) {
        Some((_, signal)) => Ok(*signal),
        None => Err(one_of(entry, word, &StopSignal::ALL.map(|(name, _)| name)).into()),
    }
}

/// What is wrong with a name, at its key.
pub(super) fn name(entry: &Entry<'_>) -> Parsed<ProcessName> {
    entry.key.parse().map_err(|reason: crate::formation::NameError| {
        let spelled: String =
            entry.key.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let valid = spelled.parse::<ProcessName>().is_ok();
        let help = valid.then(|| format!("a valid name would be `{spelled}`"));
        let problem = Problem::error(format!("`{}` cannot be a name: {reason}", entry.key));
        problem.here(entry.at).help_if(help).into()
    })
}
