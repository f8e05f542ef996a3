//! The kernel's table of sockets: who listens where.

use std::io;
use std::net::SocketAddr;

use super::Holder;

/// The number of a socket, as long as it is open.
pub(in crate::world) type Inode = u64;

/// A TCP socket that listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::world) struct Socket {
    /// Where.
    pub(in crate::world) address: SocketAddr,
    /// Its number.
    pub(in crate::world) inode: Inode,
}

/// Every TCP socket that listens, on whatever address. Empty where there is no such table.
pub(in crate::world) fn listening() -> Vec<Socket> {
    linux::listening()
}

/// A process that has this socket open, if we may look.
pub(in crate::world) fn holder(socket: Inode) -> Option<Holder> {
    linux::holder(socket)
}

/// The sockets that a process has open.
///
/// # Errors
/// When it is gone, or it is another user's and we may not look.
pub(in crate::world) fn open(pid: u32) -> io::Result<Vec<Inode>> {
    linux::open(pid)
}

/// Reading `/proc`; see `proc_net(5)` and `proc_pid_fd(5)`.
#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::io;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

    use super::{Holder, Inode, Socket};

    /// `LISTEN` in the fourth column.
    const LISTEN: &str = "0A";

    pub(super) fn listening() -> Vec<Socket> {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(fs::read_to_string);
        let tables: Vec<String> = tables.into_iter().flatten().collect();
        tables.iter().flat_map(|table| table.lines().skip(1)).filter_map(socket).collect()
    }

    /// `sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …`
    fn socket(line: &str) -> Option<Socket> {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let local = fields.next()?;
        if fields.nth(1)? != LISTEN {
            return None;
        }
        let inode = fields.nth(5)?.parse().ok()?;
        let (ip, port) = local.split_once(':')?;
        let port = u16::from_str_radix(port, 16).ok()?;
        Some(Socket { address: SocketAddr::new(address(ip)?, port), inode })
    }

    /// Each eight digits are four bytes of the address, written as a number of this machine.
    fn address(digits: &str) -> Option<IpAddr> {
        let word = |from: usize| {
            let word = digits.get(from..from + 8)?;
            Some(u32::from_str_radix(word, 16).ok()?.to_ne_bytes())
        };
        if digits.len() == 8 {
            return Some(Ipv4Addr::from(word(0)?).into());
        }
        let bytes = [word(0)?, word(8)?, word(16)?, word(24)?];
        let bytes: [u8; 16] = bytes.as_flattened().try_into().ok()?;
        Some(Ipv6Addr::from(bytes).to_canonical())
    }

    pub(super) fn holder(socket: Inode) -> Option<Holder> {
        let processes = fs::read_dir("/proc").ok()?.flatten();
        let mut pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let pid = pids.find(|pid| open(*pid).is_ok_and(|open| open.contains(&socket)))?;
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        Some(Holder { pid, name: name.trim_end().to_owned() })
    }

    pub(super) fn open(pid: u32) -> io::Result<Vec<Inode>> {
        let mut sockets = Vec::new();
        for fd in fs::read_dir(format!("/proc/{pid}/fd"))?.flatten() {
            match fs::read_link(fd.path()) {
                Ok(target) => sockets.extend(target.to_str().and_then(inode)),
                // It was closed in this moment.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(sockets)
    }

    /// `socket:[4242]`.
    fn inode(target: &str) -> Option<Inode> {
        target.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    }

    #[cfg(test)]
    mod tests {
        use super::socket;

        #[test]
        fn a_line_of_the_table_is_read() {
            if cfg!(target_endian = "big") {
                return;
            }
            let read = |local: &str| {
                let line = format!(
                    "  0: {local} 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000  \
                     0 4242 1 0 100 0 0 10 0"
                );
                socket(&line).map(|socket| (socket.address.to_string(), socket.inode))
            };
            assert_eq!(read("0100007F:1F90"), Some(("127.0.0.1:8080".to_owned(), 4242)));
            let loopback = "00000000000000000000000001000000:0050";
            assert_eq!(read(loopback), Some(("[::1]:80".to_owned(), 4242)));
            let mapped = "0000000000000000FFFF00000100007F:0050";
            assert_eq!(read(mapped), Some(("127.0.0.1:80".to_owned(), 4242)));
            assert_eq!(read("0100007F"), None);
            assert_eq!(read("zz:zz"), None);
        }
    }
}

/// There is no such table: only the loopback addresses can be tried.
#[cfg(not(target_os = "linux"))]
mod linux {
    use std::io;

    use super::{Holder, Inode, Socket};

    pub(super) fn listening() -> Vec<Socket> {
        Vec::new()
    }

    pub(super) fn holder(_socket: Inode) -> Option<Holder> {
        None
    }

    pub(super) fn open(_pid: u32) -> io::Result<Vec<Inode>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
