//! Lengths of time as people write them: `500ms`, `5s`, `2m`, `1h`.

use std::fmt;
use std::time::Duration;

/// Read a length of time: a whole number and one of `ms`, `s`, `m`, `h`; a bare number is seconds.
///
/// # Errors
/// When there is no number, the unit is unknown, or the length exceeds a day.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| DurationError::Number)?;
    let millis = match unit.trim_start() {
        "ms" => Some(number),
        "" | "s" => number.checked_mul(1_000),
        "m" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        other => return Err(DurationError::Unit(other.to_owned())),
    };
    millis
        .map(Duration::from_millis)
        .filter(|length| *length <= MAX_DURATION)
        .ok_or(DurationError::TooLong)
}

/// No deadline of a formation is longer than a day.
const MAX_DURATION: Duration = Duration::from_hours(24);

/// Why a text is not a length of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DurationError {
    /// It does not start with a whole number that fits.
    Number,
    /// What follows the number is no unit.
    Unit(String),
    /// It is longer than a day.
    TooLong,
}

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number => f.write_str("a length of time is a whole number and a unit, as `5s`"),
            Self::Unit(unit) => write!(f, "`{unit}` is no unit of time; use `ms`, `s`, `m` or `h`"),
            Self::TooLong => f.write_str("a length of time is at most one day"),
        }
    }
}

impl std::error::Error for DurationError {}

#[cfg(test)]
mod tests {
    use super::{DurationError, parse_duration};

    fn check(text: &str, millis: u128) {
        assert_eq!(parse_duration(text).map(|d| d.as_millis()), Ok(millis), "{text}");
    }

    #[test]
    fn a_number_and_a_unit() {
        check("500ms", 500);
        check("5s", 5_000);
        check("5", 5_000);
        check("2m", 120_000);
        check("1h", 3_600_000);
        check("0s", 0);
    }

    #[test]
    fn the_rest_is_refused() {
        assert_eq!(parse_duration(""), Err(DurationError::Number));
        assert_eq!(parse_duration("-5s"), Err(DurationError::Number));
        assert_eq!(parse_duration("99999999999999999999s"), Err(DurationError::Number));
        assert_eq!(parse_duration("5 days"), Err(DurationError::Unit("days".into())));
        assert_eq!(parse_duration("1.5s"), Err(DurationError::Unit(".5s".into())));
        assert_eq!(parse_duration("25h"), Err(DurationError::TooLong));
        assert_eq!(parse_duration("18446744073709551615h"), Err(DurationError::TooLong));
    }
}
