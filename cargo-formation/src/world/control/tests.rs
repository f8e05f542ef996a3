//! What is heard at the end of a formation.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::rc::Rc;
use std::task::Poll;

use tokio::task::LocalSet;

use super::server::{Door, News, open};
use crate::control::{Reply, Request, text};

/// A socket, and what has come in there.
struct Hall {
    _directory: tempfile::TempDir,
    path: PathBuf,
    came: Rc<RefCell<Vec<News>>>,
}

impl Hall {
    fn open() -> (Self, Door) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("control");
        let came = Rc::<RefCell<Vec<News>>>::default();
        let kept = Rc::clone(&came);
        let door = open(&path, move |news| kept.borrow_mut().push(news)).unwrap();
        (Self { _directory: directory, path, came }, door)
    }

    fn enter(&self) -> UnixStream {
        UnixStream::connect(&self.path).unwrap()
    }

    /// Let a client ask, until that has come in.
    async fn ask(&self) -> UnixStream {
        let (mut client, before) = (self.enter(), self.came.borrow().len());
        client.write_all((text(&Request::Down) + "\n").as_bytes()).unwrap();
        poll_fn(|context| {
            if self.came.borrow().len() > before {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        client
    }
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, test);
}

fn heard(mut client: UnixStream) -> String {
    // What is not there when the door has seen everybody out never comes.
    client.set_nonblocking(true).unwrap();
    let mut all = String::new();
    client.read_to_string(&mut all).unwrap();
    all
}

#[test]
fn what_was_said_last_is_heard_by_who_is_seen_out() {
    run(async {
        let (hall, door) = Hall::open();
        let client = hall.ask().await;
        let Some(News::Asked(_, Request::Down, replies)) = hall.came.borrow_mut().pop() else {
            panic!("not what was asked")
        };
        replies.send(Reply::refused("no"));
        drop(replies);
        door.see_out().await;
        assert!(heard(client).contains("\"no\""));
    });
}

#[test]
fn who_is_never_answered_is_told_the_end() {
    run(async {
        let (hall, door) = Hall::open();
        let client = hall.ask().await;
        hall.came.borrow_mut().clear();
        door.see_out().await;
        let heard = heard(client);
        assert!(heard.contains("\"ending\""), "{heard}");
    });
}

#[test]
fn who_has_asked_nothing_is_not_waited_for() {
    run(async {
        let (hall, door) = Hall::open();
        let silent = hall.enter();
        // Who comes after the silent one has been heard: so that one is in.
        let client = hall.ask().await;
        hall.came.borrow_mut().clear();
        door.see_out().await;
        assert!(!heard(client).is_empty());
        drop(silent);
    });
}

#[test]
fn a_door_that_is_shut_leaves_nothing() {
    run(async {
        let (hall, door) = Hall::open();
        door.shut();
        assert!(!hall.path.exists());
    });
}
