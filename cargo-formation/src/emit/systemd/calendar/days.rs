//! The days of a schedule: what cron says with two fields, `L`, `W`, `#` and `+`, as days of months
//! that are on some weekdays.
//!
//! The calendar counts the days of a month from its start (`-`) or from its end (`~`), and knows no
//! years. That is enough for all of it but the 29th of February, and for what is counted from both
//! ends at once.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;

use super::field::{DAY, MONTH, WEEKDAY, is_any, listed, written};

/// The weekdays of the calendar, whose week begins with Monday.
const WEEK: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const MONDAY: RangeInclusive<u32> = 0..=0;
const FRIDAY: RangeInclusive<u32> = 4..=4;
const WORKDAYS: RangeInclusive<u32> = 0..=4;
const EVERY_DAY: RangeInclusive<u32> = 0..=6;

/// Days of some months, where they are on some weekdays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Occasion {
    /// As positions in [`WEEK`].
    weekdays: BTreeSet<u32>,
    months: BTreeSet<u32>,
    days: Days,
}

/// Days of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Days {
    Any,
    /// Counted from the start, where the first is 1.
    FromStart(BTreeSet<u32>),
    /// Counted from the end, where the last is 1.
    FromEnd(RangeInclusive<u32>),
}

impl Occasion {
    fn new(weekdays: RangeInclusive<u32>, days: Days, months: &BTreeSet<u32>) -> Self {
        Self { weekdays: weekdays.collect(), months: months.clone(), days }
    }

    /// A single day, counted from the start.
    fn on(weekdays: RangeInclusive<u32>, day: u32, months: BTreeSet<u32>) -> Self {
        let days = Days::FromStart(BTreeSet::from([day]));
        Self { weekdays: weekdays.collect(), months, days }
    }

    /// What is both; nothing where no day is. `Err` where it cannot be said.
    fn and(&self, other: &Self) -> Result<Option<Self>, String> {
        let weekdays: BTreeSet<u32> = &self.weekdays & &other.weekdays;
        let months: BTreeSet<u32> = &self.months & &other.months;
        let days = self.days.and(&other.days, &months)?;
        let is_some = !weekdays.is_empty() && !months.is_empty();
        Ok(days.filter(|_| is_some).map(|days| Self { weekdays, months, days }))
    }
}

impl Days {
    fn and(&self, other: &Self, months: &BTreeSet<u32>) -> Result<Option<Self>, String> {
        Ok(match (self, other) {
            (Self::Any, days) | (days, Self::Any) => Some(days.clone()),
            (Self::FromStart(one), Self::FromStart(other)) => {
                let both: BTreeSet<u32> = one & other;
                (!both.is_empty()).then_some(Self::FromStart(both))
            }
            (Self::FromEnd(one), Self::FromEnd(other)) => {
                let both = *one.start().max(other.start())..=*one.end().min(other.end());
                (!both.is_empty()).then_some(Self::FromEnd(both))
            }
            (Self::FromStart(days), Self::FromEnd(ends))
            | (Self::FromEnd(ends), Self::FromStart(days)) => both_ends(days, ends, months)?,
        })
    }
}

/// Those of the days counted from the end that are also among these counted from the start, where
/// that is so in each of the months and years, or in none.
fn both_ends(
    days: &BTreeSet<u32>,
    ends: &RangeInclusive<u32>,
    months: &BTreeSet<u32>,
) -> Result<Option<Days>, String> {
    let mut lengths: BTreeSet<u32> = months.iter().map(|month| length(*month)).collect();
    lengths.extend(months.contains(&FEBRUARY).then_some(28));
    let mut met = Vec::new();
    for end in ends.clone() {
        let are_met: BTreeSet<bool> =
            lengths.iter().map(|length| days.contains(&(length + 1 - end))).collect();
        if are_met.len() > 1 {
            return Err("it counts the same days from both ends of a month".to_owned());
        }
        met.extend(are_met.contains(&true).then_some(end));
    }
    let (Some(first), Some(last)) = (met.first(), met.last()) else { return Ok(None) };
    if met.len() < (*first..=*last).count() {
        return Err("it counts the same days from both ends of a month".to_owned());
    }
    Ok(Some(Days::FromEnd(*first..=*last)))
}

/// As the calendar writes it.
impl fmt::Display for Occasion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.weekdays.len() < WEEK.len() {
            let name = |day| WEEK.get(day as usize).copied().unwrap_or_default().to_owned();
            write!(f, "{} ", listed(&self.weekdays, name))?;
        }
        write!(f, "*-{}", written(&MONTH, &self.months))?;
        match &self.days {
            Days::Any => f.write_str("-*"),
            Days::FromStart(days) => write!(f, "-{}", listed(days, |day| day.to_string())),
            Days::FromEnd(days) if days.start() == days.end() => write!(f, "~{}", days.start()),
            // From that one on to the last.
            Days::FromEnd(days) if *days.start() == 1 => write!(f, "~{}/1", days.end()),
            Days::FromEnd(days) => {
                let days: Vec<String> = days.clone().map(|day| day.to_string()).collect();
                write!(f, "~{}", days.join(","))
            }
        }
    }
}

/// The days of two fields, in these months.
pub(super) fn occasions(
    day: &str,
    weekday: &str,
    months: &BTreeSet<u32>,
) -> Result<Vec<Occasion>, String> {
    let (weekday, is_both) = match weekday.strip_prefix('+') {
        Some(weekday) => (weekday, true),
        None => (weekday, false),
    };
    match (is_any(day), is_any(weekday)) {
        (true, true) => Ok(vec![Occasion::new(EVERY_DAY, Days::Any, months)]),
        (true, false) => by_weekday(weekday, months),
        (false, true) => by_day(day, months),
        (false, false) if is_both => both(&by_day(day, months)?, &by_weekday(weekday, months)?),
        // Where both say something, cron means either.
        (false, false) => Ok([by_weekday(weekday, months)?, by_day(day, months)?].concat()),
    }
}

