//! How bad a line of text is, by what loggers write at its beginning.

use super::Level;

/// The words at the beginning of a line among which the level may be: a date, a time, a zone, and
/// what some put before it.
const WORDS: usize = 5;
/// The level stands at the margin, or as far from it as `tracing` puts it: ` INFO`, or the two
/// spaces of its pretty form. What is further in belongs to the line before.
const MOST_INDENTED: usize = 2;

/// How bad a line is, if it says so: in the full, compact and pretty forms of `tracing`, with or
/// without a time, as `env_logger`, `slog` and PostgreSQL have it, or as `error: …`. The line has
/// no escape sequences.
#[must_use]
pub fn level_of(line: &str) -> Option<Level> {
    let text = line.trim_start_matches([' ', '\t']);
    if line.len() - text.len() > MOST_INDENTED {
        return None;
    }
    if line.len() == text.len()
        && let Some(level) = labelled(text)
    {
        return Some(level);
    }
    for word in text.split_ascii_whitespace().take(WORDS) {
        let bare = word.trim_matches(['[', ']', '(', ')', '<', '>', '|', ':', ',']);
        if let Some(level) = Level::from_word(bare) {
            return Some(level);
        }
        if !is_time(bare) {
            return None;
        }
    }
    None
}

/// What may stand before a level: numbers in some form, a zone, or punctuation.
fn is_time(word: &str) -> bool {
    word.is_empty() || word == "UTC" || word.bytes().any(|byte| byte.is_ascii_digit())
}

/// `error: …` and `warning: …` as compilers and command lines say them, and `Error: …`, which is
/// how a `main` ends that returned one.
fn labelled(text: &str) -> Option<Level> {
    let (label, _) = text.split_once(':')?;
    // `error[E0308]`
    let label = label.split('[').next().unwrap_or(label);
    match label {
        "error" | "Error" | "fatal" | "fatal error" => Some(Level::Error),
        "warning" | "Warning" => Some(Level::Warn),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, level_of};

    fn check(line: &str, expected: Option<Level>) {
        assert_eq!(level_of(line), expected, "{line}");
    }

    #[test]
    fn tracing_says_it_with_and_without_a_time() {
        check("2026-11-23T17:43:00.123456Z  INFO app: hi", Some(Level::Info));
        check("2026-11-23T17:43:00.123456Z ERROR request{id=7}: app: no", Some(Level::Error));
        check("2026-11-23T17:43:00.123456Z  WARN ThreadId(01) app: hm", Some(Level::Warn));
        check("  2026-11-23T17:43:00.123456Z DEBUG app: pretty", Some(Level::Debug));
        check(" INFO listening", Some(Level::Info));
        check("ERROR broken", Some(Level::Error));
        check("TRACE step", Some(Level::Trace));
    }

    #[test]
    fn so_do_others() {
        check("[2026-11-23T17:43:00Z WARN  app] hm", Some(Level::Warn));
        check("2026-11-23 17:43:00.123 UTC [4242] FATAL:  no database", Some(Level::Error));
        check("2026-11-23 17:43:00.123 UTC [4242] LOG:  ready", Some(Level::Info));
        check("error: could not compile", Some(Level::Error));
        check("error[E0308]: mismatched types", Some(Level::Error));
        check("warning: unused", Some(Level::Warn));
        check("Error: Os { code: 2 }", Some(Level::Error));
    }

    #[test]
    fn a_word_further_on_is_no_level() {
        for line in [
            "",
            "listening ERROR",
            "no ERROR here",
            "error",
            "errors: 3",
            "INFORMATION for you",
            "    0: ERROR in a backtrace",
            "    error: in a message",
            "1 2 3 4 5 6 ERROR",
        ] {
            check(line, None);
        }
    }
}
