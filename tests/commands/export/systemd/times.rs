//! Schedules: systemd says when its calendar events come, the crate that starts them in development
//! when it would, and both say the same.

use std::fs;

use chrono::{DateTime, Utc};
use croner::parser::{CronParser, Seconds, Year};
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert, prop_assert_eq, prop_oneof};
use proptest::proptest;
use proptest::sample::select;

use super::super::super::workspace::{Said, Workspace};
use super::super::is_installed;

/// How many times of each schedule are compared.
const TIMES: usize = 20;

/// systemd knows no year after 2199.
const END: &str = "2190";

/// The next times of each calendar event, by systemd itself.
fn times(shop: &Workspace, events: &[String]) -> Vec<Vec<String>> {
    let iterations = format!("--iterations={TIMES}");
    let words = ["calendar", &iterations, "--base-time=2026-01-01 00:00:00 UTC"];
    let analyze = shop.program("systemd-analyze".as_ref()).args(&words);
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let said = analyze.args(&events).env("TZ", "UTC").run();
    let mut found: Vec<Vec<String>> = Vec::new();
    for line in said.ended(0).stdout.lines().map(str::trim) {
        if line.starts_with("Normalized form:") {
            found.push(Vec::new());
        } else if (line.starts_with("Next elapse:") || line.starts_with("Iter. #"))
            && let Some((_, time)) = line.split_once(": ")
            && let Some(times) = found.last_mut()
            && time.trim() != "never"
        {
            // `Mon 2026-01-05 00:00:00 UTC`
            times.push(time.trim()[4..].to_owned());
        }
    }
    assert_eq!(found.len(), events.len(), "{said}");
    found
}

/// The same by the crate that says when it runs in development.
fn expected(cron: &str) -> Vec<String> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    let cron = parser.parse(cron).unwrap();
    let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let times = cron.iter_after(start).map(|time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string());
    times.take_while(|time| time.as_str() < END).take(TIMES).collect()
}

/// Export types with these schedules.
fn export(shop: &Workspace, schedules: &[(usize, &String)]) -> Said {
    let line = |(number, schedule): &(usize, &String)| {
        format!("job{number} = {{ bin = \"job\", schedule = \"{schedule}\" }}\n")
    };
    let types: String = schedules.iter().map(line).collect();
    let table = format!("[package.metadata.formation]\n{types}");
    shop.package("", "shop", &table, &["job"]);
    shop.tool(&["export", "systemd", "--output", "units"]).run()
}

/// The schedules that are refused, each with the reason.
fn refused(stderr: &str) -> Vec<(usize, String)> {
    let refusal = |line: &str| {
        let (number, why) = line.strip_prefix("error: `job")?.split_once('`')?;
        Some((number.parse().ok()?, why.split_once("has no words for: ")?.1.to_owned()))
    };
    stderr.lines().filter_map(refusal).collect()
}

/// Whether what is said is so.
fn is_true(why: &str, schedule: &str) -> bool {
    let is_both = schedule.contains('+');
    match why {
        "these months have no such day" => expected(schedule).is_empty(),
        "no day is what both fields ask for" => is_both && expected(schedule).is_empty(),
        "it counts the same days from both ends of a month" => {
            is_both && (schedule.contains('L') || schedule.contains("28W"))
        }
        why => why.starts_with("`29W` of February") && schedule.contains("29W"),
    }
}

/// Each comes when it does in development, or is refused for a reason that is so.
fn compare(schedules: &[String]) -> Result<(), proptest::test_runner::TestCaseError> {
    let shop = Workspace::new();
    let mut left: Vec<(usize, &String)> = schedules.iter().enumerate().collect();
    let said = export(&shop, &left);
    if said.code() != Some(0) {
        let refused = refused(&said.stderr);
        for (number, why) in &refused {
            prop_assert!(is_true(why, &schedules[*number]), "{}: {}", schedules[*number], why);
        }
        left.retain(|(number, _)| !refused.iter().any(|(other, _)| other == number));
        if left.is_empty() {
            return Ok(());
        }
        export(&shop, &left).ended(0);
    }
    for (number, schedule) in left {
        let timer =
            fs::read_to_string(shop.path(&format!("units/shop-job{number}.timer"))).unwrap();
        let events = timer.lines().filter_map(|line| line.strip_prefix("OnCalendar="));
        let events: Vec<String> = events.map(str::to_owned).collect();
        let mut found = times(&shop, &events).concat();
        found.retain(|time| time.as_str() < END);
        found.sort();
        found.dedup();
        found.truncate(TIMES);
        prop_assert_eq!(found, expected(schedule), "{}: {:?}", schedule, events);
    }
    Ok(())
}

