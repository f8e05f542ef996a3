//! Who holds a port.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

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
    let held = ports.iter().filter(|port| listening.contains_key(port) || !is_free(**port));
    held.map(|&port| {
        let holder = listening.get(&port).and_then(|socket| table::holder(*socket));
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

/// The kernel's table of sockets, which also knows those that listen on other addresses.
#[cfg(target_os = "linux")]
mod table {
    use std::collections::BTreeMap;
    use std::fs;

    use super::Holder;

    /// The inode of a socket.
    type Inode = u64;

    /// `LISTEN` in the fourth column of `/proc/net/tcp`; see `proc_net(5)`.
    const LISTEN: &str = "0A";

    /// The ports that somebody listens on, each with the socket.
    pub(super) fn listening() -> BTreeMap<u16, Inode> {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(fs::read_to_string);
        let tables: Vec<String> = tables.into_iter().flatten().collect();
        tables.iter().flat_map(|table| table.lines().skip(1)).filter_map(socket).collect()
    }

    fn socket(line: &str) -> Option<(u16, Inode)> {
        let mut fields = line.split_ascii_whitespace();
        let (_, port) = fields.nth(1)?.rsplit_once(':')?;
        let port = u16::from_str_radix(port, 16).ok()?;
        let listens = fields.nth(1)? == LISTEN;
        let inode = fields.nth(5)?.parse().ok()?;
        listens.then_some((port, inode))
    }

    /// The process that has this socket open, if we may look.
    pub(super) fn holder(socket: Inode) -> Option<Holder> {
        let link = format!("socket:[{socket}]");
        let processes = fs::read_dir("/proc").ok()?.flatten();
        let mut pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let pid: u32 = pids.find(|pid: &u32| {
            let open = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
            open.filter_map(|fd| fs::read_link(fd.path()).ok())
                .any(|target| target.to_str() == Some(&link))
        })?;
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        Some(Holder { pid, name: name.trim_end().to_owned() })
    }
}

/// Where there is no such table, only the loopback addresses are tried.
#[cfg(not(target_os = "linux"))]
mod table {
    use std::collections::BTreeMap;

    use super::Holder;

    pub(super) fn listening() -> BTreeMap<u16, u64> {
        BTreeMap::new()
    }

    pub(super) fn holder(_socket: u64) -> Option<Holder> {
        None
    }
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
