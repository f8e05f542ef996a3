//! The line ends of a file that is edited: what edits it knows `\n` alone, and the file keeps its
//! own.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// What some editors begin a file of UTF-8 with.
const MARK: char = '\u{feff}';

/// Edit a text with `\n` between its lines, and without a mark before it.
///
/// Lines that stay, stay to the byte. New ones end as most of the others do. Where the last line
/// had no end, it has none.
///
/// # Errors
/// Those of the edit.
pub(super) fn edited<E>(
    found: &str,
    edit: impl FnOnce(&str) -> Result<String, E>,
) -> Result<String, E> {
    let body = found.strip_prefix(MARK).unwrap_or(found);
    let plain = body.replace("\r\n", "\n");
    let text = edit(&plain)?;
    if text == plain {
        return Ok(found.to_owned());
    }
    let mark = found.starts_with(MARK).then_some(MARK);
    Ok(mark.into_iter().chain(laid(body, &text).chars()).collect())
}

/// The lines of `text`, as they end in `found`.
fn laid(found: &str, text: &str) -> String {
    let old: Vec<&str> = found.split_inclusive('\n').collect();
    let bare: Vec<&str> = old.iter().map(|line| without_end(line)).collect();
    let new: Vec<&str> = text.lines().collect();
    let end = usual_end(&old);
    let mut laid = String::new();
    for operation in capture_diff_slices(Algorithm::Myers, &bare, &new) {
        match operation {
            DiffOp::Equal { old_index, len, .. } => {
                for line in old.iter().skip(old_index).take(len) {
                    laid.push_str(line);
                    // That was the last line, and is it no more.
                    if !line.ends_with('\n') {
                        laid.push_str(end);
                    }
                }
            }
            DiffOp::Insert { new_index, new_len, .. }
            | DiffOp::Replace { new_index, new_len, .. } => {
                for line in new.iter().skip(new_index).take(new_len) {
                    laid.push_str(line);
                    laid.push_str(end);
                }
            }
            DiffOp::Delete { .. } => {}
        }
    }
    if !found.is_empty() && !found.ends_with('\n') {
        laid.truncate(without_end(&laid).len());
    }
    laid
}

/// How most lines end.
fn usual_end(lines: &[&str]) -> &'static str {
    let (windows, unix): (Vec<&str>, Vec<&str>) =
        lines.iter().filter(|line| line.ends_with('\n')).partition(|line| line.ends_with("\r\n"));
    if windows.len() > unix.len() { "\r\n" } else { "\n" }
}

fn without_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::{prop_assert_eq, proptest};

    use super::edited;

    fn check(found: &str, from: &str, to: &str, expected: &str) {
        let edit = |text: &str| Ok::<_, Infallible>(text.replace(from, to));
        assert_eq!(edited(found, edit), Ok(expected.to_owned()), "{found:?}");
    }

    #[test]
    fn a_line_that_changes_ends_as_the_others_do() {
        check("a\r\nb\r\nc\r\n", "b", "B\nb", "a\r\nB\r\nb\r\nc\r\n");
        check("a\nb\nc\n", "b\n", "", "a\nc\n");
        check("a\r\nb\nc\r\n", "c", "d", "a\r\nb\nd\r\n");
    }

    #[test]
    fn a_mark_and_a_missing_end_stay() {
        check("\u{feff}a\r\nb", "a", "A", "\u{feff}A\r\nb");
        check("a\nb", "b", "b\nc\n", "a\nb\nc");
        check("", "", "a\n", "a\n");
    }

    #[test]
    fn nothing_is_touched_where_nothing_changes() {
        check("\u{feff}a\r\nb\n\r\n", "x", "y", "\u{feff}a\r\nb\n\r\n");
    }

    proptest! {
        /// Whatever the line ends, what is read is what the edit says, and lines that stay have
        /// their own ends.
        #[test]
        fn line_ends_are_nobodys_matter(
            lines in proptest::collection::vec(("[a-c]{0,2}", proptest::bool::ANY), 1..9),
            at in 0..9_usize,
        ) {
            let end = |is_windows: bool| if is_windows { "\r\n" } else { "\n" };
            let raw: Vec<String> =
                lines.iter().map(|(line, is_windows)| format!("{line}{}", end(*is_windows))).collect();
            let at = at.min(raw.len());
            let insert = |text: &str| {
                let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
                lines.insert(at, "new\n");
                Ok::<_, Infallible>(lines.concat())
            };
            let text = edited(&raw.concat(), insert).unwrap();
            let windows = lines.iter().filter(|(_, is_windows)| *is_windows).count();
            let new = format!("new{}", end(windows > lines.len() - windows));
            let mut expected = raw.clone();
            expected.insert(at, new);
            prop_assert_eq!(text, expected.concat());
        }
    }
}
