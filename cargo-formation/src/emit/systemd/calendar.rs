//! A schedule as systemd's calendar says it: `systemd.time(7)`, "Calendar events".

mod days;
mod field;

use self::days::occasions;
use self::field::{HOUR, MINUTE, MONTH, written};

/// The times of a cron expression of five fields, in UTC. Whoever has several comes at each of
/// them. `Err` says what of the expression the calendar has no word for.
pub(super) fn calendar(cron: &str) -> Result<Vec<String>, String> {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields[..] else {
        return Err("it has not five fields".to_owned());
    };
    let minute = written(&MINUTE, &MINUTE.values(minute)?);
    let hour = written(&HOUR, &HOUR.values(hour)?);
    let occasions = occasions(day, weekday, &MONTH.values(month)?)?;
    // A timer without a time is none: systemd refuses the unit.
    if occasions.is_empty() {
        return Err("these months have no such day".to_owned());
    }
    let at = |occasion: &days::Occasion| format!("{occasion} {hour}:{minute}:00 UTC");
    Ok(occasions.iter().map(at).collect())
}

#[cfg(test)]
mod tests;
