//! A schedule as systemd's calendar says it: `systemd.time(7)`, "Calendar events".

use std::collections::BTreeSet;

/// The times of a cron expression of five fields, in UTC. Whoever has several comes at each of
/// them. `Err` says what of the expression the calendar has no word for.
pub(super) fn calendar(cron: &str) -> Result<Vec<String>, String> {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields[..] else {
        return Err("it has not five fields".to_owned());
    };
    let minute = MINUTE.write(minute)?;
    let hour = HOUR.write(hour)?;
    let month = MONTH.write(month)?;
    let at = |weekday: &str, day: &str| {
        let before = if weekday.is_empty() { "" } else { " " };
        format!("{weekday}{before}*-{month}-{day} {hour}:{minute}:00 UTC")
    };
    let weekdays = WEEKDAY.write(weekday)?;
    let days = DAY.write(day)?;
    Ok(match (is_any(day), is_any(weekday)) {
        (_, true) => vec![at("", &days)],
        (true, false) => vec![at(&weekdays, "*")],
        // Where both say something, cron means either.
        (false, false) => vec![at(&weekdays, "*"), at("", &days)],
    })
}

/// Whether a field leaves it to the other which days are meant.
fn is_any(field: &str) -> bool {
    field == "*" || field == "?"
}

/// What a field counts.
struct Field {
    name: &'static str,
    first: u32,
    last: u32,
    /// The names of its values, from the first on.
    names: &'static [&'static str],
    /// What they are called in the calendar, if not by their numbers.
    written: &'static [&'static str],
}

const MINUTE: Field = Field { name: "minute", first: 0, last: 59, names: &[], written: &[] };
const HOUR: Field = Field { name: "hour", first: 0, last: 23, names: &[], written: &[] };
const DAY: Field = Field { name: "day", first: 1, last: 31, names: &[], written: &[] };
const MONTH: Field = Field {
    name: "month",
    first: 1,
    last: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    written: &[],
};
/// Sunday is 0 and 7.
const WEEKDAY: Field = Field {
    name: "weekday",
    first: 0,
    last: 7,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    written: &["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
};

impl Field {
    /// A field of cron in the notation of the calendar.
    fn write(&self, field: &str) -> Result<String, String> {
        if is_any(field) {
            return Ok("*".to_owned());
        }
        let mut values = BTreeSet::new();
        for item in field.split(',') {
            let (first, last, step) = self.item(item).ok_or_else(|| {
                format!("`{item}` as a {} is no number, name, range or step of these", self.name)
            })?;
            values.extend((first..=last).step_by(step));
        }
        if self.written.is_empty() {
            return Ok(ranges(&values)
                .iter()
                .map(|(a, b)| span(a, b))
                .collect::<Vec<_>>()
                .join(","));
        }
        // The week of the calendar begins with Monday.
        let values: BTreeSet<u32> = values.iter().map(|day| (day + 6) % 7).collect();
        let name = |day: &u32| self.written.get(*day as usize).copied().unwrap_or_default();
        let written = ranges(&values);
        let written = written.iter().map(|(a, b)| span(&name(a), &name(b)));
        Ok(written.collect::<Vec<_>>().join(","))
    }

    /// First, last and step of `*`, `4`, `4-8`, `*/2` or `4-8/2`.
    fn item(&self, item: &str) -> Option<(u32, u32, usize)> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(number(step).filter(|step| *step > 0)?)),
            None => (item, None),
        };
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (self.value(first)?, self.value(last)?),
            // Sunday is not counted twice.
            None if range == "*" => (self.first, self.last.min(self.first + self.count() - 1)),
            // A step from one number on means different things to different crons.
            None => {
                let only = self.value(range).filter(|_| step.is_none())?;
                (only, only)
            }
        };
        let step = usize::try_from(step.unwrap_or(1)).ok()?;
        (first <= last).then_some((first, last, step))
    }

    fn count(&self) -> u32 {
        if self.written.is_empty() { self.last - self.first + 1 } else { 7 }
    }

    fn value(&self, text: &str) -> Option<u32> {
        let lower = text.to_ascii_lowercase();
        let named = (self.first..).zip(self.names).find(|(_, name)| **name == lower);
        let value = named.map(|(value, _)| value).or_else(|| number(text))?;
        (self.first..=self.last).contains(&value).then_some(value)
    }
}

/// A number without a sign.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Neighbours together.
fn ranges(values: &BTreeSet<u32>) -> Vec<(u32, u32)> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &value in values {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == value => *last = value,
            _ => ranges.push((value, value)),
        }
    }
    ranges
}

fn span<T: std::fmt::Display + PartialEq>(first: &T, last: &T) -> String {
    if first == last { first.to_string() } else { format!("{first}..{last}") }
}

#[cfg(test)]
mod tests;
