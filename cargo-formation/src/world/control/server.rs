//! The side of the formation: who comes in, what is asked, and the way back.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::geteuid;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::timeout;

use super::super::attach::{self, Guest};
use super::Address;
use crate::control::{LONGEST_LINE, Reply, Request, parse};

/// While there is no descriptor for another client, this often it is looked again.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

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

/// The way back to a client. Who drops it ends the connection, when all is written.
#[derive(Clone, Debug)]
pub struct Replies(UnboundedSender<Next>);

/// What is next for a client.
#[derive(Debug)]
enum Next {
    Reply(Reply),
    /// It is a guest from now on.
    Guest(Guest),
}

impl Replies {
    /// Answer. Whoever has gone does not hear it.
    pub fn send(&self, reply: Reply) {
        let _ = self.0.send(Next::Reply(reply));
    }

    /// The connection is that of a guest from now on.
    pub fn attach(&self, guest: Guest) {
        let _ = self.0.send(Next::Guest(guest));
    }
}

/// An open socket. When it is dropped nobody comes in any more, and the file is gone; who is in
/// stays until all is said.
#[derive(Debug)]
pub struct Door {
    path: PathBuf,
    task: JoinHandle<()>,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.task.abort();
        let _ = std::fs::remove_file(&self.path);
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
    let task = spawn_local(keep(listener, Rc::new(report)));
    Ok(Door { path: path.to_owned(), task })
}

async fn keep(listener: UnixListener, report: Rc<dyn Fn(News)>) {
    let mut known = 0;
    loop {
        match listener.accept().await {
            Ok((stream, _)) if is_ours(&stream) => {
                known += 1;
                spawn_local(serve(ClientId(known), stream, Rc::clone(&report)));
            }
            // Somebody else's, although the file and its directory are closed to others.
            Ok(_) => {}
            Err(_) => {
                // Of some it was the client that has gone; else descriptors are short.
                let never = std::future::pending::<()>();
                let _ = timeout(LOOK_AGAIN, never).await;
            }
        }
    }
}

/// Whether it is this user who comes, or who may do everything anyhow.
fn is_ours(stream: &UnixStream) -> bool {
    let ours = geteuid().as_raw();
    stream.peer_cred().is_ok_and(|peer| peer.uid() == ours || peer.uid() == 0)
}

async fn serve(client: ClientId, stream: UnixStream, report: Rc<dyn Fn(News)>) {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    let (replies, said) = unbounded_channel();
    let replies = Replies(replies);
    match request(&mut read).await {
        Some(Ok(request)) => report(News::Asked(client, request, replies)),
        Some(Err(reason)) => replies.send(Reply::refused(reason)),
        None => return,
    }
    let guest = tokio::select! {
        guest = answer(said, &mut write) => guest,
        () = gone(&mut read) => {
            report(News::Left(client));
            None
        }
    };
    if let Some(guest) = guest {
        attach::serve(guest, read, write).await;
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
    while let Some(next) = said.recv().await {
        let reply = match next {
            Next::Reply(reply) => reply,
            Next::Guest(guest) => return Some(guest),
        };
        let line = reply.text() + "\n";
        if write.write_all(line.as_bytes()).await.is_err() {
            break;
        }
    }
    None
}

/// Until the client has gone. One that only says no more still listens.
async fn gone(read: &mut BufReader<OwnedReadHalf>) {
    let mut ignored = [0; 1024];
    loop {
        match read.read(&mut ignored).await {
            Ok(0) if !is_hung_up(read.get_ref()) => return std::future::pending().await,
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

fn is_hung_up(read: &OwnedReadHalf) -> bool {
    let stream: &UnixStream = read.as_ref();
    let mut events = [PollFd::new(stream, PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut events, Some(&now)).is_ok()
        && events[0].revents().intersects(PollFlags::HUP | PollFlags::ERR)
}
