//! Which lines of a run belong together: a panic and its backtrace, a message and what is
//! indented below it.

use super::{Level, entry, level_of};

/// What a line is among those of its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Something begins here, this bad if that is known.
    Head(Option<Level>),
    /// It belongs to what began before.
    Rest,
}

/// The lines of one run, as they come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grouping(Within);

/// Within what the next line comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Within {
    /// Nothing that it could belong to.
    #[default]
    Nothing,
    /// A line to which what is indented belongs.
    Line,
    /// A panic whose message comes next.
    Panic {
        /// When it began, in microseconds.
        at: u64,
    },
    /// The message of that panic, which may have more lines.
    Message {
        /// When the panic began, in microseconds.
        at: u64,
    },
}

/// The lines of a panic are written in one go; what comes later is not of its message.
const ONE_GO: u64 = 100_000;

impl Grouping {
    /// What the next line is, which has no escape sequences and came `at` so many microseconds.
    pub fn next(&mut self, line: &str, at: u64) -> Place {
        let place = self.place(line, at);
        self.0 = match (place, self.0) {
            (Place::Head(_), _) if is_panic(line) && line.trim_end().ends_with(':') => {
                Within::Panic { at }
            }
            (Place::Head(_), _) => Within::Line,
            (Place::Rest, Within::Panic { at }) => Within::Message { at },
            (Place::Rest, Within::Message { .. }) if ends_message(line) => Within::Line,
            (Place::Rest, within) => within,
        };
        place
    }

    fn place(self, line: &str, at: u64) -> Place {
        if is_panic(line) {
            return Place::Head(Some(Level::Error));
        }
        if let Some(entry) = entry(line) {
            return Place::Head(entry.level);
        }
        match self.0 {
            // Whatever it says.
            Within::Panic { .. } => return Place::Rest,
            Within::Nothing => return Place::Head(level_of(line)),
            Within::Line | Within::Message { .. } => {}
        }
        match (level_of(line), self.0) {
            (Some(level), _) => Place::Head(Some(level)),
            (None, _) if is_more(line) => Place::Rest,
            (None, Within::Message { at: began }) if at.saturating_sub(began) < ONE_GO => {
                Place::Rest
            }
            (None, _) => Place::Head(None),
        }
    }
}

/// How `std` begins to say that a thread has panicked, with the number of the thread or without.
fn is_panic(line: &str) -> bool {
    line.strip_prefix("thread '").is_some_and(|rest| rest.contains(" panicked at "))
}

/// What no line begins with that stands for itself.
fn is_more(line: &str) -> bool {
    let begins = |words: &str| line.starts_with(words);
    line.trim().is_empty()
        || begins(" ")
        || begins("\t")
        || ends_message(line)
        || begins("Caused by:")
        || begins("Stack backtrace:")
}

/// What `std` writes below the message of a panic.
fn ends_message(line: &str) -> bool {
    line.starts_with("stack backtrace:")
        || line.starts_with("note: run with `RUST_BACKTRACE")
        || line.starts_with("note: Some details are omitted")
}

#[cfg(test)]
mod tests {
    use super::{Grouping, Level, Place};

    /// The lines with a mark at those that begin something: its level, or `-`.
    fn check(text: &str) {
        let (mut lines, mut expected) = (Vec::new(), Vec::new());
        for line in text.lines() {
            let (mark, line) = line.split_once('|').unwrap();
            expected.push(match mark.trim() {
                "" => Place::Rest,
                "-" => Place::Head(None),
                level => Place::Head(Some(Level::from_field(level).unwrap())),
            });
            lines.push(line);
        }
        let mut grouping = Grouping::default();
        let places: Vec<Place> = lines.iter().map(|line| grouping.next(line, 7)).collect();
        for ((line, found), expected) in lines.iter().zip(&places).zip(&expected) {
            assert_eq!(found, expected, "{line}\n{text}");
        }
    }

    #[test]
    fn a_panic_and_its_backtrace_are_one() {
        check(
            "info | INFO before
error|thread 'main' (4242) panicked at src/main.rs:2:5:
     |ERROR is the first word of the message
     |and its second line
     |  left: 1
     |
     | right: 2
     |stack backtrace:
     |   0: rust_begin_unwind
     |             at /rustc/library/std/src/panicking.rs:1:5
     |   1: app::main
     |note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
-    |after
info | INFO after",
        );
        check(
            "error|thread 'main' panicked at src/main.rs:2:5:
     |boom
     |note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
-    |after",
        );
    }

    #[test]
    fn two_panics_are_two() {
        check(
            "error|thread 'a' panicked at src/main.rs:2:5:
     |boom
error|thread 'b' panicked at src/main.rs:2:5:
     |boom
error|{\"level\":\"ERROR\",\"message\":\"boom\"}",
        );
    }

    #[test]
    fn what_is_indented_belongs_to_the_line_before() {
        check(
            "-    |    at the very beginning
error|ERROR app: broken
     |    at src/main.rs:1
     |\tin span
     |
info | INFO next
-    |plain
     |  more of it
error|Error: no database
     |
     |Caused by:
     |    0: refused
warn |  2026-11-23T17:43:00Z  WARN pretty
     |    at src/main.rs:1",
        );
    }

    #[test]
    fn a_message_that_went_by_does_not_take_what_comes_later() {
        let mut grouping = Grouping::default();
        let panic = "thread 'main' panicked at src/main.rs:2:5:";
        assert_eq!(grouping.next(panic, 0), Place::Head(Some(Level::Error)));
        assert_eq!(grouping.next("boom", 10), Place::Rest);
        assert_eq!(grouping.next("more", 20), Place::Rest);
        assert_eq!(grouping.next("hello", 1_000_000), Place::Head(None));
        assert_eq!(grouping.next("hello", 1_000_000), Place::Head(None));
    }
}
