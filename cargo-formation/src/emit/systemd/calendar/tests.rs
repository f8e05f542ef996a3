//! Times of cron and of the calendar. That they are the same is for systemd to say: see
//! `tests/commands/export/systemd/times.rs`.

use super::calendar;

fn check(cron: &str, expected: &[&str]) {
    let times = calendar(cron).unwrap();
    let expected: Vec<String> = expected.iter().map(|time| format!("{time} UTC")).collect();
    assert_eq!(times, expected, "{cron}");
}

#[test]
fn every_field_has_its_place() {
    check("0 3 * * *", &["*-*-* 3:0:00"]);
    check("*/15 * * * *", &["*-*-* *:0,15,30,45:00"]);
    check("0-5,30 9-17/4 1 JAN-mar *", &["*-1..3-1 9,13,17:0..5,30:00"]);
}

#[test]
fn the_week_begins_elsewhere() {
    check("0 0 * * 1-5", &["Mon..Fri *-*-* 0:0:00"]);
    for sunday in ["0", "7", "sun", "SUN"] {
        check(&format!("0 0 * * {sunday}"), &["Sun *-*-* 0:0:00"]);
    }
    check("0 0 * * 5-7", &["Fri..Sun *-*-* 0:0:00"]);
    check("0 0 * * fri-Sun", &["Fri..Sun *-*-* 0:0:00"]);
    check("0 0 * * 0-6", &["*-*-* 0:0:00"]);
}

#[test]
fn a_day_and_a_weekday_are_either() {
    check("0 0 13 * 5", &["Fri *-*-* 0:0:00", "*-*-13 0:0:00"]);
    check("0 0 ? * 5", &["Fri *-*-* 0:0:00"]);
}

#[test]
fn with_a_plus_they_are_both() {
    check("0 0 13 * +5", &["Fri *-*-13 0:0:00"]);
    check("0 0 L * +5", &["Fri *-*~1 0:0:00"]);
    check("0 0 * * +5", &["Fri *-*-* 0:0:00"]);
    check("0 0 1-3,9 * +mon#1", &["Mon *-*-1..3 0:0:00"]);
    check("0 0 L * +5L", &["Fri *-*~1 0:0:00"]);
    // Where every month of them agrees, from both ends.
    check("0 0 L 1,3 +5#5", &["Fri *-1,3~1 0:0:00"]);
    check("0 0 26-29 1 +5L", &["Fri *-1~3,4,5,6 0:0:00"]);
    check("0 0 28W 2 +5#4", &["Fri *-2-28 0:0:00", "Fri *-2-27 0:0:00", "Fri *-2~3 0:0:00"]);
}

#[test]
fn the_end_of_a_month_is_counted_from_there() {
    check("0 0 L * *", &["*-*~1 0:0:00"]);
    check("0 0 1,L 2 *", &["*-2-1 0:0:00", "*-2~1 0:0:00"]);
    check("0 0 LW * *", &["Mon..Fri *-*~1 0:0:00", "Fri *-*~2 0:0:00", "Fri *-*~3 0:0:00"]);
    check("0 0 * * fri#L,1L", &["Mon,Fri *-*~7/1 0:0:00"]);
}

#[test]
fn a_weekday_is_the_second_of_its_month_in_the_second_week_of_it() {
    check("0 0 * * 5#2", &["Fri *-*-8..14 0:0:00"]);
    check("0 0 * * 1,5#5", &["Mon *-*-* 0:0:00", "Fri *-*-29..31 0:0:00"]);
    check("0 0 * * mon-wed#1,7#1", &["Mon..Wed,Sun *-*-1..7 0:0:00"]);
}

#[test]
fn the_nearest_weekday_is_never_in_another_month() {
    check("0 0 15W * *", &["Mon..Fri *-*-15 0:0:00", "Fri *-*-14 0:0:00", "Mon *-*-16 0:0:00"]);
    check("0 0 1w * *", &["Mon..Fri *-*-1 0:0:00", "Mon *-*-3 0:0:00", "Mon *-*-2 0:0:00"]);
    check(
        "0 0 30W 2,3,4 *",
        &[
            "Mon..Fri *-3..4-30 0:0:00",
            "Fri *-3..4-29 0:0:00",
            "Mon *-3-31 0:0:00",
            "Fri *-4-28 0:0:00",
        ],
    );
    check(
        "0 0 28W 2 *",
        &["Mon..Fri *-2-28 0:0:00", "Fri *-2-27 0:0:00", "Mon *-2-29 0:0:00", "Fri *-2~3 0:0:00"],
    );
}

#[test]
fn what_the_calendar_has_no_word_for_is_named() {
    for (cron, why) in [
        ("0 0 29W * *", "`29W` of February, which not every year has; leave out that month"),
        ("0 0 28-31 * +5L", "it counts the same days from both ends of a month"),
        ("0 0 L 1-3 +5#4", "it counts the same days from both ends of a month"),
        ("0 0 1 * +mon#2", "no day is what both fields ask for"),
        ("0 0 30W 2 *", "these months have no such day"),
        ("0 0 L,LW * *", "`L` beside `LW`"),
        ("0 0 * * L", "`L` as a weekday"),
        ("0 0 * * 5#6", "`5#6` as a weekday"),
        ("0 0 32W * *", "`32W` as a day"),
        ("5/20 0 * * *", "`5/20` as a minute"),
        ("61 0 * * *", "`61` as a minute"),
        ("5-1 0 * * *", "`5-1` as a minute"),
        ("*/0 0 * * *", "`*/0` as a minute"),
        ("0 0 , * *", "`` as a day"),
    ] {
        let said = calendar(cron).unwrap_err();
        assert!(said.starts_with(why), "{cron}: {said}");
    }
}
