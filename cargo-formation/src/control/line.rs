//! What a client is told that reads the history.

use serde::Serialize;

/// What comes before the last answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Told<'t> {
    /// A line that somebody has written, or the tool has said.
    Line(Line<'t>),
    /// Lines are missing here: they came too fast, or are not kept any more.
    Missing {
        /// How many.
        lines: u64,
    },
}

/// A line of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line<'t> {
    /// Counted from 0 over all lines since the tool started.
    pub number: u64,
    /// When it was read, as RFC 3339 has it.
    pub time: &'t str,
    /// The instance or backing service; `formation` is the tool itself.
    pub name: &'t str,
    /// Which run of it: no two runs of one tool have the same number. The tool has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<u64>,
    /// The process id of that run, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// What was written, without the end of the line. What is not UTF-8 is replaced.
    pub text: &'t str,
    /// Whether it goes on with the next line of this run: it is too long to be kept in one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub part: bool,
}

impl Told<'_> {
    /// As a line, without its end.
    #[must_use]
    pub fn text(&self) -> String {
        // Nothing in it has no text.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Told};

    #[test]
    fn what_is_told_has_one_form() {
        let line = Line {
            number: 7,
            time: "2026-01-02T03:04:05.000006Z",
            name: "web.1",
            run: Some(3),
            pid: None,
            text: "\"hello\"",
            part: false,
        };
        let said = Line { name: "formation", run: None, part: true, ..line.clone() };
        let text = r#"{"kind":"line","number":7,"time":"2026-01-02T03:04:05.000006Z","name":"web.1","run":3,"text":"\"hello\""}"#;
        assert_eq!(Told::Line(line).text(), text);
        let text = r#"{"kind":"line","number":7,"time":"2026-01-02T03:04:05.000006Z","name":"formation","text":"\"hello\"","part":true}"#;
        assert_eq!(Told::Line(said).text(), text);
        assert_eq!(Told::Missing { lines: 2 }.text(), r#"{"kind":"missing","lines":2}"#);
    }
}
