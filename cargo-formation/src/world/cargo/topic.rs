//! What a line of cargo is about: its work, or something that went wrong.
//!
//! An error of a build script has many lines, and only the first says that it is one. It
//! goes on until cargo speaks of its work again: a word at the margin of twelve columns.

/// The columns of the word that cargo's status lines begin with.
const MARGIN: usize = 12;

/// What the lines are about at present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Topic {
    /// What cargo does, and what it warns of.
    #[default]
    Work,
    /// What went wrong.
    Trouble,
}

impl Topic {
    /// What this line, without escape sequences, is about, after lines about `self`.
    pub(super) fn of(self, line: &[u8]) -> Self {
        if line.starts_with(b"error") || line.starts_with(b"warning: build failed") {
            Self::Trouble
        } else if line.starts_with(b"warning") || is_status(line) {
            Self::Work
        } else {
            self
        }
    }
}

fn is_status(line: &[u8]) -> bool {
    let Some((word, rest)) = line.split_at_checked(MARGIN) else { return false };
    let word = word.trim_ascii_start();
    rest.starts_with(b" ")
        && word.first().is_some_and(u8::is_ascii_uppercase)
        && word.iter().all(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::Topic;

    /// The lines that are about trouble, by their numbers, counted from 0.
    fn check(lines: &[&str], trouble: &[usize]) {
        let mut topic = Topic::default();
        let mut found = Vec::new();
        for (number, line) in lines.iter().enumerate() {
            topic = topic.of(line.as_bytes());
            if topic == Topic::Trouble {
                found.push(number);
            }
        }
        assert_eq!(found, trouble);
    }

    #[test]
    fn an_error_goes_on_until_cargo_speaks_of_its_work() {
        check(
            &[
                "   Compiling web v0.1.0 (/shop/web)",
                "error: failed to run custom build command for `web v0.1.0 (/shop/web)`",
                "",
                "Caused by:",
                "  process didn't exit successfully: `build-script-build` (exit status: 101)",
                "  --- stderr",
                "  no such table: orders",
                "warning: build failed, waiting for other jobs to finish...",
                "    Finished `dev` profile",
            ],
            &[1, 2, 3, 4, 5, 6, 7],
        );
        check(&["warning: shop@0.1.0: hello", "  it goes on", "error: no", "warning: x"], &[2]);
    }

    #[test]
    fn cargo_works_until_it_says_otherwise() {
        check(&["", "note: hello", "   Compiling a", "Error: is a word of others"], &[]);
    }
}
