//! What is on the screen of a run, roughly: the last lines that it wrote, as it wrote them.
//!
//! Not what an emulator would know. A program that draws the whole screen is told to draw
//! anew when somebody comes; of others the last lines are all there is to see.

use std::collections::VecDeque;

use super::modes::Modes;

/// So many bytes are kept.
const KEPT: usize = 64 * 1024;

/// The last bytes that a run wrote, and what it has switched on.
#[derive(Debug, Default)]
pub(super) struct Screen {
    kept: VecDeque<u8>,
    modes: Modes,
}

impl Screen {
    /// More was written.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.modes.push(bytes);
        self.kept.extend(&bytes[bytes.len().saturating_sub(KEPT)..]);
        self.kept.drain(..self.kept.len().saturating_sub(KEPT));
    }

    /// What shows somebody who comes now the last lines, so many that they fill the screen.
    pub(super) fn last(&self, rows: u16) -> Vec<u8> {
        let kept: Vec<u8> = self.kept.iter().copied().collect();
        let ends = memchr::memrchr_iter(b'\n', &kept);
        let above = ends.take(usize::from(rows)).last();
        let is_all = memchr::memchr_iter(b'\n', &kept).count() < usize::from(rows);
        let begin = match above {
            _ if is_all && kept.len() < KEPT => 0,
            Some(end) => end + 1,
            // In the middle of something that moves the cursor about.
            None => kept.len(),
        };
        [&self.modes.on(), &kept[begin..]].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT, Screen};

    fn screen(text: &str) -> Screen {
        let mut screen = Screen::default();
        screen.push(text.as_bytes());
        screen
    }

    #[test]
    fn as_many_lines_as_fit() {
        let check = |text: &str, rows: u16, expected: &str| {
            assert_eq!(String::from_utf8(screen(text).last(rows)).unwrap(), expected, "{text:?}");
        };
        check("", 3, "");
        check("> ", 3, "> ");
        check("one\r\ntwo\r\n> ", 3, "one\r\ntwo\r\n> ");
        check("one\r\ntwo\r\n> ", 2, "two\r\n> ");
        check("one\r\ntwo\r\n> ", 1, "> ");
    }

    #[test]
    fn what_is_kept_is_bounded_and_begins_with_a_line() {
        let mut screen = Screen::default();
        (0..30_000).for_each(|n| screen.push(format!("line {n}\r\n").as_bytes()));
        assert_eq!(screen.kept.len(), KEPT);
        assert_eq!(screen.last(3), b"line 29998\r\nline 29999\r\n");
        assert!(screen.last(60_000).starts_with(b"line "));
        screen.push(&vec![b'x'; 3 * KEPT]);
        assert_eq!((screen.kept.len(), screen.last(3)), (KEPT, Vec::new()));
    }

    #[test]
    fn what_was_switched_on_long_ago_is_on() {
        let mut screen = screen("\x1b[?1049h");
        (0..30_000).for_each(|n| screen.push(format!("line {n}\r\n").as_bytes()));
        assert_eq!(screen.last(2), b"\x1b[?1049hline 29999\r\n");
    }
}
