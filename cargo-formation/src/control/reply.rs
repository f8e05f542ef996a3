//! What a client is answered.

use serde::{Deserialize, Serialize};

use super::status::Status;

/// What a client is answered, a line each. After it comes nothing but the end of the connection:
/// of [`Reply::Ending`] when the formation has ended, of [`Reply::Lent`] and
/// [`Reply::Debugging`] when the client closes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Reply {
    /// How everybody is.
    Status(Box<Status>),
    /// What was asked for has come about, or was only begun if nobody waits.
    Done {
        /// What became of each that was meant.
        #[serde(default)]
        became: Vec<Became>,
    },
    /// It has been begun, and has not come about.
    Failed {
        /// Why.
        reason: String,
        /// What became of each that was meant.
        #[serde(default)]
        became: Vec<Became>,
    },
    /// It was not understood or cannot be; nothing was done.
    Refused {
        /// Why.
        reason: String,
        /// The version of the protocol that is spoken here.
        formation: u32,
        /// The version of the tool.
        version: String,
    },
    /// The instance has stopped, and its place is kept until the connection ends.
    Lent {
        /// Where requests are sent to, if it takes any that are routed.
        #[serde(skip_serializing_if = "Option::is_none")]
        port: Option<u16>,
        /// Where the ports of the formation start.
        base_port: u16,
    },
    /// No deadline ends anything of these until the connection ends.
    Debugging {
        /// Who is meant, and as which process each runs.
        #[serde(default)]
        became: Vec<Became>,
    },
    /// The formation ends. The connection ends with it.
    Ending {
        /// The process id of the tool.
        pid: u32,
    },
}

/// What became of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Became {
    /// The instance or backing service.
    pub name: String,
    /// What: `up`, `finished`, `stopped`, `failed`, `late`, `refused`, `not-built`,
    /// `not-released`, `spared`, `blocked`, `lent`,
    /// `overtaken`.
    pub outcome: String,
    /// The process id of its leader, where it is up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// How it ended, where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit: Option<String>,
}

impl Reply {
    /// A refusal by this tool.
    #[must_use]
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::Refused {
            reason: reason.into(),
            formation: super::VERSION,
            version: env!("CARGO_PKG_VERSION").into(),
        }
    }

    /// As a line, without its end.
    #[must_use]
    pub fn text(&self) -> String {
        // Nothing in it has no text.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Understand a line. Nothing, if it is of another version of the protocol.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{Became, Reply};

    #[test]
    fn what_is_answered_is_understood() {
        let became = Became {
            name: "web.1".into(),
            outcome: "failed".into(),
            pid: None,
            exit: Some("exit code 3".into()),
        };
        let reply = Reply::Failed { reason: "web.1 failed".into(), became: vec![became] };
        let line = r#"{"kind":"failed","reason":"web.1 failed","became":[{"name":"web.1","outcome":"failed","exit":"exit code 3"}]}"#;
        assert_eq!(reply.text(), line);
        assert_eq!(Reply::parse(line), Some(reply));
        assert_eq!(Reply::parse(r#"{"kind":"done"}"#), Some(Reply::Done { became: Vec::new() }));
        assert_eq!(Reply::parse(r#"{"kind":"of another time"}"#), None);
    }
}
