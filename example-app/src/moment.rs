//! The time, read in one place.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Seconds since 1970.
#[must_use]
pub fn now() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the calendar")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// How long something takes.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// It runs from now on.
    #[must_use]
    pub fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that measures time")]
        Self(Instant::now())
    }

    /// How long it has run.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The last moment, at or before `now`, at which something that happens every `every`
/// seconds was due.
///
/// It follows from the time alone, so that two clocks, or one that was restarted, agree.
#[must_use]
pub fn due(now: i64, every: i64) -> i64 {
    now - now.rem_euclid(every.max(1))
}

/// The time of day of a moment, as `14:03:22`, UTC.
#[must_use]
pub fn time_of_day(at: i64) -> String {
    let second = at.rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::{due, time_of_day};

    #[test]
    fn what_is_due_follows_from_the_time() {
        let dues: Vec<i64> = (10..=16).map(|now| due(now, 5)).collect();
        assert_eq!(dues, [10, 10, 10, 10, 10, 15, 15]);
        assert_eq!(due(7, 1), 7);
        assert_eq!(due(7, 0), 7, "never a division by zero");
    }

    #[test]
    fn a_moment_has_a_time_of_day() {
        assert_eq!(time_of_day(0), "00:00:00");
        assert_eq!(time_of_day(86_400 + 14 * 3_600 + 3 * 60 + 22), "14:03:22");
    }
}
