//! The containers of a service, as `ps --format json` tells of them.

use serde::Deserialize;
use serde_json::{Deserializer, Value};

/// The states of a container that does not run, in the words of Docker and of Podman.
const ENDED: [&str; 7] =
    ["created", "configured", "exited", "stopped", "dead", "removing", "initialized"];

/// A container.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Container {
    /// The service it is of, if the engine tells.
    #[serde(default)]
    service: Option<String>,
    state: String,
    /// Zero as long as it runs.
    #[serde(default)]
    exit_code: i32,
}

/// What is known of the containers of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Containers {
    /// The engine did not tell.
    Unknown,
    /// There is none.
    None,
    /// At least one runs.
    Running,
    /// None runs; the first that failed, or else any, ended with this.
    Ended(i32),
}

/// Read a list: an object a line, or one array, depending on how old the engine is.
///
/// What cannot be read is not there.
pub(super) fn read(text: &str, service: &str) -> Containers {
    let values = Deserializer::from_str(text).into_iter::<Value>().map_while(Result::ok);
    let values = values.flat_map(|mut value| match value.as_array_mut() {
        Some(values) => std::mem::take(values),
        None => vec![value],
    });
    let containers = values.filter_map(|value| serde_json::from_value::<Container>(value).ok());
    let ours = |container: &Container| container.service.as_deref().is_none_or(|of| of == service);
    let containers: Vec<Container> = containers.filter(ours).collect();
    if containers.iter().any(Container::runs) {
        return Containers::Running;
    }
    let codes = || containers.iter().map(|container| container.exit_code);
    let code = codes().find(|code| *code != 0).or(codes().next());
    code.map_or(Containers::None, Containers::Ended)
}

impl Container {
    /// One that is paused, or that the engine starts again, runs.
    fn runs(&self) -> bool {
        !ENDED.contains(&self.state.to_ascii_lowercase().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{Containers, read};

    #[test]
    fn what_engines_write_is_read() {
        let check = |text: &str, expected| assert_eq!(read(text, "db"), expected, "{text}");
        let up = r#"{"Service":"db","State":"running","ExitCode":0,"Publishers":[]}"#;
        let ended = r#"{"Service":"db","State":"exited","ExitCode":7}"#;
        let other = r#"{"Service":"web","State":"running","ExitCode":0}"#;
        check("", Containers::None);
        check("[]", Containers::None);
        check("no such thing", Containers::None);
        check(up, Containers::Running);
        check(ended, Containers::Ended(7));
        check(&format!("[{ended},{up}]"), Containers::Running);
        check(&format!("{ended}\n{up}\n"), Containers::Running);
        check(&format!("{other}\n{ended}\n"), Containers::Ended(7));
        check(other, Containers::None);
        check(r#"{"State":"Restarting"}"#, Containers::Running);
        check(
            r#"{"State":"exited","ExitCode":0} {"State":"exited","ExitCode":3}"#,
            Containers::Ended(3),
        );
        check(
            r#"[{"Names":["x"],"State":"exited","ExitCode":137,"Exited":true}]"#,
            Containers::Ended(137),
        );
    }
}
