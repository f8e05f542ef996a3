//! Who holds a port.

mod private;
pub(super) mod table;

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

pub use self::private::PrivatePorts;

/// A port that somebody else holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The port.
    pub port: u16,
    /// Who holds it, if that can be found out.
    pub holder: Option<Holder>,
}

/// A process that listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port {} is taken", self.port)?;
        match &self.holder {
            Some(Holder { pid, name }) => write!(f, " by `{name}` (process {pid})"),
            None => Ok(()),
        }
    }
}

/// Those of `ports` that somebody listens on.
#[must_use]
pub fn taken(ports: &[u16]) -> Vec<Taken> {
    let listening = table::listening();
    let socket = |port: u16| listening.iter().find(|socket| socket.address.port() == port);
    let held = ports.iter().filter(|port| socket(**port).is_some() || !is_free(**port));
    held.map(|&port| {
        let holder = socket(port).and_then(|socket| table::holder(socket.inode));
        Taken { port, holder }
    })
    .collect()
}

/// Whether we could listen on both loopback addresses. Nobody can connect meanwhile: the
/// socket is gone before anybody is told of it.
fn is_free(port: u16) -> bool {
    let v4 = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let v6 = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
    let in_use = |address| {
        TcpListener::bind(address)
            .is_err_and(|error: std::io::Error| error.kind() == std::io::ErrorKind::AddrInUse)
    };
    !in_use(v4) && !in_use(v6)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::taken;

    #[test]
    fn a_port_somebody_listens_on_is_taken_and_its_holder_named() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address) else {
                eprintln!("SKIPPED for {address}: this machine does not have the address");
                continue;
            };
            let port = listener.local_addr().unwrap().port();
            let found = taken(&[port]);
            assert_eq!(found.len(), 1, "{address}");
            if cfg!(target_os = "linux") {
                let holder = found[0].holder.clone().unwrap();
                assert_eq!(holder.pid, std::process::id());
            }
            drop(listener);
            assert_eq!(taken(&[port]), []);
        }
    }
}
