//! What `web` answers.

use std::fs;

use harness::{Site, request};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, SqliteConnection};

use crate::app::App;

fn json(method: &str, url: &str, body: &Value) -> (u16, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let (status, text) = request(method, url, &body).unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

#[test]
fn a_monitor_is_added_watched_and_removed() {
    let app = App::sqlite();
    let site = Site::holding(0);
    let web = app.web();
    let url = format!("{web}/api/monitors");
    let monitor = json!({ "name": "a & b/c", "url": site.url(), "every": 3_600 });
    assert_eq!(json("POST", &url, &monitor), (201, monitor.clone()));
    // Saying it again says nothing new.
    assert_eq!(json("POST", &url, &monitor).0, 201);
    app.start("clock", "clock.1");
    app.start("worker", "worker.1");
    site.wait_for(1);
    let checks = format!("{url}/a%20&%20b%2Fc/checks");
    let check = harness::eventually("check", harness::DEADLINE, || {
        json("GET", &checks, &Value::Null).1.get(0).cloned()
    });
    assert_eq!((&check["state"], &check["detail"]), (&json!("up"), &json!("200 OK")));
    let all = json("GET", &url, &Value::Null).1;
    let names: Vec<_> = all.as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["a & b/c", "this service"]);
    assert_eq!(all[0]["last"], check);

    assert_eq!(json("DELETE", &format!("{url}/a%20&%20b%2Fc"), &Value::Null).0, 204);
    let unknown = json!({ "error": "no monitor has this name" });
    assert_eq!(json("DELETE", &format!("{url}/a%20&%20b%2Fc"), &Value::Null), (404, unknown));
    assert_eq!(json("GET", &checks, &Value::Null).0, 404);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let app = App::sqlite();
    let url = format!("{}/api/monitors", app.web());
    let refused = |monitor: Value, why: &str| {
        assert_eq!(json("POST", &url, &monitor), (422, json!({ "error": why })));
    };
    refused(
        json!({ "name": "", "url": "http://a", "every": 1 }),
        "`name` is 1 to 60 visible characters, a letter or digit among them",
    );
    refused(json!({ "name": "a", "url": "http://a", "every": 0 }), "`every` is 1 to 86400 seconds");
    let (status, text) = request("POST", &url, "{").unwrap();
    assert_eq!(status, 400, "{text}");
    let checks = format!("{url}/this%20service/checks?limit=");
    assert_eq!(json("GET", &format!("{checks}-1"), &Value::Null).0, 400);
    assert_eq!(json("GET", &format!("{checks}99999999"), &Value::Null).0, 200);
}

#[test]
fn it_has_itself_watched() {
    let app = App::sqlite();
    let web = app.web();
    app.start("clock", "clock.1");
    let worker = app.start("worker", "worker.1");
    worker.wait_for("this service: up, 200 OK");
    assert_eq!(health(&web), 200);
}

#[test]
fn it_is_ill_without_its_server() {
    let Some(app) = App::postgres() else { return };
    let web = app.web();
    assert_eq!(health(&web), 200);
    app.server.as_ref().unwrap().stop();
    assert_eq!(health(&web), 503);
}

#[test]
fn it_is_ill_while_nothing_can_be_written() {
    let app = App::sqlite();
    let web = app.web();
    assert_eq!(health(&web), 200);
    app.on_database(async |_| {
        // As who was suspended in the middle of a write.
        let mut writer = SqliteConnection::connect(app.url()).await.unwrap();
        writer.execute("BEGIN IMMEDIATE").await.unwrap();
        assert_eq!(health(&web), 503);
        writer.close().await.unwrap();
    });
    assert_eq!(health(&web), 200);
}

#[test]
fn it_is_ill_when_its_file_is_removed_or_replaced() {
    let app = App::sqlite();
    let web = app.web();
    let directory = app.file().parent().unwrap().to_owned();
    fs::rename(&directory, directory.with_extension("old")).unwrap();
    assert_eq!(health(&web), 503);
    app.start("migrate", "release.1").ends_with(0);
    assert_eq!(health(&web), 503);
    assert_eq!(health(&app.web()), 200);
}

/// Whether it says that it is well, by the status of its answer.
fn health(web: &str) -> u16 {
    let (status, text) = request("GET", &format!("{web}/healthz"), "").unwrap();
    let expected = match status {
        200 => "ok\n",
        _ => r#"{"error":"the database does not answer"}"#,
    };
    assert_eq!(text, expected);
    status
}
