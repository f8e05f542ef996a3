//! Whether a run listens at a port.
//!
//! That somebody takes a connection there is not enough: it may be a stranger, or the run
//! before. The kernel's table knows which socket listens, and `/proc` who has it open.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::world::children::Mark;
use crate::world::ports::table::{self, Inode};

/// How long a connection may take. On this machine it takes no time, unless somebody's
/// queue is full.
const CONNECT: Duration = Duration::from_secs(2);

/// Who listens for the containers of an engine, as the kernel knows their names: what a run
/// such as `docker run --publish` opens is open in one of these, and not in the run.
const FORWARDERS: [&str; 6] =
    ["docker-proxy", "rootlesskit", "rootlessport", "slirp4netns", "pasta", "pasta.avx2"];

/// A port at which a run is going to listen.
#[derive(Clone, Debug)]
pub(super) struct Door {
    port: u16,
    /// Who listened there before the run began, and hence is not the run.
    before: HashSet<Inode>,
}

/// Who listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listener {
    /// Nobody who can be seen.
    Nobody,
    /// The run.
    Run,
    /// Somebody whose run it is cannot be told.
    Unknown,
    /// Somebody else.
    Stranger,
}

impl Door {
    /// A port that is about to be opened by a run that has not begun.
    pub(super) fn at(port: u16) -> Self {
        Self { port, before: sockets(port) }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Whether the run listens. Where it cannot be told who does, whether somebody does.
    pub(super) async fn is_open(&self, mark: &Mark) -> bool {
        match self.listener(mark).await {
            Listener::Run => true,
            Listener::Stranger => false,
            Listener::Unknown => connect(self.port).await.is_some(),
            // What the kernel itself forwards to a container is in no table. That a stranger
            // begins to listen between the look and the connection is ruled out by another.
            Listener::Nobody => {
                connect(self.port).await.is_some()
                    && matches!(self.listener(mark).await, Listener::Nobody | Listener::Run)
            }
        }
    }

    async fn listener(&self, mark: &Mark) -> Listener {
        let (door, mark) = (self.clone(), mark.clone());
        let look = spawn_blocking(move || door.look(&mark));
        look.await.unwrap_or(Listener::Unknown)
    }

    /// Reads much of `/proc` when somebody listens.
    fn look(&self, mark: &Mark) -> Listener {
        if !cfg!(target_os = "linux") {
            return Listener::Unknown;
        }
        let listening = sockets(self.port);
        if listening.is_empty() {
            return Listener::Nobody;
        }
        let Some(members) = mark.members() else { return Listener::Unknown };
        let mut open = members.into_iter().filter_map(|pid| table::open(pid).ok());
        if open.any(|open| open.iter().any(|socket| listening.contains(socket))) {
            return Listener::Run;
        }
        // Whose descriptors may not be read has become another user, as a database does that
        // was started by root: of the run it may be, if it was not there before.
        let may_be_of_the_run = |socket: &Inode| match table::holder(*socket) {
            Some(holder) => FORWARDERS.contains(&holder.name.as_str()),
            None => true,
        };
        if listening.difference(&self.before).any(may_be_of_the_run) {
            Listener::Unknown
        } else {
            Listener::Stranger
        }
    }
}

/// The sockets that listen at a port of a loopback address.
fn sockets(port: u16) -> HashSet<Inode> {
    let here = |address: SocketAddr| {
        let ip = address.ip();
        address.port() == port && (ip.is_unspecified() || loopback().contains(&ip))
    };
    let listening = table::listening().into_iter();
    listening.filter(|socket| here(socket.address)).map(|socket| socket.inode).collect()
}

/// Where a run is expected to be reached, in the order in which it is tried.
fn loopback() -> [IpAddr; 2] {
    [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
}

/// Connect to a port of this machine.
pub(super) async fn connect(port: u16) -> Option<TcpStream> {
    for ip in loopback() {
        let attempt = timeout(CONNECT, TcpStream::connect((ip, port))).await;
        if let Ok(Ok(stream)) = attempt
            && !is_to_itself(&stream)
        {
            return Some(stream);
        }
    }
    None
}

/// A connection to a port that nobody listens on, and that happens to be its own.
fn is_to_itself(stream: &TcpStream) -> bool {
    matches!((stream.local_addr(), stream.peer_addr()), (Ok(own), Ok(peer)) if own == peer)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpListener;

    use super::sockets;

    #[test]
    fn who_is_reached_at_the_loopback_is_seen_and_nobody_else() {
        for (address, seen) in [
            ("127.0.0.1:0", 1),
            ("0.0.0.0:0", 1),
            ("[::1]:0", 1),
            ("[::]:0", 1),
            ("[::ffff:127.0.0.1]:0", 1),
            ("127.0.0.2:0", 0),
        ] {
            let Ok(listener) = TcpListener::bind(address) else {
                eprintln!("SKIPPED for {address}: this machine does not have the address");
                continue;
            };
            let port = listener.local_addr().unwrap().port();
            assert_eq!(sockets(port).len(), seen, "{address}");
        }
    }
}
