//! What the tool says while it works: from facts to lines in cargo's manner.

mod came;
mod known;
mod supervision;

use std::time::Duration;

use anstyle::{AnsiColor, Style};

pub use self::came::failed;
pub use self::known::Known;
pub use self::supervision::{Said, said};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Worth a look.
    Unusual,
    /// Something failed.
    Bad,
}

/// A line of the tool: a word of at most twelve letters at the margin, as cargo has it, and the rest.
///
/// Escape codes are always there; whoever writes it takes them out where nobody wants them.
#[must_use]
pub fn status(tone: Tone, word: &str, rest: &str) -> String {
    let style = style(tone);
    format!("{style}{word:>12}{style:#} {rest}")
}

fn style(tone: Tone) -> Style {
    let colour = match tone {
        Tone::Good => AnsiColor::BrightGreen,
        Tone::Unusual => AnsiColor::Yellow,
        Tone::Bad => AnsiColor::BrightRed,
    };
    Style::new().bold().fg_color(Some(colour.into()))
}

/// How bad it is what a line of the tool says: its colour tells.
#[must_use]
pub fn tone_of(line: &str) -> Option<Tone> {
    let all = [Tone::Good, Tone::Unusual, Tone::Bad];
    all.into_iter().find(|tone| line.starts_with(&style(*tone).to_string()))
}

/// Something is wrong.
#[must_use]
pub fn error(text: &str) -> String {
    labelled("error", Tone::Bad, text)
}

/// Something is unwise.
#[must_use]
pub fn warning(text: &str) -> String {
    labelled("warning", Tone::Unusual, text)
}

fn labelled(label: &str, tone: Tone, text: &str) -> String {
    let style = style(tone);
    format!("{style}{label}{style:#}: {text}")
}

/// A length of time as a person wants it: `85ms`, `1.8s`, `2m 05s`.
#[must_use]
pub fn length(length: Duration) -> String {
    let seconds = length.as_secs();
    if length < Duration::from_secs(1) {
        format!("{}ms", length.as_millis())
    } else if seconds < 60 {
        let tenths = length.subsec_millis() / 100;
        if tenths == 0 { format!("{seconds}s") } else { format!("{seconds}.{tenths}s") }
    } else {
        format!("{}m {:02}s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Tone, error, length, status, tone_of, warning};

    #[test]
    fn a_line_tells_how_bad_it_is() {
        for expected in [Tone::Good, Tone::Unusual, Tone::Bad] {
            assert_eq!(tone_of(&status(expected, "Word", "rest")), Some(expected));
        }
        assert_eq!(tone_of(&error("text")), Some(Tone::Bad));
        assert_eq!(tone_of(&warning("text")), Some(Tone::Unusual));
        assert_eq!(tone_of("error: of somebody else"), None);
    }

    #[test]
    fn a_length_of_time_has_no_more_digits_than_matter() {
        let check = |millis, text: &str| assert_eq!(length(Duration::from_millis(millis)), text);
        check(0, "0ms");
        check(85, "85ms");
        check(999, "999ms");
        check(1_000, "1s");
        check(1_849, "1.8s");
        check(59_999, "59.9s");
        check(125_000, "2m 05s");
    }
}
