//! A line that a page shows, and one that was seen: whether they are the same but for what
//! differs from run to run.
//!
//! * A process id. What a page calls 15240 is one process wherever the page says 15240.
//! * A length of time with a fraction, `2.7ms`, or apart from its unit, `3 ms`, and what a save
//!   has cost, or a start. Others are facts: `100ms`.
//! * The port that a run is given, 20000 to 29999.
//! * The identity of a build, twelve hexadecimal digits.

use std::collections::BTreeMap;

/// What the numbers of a page are in this run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers(BTreeMap<String, String>);

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece<'l> {
    Text(&'l str),
    Process(&'l str),
    Time,
    Identity,
    PrivatePort,
}

impl Numbers {
    /// Whether the line that was seen is the one that is shown. If so, what the numbers of
    /// the page are is known from then on.
    pub(crate) fn same(&mut self, shown: &str, seen: &str) -> bool {
        let (shown, seen) = (pieces(shown), pieces(seen));
        let mut known = self.0.clone();
        let same = shown.len() == seen.len()
            && shown.iter().zip(&seen).all(|pair| match pair {
                (Piece::Process(shown), Piece::Process(seen)) => {
                    known.entry((*shown).to_owned()).or_insert_with(|| (*seen).to_owned()) == seen
                }
                (shown, seen) => shown == seen,
            });
        if same {
            self.0 = known;
        }
        same
    }

    /// A command with the numbers of this run.
    pub(crate) fn in_command(&self, command: &str) -> String {
        let words = command.split(' ').map(|word| self.0.get(word).map_or(word, String::as_str));
        words.collect::<Vec<_>>().join(" ")
    }
}

/// Words, and what is between them.
fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = line.trim_end();
    let costs = ["Rebuilt ", "Restarted ", "Ready "];
    let is_cost = costs.iter().any(|word| rest.trim_start().starts_with(word));
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let end = rest.find(|c| is_word(c) != is_word(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let is_process =
            matches!(pieces.as_slice(), [.., Piece::Text("process"), Piece::Text(" ")]);
        let is_apart = after.starts_with(" ms");
        pieces.push(piece(word, is_process, is_apart, is_cost));
        rest = after;
    }
    pieces
}

fn piece(word: &str, is_process: bool, is_apart: bool, is_cost: bool) -> Piece<'_> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_fraction = |text: &str| {
        text.split_once('.').is_some_and(|(whole, part)| is_number(whole) && is_number(part))
    };
    let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let number = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = &word[number.len()..];
    if is_process && is_number(word) {
        Piece::Process(word)
    } else if word.len() == 5 && word.starts_with('2') && is_number(word) {
        Piece::PrivatePort
    } else if word.len() == 12 && word.bytes().all(lower_hex) {
        Piece::Identity
    } else if is_apart && is_number(word)
        || ["ms", "s"].contains(&unit) && (is_fraction(number) || is_cost && is_number(number))
    {
        Piece::Time
    } else {
        Piece::Text(word)
    }
}

#[test]
fn what_differs_from_run_to_run_does_not_count_and_everything_else_does() {
    let mut numbers = Numbers::default();
    let mut same = |shown, seen| numbers.same(shown, seen);
    assert!(same("Started web.1 (process 11)", "Started web.1 (process 4711)"));
    assert!(!same("Started web.1 (process 11)", "Started web.1 (process 4712)"));
    assert!(same("web is well, 2.7ms", "web is well, 10.25ms"));
    assert!(same("in 0.58s", "in 12.01s"));
    assert!(same("200 OK in 2 ms", "200 OK in 11 ms"));
    assert!(!same("200 OK in 2 ms", "404 Not Found in 2 ms"));
    assert!(!same("again in 100ms", "again in 200ms"));
    assert!(same("Rebuilt web in 412ms (cargo 380ms)", "Rebuilt web in 1.2s (cargo 99ms)"));
    assert!(same("Ready web at :4000, after 1.2s", "Ready web at :4000, after 900ms"));
    assert!(same("Ready web at :4000, after 1.2s", "Ready web at :4000, after 2s"));
    assert!(!same("Ready web at :4000, after 1s", "Ready web at :4100, after 1s"));
    assert!(!same("not ready after 1s", "not ready after 2s"));
    assert!(same("listening at 127.0.0.1:20017", "listening at 127.0.0.1:29999"));
    assert!(!same("listening at 127.0.0.1:20017", "listening at 127.0.0.1:4000"));
    assert!(!same("listening at 127.0.0.1:20017", "listening at 127.0.0.1:30017"));
    assert!(!same("Started web.1 (process 11)", "Started web.1 (process 20017)"));
    assert!(!same("web.1", "web.2"));
    assert!(same("yes  2cc2fc90a469  /app", "yes  afefe7d6d544  /app"));
    assert!(!same("port 4000", "port 4100"));
    assert!(!same("Stopped", "Stopped everything"));
    assert_eq!(numbers.in_command("kill -9 11"), "kill -9 4711");
}
