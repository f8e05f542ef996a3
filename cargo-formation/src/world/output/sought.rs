//! A text that somebody waits for in the output of a child.

use memchr::memmem::Finder;
use tokio::sync::oneshot;

use super::super::ansi;

/// A text, and whom to tell when it has come.
///
/// What is searched are the bytes as they come, without escape sequences; how the reads cut
/// them and whether the line has ended does not matter. It holds no more of them than a
/// read brings.
#[derive(Debug)]
pub struct Sought {
    text: Finder<'static>,
    found: oneshot::Sender<()>,
    place: Place,
    /// What the text may have begun with: the last bytes, fewer than the text has.
    tail: Vec<u8>,
}

/// Where in an escape sequence the last read ended; see ECMA-48.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Text,
    /// After `ESC`, and the intermediate bytes of a short sequence such as `ESC ( B`.
    Escape,
    /// In `ESC [ … final`.
    Control,
    /// In `ESC ] …`, up to a bell or `ESC \`.
    Command,
    /// After an `ESC` in there.
    CommandEscape,
}

impl Sought {
    /// Seek a text; whoever has the receiver is told once that it came. If the text does not
    /// come, the sender is dropped with the reader of the output.
    #[must_use]
    pub fn new(text: &str) -> (Self, oneshot::Receiver<()>) {
        let (found, receiver) = oneshot::channel();
        let text = Finder::new(&ansi::plain(text.as_bytes())).into_owned();
        (Self { text, found, place: Place::Text, tail: Vec::new() }, receiver)
    }

    /// Search what has come. It is gone when there is nothing more to be sought.
    pub(super) fn search(mut self, bytes: &[u8]) -> Option<Self> {
        let mut text = std::mem::take(&mut self.tail);
        self.strip(bytes, &mut text);
        if self.text.find(&text).is_some() {
            // Nobody may be waiting any more.
            let _ = self.found.send(());
            return None;
        }
        let kept = self.text.needle().len().saturating_sub(1);
        self.tail = text.split_off(text.len().saturating_sub(kept));
        Some(self)
    }

    fn strip(&mut self, bytes: &[u8], text: &mut Vec<u8>) {
        if self.place == Place::Text && memchr::memchr(0x1b, bytes).is_none() {
            text.extend_from_slice(bytes);
            return;
        }
        for &byte in bytes {
            if self.place == Place::Text && byte != 0x1b || byte == b'\n' {
                text.push(byte);
            }
            self.place = self.place.after(byte);
        }
    }
}

impl Place {
    fn after(self, byte: u8) -> Self {
        const ESCAPE: u8 = 0x1b;
        match (self, byte) {
            // A sequence that does not end, ends with the line.
            (_, b'\n') => Self::Text,
            (Self::Text | Self::Escape | Self::Control, ESCAPE) => Self::Escape,
            (Self::Text, _) => Self::Text,
            (Self::Escape, _) => Self::after_escape(byte),
            (Self::Control, _) => Self::unless(matches!(byte, 0x40..=0x7e), Self::Control),
            (Self::Command | Self::CommandEscape, ESCAPE) => Self::CommandEscape,
            (Self::Command, _) => Self::unless(byte == 0x07, Self::Command),
            (Self::CommandEscape, _) => Self::unless(byte == b'\\', Self::Command),
        }
    }

    fn after_escape(byte: u8) -> Self {
        match byte {
            b'[' => Self::Control,
            b']' => Self::Command,
            0x20..=0x2f => Self::Escape,
            _ => Self::Text,
        }
    }

    /// Text again if the sequence is over.
    fn unless(over: bool, place: Self) -> Self {
        if over { Self::Text } else { place }
    }
}

#[cfg(test)]
mod tests {
    use super::Sought;

    /// Whether a text is found in these reads, and that it makes no difference how they cut.
    fn check(text: &str, reads: &[&str], expected: bool) {
        let bytes = reads.concat().into_bytes();
        let each: Vec<&[u8]> = bytes.chunks(1).collect();
        let reads: Vec<&[u8]> = reads.iter().map(|read| read.as_bytes()).collect();
        for reads in [reads, each, vec![&bytes]] {
            let (sought, mut found) = Sought::new(text);
            let rest = reads.iter().try_fold(sought, |sought, read| sought.search(read).ok_or(()));
            assert_eq!(rest.is_err(), expected, "{text:?} in {reads:?}");
            assert_eq!(found.try_recv().is_ok(), expected, "{text:?} in {reads:?}");
        }
    }

    #[test]
    fn a_text_is_found_wherever_the_reads_cut() {
        check("ready", &["all is ready now\n"], true);
        check("ready", &["all is re", "ady"], true);
        check("ready", &["rea", "rea", "dy\n"], true);
        check("ready", &["rea\ndy\n"], false);
        check("ready", &["Ready\n"], false);
        check("aab", &["aa", "ab"], true);
        check("é", &["caf\u{e9}"], true);
        check("r", &["r"], true);
    }

    #[test]
    fn escape_sequences_are_not_there() {
        check("is ready", &["all is \x1b[1;32mready\x1b[0m\n"], true);
        check("is ready", &["is\x1b(B\x1b[m ready"], true);
        check("is ready", &["is \x1b]8;;http://x\x1b\\ready\x1b]8;;\x07"], true);
        check("title", &["\x1b]0;title\x07"], false);
        check("\x1b[32mready\x1b[0m", &["ready"], true);
        check("32", &["\x1b[32m"], false);
    }

    #[test]
    fn what_does_not_end_ends_with_the_line() {
        check("ready", &["\x1b]0;open\nready"], true);
        check("ready", &["\x1b[12\nready"], true);
        check("ready", &["\x1b]0;open\x1b\nready"], true);
        check("ready", &["\x1b\nready"], true);
        check("ready", &["rea\x1b[12\ndy"], false);
    }

    #[test]
    fn it_holds_no_more_than_the_text_may_have_begun_with() {
        let (mut sought, _found) = Sought::new("ready");
        for _ in 0..100 {
            sought = sought.search(&vec![b'x'; 65_536]).unwrap();
            assert!(sought.tail.len() < 5 && sought.tail.capacity() < 131_072);
        }
    }
}
