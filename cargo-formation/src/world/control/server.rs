//! The side of the formation: who comes in, what is asked, and the way back.

use std::convert::Infallible;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Resource, geteuid, getrlimit};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{
    Receiver, Sender, UnboundedReceiver, UnboundedSender, WeakSender, channel, unbounded_channel,
};
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::timeout;

use super::super::attach::{self, Guest};
use super::Address;
use super::listening::Listening;
use crate::control::{LONGEST_LINE, Reply, Request, parse};

/// This often it is looked whether there is a descriptor for another client, and whether one
/// that will say no more still listens.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Of the files that the tool may have open, clients get one in so many. The others that come
/// wait at the door: processes have to be started, whoever asks.
const SHARE: u64 = 4;

/// As many clients as there is ever a use for.
const MOST: usize = 1024;

/// A client; a number that none has had before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u64);

/// What comes from clients.
#[derive(Debug)]
pub enum News {
    /// One asks this, and is answered here.
    Asked(ClientId, Request, Replies),
    /// One has gone; nobody reads what it would be answered.
    Left(ClientId),
}

/// The way back to a client. Who drops it ends the connection, when all is written; who drops it
/// without a word tells the end of the formation.
#[derive(Clone, Debug)]
pub struct Replies(UnboundedSender<Next>);

/// What is next for a client.
#[derive(Debug)]
enum Next {
    Reply(Reply),
    /// It reads the history.
    Listening(Listening),
    /// It is a guest from now on.
    Guest(Guest),
}

impl Replies {
    /// Answer. Whoever has gone does not hear it.
    pub fn send(&self, reply: Reply) {
        let _ = self.0.send(Next::Reply(reply));
    }

    /// Let it read the history. That is the last it is told.
    pub fn listen(&self, listening: Listening) {
        let _ = self.0.send(Next::Listening(listening));
    }

    /// The connection is that of a guest from now on.
    pub fn attach(&self, guest: Guest) {
        let _ = self.0.send(Next::Guest(guest));
    }
}

/// An open socket. When it is dropped nobody comes in any more, and the file is gone.
#[derive(Debug)]
pub struct Door {
    path: PathBuf,
    task: JoinHandle<()>,
    /// Ends when nobody is in any more who has asked.
    inside: Receiver<Infallible>,
}

impl Door {
    /// Nobody comes in any more, and the file is gone. Who is in stays until all is said.
    pub fn shut(&self) {
        self.task.abort();
        let _ = std::fs::remove_file(&self.path);
    }

    /// Shut, and wait until everybody who has asked has heard what there is to hear. It takes
    /// as long as the slowest of them.
    pub async fn see_out(mut self) {
        self.shut();
        // Nothing is ever said there.
        let _ = self.inside.recv().await;
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.shut();
    }
}

/// Listen at this path, which is in a directory of ours: what is there is of a tool that was
/// killed. To be called inside of a local task set.
///
/// # Errors
/// When there cannot be a socket at this path.
pub fn open(path: &Path, report: impl Fn(News) + 'static) -> io::Result<Door> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let address = Address::of(path)?;
    let listener = UnixListener::bind(&address.path)?;
    std::fs::set_permissions(path, Permissions::from_mode(0o600))?;
    let (stay, inside) = channel(1);
    let task = spawn_local(keep(listener, Rc::new(report), stay));
    Ok(Door { path: path.to_owned(), task, inside })
}

async fn keep(listener: UnixListener, report: Rc<dyn Fn(News)>, stay: Sender<Infallible>) {
    let (mut known, places) = (0, Arc::new(Semaphore::new(places())));
    // It is never closed.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) if is_ours(&stream) => {
                known += 1;
                let served = serve(ClientId(known), stream, Rc::clone(&report), stay.downgrade());
                spawn_local(async move {
                    served.await;
                    drop(place);
                });
            }
            // Somebody else's, although the file and its directory are closed to others.
            Ok(_) => {}
            Err(_) => {
                // Of some it was the client that has gone; else descriptors are short.
                a_moment().await;
            }
        }
    }
}

