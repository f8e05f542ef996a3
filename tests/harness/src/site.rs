//! A web site on this machine that answers when it is told to.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use crate::DEADLINE;

/// A site that says yes to everything, but holds its answers back as long as it should.
#[derive(Debug)]
pub struct Site {
    url: String,
    shared: Shared,
}

#[derive(Debug, Default)]
struct Visits {
    /// What was asked for, in order.
    paths: Vec<String>,
    /// So many requests wait, until newer ones come.
    held: usize,
}

type Shared = Arc<(Mutex<Visits>, Condvar)>;

impl Site {
    /// A site that always keeps this many requests waiting, and answers the oldest when
    /// one more comes. None wait at a site that holds none.
    pub fn holding(held: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Shared::default();
        shared.0.lock().unwrap().held = held;
        let visits = Arc::clone(&shared);
        thread::spawn(move || {
            for visitor in listener.incoming().flatten() {
                let visits = Arc::clone(&visits);
                // Whoever is gone before the answer has no use for it.
                thread::spawn(move || serve(&visitor, &visits).ok());
            }
        });
        Self { url, shared }
    }

    /// Where it is, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Answer everybody, from now on.
    pub fn release(&self) {
        self.shared.0.lock().unwrap().held = 0;
        self.shared.1.notify_all();
    }

    /// How often it was asked.
    pub fn visits(&self) -> usize {
        self.shared.0.lock().unwrap().paths.len()
    }

    /// What was asked for, in order.
    pub fn paths(&self) -> Vec<String> {
        self.shared.0.lock().unwrap().paths.clone()
    }

    /// Wait until it was asked this often.
    #[track_caller]
    pub fn wait_for(&self, visits: usize) {
        let reached = self.reaches(visits, DEADLINE);
        assert!(reached, "only {} of {visits} visits", self.visits());
    }

    /// Whether it is asked this often before so much time has passed.
    pub fn reaches(&self, visits: usize, within: Duration) -> bool {
        let (lock, changed) = &*self.shared;
        let missing = |seen: &mut Visits| seen.paths.len() < visits;
        let waited = changed.wait_timeout_while(lock.lock().unwrap(), within, missing);
        !waited.unwrap().1.timed_out()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.release();
    }
}

fn serve(visitor: &TcpStream, shared: &Shared) -> io::Result<()> {
    let mut lines = BufReader::new(visitor).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let (lock, changed) = &**shared;
    let mut visits = lock.lock().unwrap();
    let number = visits.paths.len();
    visits.paths.push(first.split(' ').nth(1).unwrap_or_default().to_owned());
    changed.notify_all();
    let held = |visits: &mut Visits| visits.paths.len() - number <= visits.held;
    drop(changed.wait_while(visits, held).unwrap());
    let mut answer = visitor;
    answer.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nyes")
}

/// Send a request to `http://host:port/path`, with a body of JSON unless that is empty.
/// The status of the answer and its body.
///
/// # Errors
/// When nobody answers, or not in HTTP.
pub fn request(method: &str, url: &str, json: &str) -> io::Result<(u16, String)> {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    let length = json.len();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{json}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    status.zip(body).ok_or_else(|| io::Error::other(format!("not HTTP: `{answer}`")))
}
