//! What no timing would show for sure: what happens between two looks at the kernel.

use std::future::poll_fn;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::{Builder, LocalOptions};

use super::{Client, Outcome, Pump, Scratch};
use crate::formation::InstanceName;
use crate::world::children::ChildId;
use crate::world::router::Backend;
use crate::world::router::dial::Link;
use crate::world::router::roster::{Reporter, Roster};

const GET: &[u8] = b"GET / HTTP/1.1\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// A connection: the end that is the router's, and the other.
fn pair() -> (tokio::net::TcpStream, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (theirs, _) = listener.accept().unwrap();
    theirs.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    ours.set_nonblocking(true).unwrap();
    (tokio::net::TcpStream::from_std(ours).unwrap(), theirs)
}

/// Let the runtime hear of everything that has happened.
async fn turn() {
    let (marker, mut mark) = pair();
    mark.write_all(b".").unwrap();
    marker.readable().await.unwrap();
}

/// One look.
async fn look(pump: &mut Pump<'_>) -> Option<Outcome> {
    let scratch = Scratch::default();
    let outcome = poll_fn(|cx| Poll::Ready(scratch.lend(|scratch| pump.poll(cx, scratch))));
    match outcome.await {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => None,
    }
}

/// After one exchange the next request has come, and before anybody looks something happens.
/// What comes of it, and what the run hears if it is there.
async fn after(happens: fn(&Roster, TcpStream) -> Option<TcpStream>) -> (Option<Outcome>, Vec<u8>) {
    let roster = Arc::new(Roster::new("web".parse().unwrap(), Reporter::new(|_, _| {})));
    let name = InstanceName { process: "web".parse().unwrap(), number: 1 };
    roster.route(vec![Backend { run: ChildId(1), name, port: 1 }]);
    let ((front, mut client), (stream, mut run)) = (pair(), pair());
    let lease = roster.pick(&[]).unwrap();
    let mut front = Client::new(front);
    let mut pump = Pump::new(&mut front, Link { stream, lease });
    let mut heard = [0; 64];
    for (from, bytes) in [(&mut client, GET), (&mut run, OK)] {
        from.write_all(bytes).unwrap();
        turn().await;
        assert_eq!(look(&mut pump).await, None);
    }
    assert_eq!(run.read(&mut heard).unwrap(), GET.len());
    client.write_all(GET).unwrap();
    turn().await;
    let run = happens(&roster, run);
    let outcome = look(&mut pump).await;
    let read = |mut run: TcpStream| {
        run.set_nonblocking(true).unwrap();
        run.read(&mut heard).unwrap_or(0)
    };
    let length = run.map_or(0, read);
    (outcome, heard[..length].to_vec())
}

fn check(
    happens: fn(&Roster, TcpStream) -> Option<TcpStream>,
    outcome: Option<Outcome>,
    heard: &[u8],
) {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_all().build_local(LocalOptions::default()).unwrap();
    assert_eq!(runtime.block_on(after(happens)), (outcome, heard.to_vec()));
}

#[test]
fn a_request_goes_to_the_run_that_is_there() {
    check(|_, run| Some(run), None, GET);
}

#[test]
fn a_request_that_comes_after_the_routing_has_changed_does_not_go_to_the_old_run() {
    let left = |roster: &Roster, run| {
        roster.route(Vec::new());
        Some(run)
    };
    check(left, Some(Outcome::Change), b"");
}

#[test]
fn a_request_does_not_go_to_a_run_that_has_just_closed() {
    check(|_, _| None, Some(Outcome::Change), b"");
}
