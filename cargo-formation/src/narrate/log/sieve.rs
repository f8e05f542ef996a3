//! Which lines somebody wants: those of a level or worse, those in which a text is found. What
//! belongs together is taken or left whole.

use std::collections::{BTreeMap, VecDeque};

use regex::Regex;

use super::{Grouping, Level, Place};

/// What somebody wants to see.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only what is as bad as this, or worse; what does not say how bad it is, is not.
    pub level: Option<Level>,
    /// Only that in which this is found.
    pub grep: Option<Regex>,
}

/// So many lines of something in which nothing was found yet are kept.
const MOST_HELD: usize = 1_000;

/// The lines of many runs, of which some are taken. `T` is a line, however whoever shows it has
/// it; `K` tells the runs apart.
#[derive(Debug)]
pub struct Sieve<K, T> {
    wanted: Wanted,
    runs: BTreeMap<K, Group<T>>,
    groups: u64,
}

/// A line that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken<T> {
    /// The line.
    pub line: T,
    /// What belongs together has one number.
    pub group: u64,
    /// What it is in there.
    pub place: Place,
}

/// What a run says at the moment.
#[derive(Debug)]
struct Group<T> {
    grouping: Grouping,
    number: u64,
    verdict: Verdict<T>,
}

#[derive(Debug)]
enum Verdict<T> {
    Taken,
    Left,
    /// It is bad enough, and the text was not found yet.
    Open(VecDeque<Taken<T>>),
}

impl<K: Ord, T> Sieve<K, T> {
    /// A sieve for this.
    #[must_use]
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, runs: BTreeMap::new(), groups: 0 }
    }

    /// One more line of a run, and what is to be shown because of it. `text` is the line without
    /// escape sequences, which came `at` so many microseconds.
    pub fn push(&mut self, run: K, text: &str, at: u64, line: T) -> Vec<Taken<T>> {
        let (wanted, groups) = (&self.wanted, &mut self.groups);
        let group = self.runs.entry(run).or_insert_with(Group::new);
        let place = group.grouping.next(text, at);
        if let Place::Head(level) = place {
            *groups += 1;
            group.begin(*groups, wanted, level);
        }
        let taken = Taken { line, group: group.number, place };
        group.judge(taken, wanted.found(text))
    }

    /// Something that is whole as it is, this bad, and what is to be shown because of it.
    pub fn whole(&mut self, level: Option<Level>, text: &str, line: T) -> Vec<Taken<T>> {
        self.groups += 1;
        let mut group = Group::new();
        group.begin(self.groups, &self.wanted, level);
        let taken = Taken { line, group: self.groups, place: Place::Head(level) };
        group.judge(taken, self.wanted.found(text))
    }
}

impl Wanted {
    fn found(&self, text: &str) -> bool {
        self.grep.as_ref().is_none_or(|grep| grep.is_match(text))
    }
}

impl<T> Group<T> {
    fn new() -> Self {
        Self { grouping: Grouping::default(), number: 0, verdict: Verdict::Left }
    }

    fn begin(&mut self, number: u64, wanted: &Wanted, level: Option<Level>) {
        self.number = number;
        let bad_enough = wanted.level.is_none_or(|least| level.is_some_and(|level| level >= least));
        self.verdict = if bad_enough { Verdict::Open(VecDeque::new()) } else { Verdict::Left };
    }

    fn judge(&mut self, taken: Taken<T>, found: bool) -> Vec<Taken<T>> {
        match &mut self.verdict {
            Verdict::Left => Vec::new(),
            Verdict::Taken => vec![taken],
            Verdict::Open(held) => {
                held.push_back(taken);
                if found {
                    let all = std::mem::take(held).into();
                    self.verdict = Verdict::Taken;
                    return all;
                }
                if held.len() > MOST_HELD {
                    held.pop_front();
                }
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::{Level, MOST_HELD, Sieve, Wanted};

    const LOG: &str = "\
a INFO start
b plain
a thread 'main' panicked at src/main.rs:2:5:
b  WARN slow
a boom
a stack backtrace:
b more
a    0: app::main
a  INFO end";

    /// What is taken of `log`, where the first letter is the run.
    fn sift(log: &str, level: Option<Level>, grep: Option<&str>) -> Vec<String> {
        let grep = grep.map(|grep| Regex::new(grep).unwrap());
        let mut sieve = Sieve::new(Wanted { level, grep });
        let push = |line: &str| {
            let (run, text) = line.split_at(2);
            sieve.push(run.to_owned(), text, 0, line.to_owned())
        };
        log.lines().flat_map(push).map(|taken| taken.line).collect()
    }

    fn lines(numbers: &[usize]) -> Vec<&'static str> {
        numbers.iter().map(|number| LOG.lines().nth(*number).unwrap()).collect()
    }

    #[test]
    fn all_pass_where_nothing_is_wanted() {
        assert_eq!(sift(LOG, None, None), lines(&[0, 1, 2, 3, 4, 5, 6, 7, 8]));
    }

    #[test]
    fn a_level_takes_a_panic_whole_and_nothing_between() {
        assert_eq!(sift(LOG, Some(Level::Error), None), lines(&[2, 4, 5, 7]));
        assert_eq!(sift(LOG, Some(Level::Warn), None), lines(&[2, 3, 4, 5, 7]));
        assert_eq!(sift(LOG, Some(Level::Info), None), lines(&[0, 2, 3, 4, 5, 7, 8]));
    }

    #[test]
    fn a_text_that_is_found_anywhere_takes_all_of_it() {
        assert_eq!(sift(LOG, None, Some("app::")), lines(&[2, 4, 5, 7]));
        assert_eq!(sift(LOG, None, Some("boom|slow")), lines(&[3, 2, 4, 5, 7]));
        assert_eq!(sift(LOG, Some(Level::Warn), Some("INFO")), lines(&[]));
    }

    #[test]
    fn what_belongs_together_has_one_number() {
        let mut sieve = Sieve::new(Wanted::default());
        let mut group = |text: &str| sieve.push(1, text, 0, ())[0].group;
        let (head, rest, next) = (group("ERROR one"), group("    two"), group("three"));
        assert!(head == rest && rest != next);
    }

    #[test]
    fn what_never_ends_is_held_in_bounded_memory() {
        let log = format!("a head\n{}a  last", "a  more\n".repeat(3 * MOST_HELD));
        assert_eq!(sift(&log, None, Some("last")).len(), MOST_HELD + 1);
    }
}
