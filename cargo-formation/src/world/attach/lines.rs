//! What goes over the control socket while somebody is attached: JSON, one value a line.
//!
//! Bytes are base64: what a terminal is sent need not be text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::super::pty::Size;

/// What is told to who is attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Seen {
    /// It is attached now.
    Attached {
        /// To what: `web.1`.
        instance: String,
        /// How many others are.
        others: usize,
        /// Whether a run of it lives.
        run: Presence,
    },
    /// The run wrote this.
    Output {
        /// As it came.
        bytes: Bytes,
    },
    /// It wrote more than was taken: this many bytes are missing here. The log has them.
    Missed {
        /// How many.
        bytes: u64,
    },
    /// Another run of the instance has begun. What comes now is of it.
    Began,
    /// The run ended.
    Ended {
        /// How: `exit code 3`.
        how: String,
    },
    /// Nothing more will come: the formation has ended.
    Done,
    /// It cannot be.
    Refused {
        /// Why.
        reason: String,
    },
}

/// Whether somebody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// A run lives.
    Alive,
    /// None does, and the next is waited for.
    Awaited,
}

/// What who is attached says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Said {
    /// This was typed.
    Typed {
        /// As it came from the terminal.
        input: Bytes,
    },
    /// The window has this size now.
    Resized {
        /// From top to bottom.
        rows: u16,
        /// From left to right.
        columns: u16,
    },
}

impl Said {
    /// That the window has this size.
    #[must_use]
    pub fn resized(Size { rows, columns }: Size) -> Self {
        Self::Resized { rows, columns }
    }
}

/// Bytes that need not be text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, Presence, Said, Seen};

    #[test]
    fn a_line_is_what_the_other_side_understands() {
        let check = |seen: Seen, line: &str| {
            assert_eq!(serde_json::to_string(&seen).unwrap(), line);
            assert_eq!(serde_json::from_str::<Seen>(line).unwrap(), seen);
        };
        let bytes = Bytes(b"\x1b[31m\xff\r\n".to_vec());
        check(Seen::Output { bytes }, r#"{"kind":"output","bytes":"G1szMW3/DQo="}"#);
        check(Seen::Missed { bytes: 7 }, r#"{"kind":"missed","bytes":7}"#);
        check(Seen::Done, r#"{"kind":"done"}"#);
        let attached = Seen::Attached { instance: "web.1".into(), others: 1, run: Presence::Alive };
        let line = r#"{"kind":"attached","instance":"web.1","others":1,"run":"alive"}"#;
        check(attached, line);
        let said = |line| serde_json::from_str::<Said>(line).ok();
        let input = Bytes(b"1+1\r".to_vec());
        assert_eq!(said(r#"{"input":"MSsxDQ=="}"#), Some(Said::Typed { input }));
        let resized = Said::Resized { rows: 24, columns: 80 };
        assert_eq!(said(r#"{"rows":24,"columns":80}"#), Some(resized));
        for nonsense in ["", "{}", r#"{"input":"not base64!"}"#, r#"{"rows":-1,"columns":80}"#] {
            assert_eq!(said(nonsense), None, "{nonsense}");
        }
    }
}
