//! A process that writes, when it starts, what it is built from: that would go on for ever.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::formation::Moment;

/// What changes so soon after a start may have been written by who started.
const SOON: Duration = Duration::from_secs(1);
/// How many times in a row are no chance.
const TIMES: u32 = 10;

/// Counts the starts that the same file changed after.
#[derive(Debug, Default)]
pub(super) struct Echo {
    started: Option<Moment>,
    times: u32,
    /// What has changed each of these times.
    paths: BTreeSet<PathBuf>,
}

impl Echo {
    /// Somebody starts.
    pub(super) fn started(&mut self, now: Moment) {
        self.started = Some(now);
    }

    /// This has changed, of what builds read. A file that has done so too often after a start.
    pub(super) fn changed(&mut self, paths: &BTreeSet<PathBuf>, now: Moment) -> Option<&Path> {
        // A start answers for one change.
        let soon = self.started.take().is_some_and(|started| now.since(started) < SOON);
        self.paths.retain(|path| paths.contains(path));
        if !soon || self.paths.is_empty() {
            (self.times, self.paths) = (0, paths.clone());
        }
        self.times += u32::from(soon);
        self.paths.first().filter(|_| self.times == TIMES).map(PathBuf::as_path)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::{Echo, TIMES};
    use crate::formation::Moment;

    /// Every two seconds somebody starts, and then these change: how often that is told.
    fn told(rounds: u32, after: Duration, paths: impl Fn(u32) -> &'static [&'static str]) -> usize {
        let mut echo = Echo::default();
        let tell = |round| {
            let start = Moment::after_start(Duration::from_secs(2) * round);
            echo.started(start);
            let paths: BTreeSet<_> = paths(round).iter().map(Into::into).collect();
            echo.changed(&paths, start + after).is_some()
        };
        (0..rounds).map(tell).filter(|told| *told).count()
    }

    #[test]
    fn it_is_told_once_and_only_of_what_changes_right_after_each_start() {
        let soon = Duration::from_millis(300);
        assert_eq!(told(TIMES - 1, soon, |_| &["made.rs"]), 0);
        assert_eq!(told(5 * TIMES, soon, |_| &["made.rs"]), 1);
        assert_eq!(
            told(5 * TIMES, soon, |n| if n % 2 == 0 { &["a", "made"] } else { &["made"] }),
            1
        );
        assert_eq!(told(5 * TIMES, soon, |n| if n % 2 == 0 { &["a.rs"] } else { &["b.rs"] }), 0);
        assert_eq!(told(5 * TIMES, Duration::from_millis(1_500), |_| &["main.rs"]), 0);
    }

    #[test]
    fn saves_between_two_starts_are_somebody_elses() {
        let mut echo = Echo::default();
        let paths = BTreeSet::from(["main.rs".into()]);
        for _ in 0..5 * TIMES {
            echo.started(Moment::default());
            let _ = echo.changed(&paths, Moment::default());
            assert_eq!(echo.changed(&paths, Moment::default()), None);
        }
    }
}
