//! A client of a backing service: says what it heard, at its start and when it is asked to stop.
//!
//! `client PROTOCOL VARIABLE`, where the variable leads to the service. One file without
//! dependencies, since workspaces of tests compile it.

use std::env;
use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["once", protocol, variable] => once(protocol, &env::var(variable)?),
        [protocol, variable] => Err(stay(protocol, variable)?.into()),
        _ => Err("client PROTOCOL VARIABLE".into()),
    }
}

/// Speak, wait, and speak once more, half a second after the request to stop: a service that was
/// asked at the same time is gone by then. The standard library knows nothing of signals, a shell does.
fn stay(protocol: &str, variable: &str) -> Result<std::io::Error, Box<dyn Error>> {
    let script = "trap 'sleep 0.5; \"$@\"; kill $!; exit' TERM INT; \"$@\"; sleep 7030 & wait";
    let own = env::current_exe()?;
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh"]).arg(own).args(["once", protocol, variable]);
    Ok(shell.exec())
}

fn once(protocol: &str, url: &str) -> Result<(), Box<dyn Error>> {
    let (question, answer) = match protocol {
        "redis" => (b"PING\r\nQUIT\r\n".to_vec(), "+PONG"),
        "http" => (b"GET /app.css HTTP/1.0\r\n\r\n".to_vec(), "body { color: teal }"),
        "postgres" | "shop" => (postgres(protocol), "the answer is 42"),
        _ => return Err("an unknown protocol".into()),
    };
    let mut stream = TcpStream::connect(url.strip_prefix("tcp://").ok_or("no address")?)?;
    stream.write_all(&question)?;
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard)?;
    let heard = String::from_utf8_lossy(&heard);
    println!("heard {}", if heard.contains(answer) { answer } else { &heard });
    Ok(())
}

/// A session of one query in this database; see "Message Formats" of the manual of PostgreSQL.
fn postgres(database: &str) -> Vec<u8> {
    let message = |kind: &[u8], body: &[u8]| {
        let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
        [kind, &length.to_be_bytes(), body].concat()
    };
    let version = 3_u32 << 16;
    let who = format!("user\0app\0database\0{database}\0\0");
    let startup = message(b"", &[&version.to_be_bytes()[..], who.as_bytes()].concat());
    let query = message(b"Q", b"SELECT 'the answer is ' || 6 * 7\0");
    [startup, query, message(b"X", b"")].concat()
}
