//! The keys of the terminal, in words.

use std::fmt::Write;

use anstyle::Style;

use crate::formation::ProcessName;

/// How many columns a mark takes.
const MARK: usize = 60;

/// The keys there are, with the process types that have one.
#[must_use]
pub fn all(types: &[&ProcessName]) -> String {
    let mut text = "`r` restart, `b` build".to_owned();
    for (number, process) in (1..=9).zip(types) {
        let _ = write!(text, ", `{number}` {process} alone");
    }
    text + ", `0` everything, Enter marks, `q` quits, `?` says this"
}

/// A line to find again what came after it, with the time of day.
#[must_use]
pub fn mark(time: &str) -> String {
    let style = Style::new().dimmed();
    format!("{style}{:─^MARK$}{style:#}", format!(" {time} "))
}

#[cfg(test)]
mod tests {
    use super::{all, mark};
    use crate::formation::ProcessName;

    #[test]
    fn nine_types_have_a_key() {
        let names: Vec<ProcessName> = ('a'..='k').map(|n| n.to_string().parse().unwrap()).collect();
        let text = all(&names.iter().collect::<Vec<_>>());
        assert!(text.contains(", `1` a alone, `2` b alone"), "{text}");
        assert!(text.contains(", `9` i alone, `0` everything"), "{text}");
    }

    #[test]
    fn a_mark_is_a_line_with_the_time_in_it() {
        let line = mark("12:31:05.250");
        assert!(line.contains("── 12:31:05.250 ──"), "{line}");
    }
}
