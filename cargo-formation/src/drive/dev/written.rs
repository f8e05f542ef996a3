//! What everybody has written last, for whoever wants to know why something failed.

use std::collections::BTreeMap;

use crate::narrate::prefix::{Width, prefix_of};
use crate::world::history::History;
use crate::world::output::plain;

/// The last lines of everybody but the tool, in the order in which they were written: of each
/// instance and backing service at most so many.
pub(super) fn last_lines(history: &History, most: usize) -> Vec<String> {
    let mut kept = history.subscribe(0);
    let blocks = std::iter::from_fn(|| kept.kept()).filter(|block| block.by.run.is_some());
    let blocks: Vec<_> = blocks.collect();
    let width = Width::of_texts(blocks.iter().map(|block| &*block.by.name));
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    let mut lines = Vec::new();
    for block in blocks.iter().rev() {
        let name = &*block.by.name;
        let shown = shown.entry(name).or_default();
        let last = block.text.split_inclusive(|byte| *byte == b'\n').rev().take(most - *shown);
        for line in last {
            *shown += 1;
            let line = plain(line.strip_suffix(b"\n").unwrap_or(line));
            let prefix = prefix_of(name, width, '|', None);
            lines.push(prefix + &String::from_utf8_lossy(&line));
        }
    }
    lines.reverse();
    lines
}

#[cfg(test)]
mod tests {
    use super::last_lines;
    use crate::world::history::History;

    #[test]
    fn lines_are_in_their_order_and_the_last_of_each() {
        let history = History::default();
        let mut web = history.recorder("web.1", 1, 0);
        let mut worker = history.recorder("worker.1", 2, 1);
        web.push(b"one\n");
        history.said(b"Started web.1");
        worker.push(b"1\n2\n");
        web.push(b"\x1b[1mtwo\x1b[0m\nthree\nno end");
        worker.push(b"3\n");
        web.end();
        let expected =
            ["worker.1  | 2", "web.1     | three", "worker.1  | 3", "web.1     | no end"];
        assert_eq!(last_lines(&history, 2), expected);
        assert_eq!(last_lines(&history, 0), [""; 0]);
    }
}
