//! What is monitored, and what was found: the words of this service.

use std::fmt;

use serde::{Deserialize, Serialize};
use sqlx::FromRow;

/// Something that is asked every so often whether it is well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromRow)]
pub struct Monitor {
    /// What people call it. No two have one name.
    pub name: String,
    /// What is asked, with a `GET`.
    pub url: String,
    /// Seconds from check to check.
    pub every: i64,
}

impl Monitor {
    /// Seconds between two checks, at most.
    pub const LONGEST: i64 = 86_400;

    /// Characters of an address, at most.
    pub const WIDEST: usize = 2_000;

    /// What is wrong with it, if anything is.
    ///
    /// # Errors
    /// A sentence for whoever asked for this monitor.
    pub fn check(&self) -> Result<(), String> {
        let length = self.name.chars().count();
        if length > 60 || self.name.contains(char::is_control) || !self.name.contains(is_shown) {
            return Err(
                "`name` is 1 to 60 visible characters, a letter or digit among them".to_owned()
            );
        }
        if !(1..=Self::LONGEST).contains(&self.every) {
            return Err(format!("`every` is 1 to {} seconds", Self::LONGEST));
        }
        if self.url.chars().count() > Self::WIDEST {
            return Err(format!("`url` has at most {} characters", Self::WIDEST));
        }
        match reqwest::Url::parse(&self.url) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(()),
            Ok(_) => Err("`url` begins with http:// or https://".to_owned()),
            Err(error) => Err(format!("`url` is none: {error}")),
        }
    }
}

/// Whether it is a letter or a digit, and none of the four letters of Korean that are blank.
/// A name without one could not be seen or, like `..`, not stand in an address.
fn is_shown(character: char) -> bool {
    let is_blank = ['\u{115f}', '\u{1160}', '\u{3164}', '\u{ffa0}'].contains(&character);
    character.is_alphanumeric() && !is_blank
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It answered, and well.
    Up,
    /// It did not.
    Down,
    /// Nobody was there to ask in time.
    Missed,
}

impl State {
    /// As it is written in the database, in JSON and in the page.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Missed => "missed",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for State {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        [Self::Up, Self::Down, Self::Missed]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no state"))
    }
}

/// What a check found, and how long that took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What it found.
    pub state: State,
    /// The status of the answer, or why there was none.
    pub detail: String,
    /// Milliseconds from the question to the answer.
    pub took_ms: i64,
}

/// A check that was performed and recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow)]
pub struct Check {
    /// When it was due, in seconds since 1970.
    pub due: i64,
    /// When it was performed.
    pub at: i64,
    /// What it found.
    #[sqlx(try_from = "String")]
    pub state: State,
    /// The status of the answer, or why there was none.
    pub detail: String,
    /// Milliseconds from the question to the answer.
    pub took_ms: i64,
    /// The instance that performed it.
    pub worker: String,
}

#[cfg(test)]
mod tests {
    use super::{Monitor, State};

    fn check(name: &str, url: &str, every: i64, expected: &str) {
        let monitor = Monitor { name: name.to_owned(), url: url.to_owned(), every };
        let found = monitor.check().err().unwrap_or_default();
        assert_eq!(found, expected, "{monitor:?}");
    }

    #[test]
    fn a_monitor_has_a_name_an_address_and_an_interval() {
        check("docs", "https://docs.rs/", 60, "");
        check("Prüfung 1", "http://127.0.0.1:4000/healthz", 1, "");
        check("監視", "http://a", 1, "");
        check("a", &format!("http://a/{}", "x".repeat(1_991)), 1, "");
        let padded = format!("a{}", " ".repeat(60));
        let long = "x".repeat(61);
        for name in ["", " ", ".", "..", "\u{200b}\u{2060}", "\u{3164}", "a\nb", &long, &padded] {
            let why = "`name` is 1 to 60 visible characters, a letter or digit among them";
            check(name, "http://a", 1, why);
        }
        check("a", "http://a", 0, "`every` is 1 to 86400 seconds");
        check("a", "http://a", 86_401, "`every` is 1 to 86400 seconds");
        check("a", "ftp://a", 1, "`url` begins with http:// or https://");
        let huge = format!("http://a/{}", "x".repeat(1_992));
        check("a", &huge, 1, "`url` has at most 2000 characters");
        check("a", "docs.rs", 1, "`url` is none: relative URL without a base");
    }

    #[test]
    fn a_state_is_read_as_it_was_written() {
        for state in [State::Up, State::Down, State::Missed] {
            assert_eq!(State::try_from(state.to_string()), Ok(state));
        }
        assert_eq!(State::try_from("so-so".to_owned()), Err("`so-so` is no state".to_owned()));
    }
}
