//! The other processes of the benchmark of the router: this program again, with a word.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;

/// What a client says that wants one answer and no more.
const CLOSE: &[u8] = b"Connection: close\r\n";
const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nhello, world\n";
const LAST: &[u8] =
    b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 13\r\n\r\nhello, world\n";

/// A part that is played by another process, until this is dropped.
pub(crate) struct Part {
    child: Child,
    number: u16,
}

impl Part {
    /// Start it, and wait until it says a number.
    pub(crate) fn start(word: &str, arguments: &[String]) -> Self {
        let mut command = Command::new(env::current_exe().expect("this program"));
        command.arg(word).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("this program again");
        let mut line = String::new();
        let output = child.stdout.as_mut().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("a line");
        Self { child, number: line.trim().parse().expect("a number") }
    }

    /// What it said.
    pub(crate) fn number(&self) -> u16 {
        self.number
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // It ends at the end of its input.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Play the part that these arguments name; not if they name none.
pub(crate) fn play(mut arguments: impl Iterator<Item = String>) -> bool {
    match arguments.next().as_deref() {
        Some("server") => serve(),
        Some("clients") => {
            let address = arguments.next().expect("an address");
            wait(&address, arguments.next().and_then(|text| text.parse().ok()).expect("a number"));
        }
        _ => return false,
    }
    true
}

/// Answer everybody, and say where.
fn serve() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    say(listener.local_addr().expect("an address").port());
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let builder = thread::Builder::new().stack_size(32 * 1024);
            builder.spawn(move || answer(&stream)).expect("a thread");
        }
    });
    until_the_end();
}

fn answer(mut stream: &TcpStream) {
    stream.set_nodelay(true).expect("an option");
    let mut buffer = [0; 4096];
    let mut length = 0;
    while let Ok(more @ 1..) = stream.read(&mut buffer[length..]) {
        length += more;
        if buffer[..length].ends_with(b"\r\n\r\n") {
            let request = &buffer[..length];
            let last = request.windows(CLOSE.len()).any(|window| window == CLOSE);
            length = 0;
            let response: &[u8] = if last { LAST } else { ANSWER };
            if stream.write_all(response).is_err() || last {
                return;
            }
        }
    }
}

/// Be so many clients that have had an answer and stay, and say so.
fn wait(address: &str, count: u16) {
    let clients: Vec<TcpStream> = (0..count)
        .map(|_| {
            let mut stream = TcpStream::connect(address).expect("a connection");
            stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").expect("a request");
            let mut status = [0; 15];
            stream.read_exact(&mut status).expect("an answer");
            assert_eq!(&status, b"HTTP/1.1 200 OK");
            stream
        })
        .collect();
    say(count);
    until_the_end();
    drop(clients);
}

#[expect(clippy::print_stdout, reason = "whoever started this reads it")]
fn say(number: u16) {
    println!("{number}");
}

fn until_the_end() {
    let _ = std::io::stdin().read(&mut [0]);
}
