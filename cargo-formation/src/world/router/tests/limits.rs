//! What runs short: the patience of others, and descriptors.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::Command;

use rustix::process::{Resource, getrlimit};

use super::site::{GET, OK, Peer, Run, Site};
use crate::world::router::News;

/// So much is sent to somebody who does not listen, in bytes.
const MUCH: usize = 64 * 1024 * 1024;

/// Send until it is not taken any more; how much was.
fn fill(stream: &mut TcpStream) -> usize {
    let block = vec![b'x'; 64 * 1024];
    stream.set_nonblocking(true).unwrap();
    let (mut taken, mut refused) = (0, 0);
    while refused < 1000 {
        match stream.write(&block) {
            Ok(written) => (taken, refused) = (taken + written, 0),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                refused += 1;
                std::thread::yield_now();
            }
        }
        assert!(taken < MUCH, "all was taken, and nobody listened");
    }
    stream.set_nonblocking(false).unwrap();
    taken
}

/// Send the rest to somebody who listens now.
fn pour(from: &mut Peer, to: &mut Peer, taken: usize) {
    std::thread::scope(|scope| {
        scope.spawn(|| from.say(vec![b'x'; MUCH - taken]));
        let mut heard = Vec::new();
        (&to.stream).take(MUCH as u64).read_to_end(&mut heard).unwrap();
        assert!(heard.len() == MUCH && heard.iter().all(|byte| *byte == b'x'));
    });
}

#[test]
fn a_slow_client_holds_back_its_run() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    let mut client = site.client();
    let mut behind = run.accept();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {MUCH}\r\n\r\n");
    client.say(GET);
    behind.hears(GET);
    behind.say(&head);
    let taken = fill(&mut behind.stream);
    client.hears(&head);
    pour(&mut behind, &mut client, taken);
    client.exchange(&mut behind);
}

#[test]
fn a_slow_run_holds_back_its_client() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    let mut client = site.client();
    let mut behind = run.accept();
    let head = format!("POST / HTTP/1.1\r\nContent-Length: {MUCH}\r\n\r\n");
    client.say(&head);
    let taken = fill(&mut client.stream);
    behind.hears(&head);
    pour(&mut client, &mut behind, taken);
    behind.say(OK);
    client.hears(OK);
    client.exchange(&mut behind);
}

/// The limit of descriptors under which the test below runs, in a process of its own.
const DESCRIPTORS: u64 = 61;

#[test]
fn without_descriptors_clients_wait_and_it_is_said_once() {
    if getrlimit(Resource::Nofile).current == Some(DESCRIPTORS) {
        return short_of_descriptors();
    }
    let this = std::thread::current().name().unwrap().to_owned();
    let limit = format!("ulimit -n {DESCRIPTORS}; exec \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limit, "sh"]).arg(std::env::current_exe().unwrap());
    let output = command.args(["--exact", &this]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

fn short_of_descriptors() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    let mut resting = site.client();
    let mut behind = run.accept();
    resting.exchange(&mut behind);
    let mut others: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    // One is enough to connect, and then there is none to let it in.
    others.pop();
    let mut client = site.client();
    client.say(GET);
    let news = site.news();
    assert!(matches!(&news, News::Full(error) if error.raw_os_error() == Some(24)), "{news:?}");
    // Who waits for nothing gives one back.
    behind.hears_end();
    others.clear();
    let mut behind = run.accept();
    behind.hears(GET);
    behind.say(OK);
    client.hears(OK);
    resting.say(GET);
    let mut behind = run.accept();
    behind.hears(GET);
    behind.say(OK);
    resting.hears(OK);
    site.no_news();
}
