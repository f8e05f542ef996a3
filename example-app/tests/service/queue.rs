//! Between `clock` and the table of checks, nothing gets lost, and nothing counts twice.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use example_app::check::{Outcome, State};
use example_app::database::Database;
use example_app::queue::{AT_ONCE, Depth};
use harness::{Site, Tool};
use rustix::process::Signal;

use crate::app::App;

/// More requests than any test makes: everybody waits.
const ALL: usize = 1_000;

/// What is promised: so soon a check is performed by somebody else.
const SECONDS: Duration = Duration::from_secs(10);

/// The same over both kinds of database.
fn check(scenario: fn(&App)) {
    scenario(&App::sqlite());
    if let Some(app) = App::postgres() {
        scenario(&app);
    }
}

#[test]
fn a_check_whose_worker_was_killed_comes_back_and_counts_once() {
    check(|app| {
        let site = Site::holding(ALL);
        app.watch(1, site.url());
        app.enqueue("m0", now());
        let first = app.start("worker", "worker.1");
        site.wait_for(1);
        first.signal(Signal::KILL);
        first.ends_with(137);
        let killed = clock();
        app.start("worker", "worker.2");
        site.wait_for(2);
        assert!(killed.elapsed() < SECONDS, "only after {:?}", killed.elapsed());
        site.release();
        app.wait_until_done(1);
        let checks = app.history("m0");
        assert_eq!(checks.len(), 1, "{checks:?}");
        assert_eq!((checks[0].state, &*checks[0].worker), (State::Up, "worker.2"));
    });
}

#[test]
fn what_somebody_else_has_recorded_meanwhile_stays() {
    check(|app| {
        let site = Site::holding(ALL);
        app.watch(1, site.url());
        let due = now();
        app.enqueue("m0", due);
        let slow = app.start("worker", "worker.1");
        site.wait_for(1);
        // As another worker would have that took this one for dead.
        let outcome = Outcome { state: State::Down, detail: "no".to_owned(), took_ms: 7 };
        let key = ("m0", due);
        let record = async |database: Database| database.record(key, &outcome, "worker.2").await;
        assert!(app.on_database(record).unwrap());
        site.release();
        slow.wait_for("somebody else has recorded it");
        app.wait_until_done(1);
        let checks = app.history("m0");
        assert_eq!(checks.len(), 1, "{checks:?}");
        assert_eq!((checks[0].state, &*checks[0].worker), (State::Down, "worker.2"));
    });
}

#[test]
fn two_clocks_enqueue_what_one_would() {
    check(|app| {
        app.watch(20, "http://127.0.0.1:9");
        let clocks = ["clock.1", "clock.2"].map(|instance| app.start("clock", instance));
        for clock in clocks {
            clock.wait_for("20 due");
        }
        assert_eq!(app.depth(), Depth { enqueued: 20, open: 20 });
    });
}

#[test]
fn two_workers_share_the_work() {
    check(|app| {
        let site = Site::holding(ALL);
        let count = AT_ONCE + 4;
        app.watch(count, site.url());
        app.start("clock", "clock.1");
        for instance in ["worker.1", "worker.2"] {
            app.start("worker", instance);
        }
        // More than one of them can have in hand.
        site.wait_for(count);
        site.release();
        app.wait_until_done(i64::try_from(count).unwrap());
        let checks = (0..count).flat_map(|number| app.history(&format!("m{number}")));
        let workers: Vec<String> = checks.map(|check| check.worker).collect();
        assert_eq!(workers.len(), count);
        assert_eq!(workers.iter().collect::<BTreeSet<_>>().len(), 2, "{workers:?}");
    });
}

#[test]
fn a_worker_that_is_asked_to_stop_finishes_what_it_has_begun() {
    check(|app| {
        for (signal, name) in [(Signal::TERM, "SIGTERM"), (Signal::INT, "SIGINT")] {
            let site = Site::holding(ALL);
            app.watch(1, site.url());
            let due = now() + i64::from(name == "SIGINT");
            app.enqueue("m0", due);
            let worker = app.start("worker", "worker.1");
            site.wait_for(1);
            worker.signal(signal);
            worker.wait_for(&format!("{name}, stopping"));
            site.release();
            worker.ends_with(0);
            assert_eq!(app.depth().open, 0, "{}", worker.transcript());
            assert_eq!(app.history("m0").pop().unwrap().due, due);
        }
    });
}

#[test]
fn what_comes_too_late_or_for_nobody_is_not_asked() {
    check(|app| {
        let site = Site::holding(0);
        app.watch(1, site.url());
        let long_ago = now() - 120;
        app.enqueue("m0", long_ago);
        app.enqueue("removed", now());
        app.start("worker", "worker.1");
        app.wait_until_done(2);
        let checks = app.history("m0");
        assert_eq!(checks.len(), 1);
        assert_eq!((checks[0].due, checks[0].state), (long_ago, State::Missed));
        assert!(app.history("removed").is_empty());
        assert_eq!(site.visits(), 0);
    });
}

#[test]
fn a_check_is_in_the_queue_once() {
    check(|app| {
        for _ in 0..3 {
            app.enqueue("m0", 60);
        }
        app.enqueue("m0", 61);
        app.enqueue("m1", 60);
        assert_eq!(app.depth(), Depth { enqueued: 3, open: 3 });
    });
}

#[test]
fn what_is_old_is_forgotten_and_what_is_open_is_not() {
    check(|app| {
        app.watch(2, "http://127.0.0.1:9");
        app.enqueue("m0", 60);
        let worker = app.start("worker", "worker.1");
        app.wait_until_done(1);
        worker.signal(Signal::TERM);
        worker.ends_with(0);
        app.enqueue("m1", 60);
        app.forget(now() + 60);
        assert_eq!(app.depth(), Depth { enqueued: 1, open: 1 });
        assert!(app.history("m0").is_empty());
    });
}

#[test]
fn every_process_stops_when_it_is_asked() {
    check(|app| {
        for signal in [Signal::TERM, Signal::INT] {
            let ready = [
                ("web", "listening at "),
                ("worker", "waiting for checks"),
                ("clock", "looking every second"),
            ];
            for (binary, marker) in ready {
                let tool: &Tool = &app.start(binary, binary);
                tool.wait_for(marker);
                tool.signal(signal);
                tool.ends_with(0);
            }
        }
    });
}

fn now() -> i64 {
    example_app::moment::now()
}

fn clock() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "the test is about time")]
    Instant::now()
}
