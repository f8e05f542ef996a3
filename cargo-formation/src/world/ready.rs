//! How it is found out that a run is up.
//!
//! A [`Probe`] is made before the run is started, because some signs can be missed: a socket
//! to speak to has to be there, a line may be the first. It then watches until the sign is
//! there or the run has ended. How long that may take is not its business.

pub mod elsewhere;
pub mod health;
mod http;
mod notify;
mod tcp;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use self::notify::Socket;
use self::tcp::Door;
use super::children::{ChildId, Mark};
use super::output::{Life, Sought};

/// The variable that names the socket; see `sd_notify(3)`.
pub const NOTIFY_SOCKET: &str = "NOTIFY_SOCKET";

/// How soon after the first look the next one is, where it takes the kernel's table of sockets:
/// with thousands of connections that takes longer than most programs to start.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
/// The same where it only takes a connection, which is refused at once.
const FIRST_SHORT_PAUSE: Duration = Duration::from_millis(1);
/// How long a pause gets. A person notices a fifth of a second.
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// What shows that a run is up. That it was started shows without a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It listens at this port of a loopback address, itself: a stranger who does is none.
    Tcp(u16),
    /// Somebody takes a connection at this port, whoever it is: for what an engine publishes,
    /// and for a port that only the run was told of.
    Reachable(u16),
    /// It listens at this port itself, and answers a `GET` of this path with 200 to 399.
    Http {
        /// The port.
        port: u16,
        /// The path, starting with `/`.
        path: String,
    },
    /// Somebody answers a `GET` of this path at this port with 200 to 399, whoever it is: at a
    /// port that only the run was told of.
    Answers {
        /// The port.
        port: u16,
        /// The path, starting with `/`.
        path: String,
    },
    /// A line of its output contains this text, escape sequences aside.
    Log(String),
    /// It says `READY=1` at the socket in `NOTIFY_SOCKET`; see `sd_notify(3)`.
    Notify,
}

/// A probe that is ready to watch, and what the run is to be started with.
#[derive(Debug)]
pub struct Prepared {
    /// What watches.
    pub probe: Probe,
    /// What the run gets as [`NOTIFY_SOCKET`].
    pub socket: Option<PathBuf>,
    /// What the reader of its output looks for.
    pub sought: Option<Sought>,
}

/// What watches for the sign of one run.
#[derive(Debug)]
pub struct Probe(Kind);

#[derive(Debug)]
enum Kind {
    Tcp(Door),
    Reachable(u16),
    Http(Door, String),
    Answers(u16, String),
    Log(oneshot::Receiver<()>),
    Notify(Socket),
}

/// Prepare to watch for the sign of a run that is about to be started.
///
/// `place` is a directory that only this user can enter and only this tool writes to.
///
/// # Errors
/// When there can be no socket in `place`.
pub fn prepare(sign: Sign, place: &Path, child: ChildId) -> io::Result<Prepared> {
    let with = |kind| Prepared { probe: Probe(kind), socket: None, sought: None };
    Ok(match sign {
        Sign::Tcp(port) => with(Kind::Tcp(Door::at(port))),
        Sign::Reachable(port) => with(Kind::Reachable(port)),
        Sign::Http { port, path } => with(Kind::Http(Door::at(port), path)),
        Sign::Answers { port, path } => with(Kind::Answers(port, path)),
        Sign::Log(text) => {
            let (sought, found) = Sought::new(&text);
            Prepared { sought: Some(sought), ..with(Kind::Log(found)) }
        }
        Sign::Notify => {
            let socket = Socket::bind(place, child)?;
            let path = socket.path().to_owned();
            Prepared { socket: Some(path), ..with(Kind::Notify(socket)) }
        }
    })
}

impl Probe {
    /// Call `report` once when the sign is there.
    ///
    /// Returns when there is nothing left to do, after the end of the run at the latest; may be
    /// dropped at any time. A run that speaks to the socket goes on to do so when it is up, and
    /// is listened to for as long as it lives: nobody else would take what it says.
    pub async fn watch(self, mark: Mark, mut life: watch::Receiver<Life>, report: impl FnOnce()) {
        let look = async {
            match self.0 {
                Kind::Tcp(door) => {
                    again_and_again(FIRST_PAUSE, async || door.is_open(&mark).await).await;
                }
                Kind::Reachable(port) => {
                    let open = async || tcp::connect(port).await.is_some();
                    again_and_again(FIRST_SHORT_PAUSE, open).await;
                }
                Kind::Answers(port, path) => {
                    let answers = async || http::is_well(port, &path).await;
                    again_and_again(FIRST_SHORT_PAUSE, answers).await;
                }
                Kind::Http(door, path) => {
                    let answers = async || http::is_well(door.port(), &path).await;
                    let is_up = async || door.is_open(&mark).await && answers().await;
                    again_and_again(FIRST_PAUSE, is_up).await;
                }
                Kind::Log(found) => {
                    if found.await.is_err() {
                        return;
                    }
                }
                Kind::Notify(socket) => return socket.listen(report).await,
            }
            report();
        };
        tokio::select! {
            () = look => {}
            // An error is the end of whoever knows of its life.
            _ = life.wait_for(|life| *life == Life::Gone) => {}
        }
    }
}

/// Look until there is something to see, less and less often.
async fn again_and_again(first_pause: Duration, look: impl AsyncFn() -> bool) {
    let mut pause = first_pause;
    while !look().await {
        // Nothing tells when to look: this is a time of day and not an event.
        let _ = timeout(pause, std::future::pending::<()>()).await;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests;
