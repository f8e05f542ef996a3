//! Why a line of an environment file cannot be read.

use std::fmt;

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DotenvError {
    /// The number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub kind: DotenvProblem,
}

impl fmt::Display for DotenvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.kind)
    }
}

impl std::error::Error for DotenvError {}

/// What is wrong with a line. No message repeats a value: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DotenvProblem {
    /// There is no `=`.
    NoValue,
    /// What stands before `=` is not a name.
    Name(String),
    /// A quoted value does not end.
    Unclosed(char),
    /// Something follows the closing quote.
    AfterQuote,
    /// `${` is followed by something else than `NAME}` or `NAME:-default}`.
    Substitution,
    /// A value uses a variable that is not set.
    Unset(String),
    /// A value holds a NUL, which no environment can.
    Nul,
}

impl fmt::Display for DotenvProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoValue => {
                f.write_str("there is no `=`; write `NAME=value`, or `#` before a comment")
            }
            Self::Name(name) => write!(
                f,
                "`{}` is not the name of a variable; use letters, digits and `_`, and no digit first",
                name.escape_debug()
            ),
            Self::Unclosed(quote) => write!(f, "the value has no closing `{quote}`"),
            Self::AfterQuote => f.write_str(
                "something follows the closing quote; quote the whole value, \
                 and put white space before a comment",
            ),
            Self::Substitution => f.write_str(
                "`${` needs `${NAME}` or `${NAME:-default}`; \
                 write `\\$` for a dollar, or single quotes around the value",
            ),
            Self::Unset(name) => write!(
                f,
                "`${name}` is not set; write `${{{name}:-}}` for nothing, `\\$` for a dollar, \
                 or single quotes around the value"
            ),
            Self::Nul => f.write_str("a value cannot hold a NUL character; remove it"),
        }
    }
}
