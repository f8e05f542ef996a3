//! The last that somebody wrote, for whoever wants to know why it does not answer.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// So much is kept, in bytes.
const KEPT: usize = 16 * 1024;

/// The last bytes that some runs wrote, escape sequences and all.
#[derive(Clone, Debug, Default)]
pub struct Tail(Rc<RefCell<VecDeque<u8>>>);

impl Tail {
    /// The last lines, at most so many. One that has lost its beginning is left out.
    #[must_use]
    pub fn lines(&self, most: usize) -> String {
        let kept = self.0.borrow();
        let bytes: Vec<u8> = kept.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let mut lines: Vec<&str> = text.lines().collect();
        if kept.len() >= KEPT {
            lines.remove(0);
        }
        lines.split_off(lines.len().saturating_sub(most)).join("\n")
    }

    /// More was written.
    pub(super) fn push(&self, bytes: &[u8]) {
        let mut kept = self.0.borrow_mut();
        kept.extend(&bytes[bytes.len().saturating_sub(KEPT)..]);
        let excess = kept.len().saturating_sub(KEPT);
        kept.drain(..excess);
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT, Tail};

    #[test]
    fn the_last_lines_are_kept_and_no_more() {
        let tail = Tail::default();
        assert_eq!(tail.lines(5), "");
        tail.push(b"one\ntwo\nthr");
        tail.push(b"ee");
        assert_eq!(tail.lines(2), "two\nthree");
        tail.push(&vec![b'x'; 3 * KEPT]);
        tail.push(b"\nlast\n");
        assert_eq!(tail.0.borrow().len(), KEPT);
        assert_eq!(tail.lines(5), "last");
    }
}
