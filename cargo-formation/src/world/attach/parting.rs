//! The keys that are not for the run: those that leave it.

use crate::formation::KeySequence;

/// Looks for them in what is typed.
#[derive(Debug)]
pub(super) struct Parting {
    keys: KeySequence,
    /// What was typed of them so far, as it came.
    held: Vec<u8>,
    /// How many of them that are.
    matched: usize,
}

/// What becomes of what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// It is for the run.
    Passes(Vec<u8>),
    /// This is, and then somebody leaves.
    Leaves(Vec<u8>),
}

impl Parting {
    pub(super) fn new(keys: KeySequence) -> Self {
        Self { keys, held: Vec::new(), matched: 0 }
    }

    /// What was typed in one go. The first of several keys is held back until the next one
    /// shows what was meant.
    pub(super) fn typed(&mut self, bytes: &[u8]) -> Typed {
        let (mut passes, mut rest) = (Vec::new(), bytes);
        while let Some(first) = rest.first() {
            match self.keys.bytes().get(self.matched).and_then(|key| length(*key, rest)) {
                Some(length) => {
                    self.held.extend_from_slice(&rest[..length]);
                    self.matched += 1;
                    rest = &rest[length..];
                }
                // It may be the first again.
                None if self.matched > 0 => self.give_up(&mut passes),
                None => {
                    passes.push(*first);
                    rest = &rest[1..];
                }
            }
            if self.matched == self.keys.bytes().len() {
                return Typed::Leaves(passes);
            }
        }
        Typed::Passes(passes)
    }

    fn give_up(&mut self, passes: &mut Vec<u8>) {
        passes.append(&mut self.held);
        self.matched = 0;
    }
}

/// How many of these bytes are this key, if they begin with it.
///
/// A program may have asked the terminal to send control characters as escape sequences: as
/// kitty's keyboard protocol has them (`CSI 92 ; 5 u`), or xterm's `modifyOtherKeys`
/// (`CSI 27 ; 5 ; 92 ~`). A terminal writes one of those in one go.
fn length(key: u8, typed: &[u8]) -> Option<usize> {
    if typed.first() == Some(&key) {
        return Some(1);
    }
    // The character that is on the key: of a letter, the small one.
    let character = match key {
        1..=0x1a => key | 0x60,
        0..=0x1f => key | 0x40,
        _ => return None,
    };
    let forms = [
        format!("\x1b[{character};5u"),
        format!("\x1b[{character};5:1u"),
        format!("\x1b[27;5;{character}~"),
    ];
    let form = forms.into_iter().find(|form| typed.starts_with(form.as_bytes()));
    form.map(|form| form.len())
}

#[cfg(test)]
mod tests {
    use super::{Parting, Typed};

    /// What becomes of these reads: what passes, and an end where somebody leaves.
    fn check(keys: &str, reads: &[&str]) -> String {
        let mut parting = Parting::new(keys.parse().unwrap());
        let mut all = String::new();
        for read in reads {
            let text = |bytes| String::from_utf8(bytes).unwrap();
            match parting.typed(read.as_bytes()) {
                Typed::Passes(bytes) => all += &text(bytes),
                Typed::Leaves(bytes) => return all + &text(bytes) + "<leaves>",
            }
        }
        all
    }

    #[test]
    fn one_key_leaves_and_everything_else_passes() {
        assert_eq!(check("ctrl-\\", &["ls\r", "\x03\x04\x1a\x1b[A"]), "ls\r\x03\x04\x1a\x1b[A");
        assert_eq!(check("ctrl-\\", &["ab\x1ccd"]), "ab<leaves>");
    }

    #[test]
    fn of_several_keys_each_has_to_follow() {
        assert_eq!(check("ctrl-p,ctrl-q", &["a\x10", "\x11b"]), "a<leaves>");
        assert_eq!(check("ctrl-p,ctrl-q", &["\x10", "b", "\x11"]), "\x10b\x11");
        assert_eq!(check("ctrl-p,ctrl-q", &["\x10\x10\x11"]), "\x10<leaves>");
        // Held back: who knows what comes.
        assert_eq!(check("ctrl-p,ctrl-q", &["a\x10"]), "a");
    }

    #[test]
    fn a_program_that_asked_for_other_keys_is_left_all_the_same() {
        assert_eq!(check("ctrl-\\", &["a\x1b[92;5u"]), "a<leaves>");
        assert_eq!(check("ctrl-\\", &["\x1b[27;5;92~"]), "<leaves>");
        assert_eq!(check("ctrl-p,ctrl-q", &["\x1b[112;5u", "\x1b[113;5:1u"]), "<leaves>");
        assert_eq!(check("ctrl-\\", &["\x1b[92;1u\x1b"]), "\x1b[92;1u\x1b");
    }
}
