//! A socket that listens, to be handed to processes.
//!
//! It is open before any of them starts and stays so when they end: who connects meanwhile
//! waits in its queue.

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::process::Stdio;

use rustix::net::sockopt::set_socket_reuseaddr;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, listen, socket_with};

/// How many clients may wait. With less they stall for seconds when many come.
const BACKLOG: i32 = 1_024;

/// A socket that listens, whoever has it.
#[derive(Debug)]
pub struct Handed(OwnedFd);

impl Handed {
    /// Listen at an address.
    ///
    /// # Errors
    /// When that cannot be; `AddrInUse` when somebody else does.
    pub fn listen(address: SocketAddr) -> io::Result<Self> {
        let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let socket = socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        // What is left of connections of the last time does not hold the port.
        set_socket_reuseaddr(&socket, true)?;
        bind(&socket, &address)?;
        listen(&socket, BACKLOG)?;
        Ok(Self(socket))
    }

    /// The socket for a process that is about to be started.
    ///
    /// # Errors
    /// When there are no more descriptors to be had.
    pub fn hand_over(&self) -> io::Result<Stdio> {
        Ok(self.0.try_clone()?.into())
    }
}
