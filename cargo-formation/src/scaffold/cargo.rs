//! `cargo run`, as it is written in other files: which binary, with which arguments.

use super::binaries::Asked;
use super::found::literal;
use super::reason::NoTarget;
use crate::formation::Template;

/// What a `cargo run` says.
#[derive(Debug, Default)]
pub(super) struct CargoRun {
    pub(super) asked: Asked,
    pub(super) args: Vec<Template>,
    /// Flags that the table does not have for one type.
    pub(super) left: Vec<String>,
}

/// Flags of `cargo run` that are followed by a value, as of cargo 1.95.
const WITH_VALUE: [&str; 17] = [
    "--bin",
    "--color",
    "--config",
    "--example",
    "--features",
    "--jobs",
    "--lockfile-path",
    "--manifest-path",
    "--message-format",
    "--package",
    "--profile",
    "--target",
    "--target-dir",
    "-F",
    "-Z",
    "-j",
    "-p",
];

/// Flags that say nothing of what runs.
const SILENT: [&str; 8] =
    ["--quiet", "-q", "--verbose", "-v", "--color", "--message-format", "--jobs", "-j"];

/// Understand the words behind `cargo`.
pub(super) fn cargo_run(words: &[Template]) -> Result<CargoRun, NoTarget> {
    let mut words = words.iter();
    let mut run = CargoRun::default();
    let mut subcommand = None;
    while let Some(word) = words.next() {
        let Some(text) = literal(word) else {
            // Only an argument of the program can be a variable here.
            run.args.push(word.clone());
            break;
        };
        match (text.as_str(), &subcommand) {
            ("--", _) => break,
            (flag, _) if flag.starts_with('-') => {
                for flag in separate(flag) {
                    let value = value(&flag, &mut words);
                    run.flag(&flag, value)?;
                }
            }
            (toolchain, None) if toolchain.starts_with('+') => run.left.push(text),
            (_, None) => subcommand = Some(text),
            // The first that is no flag is an argument, and so is all that follows.
            (_, Some(_)) => {
                run.args.push(word.clone());
                break;
            }
        }
    }
    run.args.extend(words.cloned());
    match subcommand.as_deref() {
        Some("run" | "r") => Ok(run),
        other => Err(NoTarget::Cargo(other.unwrap_or_default().to_owned())),
    }
}

/// Flags of one letter may be written as one word, the last with its value: `-qpshop`.
fn separate(flag: &str) -> Vec<String> {
    let Some(letters) = flag.strip_prefix('-').filter(|letters| !letters.starts_with('-')) else {
        return vec![flag.to_owned()];
    };
    let takes_value = |letter: char| "pFjZ".contains(letter);
    let last = letters.find(takes_value).unwrap_or(letters.len());
    let (silent, last) = letters.split_at(last);
    let mut flags: Vec<String> = silent.chars().map(|letter| format!("-{letter}")).collect();
    if let Some(letter) = last.chars().next() {
        let value = last[letter.len_utf8()..].trim_start_matches('=');
        let value = if value.is_empty() { String::new() } else { format!("={value}") };
        flags.push(format!("-{letter}{value}"));
    }
    flags
}

/// The value of a flag: behind `=`, or the next word.
fn value<'t>(flag: &str, words: &mut impl Iterator<Item = &'t Template>) -> Option<String> {
    if let Some((_, value)) = flag.split_once('=') {
        return Some(value.to_owned());
    }
    let next = WITH_VALUE.contains(&flag).then(|| words.next()).flatten()?;
    Some(literal(next).unwrap_or_else(|| next.to_string()))
}

impl CargoRun {
    fn flag(&mut self, flag: &str, value: Option<String>) -> Result<(), NoTarget> {
        let name = flag.split_once('=').map_or(flag, |(name, _)| name);
        match (name, value) {
            ("--example", _) => return Err(NoTarget::Example),
            ("--bin", Some(value)) => self.asked.binary = Some(value),
            ("-p" | "--package", Some(value)) => self.asked.package = Some(value),
            ("--manifest-path", Some(value)) => self.asked.manifest_path = Some(value.into()),
            (silent, _) if SILENT.contains(&silent) => {}
            (name, Some(value)) => self.left.push(format!("{name} {value}")),
            (name, None) => self.left.push(name.to_owned()),
        }
        Ok(())
    }
}
