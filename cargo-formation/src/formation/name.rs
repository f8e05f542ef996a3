//! Names of process types and of instances.

use std::fmt;
use std::str::FromStr;

/// The longest name a process type may have: one DNS label.
const MAX_LENGTH: usize = 63;

/// Words that mean something else wherever a process type could be named.
const RESERVED: [&str; 2] = ["all", "settings"];

/// The name of a process type: `[A-Za-z][A-Za-z0-9_-]{0,62}`, not `all` or `settings`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessName(String);

impl ProcessName {
    /// The name as it was declared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a part of an environment variable: `mail-in` is `MAIL_IN`.
    #[must_use]
    pub fn variable(&self) -> String {
        variable(&self.0)
    }

    /// Whether this is the process type that runs once, before the others start.
    #[must_use]
    pub fn is_release(&self) -> bool {
        self.0 == "release"
    }

    /// Whether this is the type that platforms route requests to.
    #[must_use]
    pub fn is_web(&self) -> bool {
        self.0 == "web"
    }
}

/// As [`ProcessName::variable`], of a name that is a constant.
#[must_use]
pub fn variable(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}

impl fmt::Display for ProcessName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ProcessName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let Some(first) = text.chars().next() else {
            return Err(NameError::Empty);
        };
        if !first.is_ascii_alphabetic() {
            return Err(NameError::First(first));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if let Some(other) = text.chars().find(|&c| !allowed(c)) {
            return Err(NameError::Character(other));
        }
        if text.len() > MAX_LENGTH {
            return Err(NameError::TooLong(text.len()));
        }
        if RESERVED.contains(&text) {
            return Err(NameError::Reserved);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Why a text is not the name of a process type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameError {
    /// There is no text.
    Empty,
    /// It starts with something that is not an ASCII letter.
    First(char),
    /// It holds something that is not an ASCII letter, a digit, `_` or `-`.
    Character(char),
    /// It has this many characters, which is more than 63.
    TooLong(usize),
    /// It is `all` or `settings`, which mean something else.
    Reserved,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a process type needs a name"),
            Self::First(c) => {
                write!(f, "a name starts with a letter, not with `{}`", c.escape_debug())
            }
            Self::Character(c) => write!(
                f,
                "`{}` cannot stand in a name; letters, digits, `_` and `-` can",
                c.escape_debug()
            ),
            Self::TooLong(length) => {
                write!(f, "a name has at most {MAX_LENGTH} characters, this one has {length}")
            }
            Self::Reserved => f.write_str("this word is reserved"),
        }
    }
}

impl std::error::Error for NameError {}

/// One numbered member of the formation: `web.2`. Numbers start at 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceName {
    /// The process type this is an instance of.
    pub process: ProcessName,
    /// Which one, counted from 1.
    pub number: u16,
}

impl fmt::Display for InstanceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.process, self.number)
    }
}

/// Whose runs, lines and news these are: an instance's, or a backing service's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunName {
    /// An instance of a process type: `web.2`.
    Instance(InstanceName),
    /// A backing service, of which there is one: `postgres`.
    Service(ProcessName),
}

impl RunName {
    /// The process type, or the backing service.
    #[must_use]
    pub fn process(&self) -> &ProcessName {
        match self {
            Self::Instance(name) => &name.process,
            Self::Service(name) => name,
        }
    }
}

impl fmt::Display for RunName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance(name) => name.fmt(f),
            Self::Service(name) => name.fmt(f),
        }
    }
}

impl From<InstanceName> for RunName {
    fn from(name: InstanceName) -> Self {
        Self::Instance(name)
    }
}

#[cfg(test)]
mod tests {
    use super::{NameError, ProcessName};

    fn check(text: &str) -> Result<String, NameError> {
        text.parse::<ProcessName>().map(|name| name.variable())
    }

    #[test]
    fn names_are_what_every_consumer_could_spell() {
        assert_eq!(check("web"), Ok("WEB".into()));
        assert_eq!(check("mail-in_2"), Ok("MAIL_IN_2".into()));
        assert_eq!(check(&"a".repeat(63)), Ok("A".repeat(63)));
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        assert_eq!(check(""), Err(NameError::Empty));
        assert_eq!(check("2web"), Err(NameError::First('2')));
        assert_eq!(check("-web"), Err(NameError::First('-')));
        assert_eq!(check("w.b"), Err(NameError::Character('.')));
        assert_eq!(check("wéb"), Err(NameError::Character('é')));
        assert_eq!(check("w b"), Err(NameError::Character(' ')));
        assert_eq!(check(&"a".repeat(64)), Err(NameError::TooLong(64)));
        assert_eq!(check("all"), Err(NameError::Reserved));
        assert_eq!(check("settings"), Err(NameError::Reserved));
    }
}
