//! Reads a Procfile, whoever wrote it for whom.
//!
//! More is read than any single consumer does: `name:command` without a space, and indented
//! lines. What somebody's tool has run is not to be lost here.

use std::collections::BTreeMap;

use super::found::{At, Found};
use super::reason::Reason;
use super::shell;

/// Every line of a Procfile that is neither empty nor a comment, in order.
///
/// `file` is its name as people would type it.
#[must_use]
pub fn procfile(file: &str, text: &str) -> Vec<Found> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (line, text) in lines(text) {
        let at = At { file: file.to_owned(), line };
        let Some((name, command)) = entry(text) else {
            found.push(Found::new(String::new(), at, Err(Reason::NoEntry)));
            continue;
        };
        let command = match first.get(name) {
            Some(line) => Err(Reason::Duplicate(At { file: file.to_owned(), line: *line })),
            None => shell::command(command),
        };
        first.entry(name).or_insert(line);
        found.push(Found::new(name.to_owned(), at, command));
    }
    found
}

/// The lines that say something, with their numbers. A byte order mark says nothing.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().map(str::trim).enumerate();
    let lines = lines.map(|(position, line)| (position + 1, line));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn entry(line: &str) -> Option<(&str, &str)> {
    let (name, command) = line.split_once(':')?;
    let (name, command) = (name.trim_end(), command.trim_start());
    (!name.is_empty() && !name.contains(char::is_whitespace)).then_some((name, command))
}

#[cfg(test)]
mod tests {
    use super::procfile;

    /// The entries of a Procfile, each as `line name: words`.
    fn check(text: &str, expected: &[&str]) {
        let said: Vec<String> = procfile("Procfile", text)
            .into_iter()
            .map(|found| {
                let (line, name) = (found.at.line, &found.name);
                match found.command {
                    Ok(command) => {
                        let words: Vec<_> = command.words.iter().map(ToString::to_string).collect();
                        format!("{line} {name}: {}", words.join(" "))
                    }
                    Err(reason) => format!("{line} {name}! {reason}"),
                }
            })
            .collect();
        assert_eq!(said, expected, "{text:?}");
    }

    #[test]
    fn every_dialect_is_read() {
        check("web: ./web\n\n# c: x\nworker:\t./w a: b", &["1 web: ./web", "4 worker: ./w a: b"]);
        check("web:./web\r\n  clock : ./c\r\n", &["1 web: ./web", "2 clock: ./c"]);
        check("\u{feff}web: ./web", &["1 web: ./web"]);
        check("", &[]);
        check(" \n\n", &[]);
    }

    #[test]
    fn a_bad_line_hides_no_good_one() {
        check(
            "what is this\nweb: a | b\nw.b: ./w\n: x\nweb: ./web\nclock:\n",
            &[
                "1 ! this line is no `name: command`",
                "2 web! `|` needs a shell, and none is involved; put it into a program of its own",
                "3 w.b: ./w",
                "4 ! this line is no `name: command`",
                "5 web! the name stands at Procfile:2 already",
                "6 clock! there is no program",
            ],
        );
    }
}
