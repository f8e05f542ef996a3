//! Whether two values of a fly.toml say the same, however they are written.

use std::time::Duration;

use toml_edit::Value;

/// The units of a length of time as Go writes it, in seconds: `time.ParseDuration`.
const UNITS: [(&str, f64); 8] = [
    ("ns", 1e-9),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("μs", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3600.0),
];

/// Whether the two are the same to Fly at this place, as `http_service.checks.interval`.
pub(super) fn is_same_at(place: &str, one: &Value, other: &Value) -> bool {
    let length = |value| length_at(place, value);
    let memory = |value| if place == "vm.memory" { memory(value) } else { None };
    is_same(one, other)
        || length(one).is_some_and(|one| length(other) == Some(one))
        || memory(one).is_some_and(|one| memory(other) == Some(one))
}

/// Whether the two are the same wherever they are.
pub(super) fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) => one.value() == other.value(),
        (Value::Integer(one), Value::Integer(other)) => one.value() == other.value(),
        (Value::Boolean(one), Value::Boolean(other)) => one.value() == other.value(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        _ => false,
    }
}

/// The length of time that a value is at this place. A whole number is one of seconds to
/// `kill_timeout`, and one of milliseconds to `[checks]`: flyctl, `patches.go`.
fn length_at(place: &str, value: &Value) -> Option<Duration> {
    let (above, key) = place.rsplit_once('.').unwrap_or(("", place));
    if !["kill_timeout", "interval", "timeout", "grace_period"].contains(&key) {
        return None;
    }
    if let Some(text) = value.as_str() {
        return length(text);
    }
    let number = u64::try_from(value.as_integer()?).ok()?;
    match above.split('.').next() {
        Some("") => Some(Duration::from_secs(number)),
        Some("checks") => Some(Duration::from_millis(number)),
        Some(_) | None => None,
    }
}

/// A length of time in Go's words, as `1m30s`.
fn length(text: &str) -> Option<Duration> {
    let is_of_number = |c: char| c.is_ascii_digit() || c == '.';
    let (mut length, mut rest) = (Duration::ZERO, text);
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c| !is_of_number(c))?);
        let (unit, after) = after.split_at(after.find(is_of_number).unwrap_or(after.len()));
        let (_, seconds) = UNITS.iter().find(|(known, _)| *known == unit)?;
        let number: f64 = number.parse().ok()?;
        length = length.checked_add(Duration::try_from_secs_f64(number * seconds).ok()?)?;
        rest = after;
    }
    (!text.is_empty()).then_some(length)
}

/// A size of memory, in MiB, as is a plain number: flyctl's `ParseSize`, and `RAMInBytes` of
/// `docker/go-units`, to which a `k` is 1024 however it is written.
fn memory(value: &Value) -> Option<u64> {
    let plain = value.as_integer().map(|number| number.to_string());
    let text = plain.or_else(|| Some(value.as_str()?.to_ascii_lowercase()))?;
    let is_of_number = |c: char| c.is_ascii_digit() || c == '.';
    let (number, unit) = text.split_at(text.find(|c| !is_of_number(c)).unwrap_or(text.len()));
    let shift = match unit.trim_start() {
        "" if !number.contains('.') => return number.parse().ok(),
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits: u64 = format!("{whole}{part}").parse().ok()?;
    let parts = 10_u64.checked_pow(u32::try_from(part.len()).ok()?)?;
    Some((digits.checked_mul(1 << shift)? / parts) >> 20)
}

#[cfg(test)]
mod tests {
    use toml_edit::Value;

    use super::is_same_at;

    fn check(place: &str, one: &str, other: &str) -> bool {
        let value = |text: &str| text.parse::<Value>().unwrap();
        let same = is_same_at(place, &value(one), &value(other));
        assert_eq!(is_same_at(place, &value(other), &value(one)), same);
        same
    }

    #[test]
    fn a_value_is_the_same_in_all_its_words() {
        for words in ["30", "\"0.5m\"", "'0h0m30s'", "'30000ms'", "'29s1000.0ms'"] {
            assert!(check("kill_timeout", words, "\"30s\""), "{words}");
            assert!(!check("kill_timeout", words, "\"31s\""), "{words}");
            assert!(!check("env.LENGTH", words, "\"30s\""), "{words}");
        }
        for words in ["-30", "'30'", "''", "'s'", "'30 s'", "'1.2.3s'", "'30d'", "30.0", "'1e400s'"]
        {
            assert!(!check("kill_timeout", words, "\"30s\""), "{words}");
        }
        let place = "vm.memory";
        for words in ["'1.5gb'", "1536", "'1536'", "'1536MiB'", "'1.50 G'", "'1572864k'"] {
            assert!(check(place, words, "\"1536mb\""), "{words}");
            assert!(!check("vm.size", words, "\"1536mb\""), "{words}");
        }
        for words in
            ["'1.5tb'", "'1.5'", "'gb'", "''", "true", "'1.5.0gb'", "'18446744073709551615gb'"]
        {
            assert!(!check(place, words, "\"1536mb\""), "{words}");
        }
        assert!(check("checks.api.interval", "2000", "\"2s\""));
        assert!(!check("checks.api.interval", "2", "\"2s\""));
        assert!(check("http_service.checks.timeout", "'1500ms'", "\"1.5s\""));
        assert!(!check("http_service.checks.timeout", "1500", "\"1500ms\""), "nanoseconds");
    }
}
