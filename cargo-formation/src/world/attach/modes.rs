//! What a program has switched on at a terminal: the alternate screen, the mouse, the paste.
//!
//! Who comes late needs it switched on, and who leaves has to switch it off: a shell does not
//! expect it. See "`XTerm` Control Sequences" (private modes, `CSI ? Pm h` and `l`) and, for `CSI > u`,
//! the keyboard protocol of kitty.

use std::collections::BTreeSet;

/// The modes that outlive a program that does not clean up: cursor keys, the screens, the
/// mouse in its dialects, focus, paste.
const KNOWN: [u16; 14] =
    [1, 9, 47, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1049, 2004];
/// The cursor; the one mode that is on from the start.
const CURSOR: u16 = 25;
/// No sequence that matters here is longer.
const LONGEST: usize = 64;
/// Nobody nests deeper than this.
const MOST_PUSHED: u8 = 16;

/// What is switched on, as far as the bytes until now tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Modes {
    on: BTreeSet<u16>,
    cursor: Cursor,
    keypad: Keypad,
    /// How often a keyboard protocol was asked for and not given back.
    pushed: u8,
    sequence: Sequence,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Cursor {
    #[default]
    Shown,
    Hidden,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Keypad {
    #[default]
    Numbers,
    Application,
}

/// How far an escape sequence has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Sequence {
    #[default]
    None,
    Escape,
    /// After `ESC [`: what it holds so far.
    Control(Vec<u8>),
}

impl Modes {
    /// More was written.
    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.sequence == Sequence::None {
                let Some(escape) = memchr::memchr(0x1b, bytes) else { return };
                bytes = &bytes[escape..];
            }
            self.step(bytes[0]);
            bytes = &bytes[1..];
        }
    }

    fn step(&mut self, byte: u8) {
        self.sequence = match (std::mem::take(&mut self.sequence), byte) {
            (_, 0x1b) => Sequence::Escape,
            (Sequence::Escape, b'[') => Sequence::Control(Vec::new()),
            (Sequence::Control(held), 0x40..=0x7e) => {
                self.control(&held, byte);
                Sequence::None
            }
            (Sequence::Control(mut held), _) if held.len() < LONGEST => {
                held.push(byte);
                Sequence::Control(held)
            }
            (Sequence::Escape, _) => {
                self.escape(byte);
                Sequence::None
            }
            (Sequence::None | Sequence::Control(_), _) => Sequence::None,
        };
    }

    fn escape(&mut self, last: u8) {
        match last {
            b'=' => self.keypad = Keypad::Application,
            b'>' => self.keypad = Keypad::Numbers,
            b'c' => *self = Self::default(),
            _ => {}
        }
    }

    fn control(&mut self, held: &[u8], last: u8) {
        let numbers = |text: &[u8]| -> Vec<u16> {
            let text = String::from_utf8_lossy(text).into_owned();
            text.split(';').filter_map(|number| number.parse().ok()).collect()
        };
        match (held, last) {
            ([b'?', modes @ ..], b'h' | b'l') => {
                for mode in numbers(modes) {
                    self.switch(mode, last == b'h');
                }
            }
            ([b'>', ..], b'u') => self.pushed = (self.pushed + 1).min(MOST_PUSHED),
            ([b'<', count @ ..], b'u') => {
                let count = numbers(count).first().copied().unwrap_or(1);
                let count = u8::try_from(count).unwrap_or(u8::MAX);
                self.pushed = self.pushed.saturating_sub(count);
            }
            _ => {}
        }
    }

    fn switch(&mut self, mode: u16, on: bool) {
        match (mode, on) {
            (CURSOR, on) => self.cursor = if on { Cursor::Shown } else { Cursor::Hidden },
            (mode, true) if KNOWN.contains(&mode) => drop(self.on.insert(mode)),
            (mode, _) => drop(self.on.remove(&mode)),
        }
    }

    /// What switches all of it on, for who comes late.
    pub(super) fn on(&self) -> Vec<u8> {
        let cursor = match self.cursor {
            Cursor::Shown => "",
            Cursor::Hidden => "\x1b[?25l",
        };
        let keypad = match self.keypad {
            Keypad::Numbers => "",
            Keypad::Application => "\x1b=",
        };
        [&self.each('h'), cursor, keypad].concat().into_bytes()
    }

    /// What switches all of it off, for who leaves; colours, too.
    pub(super) fn off(&self) -> Vec<u8> {
        let cursor = match self.cursor {
            Cursor::Shown => "",
            Cursor::Hidden => "\x1b[?25h",
        };
        let keypad = match self.keypad {
            Keypad::Numbers => "",
            Keypad::Application => "\x1b>",
        };
        let keyboard = "\x1b[<u".repeat(usize::from(self.pushed));
        [&keyboard, &self.each('l'), cursor, keypad, "\x1b[0m"].concat().into_bytes()
    }

    fn each(&self, switch: char) -> String {
        let modes: Vec<String> =
            self.on.iter().map(|mode| format!("\x1b[?{mode}{switch}")).collect();
        modes.concat()
    }
}

#[cfg(test)]
mod tests {
    use super::Modes;

    /// What is switched on and off after these bytes, however they are cut.
    #[track_caller]
    fn check(bytes: &str, on: &str, off: &str) {
        for size in 1..=bytes.len().max(1) {
            let mut modes = Modes::default();
            bytes.as_bytes().chunks(size).for_each(|read| modes.push(read));
            assert_eq!(String::from_utf8(modes.on()).unwrap(), on, "by {size}: {bytes:?}");
            assert_eq!(String::from_utf8(modes.off()).unwrap(), off, "by {size}: {bytes:?}");
        }
    }

    #[test]
    fn what_was_switched_on_is_switched_off() {
        check("", "", "\x1b[0m");
        check("a \x1b[31mred\x1b[0m text\x1b[2J", "", "\x1b[0m");
        check("\x1b[?1049h\x1b[?25l", "\x1b[?1049h\x1b[?25l", "\x1b[?1049l\x1b[?25h\x1b[0m");
        check(
            "\x1b[?1000;1006h\x1b=",
            "\x1b[?1000h\x1b[?1006h\x1b=",
            "\x1b[?1000l\x1b[?1006l\x1b>\x1b[0m",
        );
    }

    #[test]
    fn what_the_program_switched_off_itself_is_no_concern() {
        check("\x1b[?1049h\x1b[?25l text \x1b[?25h\x1b[?1049l", "", "\x1b[0m");
        check("\x1b[?1049h\x1b[>1u\x1bc", "", "\x1b[0m");
        check("\x1b[>1u\x1b[>5u\x1b[<u", "", "\x1b[<u\x1b[0m");
        check("\x1b[>1u\x1b[<9u", "", "\x1b[0m");
    }

    #[test]
    fn what_nobody_knows_is_left_alone() {
        check("\x1b[?2026h\x1b[?12h\x1b[4h", "", "\x1b[0m");
        let endless = format!("\x1b[?{}h\x1b[?2004h", "1".repeat(100));
        let mut modes = Modes::default();
        modes.push(endless.as_bytes());
        assert_eq!(modes.on(), b"\x1b[?2004h");
    }
}
