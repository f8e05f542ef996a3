//! Many clients, and runs that come and go.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::site::{DEADLINE, Site};
use crate::formation::InstanceName;
use crate::world::children::ChildId;
use crate::world::router::{Backend, News};

const CLIENTS: usize = 20;
const SWAPS: u64 = 50;

/// A server that answers with its number, and ends when it is told: it closes its door, and
/// every connection, at once.
struct Server {
    backend: Backend,
    over: Arc<AtomicBool>,
}

impl Server {
    fn start(number: u64) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let over = Arc::new(AtomicBool::new(false));
        let name = InstanceName { process: "web".parse().unwrap(), number: 1 };
        let backend = Backend { run: ChildId(number), name, port };
        let ends = Arc::clone(&over);
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let ends = Arc::clone(&ends);
                thread::spawn(move || answer(stream, number, &ends));
            }
        });
        Self { backend, over }
    }

    /// From now on nobody is answered.
    fn end(self) {
        self.over.store(true, Ordering::SeqCst);
        // So that it looks.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.backend.port));
    }
}

fn answer(mut stream: TcpStream, number: u64, over: &AtomicBool) {
    let mut buffer = [0; 1024];
    while let Ok(1..) = stream.read(&mut buffer) {
        if over.load(Ordering::SeqCst) {
            return;
        }
        let response = format!("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{number:04}");
        if stream.write_all(response.as_bytes()).is_err() {
            return;
        }
    }
}

/// One exchange: the number of who answered.
fn ask(stream: &mut TcpStream) -> u64 {
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut response = [0; 42];
    stream.read_exact(&mut response).unwrap();
    let text = std::str::from_utf8(&response).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    text[38..].parse().unwrap()
}

#[test]
fn swaps_under_load_lose_nothing_and_nobody_is_answered_by_who_was_left() {
    let site = Site::new();
    let mut current = Server::start(0);
    site.routers.route(&site.name, vec![current.backend.clone()]);
    let (over, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    // Whoever is asked after it was routed answers.
    let least = AtomicUsize::new(0);
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (address, over, asked, least) = (site.address, &over, &asked, &least);
            scope.spawn(move || {
                let connect = || {
                    let stream = TcpStream::connect(address).unwrap();
                    stream.set_read_timeout(Some(DEADLINE)).unwrap();
                    stream
                };
                let mut stream = connect();
                while !over.load(Ordering::SeqCst) {
                    let routed = least.load(Ordering::SeqCst);
                    let answered = ask(&mut stream);
                    assert!(usize::try_from(answered).unwrap() >= routed, "by who was left");
                    asked.fetch_add(1, Ordering::SeqCst);
                    // Some stay, some come anew for each request.
                    if client % 4 == 0 {
                        stream = connect();
                    }
                }
            });
        }
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for number in 1..=SWAPS {
                let before = asked.load(Ordering::SeqCst);
                while asked.load(Ordering::SeqCst) < before + 2 * CLIENTS {
                    thread::yield_now();
                }
                let next = Server::start(number);
                site.routers.route(&site.name, vec![next.backend.clone()]);
                least.store(usize::try_from(number).unwrap(), Ordering::SeqCst);
                let News::Idle(run) = site.news() else { panic!("not idle") };
                assert_eq!(run, current.backend.run);
                std::mem::replace(&mut current, next).end();
            }
        }));
        over.store(true, Ordering::SeqCst);
        ended.unwrap();
    });
    current.end();
}
