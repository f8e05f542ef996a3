//! A field of cron: numbers, names, ranges and steps.

use std::collections::BTreeSet;

/// What a field counts.
pub(super) struct Field {
    name: &'static str,
    first: u32,
    last: u32,
    /// The names of its values, from the first on.
    names: &'static [&'static str],
}

pub(super) const MINUTE: Field = Field { name: "minute", first: 0, last: 59, names: &[] };
pub(super) const HOUR: Field = Field { name: "hour", first: 0, last: 23, names: &[] };
pub(super) const DAY: Field = Field { name: "day", first: 1, last: 31, names: &[] };
pub(super) const MONTH: Field = Field {
    name: "month",
    first: 1,
    last: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
/// Sunday is 0 and 7.
pub(super) const WEEKDAY: Field = Field {
    name: "weekday",
    first: 0,
    last: 7,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

impl Field {
    /// What a field of cron stands for.
    pub(super) fn values(&self, field: &str) -> Result<BTreeSet<u32>, String> {
        if is_any(field) {
            return Ok((self.first..=self.last).collect());
        }
        let mut values = BTreeSet::new();
        for item in field.split(',') {
            values.extend(self.some(item)?);
        }
        Ok(values)
    }

    /// What one item of it stands for.
    pub(super) fn some(&self, item: &str) -> Result<BTreeSet<u32>, String> {
        let (first, last, step) = self.item(item).ok_or_else(|| self.no(item))?;
        Ok((first..=last).step_by(step).collect())
    }

    /// That there is no word for an item.
    pub(super) fn no(&self, item: &str) -> String {
        format!("`{item}` as a {} is no number, name, range or step of these", self.name)
    }

    /// First, last and step of `*`, `4`, `4-8`, `*/2` or `4-8/2`.
    fn item(&self, item: &str) -> Option<(u32, u32, usize)> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(number(step).filter(|step| *step > 0)?)),
            None => (item, None),
        };
        let (first, last) = match range.split_once('-') {
            // `fri-sun` ends a week, and `sun` by itself begins it.
            Some((first, "sun" | "SUN" | "Sun")) if self.last == 7 => (self.find(first)?, 7),
            Some((first, last)) => (self.find(first)?, self.find(last)?),
            None if range == "*" => (self.first, self.last),
            // A step from one number on means different things to different crons.
            None => {
                let only = self.find(range).filter(|_| step.is_none())?;
                (only, only)
            }
        };
        let step = usize::try_from(step.unwrap_or(1)).ok()?;
        (first <= last).then_some((first, last, step))
    }

    /// A single value. `item` is what it stands in.
    pub(super) fn value(&self, text: &str, item: &str) -> Result<u32, String> {
        self.find(text).ok_or_else(|| self.no(item))
    }

    fn find(&self, text: &str) -> Option<u32> {
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

/// Whether a field leaves it to the others what is meant.
pub(super) fn is_any(field: &str) -> bool {
    field == "*" || field == "?"
}

/// Values of a field in the notation of the calendar.
pub(super) fn written(field: &Field, values: &BTreeSet<u32>) -> String {
    if values.len() == (field.first..=field.last).count() {
        return "*".to_owned();
    }
    listed(values, |value| value.to_string())
}

/// Values as the calendar lists them, each by its name.
pub(super) fn listed(values: &BTreeSet<u32>, name: impl Fn(u32) -> String) -> String {
    let span = |(first, last): &(u32, u32)| {
        if first == last { name(*first) } else { format!("{}..{}", name(*first), name(*last)) }
    };
    ranges(values).iter().map(span).collect::<Vec<_>>().join(",")
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
