//! The times of a schedule: cron's five fields, by the wall clock and in UTC.

use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use croner::parser::{CronParser, Seconds, Year};

/// The first time after this one. Nothing where there is none, as for a 30th of February.
#[must_use]
pub fn next(schedule: &str, after: SystemTime) -> Option<SystemTime> {
    // As the table is read.
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    let cron = parser.parse(schedule).ok()?;
    let next = cron.find_next_occurrence(&DateTime::<Utc>::from(after), false);
    next.ok().map(SystemTime::from)
}

/// A time for another program: RFC 3339, in UTC, to seconds.
#[must_use]
pub fn rfc3339(at: SystemTime) -> String {
    DateTime::<Utc>::from(at).to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use chrono::{DateTime, Utc};

    use super::{next, rfc3339};

    fn time(text: &str) -> SystemTime {
        text.parse::<DateTime<Utc>>().unwrap().into()
    }

    fn check(schedule: &str, after: &str, expected: Option<&str>) {
        let next = next(schedule, time(after)).map(rfc3339);
        assert_eq!(next.as_deref(), expected, "`{schedule}` after {after}");
    }

    #[test]
    fn a_time_is_the_first_one_after_and_never_the_same() {
        check("0 3 * * *", "2026-02-28T02:59:59.999Z", Some("2026-02-28T03:00:00Z"));
        check("0 3 * * *", "2026-02-28T03:00:00Z", Some("2026-03-01T03:00:00Z"));
        check("0 3 * * *", "2026-02-28T03:00:00.001Z", Some("2026-03-01T03:00:00Z"));
        check("*/5 8-18 * * MON-FRI", "2026-02-27T18:55:00Z", Some("2026-03-02T08:00:00Z"));
        check("0 0 29 2 *", "2026-01-01T00:00:00Z", Some("2028-02-29T00:00:00Z"));
    }

    #[test]
    fn what_never_comes_is_said_to_never_come() {
        check("0 0 30 2 *", "2026-01-01T00:00:00Z", None);
        check("what", "2026-01-01T00:00:00Z", None);
    }
}
