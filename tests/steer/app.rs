//! A server that answers with the version it was built from, and what `ANSWER` is.

mod version;

use std::io::{BufRead, BufReader, Write};

fn main() {
    let port: u16 = std::env::var("PORT").unwrap().parse().unwrap();
    let answer = format!("{} {}", version::VERSION, std::env::var("ANSWER").unwrap_or_default());
    for stream in std::net::TcpListener::bind(("127.0.0.1", port)).unwrap().incoming() {
        let mut stream = stream.unwrap();
        // Whoever asks in pieces is heard to the end.
        let lines = BufReader::new(&stream).lines();
        lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close", answer.len());
        let _ = write!(stream, "{head}\r\n\r\n{answer}");
    }
}
