//! What would change in a file: a unified diff, as `diff -u` and `git` show it.

use std::fmt::{self, Write as _};

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

use super::Paint;

/// The two sides of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Change<'t> {
    /// The file's name, for both headers.
    pub name: &'t str,
    /// What it holds; empty if there is none.
    pub old: &'t str,
    /// What it should hold.
    pub new: &'t str,
}

/// The unified diff of a change, with three lines of context; empty if nothing changes.
#[must_use]
pub fn diff(change: Change<'_>, paint: Paint) -> String {
    let mut text = String::new();
    let written = write_diff(&mut text, change, paint);
    debug_assert!(written.is_ok(), "writing to a string does not fail");
    text
}

fn write_diff(text: &mut String, change: Change<'_>, paint: Paint) -> fmt::Result {
    let diff = TextDiff::from_lines(change.old, change.new);
    let unified = diff.unified_diff();
    for (position, hunk) in unified.iter_hunks().enumerate() {
        if position == 0 {
            write_line(text, paint, HEADER, &format!("--- {} (as it is)\n", change.name))?;
            write_line(text, paint, HEADER, &format!("+++ {} (as it should be)\n", change.name))?;
        }
        write_line(text, paint, HUNK, &format!("{}\n", hunk.header()))?;
        for line in hunk.iter_changes() {
            let (mark, style) = match line.tag() {
                ChangeTag::Equal => (' ', Style::new()),
                ChangeTag::Delete => ('-', REMOVED),
                ChangeTag::Insert => ('+', ADDED),
            };
            write_line(text, paint, style, &format!("{mark}{}", shown(line.value())))?;
        }
    }
    Ok(())
}

/// A line as a terminal may have it: what would move the cursor, or more, is written out. The end
/// of a line of Windows is what may differ, so it is, too.
fn shown(line: &str) -> String {
    let (content, end) = line.strip_suffix('\n').map_or((line, ""), |content| (content, "\n"));
    let mut text = String::with_capacity(line.len());
    for c in content.chars() {
        if c.is_control() && c != '\t' {
            text.extend(c.escape_default());
        } else {
            text.push(c);
        }
    }
    text + end
}

const HEADER: Style = Style::new().bold();
const HUNK: Style = AnsiColor::Cyan.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();

/// One line with its style; one without an end says so, as `diff` does.
fn write_line(text: &mut String, paint: Paint, style: Style, line: &str) -> fmt::Result {
    let (content, missing) = match line.strip_suffix('\n') {
        Some(content) => (content, ""),
        None => (line, "\\ No newline at end of file\n"),
    };
    match paint {
        Paint::Plain => writeln!(text, "{content}")?,
        Paint::Coloured => writeln!(text, "{style}{content}{style:#}")?,
    }
    text.push_str(missing);
    Ok(())
}

#[cfg(test)]
mod tests {
    use snapbox::{Data, assert_data_eq, str};

    use super::{Change, diff};
    use crate::narrate::Paint;

    fn check(old: &str, new: &str, expected: impl Into<Data>) {
        let text = diff(Change { name: "Procfile", old, new }, Paint::Plain);
        assert_data_eq!(text, expected.into());
    }

    #[test]
    fn nothing_moves_the_cursor() {
        let change = Change { name: "Procfile", old: "a\r\n\u{1b}[2J\tb\u{9b}\n", new: "a\n" };
        let text = diff(change, Paint::Plain);
        assert!(text.ends_with("\n-a\\r\n-\\u{1b}[2J\tb\\u{9b}\n+a\n"), "{text}");
    }

    #[test]
    fn nothing_is_said_of_equal_files() {
        check("web: w\n", "web: w\n", "");
        check("", "", "");
    }

    #[test]
    fn a_changed_line_stands_between_its_neighbours() {
        let lines: Vec<String> = (1..10).map(|n| format!("t{n}: w\n")).collect();
        let old = lines.concat();
        check(
            &old,
            &old.replace("t5: w", "t5: x"),
            str![[r#"
--- Procfile (as it is)
+++ Procfile (as it should be)
@@ -2,7 +2,7 @@
 t2: w
 t3: w
 t4: w
-t5: w
+t5: x
 t6: w
 t7: w
 t8: w

"#]],
        );
    }

    #[test]
    fn a_new_file_is_all_additions() {
        check(
            "",
            "web: w\n",
            str![[r#"
--- Procfile (as it is)
+++ Procfile (as it should be)
@@ -0,0 +1 @@
+web: w

"#]],
        );
    }

    #[test]
    fn a_missing_last_newline_is_seen() {
        let change = Change { name: "Procfile", old: "web: w", new: "web: w\n" };
        let text = diff(change, Paint::Plain);
        assert!(text.ends_with("-web: w\n\\ No newline at end of file\n+web: w\n"), "{text}");
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        let change = Change { name: "Procfile", old: "a\nb\n", new: "a\nc\n" };
        let mut coloured = diff(change, Paint::Coloured);
        assert!(coloured.contains("\u{1b}[31m-b\u{1b}[0m\n"), "{coloured:?}");
        for style in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[36m"] {
            coloured = coloured.replace(style, "");
        }
        assert_eq!(coloured, diff(change, Paint::Plain));
    }
}
