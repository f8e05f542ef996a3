//! Schedules, as the clock of Kubernetes reads them (`github.com/robfig/cron`, version 3): five
//! fields of numbers, names, `*`, `-`, `/` and `,`; a week is 0 to 6.

use super::name::KUBERNETES;
use crate::emit::notice::Refusal;
use crate::formation::ProcessType;

/// The names of months and days.
const NAMES: [&str; 19] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "sun",
    "mon", "tue", "wed", "thu", "fri", "sat",
];

/// The schedule of a process type.
pub(super) fn schedule(process: &ProcessType) -> Result<String, Refusal> {
    let text = process.schedule.clone().unwrap_or_default();
    match unknown(&text) {
        None => Ok(text),
        Some(why) => Err(Refusal::Schedule {
            process: process.name.clone(),
            platform: KUBERNETES,
            schedule: text,
            why,
        }),
    }
}

/// What of a schedule has no word there.
fn unknown(schedule: &str) -> Option<String> {
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    if fields.len() != 5 {
        return Some("it has not five fields".to_owned());
    }
    let is_sign = |c: char| c.is_ascii_digit() || "*-/,?".contains(c);
    for field in &fields {
        let mut words = field.split(is_sign).filter(|word| !word.is_empty());
        if let Some(word) = words.find(|word| !NAMES.contains(&word.to_ascii_lowercase().as_str()))
        {
            return Some(format!("`{word}`"));
        }
    }
    let week = fields.last().unwrap_or(&"");
    // What stands behind a slash is no day.
    let days =
        week.split(',').flat_map(|part| part.split('/').take(1)).flat_map(|part| part.split('-'));
    days.into_iter().any(|day| day == "7").then(|| "`7`; Sunday is 0".to_owned())
}

#[cfg(test)]
mod tests {
    use super::unknown;

    #[test]
    fn what_kubernetes_does_not_know_is_named() {
        for known in ["*/7 3-5 1,15 * mon-fri", "0 0 1 JAN ?", "5/15 * * * 0,6", "* * * * */7"] {
            assert_eq!(unknown(known), None, "{known}");
        }
        for (schedule, why) in [
            ("0 0 L * *", "`L`"),
            ("0 0 15W * *", "`W`"),
            ("0 0 * * mon#1", "`mon#`"),
            ("0 0 * * 5-7", "`7`; Sunday is 0"),
            ("0 0 1 * +mon", "`+mon`"),
            ("@daily", "it has not five fields"),
        ] {
            assert_eq!(unknown(schedule).as_deref(), Some(why), "{schedule}");
        }
    }
}
