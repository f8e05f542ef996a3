//! The one home of the clock.

use std::time::{Duration, Instant, SystemTime};

use crate::formation::Moment;

/// A monotonic clock that starts with the tool.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock that starts now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one home of the clock")]
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Moment {
        Moment::after_start(self.start.elapsed())
    }

    /// How long ago it was started.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.now().since(Moment::default())
    }

    /// The instant of a moment, for whoever sleeps until then.
    #[must_use]
    pub fn instant(&self, moment: Moment) -> Option<Instant> {
        self.start.checked_add(moment.since(Moment::default()))
    }
}

/// Now, as the system stamps files with it. It can be set back.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one home of the clock")]
pub fn wall() -> SystemTime {
    SystemTime::now()
}

/// The time of day for a line of output: hours to milliseconds, in local time.
#[must_use]
pub fn time_of_day() -> String {
    chrono::Local::now().format("%H:%M:%S%.3f").to_string()
}

/// The time of day for another program: RFC 3339, in UTC, to nanoseconds.
#[must_use]
pub fn timestamp() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Nanos, true)
}