#[test]
fn a_schedule_comes_when_it_does_in_development() {
    let shop = Workspace::new();
    if !is_installed(&shop, "systemd-analyze", "nobody knows the times") {
        return;
    }
    let schedules = [
        "0 3 * * *",
        "*/7 * * * *",
        "5-59/20 4 * * *",
        "0 0 1,15 * *",
        "30 6 * * 1-5",
        "0 0 * * 7",
        "0 0 * * sun,tue",
        "0 0 * * fri-sun",
        "0 0 13 * fri",
        "15 10 */10 2 sat",
        "0 12 29 feb *",
        "0 0 31 * *",
        "0 0 */5 * mon",
        "0 0 1 * */3",
        "0 0 ? * 3",
        "* * 1 jan *",
        "0 0 L * *",
        "0 0 1,15,L 2,4 *",
        "0 0 LW * *",
        "0 0 1W,15W * *",
        "0 0 28W 2 *",
        "0 0 30W * *",
        "0 0 31W * *",
        "0 0 29W 1,3-12 *",
        "0 0 * * mon#1",
        "0 0 * * fri#5",
        "0 0 * * 5L,1#2,3",
        "0 0 13 * +fri",
        "0 0 L * +5L",
        "0 0 1-7,15W * +mon#1,tue",
        "0 0 31W 2,4 *",
        "0 0 28W * +5#4",
        "0 0 26-29 1,3 +5L",
        "0 0 L 1,3-5 +5#5",
    ];
    compare(&schedules.map(str::to_owned)).unwrap();
}

fn list(item: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    proptest::collection::vec(item, 1..4).prop_map(|items| items.join(","))
}

fn range(first: u32, last: u32) -> impl Strategy<Value = String> {
    (first..=last, first..=last, 1..5_u32).prop_map(|(a, b, step)| {
        let (from, to) = (a.min(b), a.max(b));
        if step == 1 { format!("{from}-{to}") } else { format!("{from}-{to}/{step}") }
    })
}

fn days() -> impl Strategy<Value = String> {
    let item = prop_oneof![
        3 => (1..=31_u32).prop_map(|day| day.to_string()),
        1 => range(1, 31),
        1 => (1..12_u32).prop_map(|step| format!("*/{step}")),
        2 => Just("L".to_owned()),
        1 => Just("LW".to_owned()),
        3 => (1..=31_u32).prop_map(|day| format!("{day}W")),
    ];
    let is_clear = |field: &String| {
        !(field.split(',').any(|item| item == "L") && field.split(',').any(|item| item == "LW"))
    };
    list(item).prop_filter("development takes `L` beside `LW` for `LW`", is_clear)
}

const NAMES: [&str; 13] =
    ["0", "1", "2", "3", "4", "5", "6", "7", "sun", "MON", "tue", "fri", "sat"];

fn weekdays() -> impl Strategy<Value = String> {
    let day = || select(NAMES.as_slice()).prop_map(str::to_owned);
    let nth = select(["1", "2", "3", "4", "5", "L"].as_slice());
    list(prop_oneof![
        day(),
        range(0, 7),
        (1..7_u32).prop_map(|step| format!("*/{step}")),
        (day(), nth.clone()).prop_map(|(day, nth)| format!("{day}#{nth}")),
        (range(0, 7), nth).prop_map(|(days, nth)| format!("{days}#{nth}")),
        day().prop_map(|day| format!("{day}L")),
    ])
}

fn schedule() -> impl Strategy<Value = String> {
    let any = || Just("*".to_owned());
    let months = prop_oneof![2 => any(), 1 => list(range(1, 12)), 1 => list((1..=12_u32).prop_map(|month| month.to_string()))];
    let days = prop_oneof![1 => any(), 3 => days()];
    let weekdays = prop_oneof![
        2 => any(),
        2 => weekdays(),
        1 => weekdays().prop_map(|field| format!("+{field}")),
    ];
    (0..60_u32, 0..24_u32, days, months, weekdays).prop_map(|(minute, hour, day, month, week)| {
        format!("{minute} {hour} {day} {month} {week}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_cron_says_comes_when_it_does_in_development(
        schedules in proptest::collection::vec(schedule(), 40),
    ) {
        if is_installed(&Workspace::new(), "systemd-analyze", "nobody knows the times") {
            compare(&schedules)?;
        }
    }
}

#[test]
fn a_schedule_that_has_no_words_is_refused() {
    let table = "[package.metadata.formation]\njob = { schedule = \"0 0 29W * *\" }\n";
    let shop = Workspace::shop(table, &["job"]);
    shop.tool(&["export", "systemd", "--output", "units"]).run().refused(
        1,
        "error: `job` runs at `0 0 29W * *`, which systemd has no words for: `29W` of February, \
         which not every year has; leave out that month\n --> Cargo.toml:7:20\n  |\n\
         7 | job = { schedule = \"0 0 29W * *\" }\n  |                    ^^^^^^^^^^^^^",
    );
    assert!(!shop.path("units").exists());
}
