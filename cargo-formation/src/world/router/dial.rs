//! A connection to a run.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rustix::io::Errno;
use tokio::net::TcpStream;

use super::roster::Lease;

/// A connection to a run, and the right to it. They end together: first the connection.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) stream: TcpStream,
    pub(super) lease: Lease,
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Failed {
    /// The run did not take it.
    Refused(Lease, io::Error),
    /// We have no descriptor for it.
    Full(io::Error),
}

/// Connect to the run of a lease.
pub(super) async fn dial(lease: Lease) -> Result<Link, Failed> {
    match connect(lease.port()).await {
        Ok(stream) => {
            lease.accepted();
            // Without it everything works, a little later.
            let _ = stream.set_nodelay(true);
            Ok(Link { stream, lease })
        }
        Err(error) if is_full(&error) => Err(Failed::Full(error)),
        Err(error) => Err(Failed::Refused(lease, error)),
    }
}

/// Whether it failed for want of descriptors, of ours or of the whole machine.
pub(super) fn is_full(error: &io::Error) -> bool {
    let number = Errno::from_io_error(error);
    number.is_some_and(|number| [Errno::MFILE, Errno::NFILE, Errno::NOBUFS].contains(&number))
}

/// Runs listen at one loopback address or at both.
async fn connect(port: u16) -> io::Result<TcpStream> {
    let loopback = [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()];
    let mut first = None;
    for ip in loopback {
        match TcpStream::connect((ip, port)).await {
            Ok(stream) if !is_to_itself(&stream) => return Ok(stream),
            Ok(_) => {}
            Err(error) if is_full(&error) => return Err(error),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| io::ErrorKind::ConnectionRefused.into()))
}

/// A connection to a port that nobody listens on, and that happens to be its own.
fn is_to_itself(stream: &TcpStream) -> bool {
    matches!((stream.local_addr(), stream.peer_addr()), (Ok(own), Ok(peer)) if own == peer)
}