fn both(days: &[Occasion], weekdays: &[Occasion]) -> Result<Vec<Occasion>, String> {
    let mut met = Vec::new();
    for day in days {
        for weekday in weekdays {
            met.extend(day.and(weekday)?);
        }
    }
    if met.is_empty() { Err("no day is what both fields ask for".to_owned()) } else { Ok(met) }
}

fn by_day(field: &str, months: &BTreeSet<u32>) -> Result<Vec<Occasion>, String> {
    let upper = field.to_ascii_uppercase();
    let items: BTreeSet<&str> = upper.split(',').collect();
    // Development takes the one for the other: who means both has to say so otherwise.
    if items.contains("L") && items.contains("LW") {
        return Err("`L` beside `LW`".to_owned());
    }
    let mut plain = BTreeSet::new();
    let mut special = Vec::new();
    for item in items {
        match item.strip_suffix('W') {
            Some("L") => special.extend(last_workday(months)),
            Some(day) => special.extend(nearest_workday(DAY.value(day, item)?, months)?),
            None if item == "L" => {
                special.push(Occasion::new(EVERY_DAY, Days::FromEnd(1..=1), months));
            }
            None => plain.extend(DAY.some(item)?),
        }
    }
    if !plain.is_empty() {
        special.insert(0, Occasion::new(EVERY_DAY, Days::FromStart(plain), months));
    }
    Ok(special)
}

/// The last day, or the Friday before it.
fn last_workday(months: &BTreeSet<u32>) -> [Occasion; 3] {
    [(WORKDAYS, 1), (FRIDAY, 2), (FRIDAY, 3)]
        .map(|(weekdays, day)| Occasion::new(weekdays, Days::FromEnd(day..=day), months))
}

/// This day; the Friday before it if it is a Saturday, the Monday after it if it is a Sunday; but
/// never of another month.
fn nearest_workday(day: u32, months: &BTreeSet<u32>) -> Result<Vec<Occasion>, String> {
    if day == 29 && months.contains(&FEBRUARY) {
        return Err("`29W` of February, which not every year has; leave out that month".to_owned());
    }
    let that = |is_meant: fn(u32, u32) -> bool| -> BTreeSet<u32> {
        months.iter().copied().filter(|month| is_meant(length(*month), day)).collect()
    };
    let having = that(|length, day| length >= day);
    let going_on = that(|length, day| length > day);
    let ending = that(|length, day| length == day);
    let saturday = match day {
        1 => Occasion::on(MONDAY, 3, having.clone()),
        day => Occasion::on(FRIDAY, day - 1, having.clone()),
    };
    let mut occasions = vec![
        Occasion::on(WORKDAYS, day, having),
        saturday,
        Occasion::on(MONDAY, day + 1, going_on),
        Occasion::on(FRIDAY, day.saturating_sub(2), ending),
    ];
    occasions.retain(|occasion| !occasion.months.is_empty());
    if day == 28 && months.contains(&FEBRUARY) {
        // In a year in which it is the last. In another this is the day before, which is right
        // as well: the 28th is a Saturday then.
        let february = BTreeSet::from([FEBRUARY]);
        occasions.push(Occasion::new(FRIDAY, Days::FromEnd(3..=3), &february));
    }
    Ok(occasions)
}

const FEBRUARY: u32 = 2;

/// How many days a month has, in a year in which it has most.
fn length(month: u32) -> u32 {
    match month {
        FEBRUARY => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Which one of its weekday in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Nth {
    Each,
    FromStart(u32),
    Last,
}

fn by_weekday(field: &str, months: &BTreeSet<u32>) -> Result<Vec<Occasion>, String> {
    let mut found: Vec<(Nth, BTreeSet<u32>)> = Vec::new();
    for item in field.split(',') {
        let (days, nth) = nth(item).ok_or_else(|| WEEKDAY.no(item))?;
        let days = WEEKDAY.some(days).map_err(|_| WEEKDAY.no(item))?;
        // Sunday is 0 and 7, and the last.
        let days: BTreeSet<u32> = days.iter().map(|day| (day + 6) % 7).collect();
        match found.iter_mut().find(|(other, _)| *other == nth) {
            Some((_, others)) => others.extend(days),
            None => found.push((nth, days)),
        }
    }
    found.sort_by_key(|(nth, _)| *nth);
    let occasion = |(nth, weekdays): (Nth, BTreeSet<u32>)| Occasion {
        weekdays,
        months: months.clone(),
        days: match nth {
            Nth::Each => Days::Any,
            // A week of the month begins with its first day, whatever weekday that is.
            Nth::FromStart(week) => Days::FromStart((week * 7 - 6..=(week * 7).min(31)).collect()),
            Nth::Last => Days::FromEnd(1..=7),
        },
    };
    Ok(found.into_iter().map(occasion).collect())
}

/// The days of an item, and which ones of their kind.
fn nth(item: &str) -> Option<(&str, Nth)> {
    if let Some((days, nth)) = item.split_once('#') {
        let nth = match nth {
            "L" | "l" => Nth::Last,
            nth => Nth::FromStart(nth.parse().ok().filter(|nth| (1..=5).contains(nth))?),
        };
        return Some((days, nth));
    }
    Some(match item.strip_suffix(['L', 'l']) {
        Some(day) => (day, Nth::Last),
        None => (item, Nth::Each),
    })
}
