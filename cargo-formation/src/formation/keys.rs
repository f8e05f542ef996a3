//! Keys that are pressed one after the other: what leaves an attached terminal.

use std::fmt;
use std::str::FromStr;

/// One or more keys, as the bytes that a terminal sends for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySequence(Vec<u8>);

impl KeySequence {
    /// The bytes, one for each key.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for KeySequence {
    type Err = KeyError;

    /// `ctrl-p,ctrl-q`, as container engines write it; each may also be a plain character.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        text.split(',').map(key).collect::<Result<_, _>>().map(Self)
    }
}

/// The byte of one key.
fn key(text: &str) -> Result<u8, KeyError> {
    let unknown = || KeyError(text.to_owned());
    let lower = text.to_ascii_lowercase();
    let (name, is_control) = match lower.strip_prefix("ctrl-") {
        Some(name) => (name, true),
        None => (text, false),
    };
    let &[byte] = name.as_bytes() else { return Err(unknown()) };
    match byte {
        // The bits of the letter without the two highest; see `ascii(7)`.
        b'a'..=b'z' | b'@' | b'['..=b'_' if is_control => Ok(byte & 0x1f),
        b'!'..=b'~' if !is_control => Ok(byte),
        _ => Err(unknown()),
    }
}

impl fmt::Display for KeySequence {
    /// As people say it: `Ctrl-P Ctrl-Q`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, byte) in self.0.iter().enumerate() {
            let gap = if position == 0 { "" } else { " " };
            match byte {
                0..=0x1f => write!(f, "{gap}Ctrl-{}", char::from(byte | 0x40))?,
                byte => write!(f, "{gap}{}", char::from(*byte))?,
            }
        }
        Ok(())
    }
}

/// Why a text is no key: this part of it is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError(String);

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no key; write `ctrl-` and a letter or one of `@[\\]^_`, or a single \
             character, with commas between several",
            self.0
        )
    }
}

impl std::error::Error for KeyError {}

#[cfg(test)]
mod tests {
    use super::KeySequence;

    #[test]
    fn keys_are_written_as_container_engines_write_them() {
        let check = |text: &str, bytes: &[u8], said: &str| {
            let keys: KeySequence = text.parse().unwrap();
            assert_eq!((keys.bytes(), keys.to_string().as_str()), (bytes, said), "{text}");
        };
        check("ctrl-p,ctrl-q", &[0x10, 0x11], "Ctrl-P Ctrl-Q");
        check("ctrl-\\", &[0x1c], "Ctrl-\\");
        check("Ctrl-]", &[0x1d], "Ctrl-]");
        check("ctrl-a,d", &[1, b'd'], "Ctrl-A d");
        check("ctrl-@", &[0], "Ctrl-@");
    }

    #[test]
    fn everything_else_is_refused() {
        for text in ["", ",", "ctrl-", "ctrl-1", "f5", "ctrl-p,", "é", " ", "ctrl-ab"] {
            assert!(text.parse::<KeySequence>().is_err(), "{text:?}");
        }
    }
}
