//! Reads the configuration of mprocs: `procs` of `mprocs.yaml`.
//!
//! The keys are those of its README and of its own reader (`config.rs`), of version 0.9.

use std::path::PathBuf;

use super::found::{At, Command, Found};
use super::reason::Reason;
use super::shell;
use super::yaml::{NotYaml, Value, Yaml};
use crate::formation::Template;

/// Keys that only say how something is shown, or where: the table loses nothing without them.
const LOOKS: [&str; 4] = ["log", "mouse_scroll_speed", "scrollback", "title"];

/// What mprocs would run, in order. `file` is the file's name as people would type it.
///
/// # Errors
/// When the text is no YAML.
pub fn mprocs(file: &str, text: &str) -> Result<Vec<Found>, NotYaml> {
    let yaml = Yaml::parse(text)?;
    let procs = yaml.root().and_then(|root| root.get("procs")?.map());
    let at = |line| At { file: file.to_owned(), line };
    let found = procs.unwrap_or_default().into_iter().filter_map(|(name, value)| {
        let at = at(name.line());
        // As mprocs has it, nothing is no process.
        (!value.is_null()).then(|| process(name.text().unwrap_or_default(), at, value))
    });
    Ok(found.collect())
}

fn process(name: &str, at: At, value: Value<'_>) -> Found {
    let mut found = Found::new(name.to_owned(), at, command(value));
    for (key, value) in value.map().unwrap_or_default() {
        match (key.text().unwrap_or_default(), &mut found.command) {
            ("shell" | "cmd" | "cwd", _) => {}
            ("env", Ok(command)) => found.left.extend(env(value, command)),
            ("autostart", _) if value.boolean() != Some(false) => {}
            ("autorestart", _) if value.boolean() != Some(true) => {}
            (key, _) if LOOKS.contains(&key) => {}
            (key, _) => found.left.push(key.to_owned()),
        }
    }
    found
}

/// A line for a shell, a list of words, or a map that has one of them.
fn command(value: Value<'_>) -> Result<Command, Reason> {
    if let Some(line) = value.text() {
        return shell::command(line);
    }
    if let Some(words) = value.list() {
        return listed(&words);
    }
    let map = |key| value.get(key).filter(|value| !value.is_null());
    if value.get("$select").is_some() {
        return Err(Reason::Templated("$select".to_owned()));
    }
    let mut command = match (map("shell"), map("cmd")) {
        (Some(_), Some(_)) => return Err(Reason::TwoCommands),
        (None, None) => return Err(Reason::NoProgram),
        (Some(line), None) => shell::command(line.text().ok_or(Reason::Kind("text in `shell`"))?)?,
        (None, Some(words)) => listed(&words.list().ok_or(Reason::Kind("a list in `cmd`"))?)?,
    };
    if let Some(cwd) = map("cwd") {
        let cwd = PathBuf::from(cwd.text().ok_or(Reason::Kind("text in `cwd`"))?);
        // Where the file is, which is the workspace root.
        let cwd = cwd.strip_prefix("<CONFIG_DIR>").map(PathBuf::from).unwrap_or(cwd);
        command.dir = Some(match command.dir {
            Some(dir) => cwd.join(dir),
            None => cwd,
        });
    }
    Ok(command)
}

/// Words that no shell has seen.
pub(super) fn listed(words: &[Value<'_>]) -> Result<Command, Reason> {
    let words: Option<Vec<&str>> = words.iter().map(|word| word.text()).collect();
    let words = words.ok_or(Reason::Kind("a list of words"))?;
    if words.iter().any(|word| word.contains('\0')) {
        return Err(Reason::Nul);
    }
    // A shell that is given as a word is a shell all the same.
    if let ["sh" | "bash" | "/bin/sh" | "/bin/bash", "-c" | "-lc", line] = words.as_slice() {
        return shell::command(line);
    }
    if words.first().is_none_or(|program| program.is_empty()) {
        return Err(Reason::NoProgram);
    }
    let words = words.into_iter().map(Template::literal).collect();
    Ok(Command { words, ..Command::default() })
}

/// Take over variables; what cannot be is returned. A variable that is nothing is unset there,
/// and cannot be here.
fn env(value: Value<'_>, command: &mut Command) -> Vec<String> {
    let mut left = Vec::new();
    for (name, value) in value.map().unwrap_or_default() {
        let name = name.text().unwrap_or_default().to_owned();
        match value.text().filter(|_| !value.is_null()) {
            Some(text) if !text.contains('\0') => command.set(name, Template::literal(text)),
            Some(_) | None => left.push(format!("env.{name}")),
        }
    }
    for pair in value.list().unwrap_or_default() {
        match pair.text().and_then(|text| text.split_once('=')) {
            Some((name, value)) => command.set(name.to_owned(), Template::literal(value)),
            None => left.push("env".to_owned()),
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::mprocs;

    fn check(text: &str, expected: &[&str]) {
        let found = mprocs("mprocs.yaml", text).unwrap();
        let said: Vec<String> = found
            .into_iter()
            .map(|found| {
                let left = match found.left.as_slice() {
                    [] => String::new(),
                    left => format!(" without {}", left.join(", ")),
                };
                let command = match found.command {
                    Ok(command) => format!("{command:?}"),
                    Err(reason) => reason.to_string(),
                };
                let command = command.replace("Template { pieces: [Text(", "(");
                format!("{} {}: {command}{left}", found.at.line, found.name)
            })
            .collect();
        assert_eq!(said, expected, "{text}");
    }

    #[test]
    fn commands_come_in_three_shapes() {
        check(
            "procs:\n  web: cargo run\n  db: [redis-server, '5']\n  ui:\n    shell: npm run dev\n    \
             cwd: <CONFIG_DIR>/ui\n    env: {A: 1, B: null}\n    stop: SIGKILL\n    autostart: true\n  \
             gone: null\n",
            &[
                "2 web: Command { words: [(\"cargo\")] }, (\"run\")] }], env: [], dir: None }",
                "3 db: Command { words: [(\"redis-server\")] }, (\"5\")] }], env: [], dir: None }",
                "4 ui: Command { words: [(\"npm\")] }, (\"run\")] }, (\"dev\")] }], \
                 env: [(\"A\", (\"1\")] })], dir: Some(\"ui\") } without env.B, stop",
            ],
        );
    }

    #[test]
    fn what_is_no_command_says_why() {
        check(
            "procs:\n  a: {}\n  b: {shell: x, cmd: [y]}\n  c: {cmd: x}\n  d: []\n  e: \
             {$select: os, linux: x}\n  f: {shell: 'x | y'}\n",
            &[
                "2 a: there is no program",
                "3 b: it has two commands",
                "4 c: expected a list in `cmd`",
                "5 d: there is no program",
                "6 e: `$select` is a template; write what it stands for without $select, linux",
                "7 f: `|` needs a shell, and none is involved; put it into a program of its own",
            ],
        );
    }

    #[test]
    fn what_is_no_configuration_has_no_processes() {
        check("", &[]);
        check("[]", &[]);
        check("procs: 1", &[]);
        assert!(mprocs("mprocs.yaml", "procs: [").is_err());
    }
}
