//! The one home of the clock.

use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Local, NaiveTime, Utc};

use crate::formation::Moment;
use crate::narrate::log::Time;

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
    Local::now().format(TIME_OF_DAY).to_string()
}

/// The time of day for another program: RFC 3339, in UTC, to nanoseconds.
#[must_use]
pub fn timestamp() -> String {
    Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Nanos, true)
}

/// Hours to milliseconds.
const TIME_OF_DAY: &str = "%H:%M:%S%.3f";

/// Now, in microseconds since 1970, as the history stamps lines with it. It can be set back.
#[must_use]
pub fn micros() -> u64 {
    let since = wall().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// A moment of the history for a person: date and time in local time.
#[must_use]
pub fn date_and_time(micros: u64) -> String {
    moment(micros).with_timezone(&Local).format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

/// A moment of the history for another program: RFC 3339, in UTC, to microseconds.
#[must_use]
pub fn rfc_3339(micros: u64) -> String {
    moment(micros).to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

fn moment(micros: u64) -> DateTime<Utc> {
    let micros = i64::try_from(micros).ok().and_then(DateTime::from_timestamp_micros);
    micros.unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The time that a logger has written, as a person wants it: the time of day, in local time. What
/// is no moment is shown as it is.
#[must_use]
pub fn logged(time: &Time) -> String {
    let moment = match time {
        Time::Text(text) => DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()),
        Time::Millis(millis) => DateTime::from_timestamp_millis(*millis),
    };
    match (moment, time) {
        (Some(moment), _) => moment.with_timezone(&Local).format(TIME_OF_DAY).to_string(),
        (None, Time::Text(text)) => text.clone(),
        (None, Time::Millis(millis)) => millis.to_string(),
    }
}

/// The moment that somebody means, in microseconds since 1970: `10m` ago, `2h` or `3d` ago, a
/// time of day that was last, `14:03` or `14:03:22`, or one of RFC 3339.
#[must_use]
pub fn since(text: &str) -> Option<u64> {
    let now = DateTime::<Local>::from(wall());
    let at = ago(text)
        .and_then(|ago| now.checked_sub_signed(chrono::Duration::from_std(ago).ok()?))
        .or_else(|| last(text, now))
        .or_else(|| Some(DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Local)))?;
    // Before 1970 there was nothing.
    Some(u64::try_from(at.timestamp_micros()).unwrap_or(0))
}

/// A length of time: a whole number and one of `s`, `m`, `h`, `d`.
fn ago(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    let number = text.strip_suffix(unit)?;
    // `+5m` is no length of time, though it is a number.
    let number: u64 =
        number.starts_with(|c: char| c.is_ascii_digit()).then(|| number.parse().ok())??;
    Some(Duration::from_secs(number.checked_mul(seconds)?))
}

/// A time of day: today, or yesterday if it has not come yet.
fn last(text: &str, now: DateTime<Local>) -> Option<DateTime<Local>> {
    let time =
        ["%H:%M:%S", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())?;
    let on = |day: chrono::NaiveDate| day.and_time(time).and_local_timezone(Local).earliest();
    let today = now.date_naive();
    on(today).filter(|at| *at <= now).or_else(|| on(today.pred_opt()?))
}

#[cfg(test)]
mod tests {
    use super::{ago, last, logged, micros, rfc_3339, since};
    use crate::narrate::log::Time;
    use chrono::{DateTime, Local, Timelike};
    use std::time::Duration;

    #[test]
    fn a_length_of_time_a_time_of_day_or_a_moment() {
        assert_eq!(ago("90s"), Some(Duration::from_secs(90)));
        assert_eq!(ago("10m"), Some(Duration::from_mins(10)));
        assert_eq!(ago("2h"), Some(Duration::from_hours(2)));
        assert_eq!(ago("3d"), Some(Duration::from_hours(72)));
        for wrong in ["", "m", "-5m", "+5m", "5", "5 m", "1.5h", "5é", "99999999999999999999d"] {
            assert_eq!(ago(wrong), None, "{wrong}");
        }
        let moment = "2026-11-23T17:43:00.5Z";
        assert_eq!(since(moment).map(rfc_3339).as_deref(), Some("2026-11-23T17:43:00.500000Z"));
        assert_eq!(since("1969-01-01T00:00:00Z"), Some(0));
        assert!(since("1h").unwrap() < micros());
        for wrong in ["yesterday", "25:00", "12", "2026-11-23", "18446744073709551615d"] {
            assert_eq!(since(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_time_of_day_is_the_last_one() {
        let now: DateTime<Local> = Local::now().with_hour(12).unwrap().with_minute(30).unwrap();
        let check = |text: &str, days: i64| {
            let at = last(text, now).unwrap();
            assert!(at <= now);
            assert_eq!((now.date_naive() - at.date_naive()).num_days(), days, "{text}");
        };
        check("12:29", 0);
        check("00:00:01", 0);
        check("12:31", 1);
        check("23:59:59", 1);
    }

    #[test]
    fn what_a_logger_wrote_is_shown_as_the_time_of_day_or_as_it_is() {
        let millis = logged(&Time::Millis(1_795_455_780_123));
        assert_eq!(logged(&Time::Text("2026-11-23T17:43:00.123Z".into())), millis);
        assert_eq!(millis.len(), "17:43:00.123".len());
        assert_eq!(logged(&Time::Text("noon".into())), "noon");
    }
}
