//! A server that only knows `PORT`: no signal handler, no framework, a thread a connection.
//!
//! `/` answers with the version it was built from, `/slow` in pieces for as long as the file
//! `hold` is there, `/health` badly while the file `ill` is there, `/upgrade` with another
//! protocol, an echo.

mod version;

use std::env;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::Duration;

use version::VERSION;

fn main() -> io::Result<()> {
    let marked = |name: &str| Path::new(name).exists();
    if marked("broken") {
        eprintln!("the last words of version {VERSION}");
        std::process::exit(3);
    }
    // What only one can have.
    let _only = env::var("ONLY").ok().map(|port| TcpListener::bind(("127.0.0.1", port.parse().unwrap())).unwrap());
    // Before anybody can see that it is up, and marks something for the next.
    let dies = marked("dies-early");
    let port = env::var("LISTEN_AT").or_else(|_| env::var("PORT")).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", port.parse().unwrap()))?;
    println!("version {VERSION} listens, {}", std::process::id());
    if dies {
        thread::spawn(|| {
            thread::sleep(Duration::from_millis(200));
            std::process::exit(4);
        });
    }
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || serve(&stream));
    }
    Ok(())
}

fn serve(stream: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut stream = stream;
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let mut line = String::new();
        while reader.read_line(&mut line)? > 2 {
            line.clear();
        }
        match first.split(' ').nth(1) {
            Some("/slow") => {
                write!(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
                let piece = format!("version {VERSION}\n");
                loop {
                    write!(stream, "{:x}\r\n{piece}\r\n", piece.len())?;
                    if !Path::new("hold").exists() {
                        break;
                    }
                    thread::sleep(Duration::from_millis(10));
                }
                write!(stream, "0\r\n\r\n")?;
            }
            Some("/long") => {
                let body = "x".repeat(200_000);
                write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 200001\r\n\r\n{VERSION}")?;
                for piece in body.as_bytes().chunks(20_000) {
                    thread::sleep(Duration::from_millis(5));
                    stream.write_all(piece)?;
                }
            }
            Some("/upgrade") => {
                write!(stream, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")?;
                let mut bytes = [0; 1024];
                loop {
                    let length = reader.read(&mut bytes)?;
                    if length == 0 {
                        return Ok(());
                    }
                    stream.write_all(&bytes[..length])?;
                }
            }
            Some("/health") if Path::new("ill").exists() => {
                write!(stream, "HTTP/1.1 500 Ill\r\nContent-Length: 0\r\n\r\n")?;
            }
            _ => {
                let body = VERSION.to_string();
                write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
            }
        }
    }
}
