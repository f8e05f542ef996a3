//! How everybody is, as tables for people and as JSON for scripts.

use std::time::Duration;

use anstyle::{AnsiColor, Style};

use super::Paint;
use super::table::{Column, table};
use crate::control::{Build, Instance, Kind, Next, Schedule, State, Status, Type};

/// A text in the place of what is on a terminal.
#[must_use]
pub fn screen(text: &str) -> String {
    // Each line to its end, then what is below.
    format!("\x1b[H{}\x1b[J", text.replace('\n', "\x1b[K\n"))
}

/// For people.
#[must_use]
pub fn text(status: &Status, paint: Paint) -> String {
    let rows: Vec<_> = status.types.iter().map(type_row).collect();
    let columns = [Column::Words("TYPE"), Column::Words("QUANTITY"), Column::Words("ADDRESS")];
    let types = table(columns, &rows);
    let rows: Vec<_> = status.instances.iter().map(row).collect();
    let columns = [
        Column::Words("INSTANCE"),
        Column::Words("STATE"),
        Column::Numbers("PID"),
        Column::Numbers("PORT"),
        Column::Numbers("UP"),
        Column::Numbers("RESTARTS"),
        Column::Numbers("CPU"),
        Column::Numbers("MEMORY"),
        Column::Words("BUILD"),
    ];
    let instances = table(columns, &rows);
    let runs = status.instances.iter().any(|instance| instance.pid.is_some());
    let build = match status.build {
        Build::Running => "\nCargo is building.\n".into(),
        Build::Failed if runs => {
            "\nThe last build failed: what runs is older than the code.\n".into()
        }
        Build::Failed => "\nThe last build failed.\n".into(),
        Build::None | Build::Succeeded => behind(&status.instances),
    };
    let instances = match paint {
        Paint::Plain => instances,
        Paint::Coloured => coloured(&instances, &status.instances),
    };
    format!("{types}\n{instances}{build}")
}

/// Who runs what it ran before, because something newer has failed.
fn behind(instances: &[Instance]) -> String {
    let behind = instances.iter().filter(|instance| instance.behind);
    let names: Vec<&str> = behind.map(|instance| instance.name.as_str()).collect();
    if names.is_empty() {
        return String::new();
    }
    let (names, verb) = (names.join(", "), if names.len() == 1 { "runs" } else { "run" });
    format!("\nWhat was to take over has failed: {names} {verb} what was there before.\n")
}

