//! Ports that only the tool knows of: where the runs of a routed type listen.

use std::collections::BTreeSet;

use super::is_free;

/// Below those that the kernel gives to connections (from 32768; `ip_local_port_range` in
/// `ip(7)`), and above those that programs are known by.
const FIRST: u16 = 20_000;
const LAST: u16 = 29_999;

/// The private ports of one tool.
#[derive(Debug)]
pub struct PrivatePorts {
    held: BTreeSet<u16>,
    next: u16,
}

impl PrivatePorts {
    /// Nobody holds any. Two tools with different seeds begin in different places.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        let span = u32::from(LAST - FIRST) + 1;
        // Neighbouring process ids lie far apart: the factor is prime.
        let place = u16::try_from(seed.wrapping_mul(7_919) % span).unwrap_or_default();
        Self { held: BTreeSet::new(), next: FIRST + place }
    }

    /// A port on which nobody listens, until it is put back. `None` if there is none.
    ///
    /// It is not given again soon: a client of the run before may still call there.
    pub fn take(&mut self) -> Option<u16> {
        for _ in FIRST..=LAST {
            let port = self.next;
            self.next = if port == LAST { FIRST } else { port + 1 };
            if !self.held.contains(&port) && is_free(port) {
                self.held.insert(port);
                return Some(port);
            }
        }
        None
    }

    /// Whoever held it is gone.
    pub fn put_back(&mut self, port: u16) {
        self.held.remove(&port);
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::{FIRST, LAST, PrivatePorts};

    #[test]
    fn no_port_is_given_twice_nor_one_where_somebody_listens() {
        let mut ports = PrivatePorts::new(4_711);
        let first = ports.take().unwrap();
        let stranger = TcpListener::bind(("127.0.0.1", first + 1));
        let second = ports.take().unwrap();
        assert!(first != second && (FIRST..=LAST).contains(&second));
        if stranger.is_ok() {
            assert_ne!(second, first + 1);
        }
        ports.put_back(first);
        assert_ne!(ports.take(), Some(first), "not so soon");
    }

    #[test]
    fn the_first_follows_the_last() {
        let mut ports = PrivatePorts::new(0);
        ports.next = LAST;
        let taken: Vec<u16> = std::iter::from_fn(|| ports.take()).take(3).collect();
        assert!(taken.iter().all(|port| (FIRST..=LAST).contains(port)), "{taken:?}");
    }

    #[test]
    fn there_is_an_end() {
        let mut ports = PrivatePorts::new(1);
        ports.held = (FIRST..=LAST).collect();
        assert_eq!(ports.take(), None);
    }
}
