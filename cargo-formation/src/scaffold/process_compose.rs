//! Reads the configuration of process-compose: `processes` of `process-compose.yaml`.
//!
//! The keys are those of its `types/process.go`. It puts variables into the whole file before it
//! reads it, with `$$` for a dollar, and hands `command` to a shell; which of the two sees a
//! variable makes no difference here.

use std::path::PathBuf;

use super::found::{At, Command, Found};
use super::mprocs::listed;
use super::reason::Reason;
use super::shell;
use super::yaml::{NotYaml, Value, Yaml};
use crate::formation::{Restart, Template};

/// Keys that only say how something is shown, or where: the table loses nothing without them.
const LOOKS: [&str; 5] =
    ["description", "disable_ansi_colors", "log_configuration", "log_location", "namespace"];

/// What process-compose would run, in order. `file` is the file's name as people would type it.
///
/// # Errors
/// When the text is no YAML.
pub fn process_compose(file: &str, text: &str) -> Result<Vec<Found>, NotYaml> {
    let yaml = Yaml::parse(text)?;
    let Some(root) = yaml.root() else { return Ok(Vec::new()) };
    let shared = root.get("environment");
    let processes = root.get("processes").and_then(Value::map).unwrap_or_default();
    let found = processes.into_iter().map(|(name, value)| {
        let at = At { file: file.to_owned(), line: name.line() };
        process(name.text().unwrap_or_default(), at, value, shared)
    });
    Ok(found.collect())
}

fn process(name: &str, at: At, value: Value<'_>, shared: Option<Value<'_>>) -> Found {
    let mut found = Found::new(name.to_owned(), at, command(value));
    if let (Ok(command), Some(shared)) = (&mut found.command, shared) {
        found.left.extend(environment(shared, command));
    }
    for (key, value) in value.map().unwrap_or_default() {
        let key = key.text().unwrap_or_default();
        if !LOOKS.contains(&key) {
            take(key, value, &mut found);
        }
    }
    found
}

/// Take over what a key says, or leave it.
fn take(key: &str, value: Value<'_>, found: &mut Found) {
    match (key, &mut found.command) {
        ("command" | "entrypoint" | "working_dir", _) => {}
        ("environment", Ok(command)) => found.left.extend(environment(value, command)),
        ("replicas", _) => match value.text().and_then(|text| text.parse().ok()) {
            Some(replicas) => found.quantity = Some(replicas),
            None => found.left.push(key.to_owned()),
        },
        ("is_tty", _) => found.pty = value.boolean() == Some(true),
        ("disabled" | "is_daemon" | "is_foreground", _) if value.boolean() != Some(true) => {}
        ("disabled", _) => found.command = Err(Reason::Disabled),
        ("availability", _) => availability(value, found),
        _ => found.left.push(key.to_owned()),
    }
}

fn availability(value: Value<'_>, found: &mut Found) {
    for (key, value) in value.map().unwrap_or_default() {
        let key = key.text().unwrap_or_default();
        match (key, value.text()) {
            ("restart", Some("always")) => found.restart = Some(Restart::Always),
            ("restart", Some("on_failure")) => found.restart = Some(Restart::OnFailure),
            ("restart", Some("no")) => found.restart = Some(Restart::Never),
            _ => found.left.push(format!("availability.{key}")),
        }
    }
}

fn command(value: Value<'_>) -> Result<Command, Reason> {
    let given = |key| value.get(key).filter(|value| !value.is_null());
    let mut command = match (given("command"), given("entrypoint")) {
        (Some(_), Some(_)) => return Err(Reason::TwoCommands),
        (None, None) => return Err(Reason::NoProgram),
        (Some(line), None) => {
            let line = line.text().ok_or(Reason::Kind("text in `command`"))?;
            shell::command(&untemplated(line)?)?
        }
        (None, Some(words)) => {
            listed(&words.list().ok_or(Reason::Kind("a list in `entrypoint`"))?)?
        }
    };
    if let Some(dir) = given("working_dir") {
        let dir = dir.text().ok_or(Reason::Kind("text in `working_dir`"))?;
        if dir.contains('$') {
            return Err(Reason::VariableDirectory);
        }
        let dir = PathBuf::from(untemplated(dir)?);
        command.dir = Some(match command.dir {
            Some(inner) => dir.join(inner),
            None => dir,
        });
    }
    Ok(command)
}