/// Who is not up and may come up yet, and what each does.
#[must_use]
pub fn not_up(status: &Status) -> Option<String> {
    let comes = |instance: &&Instance| match instance.state {
        State::Waiting
        | State::Building
        | State::NotBuilt
        | State::NotReleased
        | State::Starting
        | State::Unwell
        | State::Late
        | State::Draining
        | State::Stopping
        | State::Killed
        | State::Backoff
        | State::Failed => true,
        State::Ready
        | State::Scheduled
        | State::Stopped
        | State::Lent
        | State::Finished
        | State::Unknown => false,
    };
    let one = |instance: &Instance| format!("{} ({})", instance.name, state(instance));
    let all: Vec<String> = status.instances.iter().filter(comes).map(one).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// Each line in the colour of how somebody is, the heading apart.
fn coloured(table: &str, instances: &[Instance]) -> String {
    let mut lines = table.lines();
    let heading = lines.next().unwrap_or_default();
    let bold = Style::new().bold();
    let mut text = format!("{bold}{heading}{bold:#}\n");
    for (line, instance) in lines.zip(instances) {
        let style = Style::new().fg_color(colour(instance.state).map(Into::into));
        text.extend([&style.render().to_string(), line, &style.render_reset().to_string(), "\n"]);
    }
    text
}

fn colour(state: State) -> Option<AnsiColor> {
    match state {
        State::Ready => Some(AnsiColor::Green),
        State::Waiting
        | State::Building
        | State::Starting
        | State::Draining
        | State::Stopping
        | State::Late => Some(AnsiColor::Yellow),
        State::NotBuilt
        | State::NotReleased
        | State::Unwell
        | State::Killed
        | State::Backoff
        | State::Failed => Some(AnsiColor::Red),
        State::Scheduled | State::Stopped | State::Lent | State::Finished | State::Unknown => None,
    }
}

fn type_row(of: &Type) -> [String; 3] {
    let shown = of.quantity.min(MOST_MARKS);
    let ready = of.ready.min(shown);
    let marks = "●".repeat(ready.into()) + &"○".repeat((shown - ready).into());
    let more = if of.quantity > shown { "…" } else { "" };
    let count = match (of.ready == of.quantity, of.quantity) {
        (true, 0) => "none".to_owned(),
        (true, quantity) => quantity.to_string(),
        (false, quantity) => format!("{} of {quantity} up", of.ready),
    };
    let declared = if of.quantity == of.declared {
        String::new()
    } else {
        format!(", {} declared", of.declared)
    };
    let gap = if shown == 0 { "" } else { " " };
    let url = of.url.clone().unwrap_or_else(|| NOTHING.into());
    if let Some(schedule) = &of.schedule {
        return [of.name.clone(), by_schedule(schedule), url];
    }
    [of.name.clone(), format!("{marks}{more}{gap}{count}{declared}"), url]
}

/// More instances of a type than this are not drawn one by one.
const MOST_MARKS: u16 = 20;

/// What stands where nothing is to be said.
const NOTHING: &str = "-";

fn row(instance: &Instance) -> [String; 9] {
    let or_nothing = |text: Option<String>| text.unwrap_or_else(|| NOTHING.into());
    [
        instance.name.clone(),
        state(instance),
        or_nothing(instance.pid.map(|pid| pid.to_string())),
        or_nothing(instance.port.map(|port| port.to_string())),
        or_nothing(instance.uptime_ms.map(age)),
        instance.restarts.to_string(),
        or_nothing(instance.cpu_percent.map(|percent| format!("{percent:.1}%"))),
        or_nothing(instance.memory.map(size)),
        or_nothing(instance.build.clone()),
    ]
}

fn state(instance: &Instance) -> String {
    let word = match (instance.state, instance.kind) {
        (State::Ready, Kind::Release) => "running",
        (State::Waiting, _) => "waiting",
        (State::Building, _) => "building",
        (State::NotBuilt, _) => "not built",
        (State::NotReleased, _) => "waiting for release",
        (State::Starting, _) => "starting",
        (State::Ready, Kind::Instance | Kind::Service) => "ready",
        (State::Unwell, _) => "unwell",
        (State::Late, _) => "late",
        (State::Draining, _) => "draining",
        (State::Stopping, _) => "stopping",
        (State::Killed, _) => "killed",
        (State::Backoff, _) => "crashed",
        (State::Scheduled, _) => "scheduled",
        (State::Stopped, _) => "stopped",
        (State::Lent, _) => "run by hand",
        (State::Finished, _) => "finished",
        (State::Failed, _) => "failed",
        (State::Unknown, _) => "of a newer tool",
    };
    let exit = instance.exit.as_ref().map(|exit| format!(": {exit}")).unwrap_or_default();
    let left = instance.left_ms.map(|left| {
        let left = super::notice::length(Duration::from_millis(left));
        match instance.state {
            State::Backoff => format!(", again in {left}"),
            State::Draining => format!(", at most {left}"),
            State::Waiting
            | State::Building
            | State::NotBuilt
            | State::NotReleased
            | State::Starting
            | State::Ready
            | State::Unwell
            | State::Late
            | State::Stopping
            | State::Killed
            | State::Scheduled
            | State::Stopped
            | State::Lent
            | State::Finished
            | State::Failed
            | State::Unknown => format!(", killed in {left}"),
        }
    });
    let waits = matches!(instance.state, State::Scheduled | State::Finished | State::Failed);
    let next = instance.next.as_ref().filter(|_| waits);
    let next = next.map(|next| format!(", next {}", time(next))).unwrap_or_default();
    format!("{word}{exit}{}{next}", left.unwrap_or_default())
}

/// How many there are of what is scheduled is of no interest; when it runs is.
fn by_schedule(schedule: &Schedule) -> String {
    let next = schedule.next.as_ref().map_or_else(|| "never".to_owned(), time);
    if schedule.kept {
        format!("scheduled, next {next}")
    } else {
        format!("when asked; scheduled for {next}")
    }
}

/// A time that comes: `03:00 UTC (in 8h12m)`, with its day where that is not within a day.
fn time(next: &Next) -> String {
    // As RFC 3339 has it: `2026-11-24T03:00:00Z`.
    let (day, rest) = next.at.split_once('T').unwrap_or(("", &next.at));
    let minute = rest.get(..5).unwrap_or(rest);
    let far = next.left_ms >= 24 * 3_600_000;
    let day = if far { format!("{day} ") } else { String::new() };
    format!("{day}{minute} UTC (in {})", age(next.left_ms))
}

/// How long something lives: `12s`, `3m12s`, `2h05m`, `3d04h`.
fn age(millis: u64) -> String {
    let seconds = millis / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    if days > 0 {
        format!("{days}d{:02}h", hours % 24)
    } else if hours > 0 {
        format!("{hours}h{:02}m", minutes % 60)
    } else if minutes > 0 {
        format!("{minutes}m{:02}s", seconds % 60)
    } else {
        format!("{seconds}s")
    }
}

/// So many bytes, in units of 1024.
fn size(bytes: u64) -> String {
    const KIB: u64 = 1024;
    match bytes {
        0..KIB => format!("{bytes} B"),
        KIB..1_048_576 => format!("{} KiB", bytes / KIB),
        1_048_576..1_073_741_824 => format!("{} MiB", bytes / KIB / KIB),
        _ => format!("{}.{} GiB", bytes >> 30, ((bytes % (1 << 30)) * 10) >> 30),
    }
}

#[cfg(test)]
mod tests {
    use super::{age, size, text};
    use crate::control::{Build, Instance, Kind, Next, Schedule, State, Status, Type};
    use crate::narrate::Paint;

    fn instance(name: &str, state: State) -> Instance {
        Instance {
            name: name.into(),
            kind: Kind::Instance,
            state,
            exit: None,
            left_ms: None,
            next: None,
            pid: None,
            port: None,
            uptime_ms: None,
            restarts: 0,
            processes: None,
            cpu_percent: None,
            memory: None,
            build: None,
            behind: false,
        }
    }

    fn of_type(name: &str, quantity: u16, declared: u16, ready: u16) -> Type {
        Type { name: name.into(), quantity, declared, ready, url: None, schedule: None }
    }

    #[test]
    fn everybody_is_seen_at_a_glance() {
        let web = Instance {
            pid: Some(4711),
            port: Some(20_321),
            uptime_ms: Some(192_000),
            restarts: 2,
            cpu_percent: Some(0.3),
            memory: Some(12 << 20),
            build: Some("2cc2fc90a469".into()),
            ..instance("web.1", State::Ready)
        };
        let worker = Instance {
            exit: Some("exit code 3".into()),
            left_ms: Some(1_900),
            ..instance("worker.1", State::Backoff)
        };
        let release = Instance { kind: Kind::Release, ..instance("release.1", State::Finished) };
        let status = Status {
            version: "0.1.0".into(),
            pid: 1,
            root: "/app".into(),
            build: Build::Failed,
            types: vec![
                Type { url: Some("http://127.0.0.1:4000".into()), ..of_type("web", 2, 2, 1) },
                of_type("worker", 1, 3, 1),
                of_type("clock", 0, 1, 0),
            ],
            instances: vec![release, web, worker, instance("web.2", State::Building)],
        };
        let expected = "\
TYPE    QUANTITY          ADDRESS
web     ●○ 1 of 2 up      http://127.0.0.1:4000
worker  ● 1, 3 declared   -
clock   none, 1 declared  -

INSTANCE   STATE                                 PID   PORT     UP  RESTARTS   CPU  MEMORY  BUILD
release.1  finished                                -      -      -         0     -       -  -
web.1      ready                                4711  20321  3m12s         2  0.3%  12 MiB  2cc2fc90a469
worker.1   crashed: exit code 3, again in 1.9s     -      -      -         0     -       -  -
web.2      building                                -      -      -         0     -       -  -

The last build failed: what runs is older than the code.
";
        snapbox::assert_data_eq!(text(&status, Paint::Plain), expected);
    }

    #[test]
    fn what_is_scheduled_is_seen_with_its_next_time() {
        let next = |at: &str, left_ms| Some(Next { at: at.into(), left_ms });
        let tonight = next("2026-11-24T03:00:00Z", 29_520_000);
        let schedule = |kept, next| Some(Schedule { cron: "0 3 * * *".into(), kept, next });
        let of_type = |name, schedule| Type { schedule, ..of_type(name, 1, 1, 0) };
        let failed = Instance {
            exit: Some("exit code 3".into()),
            next: next("2026-11-30T03:00:00Z", 547_200_000),
            ..instance("weekly.1", State::Failed)
        };
        let status = Status {
            version: "0.1.0".into(),
            pid: 1,
            root: "/app".into(),
            build: Build::Succeeded,
            types: vec![
                of_type("report", schedule(true, tonight.clone())),
                of_type("import", schedule(false, tonight.clone())),
                of_type("never", schedule(false, None)),
            ],
            instances: vec![
                Instance { next: tonight, ..instance("report.1", State::Scheduled) },
                failed,
                instance("import.1", State::Scheduled),
            ],
        };
        let expected = "\
TYPE    QUANTITY                                        ADDRESS
report  scheduled, next 03:00 UTC (in 8h12m)            -
import  when asked; scheduled for 03:00 UTC (in 8h12m)  -
never   when asked; scheduled for never                 -

INSTANCE  STATE                                                      PID  PORT  UP  RESTARTS  CPU  MEMORY  BUILD
report.1  scheduled, next 03:00 UTC (in 8h12m)                         -     -   -         0    -       -  -
weekly.1  failed: exit code 3, next 2026-11-30 03:00 UTC (in 6d08h)    -     -   -         0    -       -  -
import.1  scheduled                                                    -     -   -         0    -       -  -
";
        snapbox::assert_data_eq!(text(&status, Paint::Plain), expected);
        // One that is asked keeps nothing to itself.
        let text = serde_json::to_string(&status).unwrap();
        let back: Status = serde_json::from_str(&text).unwrap();
        assert_eq!(back, status);
        assert!(text.contains(r#""next":"2026-11-24T03:00:00Z","next_ms":29520000"#), "{text}");
    }

    #[test]
    fn lengths_and_sizes_have_no_more_digits_than_matter() {
        assert_eq!([age(900), age(59_999), age(192_000)], ["0s", "59s", "3m12s"]);
        assert_eq!([age(7_500_000), age(273_600_000)], ["2h05m", "3d04h"]);
        assert_eq!([size(12), size(4096), size(13 << 20)], ["12 B", "4 KiB", "13 MiB"]);
        assert_eq!(size(3 << 29), "1.5 GiB");
    }
}