/// How many clients there may be at once.
fn places() -> usize {
    let files = getrlimit(Resource::Nofile).current;
    files.and_then(|files| usize::try_from(files / SHARE).ok()).unwrap_or(MOST).clamp(1, MOST)
}

/// Whether it is this user who comes, or who may do everything anyhow.
fn is_ours(stream: &UnixStream) -> bool {
    let ours = geteuid().as_raw();
    stream.peer_cred().is_ok_and(|peer| peer.uid() == ours || peer.uid() == 0)
}

async fn serve(
    client: ClientId,
    stream: UnixStream,
    report: Rc<dyn Fn(News)>,
    inside: WeakSender<Infallible>,
) {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    let Some(request) = request(&mut read).await else { return };
    // Who has said nothing until now is not waited for.
    let Some(stay) = inside.upgrade() else { return };
    let (replies, said) = unbounded_channel();
    answered(client, request, Replies(replies), &*report);
    let guest = tokio::select! {
        guest = answer(said, &mut write) => guest,
        () = gone(&mut read) => {
            report(News::Left(client));
            None
        }
    };
    drop(stay);
    if let Some(guest) = guest {
        attach::serve(guest, read, write).await;
    }
}

/// See that a request is answered. The connection ends when nobody has its way back any more.
fn answered(
    client: ClientId,
    request: Result<Request, String>,
    replies: Replies,
    report: &dyn Fn(News),
) {
    match request {
        Ok(request) => report(News::Asked(client, request, replies)),
        Err(reason) => replies.send(Reply::refused(reason)),
    }
}

/// What is asked, or why that cannot be told; nothing if nobody asks.
async fn request(read: &mut BufReader<OwnedReadHalf>) -> Option<Result<Request, String>> {
    let mut line = Vec::new();
    let mut limited = read.take(LONGEST_LINE as u64);
    let length = limited.read_until(b'\n', &mut line).await.ok()?;
    if length == 0 {
        return None;
    }
    if line.last() != Some(&b'\n') && length >= LONGEST_LINE {
        return Some(Err(format!("not a request: it is longer than {LONGEST_LINE} bytes")));
    }
    let text = String::from_utf8_lossy(&line);
    Some(parse(text.trim()).map_err(|why| why.to_string()))
}

/// Write everything that is said, until nobody will say more, or the client is a guest.
async fn answer(mut said: UnboundedReceiver<Next>, write: &mut OwnedWriteHalf) -> Option<Guest> {
    let mut is_answered = false;
    while let Some(next) = said.recv().await {
        let said = match next {
            Next::Reply(reply) => say(&reply, write).await,
            Next::Listening(listening) => listening.tell(write).await,
            Next::Guest(guest) => return Some(guest),
        };
        if said.is_err() {
            return None;
        }
        is_answered = true;
    }
    if !is_answered {
        // Nobody is there any more who could say anything else.
        let _ = say(&Reply::Ending { pid: std::process::id() }, write).await;
    }
    None
}

async fn say(reply: &Reply, write: &mut OwnedWriteHalf) -> io::Result<()> {
    let line = reply.text() + "\n";
    write.write_all(line.as_bytes()).await
}

/// Until the client has gone. One that only says no more still listens.
async fn gone(read: &mut BufReader<OwnedReadHalf>) {
    let mut ignored = [0; 1024];
    loop {
        match read.read(&mut ignored).await {
            // The kernel has no news of it any more but for who asks.
            Ok(0) if !is_hung_up(read.get_ref()) => a_moment().await,
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

async fn a_moment() {
    let never = std::future::pending::<()>();
    let _ = timeout(LOOK_AGAIN, never).await;
}

fn is_hung_up(read: &OwnedReadHalf) -> bool {
    let stream: &UnixStream = read.as_ref();
    let mut events = [PollFd::new(stream, PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut events, Some(&now)).is_ok()
        && events[0].revents().intersects(PollFlags::HUP | PollFlags::ERR)
}
