//! Times of cron and of the calendar.

use super::calendar;

fn check(cron: &str, expected: &[&str]) {
    let times = calendar(cron).unwrap();
    assert_eq!(times, expected, "{cron}");
}

#[test]
fn every_field_has_its_place() {
    check("0 3 * * *", &["*-*-* 3:0:00 UTC"]);
    check("*/15 * * * *", &["*-*-* *:0,15,30,45:00 UTC"]);
    check("0-5,30 9-17/4 1 JAN-mar *", &["*-1..3-1 9,13,17:0..5,30:00 UTC"]);
}

#[test]
fn the_week_begins_elsewhere() {
    check("0 0 * * 1-5", &["Mon..Fri *-*-* 0:0:00 UTC"]);
    for sunday in ["0", "7", "sun", "SUN"] {
        check(&format!("0 0 * * {sunday}"), &["Sun *-*-* 0:0:00 UTC"]);
    }
    check("0 0 * * 5-7", &["Fri..Sun *-*-* 0:0:00 UTC"]);
    check("0 0 * * 0-6", &["Mon..Sun *-*-* 0:0:00 UTC"]);
}

#[test]
fn a_day_and_a_weekday_are_either() {
    check("0 0 13 * 5", &["Fri *-*-* 0:0:00 UTC", "*-*-13 0:0:00 UTC"]);
    check("0 0 ? * 5", &["Fri *-*-* 0:0:00 UTC"]);
}

#[test]
fn what_the_calendar_has_no_word_for_is_named() {
    for (cron, item) in [
        ("0 0 L * *", "`L` as a day"),
        ("0 0 * * 5#2", "`5#2` as a weekday"),
        ("0 0 15W * *", "`15W` as a day"),
        ("0 0 * * 5L", "`5L` as a weekday"),
        ("0 0 * * +5", "`+5` as a weekday"),
        ("5/20 0 * * *", "`5/20` as a minute"),
        ("61 0 * * *", "`61` as a minute"),
        ("5-1 0 * * *", "`5-1` as a minute"),
        ("*/0 0 * * *", "`*/0` as a minute"),
        ("0 0 , * *", "`` as a day"),
    ] {
        let why = calendar(cron).unwrap_err();
        assert!(why.starts_with(item), "{cron}: {why}");
    }
}