/// A text without its own notation for a dollar, if it is no Go template.
fn untemplated(text: &str) -> Result<String, Reason> {
    match text.find("{{") {
        Some(_) => Err(Reason::Templated("{{…}}".to_owned())),
        None => Ok(text.replace("$$", "$")),
    }
}

/// Take over variables, `NAME=value` each or a map of them; what cannot be is returned.
fn environment(value: Value<'_>, command: &mut Command) -> Vec<String> {
    let pairs = value.list().unwrap_or_default().into_iter().map(|pair| {
        let text = pair.text().unwrap_or_default();
        text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)))
    });
    let map = value.map().unwrap_or_default().into_iter();
    let map = map.map(|(name, value)| (name.text().unwrap_or_default(), value.text()));
    let mut left = Vec::new();
    for (name, value) in pairs.chain(map) {
        let value = value.filter(|value| !value.contains(['\0', '{']) || value.contains("${"));
        match value.and_then(|value| Template::parse(value).ok()) {
            Some(value) => command.set(name.to_owned(), value),
            None => left.push(format!("environment.{name}")),
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::process_compose;
    use crate::formation::Restart;
    use crate::scaffold::found::Found;

    fn read(text: &str) -> Vec<Found> {
        process_compose("process-compose.yaml", text).unwrap()
    }

    #[test]
    fn everything_the_table_knows_is_taken_over() {
        let found = read(
            "version: '0.5'\nenvironment:\n  - A=1\nprocesses:\n  web:\n    command: >\n      web \
             --port $$PORT\n    working_dir: ./app\n    replicas: 2\n    is_tty: true\n    \
             availability: {restart: always, max_restarts: 5}\n    environment: [\"B=${A}/x\", 'A=2']\n    \
             depends_on: {db: {}}\n    description: the front\n",
        );
        let [web] = found.as_slice() else { panic!("{found:?}") };
        let command = web.command.clone().unwrap();
        let words: Vec<_> = command.words.iter().map(ToString::to_string).collect();
        assert_eq!(words, ["web", "--port", "${PORT}"]);
        let env: Vec<_> = command.env.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(env, ["B=${A}/x", "A=2"]);
        assert_eq!(command.dir.as_deref().and_then(|dir| dir.to_str()), Some("./app"));
        assert_eq!((web.quantity, web.pty, web.restart), (Some(2), true, Some(Restart::Always)));
        assert_eq!(web.left, ["availability.max_restarts", "depends_on"]);
        assert_eq!(web.at.to_string(), "process-compose.yaml:5");
    }

    #[test]
    fn what_is_not_taken_over_says_why() {
        let found = read(
            "processes:\n  a: {command: 'x {{.Y}}'}\n  b: {}\n  c: {command: x, disabled: true}\n  \
             d: {entrypoint: [x, y]}\n  e: {command: [x]}\n  f: {command: x, working_dir: $HOME}\n",
        );
        let said: Vec<String> = found
            .iter()
            .map(|found| match &found.command {
                Ok(_) => format!("{} good", found.name),
                Err(reason) => format!("{} {reason}", found.name),
            })
            .collect();
        assert_eq!(
            said,
            [
                "a `{{…}}` is a template; write what it stands for",
                "b there is no program",
                "c it is disabled",
                "d good",
                "e expected text in `command`",
                "f its directory is a variable; the table wants a path",
            ]
        );
    }
}
