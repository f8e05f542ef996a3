//! What a client asks.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::VERSION;

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Request {
    /// How everybody is.
    Ps,
    /// Start these again.
    Restart(Names),
    /// Stop these, until somebody starts them.
    Stop(Names),
    /// Start these, if they do not run.
    Start(Names),
    /// Change how many there are.
    Scale(Quantities),
    /// Answer when this is so.
    Wait {
        /// What is waited for.
        until: Until,
    },
    /// Stop an instance and keep its place for a process that is started by hand, until the
    /// connection ends.
    Lend {
        /// The instance: `web.1`.
        name: String,
    },
    /// Give these all the time they want, until the connection ends.
    Debug(Names),
    /// What was written and said. Lines come before the last answer.
    Logs(Listen),
    /// End the formation, and its `dev`.
    Down,
    /// Attach to the terminal of a run: from then on other lines go both ways.
    Attach(Attach),
}

/// Who is meant: types, instances, backing services.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// Their names; if there are none, every instance is meant.
    #[serde(default)]
    pub names: Vec<String>,
    /// Whether the answer waits for what comes of it.
    #[serde(default = "yes")]
    pub wait: bool,
}

/// Which lines of the history are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listen {
    /// Whose: types, instances, backing services, and `formation` for what the tool says. If there
    /// are none, those of all.
    #[serde(default)]
    pub names: Vec<String>,
    /// The number of the first line that is wanted.
    #[serde(default)]
    pub from: u64,
    /// How many of those that were written before are wanted at most: the last ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
    /// Whether those are wanted, too, that come.
    #[serde(default)]
    pub follow: bool,
}

impl Listen {
    /// Whether lines of this name are wanted.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        let mut names = self.names.iter();
        let means = |wanted: &String| match name.strip_prefix(wanted.as_str()) {
            Some(rest) => rest.is_empty() || rest.starts_with('.'),
            None => false,
        };
        self.names.is_empty() || names.any(means)
    }
}

/// To whose terminal, and from which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attach {
    /// The instance or backing service; also a type that has one instance.
    pub instance: String,
    /// How many lines the window has.
    pub rows: u16,
    /// How many characters a line of it has.
    pub columns: u16,
}

/// How many there are to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantities {
    /// `web=3`, `worker=+1`, `clock=-1`, `all=2`.
    pub quantities: Vec<String>,
    /// Whether the answer waits for what comes of it.
    #[serde(default = "yes")]
    pub wait: bool,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Until {
    /// Everything that is wanted is up.
    Ready,
    /// Everything that was saved until now is built and live, and nothing is under way.
    Idle,
}

fn yes() -> bool {
    true
}

#[derive(Serialize)]
struct Envelope<'r> {
    formation: u32,
    #[serde(flatten)]
    request: &'r Request,
}

/// A request as a line, without its end.
#[must_use]
pub fn text(request: &Request) -> String {
    let envelope = Envelope { formation: VERSION, request };
    // A map with names for keys has a text.
    serde_json::to_string(&envelope).unwrap_or_default()
}

/// Understand a line.
///
/// # Errors
/// When it is not a request that this version knows.
pub fn parse(line: &str) -> Result<Request, Misunderstood> {
    let no_request = |error: serde_json::Error| Misunderstood::NoRequest(error.to_string());
    let value: Value = serde_json::from_str(line).map_err(no_request)?;
    match value.get("formation") {
        Some(version) if *version == VERSION => {}
        Some(other) => return Err(Misunderstood::Version(other.to_string())),
        None => {
            return Err(Misunderstood::NoRequest("it does not say `\"formation\":1`".into()));
        }
    }
    serde_json::from_value(value).map_err(no_request)
}

/// Why a line is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misunderstood {
    /// It is of another version of the protocol.
    Version(String),
    /// It is not a request, for this reason.
    NoRequest(String),
}

impl fmt::Display for Misunderstood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(
                f,
                "the request speaks version {version} of the protocol, and this formation is run \
                 by a tool that speaks version {VERSION}: use the same `cargo-formation` for both"
            ),
            Self::NoRequest(why) => write!(f, "not a request: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Attach, Listen, Misunderstood, Names, Quantities, Request, Until, parse, text};

    #[test]
    fn what_is_asked_is_understood() {
        let names = |names: &[&str], wait| Names {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            wait,
        };
        let quantities = vec!["web=3".into(), "worker=+1".into()];
        let check = |request: &Request, line: &str| {
            assert_eq!(text(request), line);
            assert_eq!(parse(line).as_ref(), Ok(request));
        };
        check(&Request::Ps, r#"{"formation":1,"command":"ps"}"#);
        check(
            &Request::Stop(names(&["web", "worker.2"], false)),
            r#"{"formation":1,"command":"stop","names":["web","worker.2"],"wait":false}"#,
        );
        check(
            &Request::Scale(Quantities { quantities, wait: true }),
            r#"{"formation":1,"command":"scale","quantities":["web=3","worker=+1"],"wait":true}"#,
        );
        check(
            &Request::Wait { until: Until::Idle },
            r#"{"formation":1,"command":"wait","until":"idle"}"#,
        );
        check(
            &Request::Attach(Attach { instance: "web.1".into(), rows: 24, columns: 80 }),
            r#"{"formation":1,"command":"attach","instance":"web.1","rows":24,"columns":80}"#,
        );
        let listen = Listen { names: vec!["web".into()], from: 7, last: Some(0), follow: true };
        check(
            &Request::Logs(listen),
            r#"{"formation":1,"command":"logs","names":["web"],"from":7,"last":0,"follow":true}"#,
        );
        let short = r#"{"formation":1,"command":"logs"}"#;
        assert_eq!(parse(short), Ok(Request::Logs(Listen::default())));
        let short = r#"{"formation":1,"command":"restart","of another time":true}"#;
        assert_eq!(parse(short), Ok(Request::Restart(names(&[], true))));
    }

    #[test]
    fn a_type_is_all_its_instances_and_nobody_else() {
        let listen = |name: &str| Listen { names: vec![name.into()], ..Listen::default() };
        for (wanted, name, expected) in [
            ("web", "web.1", true),
            ("web", "web", true),
            ("web", "webhook.1", false),
            ("web.1", "web.1", true),
            ("web.1", "web.10", false),
            ("web.1", "web", false),
            ("formation", "formation", true),
        ] {
            assert_eq!(listen(wanted).wants(name), expected, "{wanted} {name}");
        }
        assert!(Listen::default().wants("anybody"));
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        let no = |line: &str| match parse(line) {
            Err(Misunderstood::NoRequest(why)) => why,
            other => panic!("{line}: {other:?}"),
        };
        assert!(no("").contains("EOF"));
        assert!(no("GET / HTTP/1.1").contains("expected value"));
        assert!(no("[]").contains("formation"));
        assert!(no(r#"{"formation":1}"#).contains("missing field `command`"));
        let unknown = no(r#"{"formation":1,"command":"dance"}"#);
        assert!(unknown.contains("unknown variant `dance`, expected one of `ps`"), "{unknown}");
        assert!(no(r#"{"formation":1,"command":"stop","names":3}"#).contains("invalid type"));
        let other = Misunderstood::Version("2".into());
        assert_eq!(parse(r#"{"formation":2,"command":"ps"}"#), Err(other));
    }
}
