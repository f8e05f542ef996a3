//! What stands below the last key of a file stays there. For the parser such comments are the
//! end of the whole: whatever is added would come before them, and they into another section.

use std::borrow::Cow;

use toml_edit::DocumentMut;

/// A key that holds the place while the file is edited.
pub(super) const END: &str = "the-end-of-the-file-as-it-was";

/// The text with that key below its last comment, if it ends in one.
pub(super) fn held<'t>(text: &'t str, parsed: &DocumentMut) -> Cow<'t, str> {
    let has_comment = parsed.trailing().as_str().is_some_and(|end| !end.trim().is_empty());
    if !has_comment || text.contains(END) {
        return Cow::Borrowed(text);
    }
    let line_end = if text.ends_with('\n') { "" } else { "\n" };
    Cow::Owned(format!("{text}{line_end}{}", line()))
}

/// The text without that key.
pub(super) fn released(text: &str) -> String {
    text.replacen(&line(), "", 1)
}

fn line() -> String {
    format!("{END} = 0\n")
}
