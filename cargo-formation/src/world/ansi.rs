//! Escape sequences in what cargo writes for a terminal.

/// One stretch of text.
enum Piece<'a> {
    Text(&'a [u8]),
    /// `ESC [ … final`.
    Control(&'a [u8]),
    /// `ESC ] …`, up to a bell or `ESC \`.
    Command(&'a [u8]),
}

/// Without what would disturb a terminal on which others write too: erasing, moving the
/// cursor, progress in the title bar. Colours and links stay.
pub(super) fn colours_only(text: &[u8]) -> Vec<u8> {
    keep(text, |piece| match piece {
        Piece::Text(_) => true,
        Piece::Control(sequence) => sequence.ends_with(b"m"),
        Piece::Command(sequence) => sequence.starts_with(b"\x1b]8;"),
    })
}

/// Without any escape sequence.
pub(super) fn plain(text: &[u8]) -> Vec<u8> {
    keep(text, |piece| matches!(piece, Piece::Text(_)))
}

fn keep(mut text: &[u8], wanted: impl Fn(&Piece<'_>) -> bool) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len());
    while !text.is_empty() {
        let piece = first(text);
        let (Piece::Text(bytes) | Piece::Control(bytes) | Piece::Command(bytes)) = &piece;
        if wanted(&piece) {
            kept.extend_from_slice(bytes);
        }
        text = &text[bytes.len()..];
    }
    kept
}

/// The first piece of `text`, which is not empty. A sequence that does not end goes on to
/// the end of the text.
fn first(text: &[u8]) -> Piece<'_> {
    match text {
        [0x1b, b'[', rest @ ..] => {
            let end = rest.iter().position(|byte| (0x40..=0x7e).contains(byte));
            Piece::Control(&text[..end.map_or(text.len(), |end| end + 3)])
        }
        [0x1b, b']', rest @ ..] => {
            let bell = memchr::memchr(0x07, rest).map(|at| at + 3);
            let terminator = memchr::memmem::find(rest, b"\x1b\\").map(|at| at + 4);
            let end = bell.into_iter().chain(terminator).min();
            Piece::Command(&text[..end.unwrap_or(text.len())])
        }
        _ => {
            let end = memchr::memchr(0x1b, &text[1..]).map_or(text.len(), |at| at + 1);
            Piece::Text(&text[..end])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{colours_only, plain};

    fn check(text: &str, coloured: &str, bare: &str) {
        assert_eq!(String::from_utf8(colours_only(text.as_bytes())).unwrap(), coloured);
        assert_eq!(String::from_utf8(plain(text.as_bytes())).unwrap(), bare);
    }

    #[test]
    fn colours_and_links_stay_and_the_rest_goes() {
        check("plain", "plain", "plain");
        check("", "", "");
        check("\x1b[K\x1b[1m\x1b[92mred\x1b[0m!", "\x1b[1m\x1b[92mred\x1b[0m!", "red!");
        check("\x1b[2J\x1b[1;1Htop", "top", "top");
        check("a\x1b]9;4;1;25\x1b\\b\x1b]0;title\x07c", "abc", "abc");
        let link = "\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\";
        check(link, link, "link");
    }

    #[test]
    fn what_does_not_end_ends_with_the_text() {
        check("a\x1b[1", "a", "a");
        check("a\x1b]9;4", "a", "a");
        check("a\x1b", "a\x1b", "a\x1b");
        check("\x1b\x1b[Ka", "\x1ba", "\x1ba");
    }
}
