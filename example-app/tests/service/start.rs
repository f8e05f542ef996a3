//! How processes start: after a release, before it, and with a configuration that is wrong.

use std::fs::{self, File};
use std::net::TcpListener;
use std::time::Duration;

use harness::Tool;
use rustix::process::Signal;

use crate::app::App;

/// Every binary, and how it ends when it is stopped before it has begun.
const BINARIES: [(&str, i32); 4] = [("web", 0), ("worker", 0), ("clock", 0), ("migrate", 1)];

/// Sooner than any of them loses patience with a database.
const AT_ONCE: Duration = Duration::from_secs(5);

#[test]
fn migrating_again_or_twice_at_once_does_no_harm() {
    let app = App::without_tables();
    let together: Vec<_> = (1..=4).map(|_| app.start("migrate", "release.1")).collect();
    for tool in together {
        tool.ends_with(0);
    }
    app.start("migrate", "release.1").ends_with(0);
    assert!(app.history("m0").is_empty());
}

#[test]
fn migrating_again_or_twice_at_once_does_no_harm_to_a_server_either() {
    let Some(app) = App::postgres() else { return };
    let together: Vec<_> = (1..=4).map(|_| app.start("migrate", "release.1")).collect();
    for tool in together {
        tool.ends_with(0);
    }
}

#[test]
fn nothing_runs_on_a_database_that_was_not_prepared() {
    let app = App::without_tables();
    for binary in ["web", "worker", "clock"] {
        let tool = app.start(binary, binary);
        tool.ends_with(1);
        assert!(tool.count("unable to open database file") == 1, "{}", tool.transcript());
        assert!(tool.count("cannot use `/") == 1, "{}", tool.transcript());
    }
}

#[test]
fn without_a_database_it_is_where_systemd_lets_a_service_write() {
    let app = App::without_tables();
    let directory = app.file().parent().unwrap().with_file_name("state");
    let state = format!("{}:/nowhere", directory.display());
    let state = [("STATE_DIRECTORY", state.as_str())];
    app.start_with("migrate", &state).ends_with(0);
    app.start_with("worker", &state).wait_for("waiting for checks");
    assert!(directory.join("uptime.db").exists());
}

#[test]
fn a_file_that_cannot_be_is_named() {
    let app = App::sqlite();
    let below = app.file().join("below");
    let url = format!("sqlite:{}", below.display());
    let tool = app.start_with("migrate", &[("DATABASE_URL", &url)]);
    tool.ends_with(1);
    let named = format!("cannot use `{}`: ", below.display());
    assert_eq!(tool.count(&named), 1, "{}", tool.transcript());
}

#[test]
fn a_wrong_configuration_is_named() {
    let app = App::sqlite();
    let check = |binary: &str, variables: &[(&str, &str)], expected: &str| {
        let tool: &Tool = &app.start_with(binary, variables);
        tool.ends_with(1);
        assert_eq!(tool.count(expected), 1, "{}", tool.transcript());
        assert_eq!(tool.count("hunter2"), 0, "{}", tool.transcript());
    };
    let wrong = "`DATABASE_URL` begins with neither `sqlite:` nor `postgres:`";
    for binary in ["migrate", "worker", "clock"] {
        check(binary, &[("DATABASE_URL", "mysql://me:hunter2@localhost/uptime")], wrong);
    }
    check("web", &[], "`PORT` is not set");
    check("web", &[("PORT", "http")], "`PORT` is `http`, which is not a number from 0 to 65535");
}

#[test]
fn migrating_leaves_the_files_beside_the_database_alone() {
    let app = App::without_tables();
    let directory = app.file().parent().unwrap().to_owned();
    fs::create_dir(&directory).unwrap();
    let neighbours = ["uptime.lock", "uptime.db-lock"].map(|name| directory.join(name));
    for neighbour in &neighbours {
        fs::write(neighbour, "mine").unwrap();
    }
    app.start("migrate", "release.1").ends_with(0);
    for neighbour in neighbours {
        assert_eq!(fs::read_to_string(&neighbour).unwrap(), "mine", "{}", neighbour.display());
    }
}

#[test]
fn a_database_may_have_the_name_of_a_lock() {
    let app = App::without_tables();
    for _ in 0..2 {
        app.start_with("migrate", &[("DATABASE_URL", "sqlite:x.lock")]).ends_with(0);
    }
    let worker = app.start_with("worker", &[("DATABASE_URL", "sqlite:x.lock")]);
    worker.wait_for("waiting for checks");
}

#[test]
fn a_database_that_processes_cannot_share_is_refused() {
    let app = App::without_tables();
    for (binary, _) in BINARIES {
        let tool = app.start_with(binary, &[("PORT", "0"), ("DATABASE_URL", "sqlite::memory:")]);
        tool.ends_with(1);
        assert_eq!(tool.count("name a file, as in `sqlite:data"), 1, "{}", tool.transcript());
    }
}

#[test]
fn who_waits_for_a_server_says_so_and_stops_when_asked() {
    // Whoever comes is let in, and nobody says a word.
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let url = format!("postgres://me:hunter2@{address}/uptime");
    let app = App::without_tables();
    for (binary, code) in BINARIES {
        let tool = app.start_with(binary, &[("PORT", "0"), ("DATABASE_URL", &url)]);
        tool.wait_for(&format!("connecting to PostgreSQL at {address}"));
        let asked = tool.signal(Signal::TERM);
        assert!(tool.ends_with(code) < asked + AT_ONCE, "{}", tool.transcript());
        assert_eq!(tool.count("hunter2"), 0, "{}", tool.transcript());
    }
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("postgres://me:hunter2@{address}/uptime");
    let app = App::without_tables();
    let variables = [("PORT", "0"), ("DATABASE_URL", &*url)];
    let tools = BINARIES.map(|(binary, _)| app.start_with(binary, &variables));
    for tool in tools {
        tool.ends_with(1);
        let why = format!("no answer from PostgreSQL at {address} within 10 s");
        assert_eq!((tool.count(&why), tool.count("hunter2")), (1, 0), "{}", tool.transcript());
    }
}

#[test]
fn migrate_stops_when_asked_though_another_is_stuck() {
    let app = App::sqlite();
    let lock = app.file().with_file_name("uptime.db-lock");
    let lock = File::open(lock).unwrap();
    lock.lock().unwrap();
    let tool: &Tool = &app.start("migrate", "release.1");
    tool.wait_for("another `migrate` is at work");
    let asked = tool.signal(Signal::TERM);
    assert!(tool.ends_with(1) < asked + AT_ONCE, "{}", tool.transcript());
}
