//! `__type__` as it runs: by itself, and as a part of the formation.

mod run;

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::Command;

use run::Run;

#[test]
fn it_answers_and_stops_when_it_is_asked_to() {
    let run = Run::start(Command::new(env!("CARGO_BIN_EXE___type__")).env("PORT", "0"));
    let address = run.wait_for("listening at ");
    assert_eq!(get(&address, "/healthz"), "ok\n");
    assert!(get(&address, "/").starts_with("hello from "));
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
    assert_eq!(get(url.trim_start_matches("http://"), "/healthz"), "ok\n");
}

/// What is answered, if it is answered with success.
fn get(address: &str, path: &str) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    write!(connection, "GET {path} HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.0 200 "), "{head}");
    body.to_owned()
}
