//! `__type__` as it runs: by itself, and as a part of the formation.

mod database;
mod run;

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::Command;

use run::Run;

#[tokio::test]
async fn it_takes_jobs_and_stops_when_it_is_asked_to() {
    let Some(url) = database::database("__type__").await else {
        return;
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE___type__"));
    let run = Run::start(command.env("PORT", "0").env("DATABASE_URL", url));
    let address = run.wait_for("listening at ");
    assert_eq!(ask(&address, "GET /healthz", ""), "ok\n");
    for what in ["greet", "greet", "wave"] {
        ask(&address, "POST /jobs", what);
    }
    let home = ask(&address, "GET /", "");
    assert!(home.ends_with(", 2 to do\n"), "{home}");
    assert!(run.stop().success());
}

#[test]
fn it_answers_in_the_formation() {
    let Ok(url) = env::var("FORMATION___variable___URL") else {
        // Not `eprintln!`, which is kept from who runs the tests if they pass.
        let _ = writeln!(
            io::stderr(),
            "SKIPPED: it is for `cargo formation test -- cargo test`"
        );
        return;
    };
    assert_eq!(
        ask(url.trim_start_matches("http://"), "GET /healthz", ""),
        "ok\n"
    );
}

/// What is answered, if it is answered with success.
fn ask(address: &str, what: &str, body: &str) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        connection,
        "{what} HTTP/1.0\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.0 20"), "{head}");
    body.to_owned()
}
