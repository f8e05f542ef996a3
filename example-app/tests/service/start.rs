//! How processes start: after a release, before it, and with a configuration that is wrong.

use harness::Tool;

use crate::app::App;

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
    }
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
