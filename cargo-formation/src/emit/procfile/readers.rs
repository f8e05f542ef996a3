//! The readers of Procfiles, each by its own rule, for the tests to read back with.
//!
//! The rules are those of the programs themselves; the comment says the pattern that is
//! ported where the program uses one.

#![expect(
    clippy::unnecessary_wraps,
    reason = "a reader may refuse the file, though most ignore what they do not understand"
)]

/// Names and commands as one reader finds them.
pub(super) type Lines = Vec<(String, String)>;

/// A reader: the lines it finds, or `None` when it refuses the file.
pub(super) type Reader = fn(&str) -> Option<Lines>;

/// Every reader with its name.
pub(super) const READERS: &[(&str, Reader)] = &[
    ("heroku classic", heroku_classic),
    ("heroku cnb", heroku_cnb),
    ("dokku", dokku),
    ("herokuish", herokuish),
    ("paketo, foreman, honcho", foreman),
    ("google", google),
    ("nf", nf),
    ("overmind", overmind),
    ("goreman", goreman),
    ("yaml", yaml),
];

/// `^[[:space:]]*([a-zA-Z0-9_-]+):?\s+(.*)[[:space:]]*`
fn heroku_classic(text: &str) -> Option<Lines> {
    let read = |line: &str| {
        let line = line.trim_start();
        let (name, rest) = split_name(line, is_name)?;
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        rest.starts_with(char::is_whitespace).then(|| pair(name, rest.trim()))
    };
    Some(text.lines().filter_map(read).collect())
}

/// Comments, else a key `[a-z0-9]([a-z0-9-]*[a-z0-9])?`, a colon, spaces and a value.
fn heroku_cnb(text: &str) -> Option<Lines> {
    let read = |line: &str| {
        let (key, value) = line.split_once(':')?;
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let good = key.chars().all(inner) && !key.starts_with('-') && !key.ends_with('-');
        let value = value.trim_start_matches(' ');
        (good && (1..=63).contains(&key.len()) && !value.is_empty()).then(|| pair(key, value))
    };
    significant(text).map(read).collect()
}

/// `^([A-Za-z0-9_-]+)\s*:\s*(.+)$` of the trimmed line, cut at ` #` and ` //`.
fn dokku(text: &str) -> Option<Lines> {
    let read = |line: &str| {
        let (name, rest) = split_name(line.trim(), is_name)?;
        let command = rest.trim_start().strip_prefix(':')?.trim_start();
        let cut = [" #", " //"].iter().filter_map(|mark| command.find(mark)).min();
        let command = command[..cut.unwrap_or(command.len())].trim_end();
        (!command.is_empty() && name.len() <= 63).then(|| pair(name, command))
    };
    significant(text).map(read).collect()
}

/// `${line%%:*}` and `${line#*:}`, without any idea of a comment that has a colon.
fn herokuish(text: &str) -> Option<Lines> {
    let read = |line: &str| line.split_once(':').map(|(name, rest)| pair(name, rest.trim_start()));
    Some(text.lines().filter_map(read).collect())
}

/// `^([A-Za-z0-9_-]+):\s*(.+)$`; honcho ends a line wherever Unicode does.
fn foreman(text: &str) -> Option<Lines> {
    Some(text.split(is_line_break).filter_map(foreman_line).collect())
}

fn foreman_line(line: &str) -> Option<(String, String)> {
    let (name, rest) = split_name(line, is_name)?;
    let command = rest.strip_prefix(':')?.trim_start();
    (!command.is_empty()).then(|| pair(name, command))
}

/// `(?m)^(\w+):\s*(.+)$`, and there has to be a `web`.
fn google(text: &str) -> Option<Lines> {
    let lines: Lines = foreman(text)?.into_iter().filter(|(name, _)| !name.contains('-')).collect();
    lines.iter().any(|(name, _)| name == "web").then_some(lines)
}

/// As foreman, but a line that is neither a comment nor a process ends it all.
fn nf(text: &str) -> Option<Lines> {
    significant(text).map(foreman_line).collect()
}

/// `^([\w-]+):\s+(.+)$`
fn overmind(text: &str) -> Option<Lines> {
    let read = |line: &str| {
        let (name, rest) = split_name(line, is_name)?;
        let rest = rest.strip_prefix(':')?;
        rest.starts_with(char::is_whitespace).then(|| pair(name, rest.trim_start()))
    };
    Some(text.lines().filter_map(read).collect())
}

/// Split at the first colon and trimmed.
fn goreman(text: &str) -> Option<Lines> {
    let read =
        |line: &str| line.split_once(':').map(|(name, command)| pair(name.trim(), command.trim()));
    Some(significant(text).filter_map(read).collect())
}

/// A block map of plain or double-quoted scalars; anything else is not understood here.
fn yaml(text: &str) -> Option<Lines> {
    let read = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        if value.starts_with('"') {
            return serde_json::from_str(value).ok().map(|value: String| pair(name, &value));
        }
        let indicators = "-?:,[]{}#&*!|>'\"%@`";
        let plain = !value.starts_with(|c: char| indicators.contains(c) || c.is_ascii_digit())
            && !["true", "false", "null", "yes", "no", "on", "off"].contains(&value)
            && !value.contains(": ")
            && !value.contains(" #")
            && !value.ends_with(':');
        plain.then(|| pair(name, value))
    };
    significant(text).map(read).collect()
}

fn significant(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn split_name(line: &str, of_name: fn(char) -> bool) -> Option<(&str, &str)> {
    let end = line.find(|c| !of_name(c)).unwrap_or(line.len());
    (end > 0).then(|| line.split_at(end))
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

fn is_line_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

fn pair(name: &str, command: &str) -> (String, String) {
    (name.to_owned(), command.to_owned())
}
