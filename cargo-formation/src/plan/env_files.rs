//! The environment files together: what they say, and which of them says it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use super::{EnvFile, PlanError, dotenv};

/// What the files say of one variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileValue<'f> {
    /// The value.
    pub(super) value: String,
    /// The file that wins.
    pub(super) path: &'f Path,
}

/// Read the files, the one that wins first.
///
/// A value may use variables of the shell, else of a file that wins over its own, else
/// of an earlier line. So `.env` follows what `.env.local` overrides.
pub(super) fn merge<'f>(
    files: &'f [EnvFile],
    shell: &[(OsString, OsString)],
) -> Result<BTreeMap<String, FileValue<'f>>, Vec<PlanError>> {
    let mut merged: BTreeMap<String, FileValue<'f>> = BTreeMap::new();
    let mut errors = Vec::new();
    for EnvFile { path, text } in files {
        let known = |name: &str| {
            let in_shell = shell.iter().find(|(key, _)| key == name).map(|(_, value)| value);
            let in_files = || merged.get(name).map(|found| found.value.as_str());
            in_shell.map_or_else(in_files, |value| value.to_str()).map(str::to_owned)
        };
        match dotenv::parse(text, known) {
            Ok(values) => {
                for (name, value) in values {
                    merged.entry(name).or_insert(FileValue { value, path });
                }
            }
            Err(problems) => errors.extend(
                problems
                    .into_iter()
                    .map(|problem| PlanError::EnvFile { path: path.clone(), problem }),
            ),
        }
    }
    if errors.is_empty() { Ok(merged) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::merge;
    use crate::plan::EnvFile;

    fn check(local: &str, shared: &str) -> Vec<String> {
        let file = |path: &str, text: &str| EnvFile { path: path.into(), text: text.into() };
        let shell = [("HOME".into(), "/home/ann".into())];
        match merge(&[file(".env.local", local), file(".env", shared)], &shell) {
            Ok(merged) => {
                let line = |(name, found): (&String, &super::FileValue<'_>)| {
                    format!("{name}={} {}", found.value, found.path.display())
                };
                merged.iter().map(line).collect()
            }
            Err(errors) => errors.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn the_first_file_wins() {
        assert_eq!(check("A=1", "A=2\nB=3"), ["A=1 .env.local", "B=3 .env"]);
    }

    #[test]
    fn the_shell_then_the_winning_file_then_the_line_above() {
        assert_eq!(
            check("HOST=mine", "HOST=shared\nHOME=/x\nURL=$HOST:$HOME\nAGAIN=$URL"),
            [
                "AGAIN=mine:/home/ann .env",
                "HOME=/x .env",
                "HOST=mine .env.local",
                "URL=mine:/home/ann .env"
            ]
        );
    }

    #[test]
    fn problems_of_all_files_are_told_at_once() {
        let problems = check("-a=1", "ok=1\nB='");
        assert!(problems[0].starts_with(".env.local:1: "), "{problems:?}");
        assert!(problems[1].starts_with(".env:2: "), "{problems:?}");
    }
}
