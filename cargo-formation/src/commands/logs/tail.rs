//! The last lines, of which none is cut from those it belongs to.

use std::collections::{BTreeSet, VecDeque};

use super::lines::Line;

/// More than what is wanted may be kept by so much until it is looked at again.
const SLACK: usize = 4_096;

/// Passes lines on, or keeps the last.
#[derive(Debug)]
pub(super) struct Tail {
    most: Option<usize>,
    kept: VecDeque<Line>,
}

impl Tail {
    /// Keep so many; without a number, pass all on.
    pub(super) fn new(most: Option<usize>) -> Self {
        Self { most, kept: VecDeque::new() }
    }

    /// More lines. What is to be written of them now.
    pub(super) fn pass(&mut self, lines: Vec<Line>) -> Vec<u8> {
        let Some(most) = self.most else { return bytes(lines) };
        self.kept.extend(lines);
        if self.kept.len() > most.saturating_mul(2).saturating_add(SLACK) {
            self.cut(most);
        }
        Vec::new()
    }

    /// There are no more. What is to be written.
    pub(super) fn end(mut self) -> Vec<u8> {
        if let Some(most) = self.most {
            self.cut(most);
        }
        bytes(self.kept)
    }

    fn cut(&mut self, most: usize) {
        let first = self.kept.len().saturating_sub(most);
        let groups: BTreeSet<u64> =
            self.kept.range(first..).filter_map(|line| line.group).collect();
        let mut number = 0;
        self.kept.retain(|line| {
            number += 1;
            number > first || line.group.is_some_and(|group| groups.contains(&group))
        });
    }
}

fn bytes(lines: impl IntoIterator<Item = Line>) -> Vec<u8> {
    lines.into_iter().map(|line| line.bytes).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::{Line, SLACK, Tail};

    /// The lines `0` to `9`, of which 3 to 6 belong together, and 1 and 9 to nothing.
    fn check(most: Option<usize>, expected: &str) {
        let mut tail = Tail::new(most);
        let line = |number: u8| Line {
            group: match number {
                1 | 9 => None,
                3..=6 => Some(3),
                other => Some(other.into()),
            },
            bytes: vec![b'0' + number],
        };
        let mut text = tail.pass((0..10).map(line).collect());
        text.extend(tail.end());
        assert_eq!(String::from_utf8(text).unwrap(), expected, "{most:?}");
    }

    #[test]
    fn the_last_lines_and_what_belongs_to_them() {
        check(None, "0123456789");
        check(Some(0), "");
        check(Some(2), "89");
        check(Some(4), "3456789");
        check(Some(7), "3456789");
        check(Some(10), "0123456789");
        check(Some(usize::MAX), "0123456789");
    }

    #[test]
    fn no_more_is_kept_than_may_be_wanted() {
        let mut tail = Tail::new(Some(1));
        for group in 0..100_000 {
            tail.pass(vec![Line { group: Some(group), bytes: b"x".to_vec() }]);
            assert!(tail.kept.len() <= SLACK + 2);
        }
        assert_eq!(tail.end(), b"x");
    }
}
