//! Schedules, as the clocks of platforms read them: five fields of numbers, names, `*`, `-`, `/`
//! and `,`. What of a schedule such a clock has no word for, or another meaning.

use super::notice::Refusal;
use super::platform::Platform;
use crate::formation::ProcessType;

/// A clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// That of Kubernetes: `github.com/robfig/cron`, version 3. A week is 0 to 6.
    Kubernetes,
    /// That of Dokku, which reads a schedule with the same, and gives it to the machine's own cron.
    Dokku,
}

/// The names of months and days.
const NAMES: [&str; 19] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "sun",
    "mon", "tue", "wed", "thu", "fri", "sat",
];

/// The schedule of a process type, if it means the same to the clock of a platform.
pub(super) fn schedule(
    clock: Clock,
    process: &ProcessType,
    platform: Platform,
) -> Result<String, Refusal> {
    let schedule = process.schedule.clone().unwrap_or_default();
    match unknown(clock, &schedule) {
        None => Ok(schedule),
        Some(why) => {
            Err(Refusal::Schedule { process: process.name.clone(), platform, schedule, why })
        }
    }
}

/// What of a schedule a clock has no word for; `None` if it means the same there.
fn unknown(clock: Clock, schedule: &str) -> Option<String> {
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    let [_, _, day, _, week] = fields[..] else {
        return Some("it has not five fields".to_owned());
    };
    strange_word(clock, &fields)
        .or_else(|| seventh_day(week))
        .or_else(|| other_days(clock, day, week))
}

fn strange_word(clock: Clock, fields: &[&str]) -> Option<String> {
    let signs = match clock {
        Clock::Kubernetes => "*-/,?",
        // `crontab(5)` has no question mark.
        Clock::Dokku => "*-/,",
    };
    let is_sign = |c: char| c.is_ascii_digit() || signs.contains(c);
    let is_name = |word: &&str| NAMES.contains(&word.to_ascii_lowercase().as_str());
    let words = fields.iter().flat_map(|field| field.split(is_sign));
    let strange = words.filter(|word| !word.is_empty()).find(|word| !is_name(word));
    strange.map(|word| format!("`{word}`{}", hint(word)))
}

/// What those words mean that people know from other crons.
fn hint(word: &str) -> &'static str {
    match word.to_ascii_uppercase().as_str() {
        "L" | "LW" => ", which is the end of a month",
        "W" => ", which is the nearest weekday",
        word if word.contains('#') => ", which is one of the weekdays of a month",
        word if word.starts_with('+') => ", which asks for both days",
        _ => "",
    }
}

fn seventh_day(week: &str) -> Option<String> {
    // What stands behind a slash is no day.
    let days =
        week.split(',').flat_map(|part| part.split('/').take(1)).flat_map(|part| part.split('-'));
    if days.into_iter().any(|day| day == "7") {
        return Some("`7`; Sunday is 0".to_owned());
    }
    let ends = week.to_ascii_lowercase().contains("-sun");
    ends.then(|| "`-sun`; Sunday begins a week".to_owned())
}

/// Days and weekdays are either of both, unless one of them is a star; and what is one differs.
fn other_days(clock: Clock, day: &str, week: &str) -> Option<String> {
    let is_any = |field: &str| field == "*" || field == "?";
    if is_any(day) || is_any(week) {
        return None;
    }
    let starred = [day, week].into_iter().find(|field| match clock {
        // A step of one is a star to it, wherever in the list it stands.
        Clock::Kubernetes => field.split(',').any(is_star_by_one),
        // It looks at the first character: `entry.c` of Vixie's cron.
        Clock::Dokku => field.starts_with('*'),
    })?;
    Some(format!(
        "`{starred}` beside `{}`: it would take only days that are both",
        if starred == day { week } else { day }
    ))
}

fn is_star_by_one(item: &str) -> bool {
    let step = item.strip_prefix("*/").or_else(|| item.strip_prefix("?/"));
    step.is_some_and(|step| step.parse() == Ok(1))
}

#[cfg(test)]
mod tests {
    use super::{Clock, unknown};

    #[test]
    fn what_both_know_is_known() {
        for known in ["*/7 3-5 1,15 * mon-fri", "0 0 1 JAN *", "0 0 * * */7", "0 0 1,*/2 * mon"] {
            for clock in [Clock::Kubernetes, Clock::Dokku] {
                assert_eq!(unknown(clock, known), None, "{known} {clock:?}");
            }
        }
    }

    #[test]
    fn what_neither_knows_is_named() {
        for (schedule, why) in [
            ("0 0 L * *", "`L`, which is the end of a month"),
            ("0 0 lw * *", "`lw`, which is the end of a month"),
            ("0 0 15W * *", "`W`, which is the nearest weekday"),
            ("0 0 * * mon#1", "`mon#`, which is one of the weekdays of a month"),
            ("0 0 * * 5L", "`L`, which is the end of a month"),
            ("0 0 * * 5-7", "`7`; Sunday is 0"),
            ("0 0 * * FRI-SUN", "`-sun`; Sunday begins a week"),
            ("0 0 1 * +mon", "`+mon`, which asks for both days"),
            ("@daily", "it has not five fields"),
        ] {
            for clock in [Clock::Kubernetes, Clock::Dokku] {
                assert_eq!(unknown(clock, schedule).as_deref(), Some(why), "{schedule} {clock:?}");
            }
        }
    }

    #[test]
    fn each_has_an_idea_of_its_own_of_a_star() {
        let check = |schedule: &str, kubernetes: Option<&str>, dokku: Option<&str>| {
            assert_eq!(unknown(Clock::Kubernetes, schedule).as_deref(), kubernetes, "{schedule}");
            assert_eq!(unknown(Clock::Dokku, schedule).as_deref(), dokku, "{schedule}");
        };
        let both = "it would take only days that are both";
        let said = |one: &str, other: &str| format!("`{one}` beside `{other}`: {both}");
        check("0 0 1 JAN ?", None, Some("`?`"));
        check("0 0 */5 * mon", None, Some(&said("*/5", "mon")));
        check("0 0 1 * */3", None, Some(&said("*/3", "1")));
        check("0 0 */1 * mon", Some(&said("*/1", "mon")), Some(&said("*/1", "mon")));
        check("0 0 3,*/1 * mon", Some(&said("3,*/1", "mon")), None);
        check("0 0 */5 * *", None, None);
    }
}
