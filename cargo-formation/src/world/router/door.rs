//! Where the clients of one process type come in.

use std::future::{pending, poll_fn};
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use rustix::io::Errno;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Limits;
use super::connection::{self, Place};
use super::dial::is_full;
use super::pump::Scratch;
use super::roster::Roster;
use crate::formation::ProcessName;

/// How many clients the kernel lets wait. With less they stall for seconds when many come.
const BACKLOG: u32 = 1024;
/// While descriptors are short, this often it is looked whether there are some: others of this
/// process may have given them back.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// The sockets of one process type, and what is behind them.
#[derive(Debug)]
pub(super) struct Door {
    listeners: Vec<TcpListener>,
    roster: Arc<Roster>,
    limits: Limits,
}

/// Listen at these addresses, within a runtime.
pub(super) fn bind(addresses: &[SocketAddr]) -> io::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    let mut missing = None;
    for address in addresses {
        match listen(*address) {
            Ok(listener) => listeners.push(listener),
            Err(error) if is_missing(address.ip(), &error) => missing = Some(error),
            Err(error) => return Err(error),
        }
    }
    if listeners.is_empty() {
        return Err(missing.unwrap_or_else(|| io::ErrorKind::InvalidInput.into()));
    }
    Ok(listeners)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // What is left of connections of the last time does not hold the port.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Machines without IPv6 have no loopback address of it, or no such sockets.
fn is_missing(ip: IpAddr, error: &io::Error) -> bool {
    let number = Errno::from_io_error(error);
    ip == Ipv6Addr::LOCALHOST
        && number.is_some_and(|number| [Errno::ADDRNOTAVAIL, Errno::AFNOSUPPORT].contains(&number))
}

impl Door {
    pub(super) fn new(listeners: Vec<TcpListener>, roster: Arc<Roster>, limits: Limits) -> Self {
        Self { listeners, roster, limits }
    }

    pub(super) fn name(&self) -> &ProcessName {
        self.roster.name()
    }

    /// Let clients in until the end, and then wait for those that are in. Whoever drops this
    /// closes their connections.
    pub(super) async fn keep(mut self, scratch: Scratch) {
        let mut changes = self.roster.changes();
        let place =
            Rc::new(Place { roster: Arc::clone(&self.roster), limits: self.limits, scratch });
        let mut connections = JoinSet::new();
        loop {
            if self.roster.is_ending() {
                self.listeners.clear();
                if connections.is_empty() {
                    return;
                }
            }
            tokio::select! {
                biased;
                Some(_) = connections.join_next() => {}
                // It is kept by the roster, which is here.
                _ = changes.changed() => {}
                accepted = accept(&self.listeners) => match accepted {
                    Ok(stream) => {
                        connections.spawn_local(connection::serve(stream, Rc::clone(&place)));
                    }
                    Err(error) => {
                        // Of others it was the client that has gone.
                        if !is_full(&error) {
                            continue;
                        }
                        self.roster.full(error);
                        let ended = async {
                            if connections.join_next().await.is_none() {
                                pending::<()>().await;
                            }
                        };
                        // Whichever comes first is a time to look.
                        let _ = timeout(LOOK_AGAIN, ended).await;
                    }
                },
            }
        }
    }
}

/// The next client.
async fn accept(listeners: &[TcpListener]) -> io::Result<TcpStream> {
    poll_fn(|cx| {
        for listener in listeners {
            if let Poll::Ready(accepted) = listener.poll_accept(cx) {
                return Poll::Ready(accepted.map(|(stream, _)| stream));
            }
        }
        Poll::Pending
    })
    .await
}
