//! From the bytes of one run to whole lines of the history.

use std::sync::{Arc, OnceLock};

use super::super::output::LONGEST_LINE;
use super::{Ends, History, Speaker};

/// Records what one run writes.
#[derive(Debug)]
pub struct Recorder {
    history: History,
    by: Speaker,
    pid: Arc<OnceLock<u32>>,
    /// What came of a line that has not ended.
    rest: Vec<u8>,
}

impl Recorder {
    pub(super) fn new(history: History, by: Speaker) -> Self {
        let recorder = Self { history, by, pid: Arc::default(), rest: Vec::new() };
        // Whoever has not written anything yet is somebody, too.
        recorder.record(Vec::new(), Ends::Line);
        recorder
    }

    /// Where the process id of the run is to be put when it is known.
    #[must_use]
    pub fn pid(&self) -> Arc<OnceLock<u32>> {
        Arc::clone(&self.pid)
    }

    /// This was written.
    pub fn push(&mut self, bytes: &[u8]) {
        let end = memchr::memrchr(b'\n', bytes).map_or(0, |last| last + 1);
        let (lines, rest) = bytes.split_at(end);
        if !lines.is_empty() {
            let mut text = std::mem::take(&mut self.rest);
            text.extend_from_slice(lines);
            self.record(text, Ends::Line);
        }
        self.keep(rest);
    }

    /// Nothing more will come: a line without an end gets one.
    pub fn end(&mut self) {
        if !self.rest.is_empty() {
            self.push(b"\n");
        }
    }

    /// Keep the beginning of a line, up to what a line may have.
    fn keep(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        while self.rest.len() > LONGEST_LINE {
            let after = self.rest.split_off(LONGEST_LINE);
            let mut part = std::mem::replace(&mut self.rest, after);
            // It has grown by doubling, and what is kept is counted by what is in it.
            part.shrink_to_fit();
            self.record(part, Ends::Middle);
        }
    }

    fn record(&self, text: Vec<u8>, ends: Ends) {
        let by = Speaker { pid: self.pid.get().copied(), ..self.by.clone() };
        self.history.record(by, text, ends);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Ends, History};
    use super::LONGEST_LINE;

    /// The blocks that come of these reads: their text, and a dot where a line goes on.
    fn check(reads: &[&[u8]], expected: &[&str]) {
        let history = History::default();
        let mut recorder = history.recorder("app.1", 1, 0);
        for read in reads {
            recorder.push(read);
        }
        recorder.end();
        let mut subscription = history.subscribe(0);
        let mut blocks = std::iter::from_fn(|| subscription.more());
        assert!(blocks.next().unwrap().text.is_empty(), "that it has begun");
        let texts: Vec<String> = blocks
            .map(|block| {
                let dot = if block.ends == Ends::Middle { "…" } else { "" };
                String::from_utf8(block.text.clone()).unwrap() + dot
            })
            .collect();
        assert!(texts == expected, "{}", texts.concat().len());
    }

    #[test]
    fn lines_are_whole_wherever_the_reads_cut() {
        check(&[b"one\ntwo\nth", b"ree\n"], &["one\ntwo\n", "three\n"]);
        check(&[b"o", b"ne", b"\n\n"], &["one\n\n"]);
        check(&[b"no end"], &["no end\n"]);
        check(&[], &[]);
    }

    #[test]
    fn a_line_without_end_is_kept_in_parts() {
        let long = vec![b'x'; LONGEST_LINE + 1];
        let part = "x".repeat(LONGEST_LINE) + "…";
        check(&[&long, b"y\nz\n"], &[&part, "xy\nz\n"]);
    }

    #[test]
    fn the_process_id_is_told_once_it_is_known() {
        let history = History::default();
        let mut recorder = history.recorder("app.1", 1, 0);
        recorder.pid().set(42).unwrap();
        recorder.push(b"one\n");
        let mut subscription = history.subscribe(0);
        let pids: Vec<_> = std::iter::from_fn(|| subscription.more()).map(|b| b.by.pid).collect();
        assert_eq!(pids, [None, Some(42)]);
    }
}
