//! Where the ports of a checkout start, when nobody said so: the checkout remembers.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::ports::{Taken, taken};
use crate::plan::{BasePort, next_block};

/// The base that is in force: what was chosen, or what this checkout moved to.
#[must_use]
pub fn remembered(target_directory: &Path, base: &BasePort) -> u16 {
    if base.is_chosen() {
        return base.port;
    }
    let text = fs::read_to_string(file(target_directory)).unwrap_or_default();
    text.trim().parse().ok().filter(|port| *port > 0).unwrap_or(base.port)
}

/// A base whose ports are free, and why it is this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The base.
    pub base: u16,
    /// Why.
    pub why: Why,
}

/// Why a base is the one that is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It was chosen, or nobody has chosen another.
    Usual,
    /// This checkout has moved there before.
    Remembered,
    /// It moves there now, because of this.
    Moved(Taken),
}

/// Find a base whose ports, as `ports` says, nobody else holds. One that was chosen is
/// tried alone; otherwise the whole formation moves to the next block of 1,000.
///
/// # Errors
/// Who holds the ports of the base that was chosen, or of the last that was tried.
pub fn free(
    target_directory: &Path,
    base: &BasePort,
    ports: impl Fn(u16) -> Vec<u16>,
) -> Result<Settled, Vec<Taken>> {
    let first = remembered(target_directory, base);
    let (found, in_the_way) = search(first, base, ports)?;
    if base.is_chosen() {
        // From now on it starts where everybody does. If that cannot be, it is said where it starts.
        let _ = fs::remove_file(file(target_directory));
    }
    let why = match in_the_way {
        Some(taken) => {
            // If it cannot be remembered, the next start searches again.
            let _ = remember(target_directory, found);
            Why::Moved(taken)
        }
        None if found != base.port => Why::Remembered,
        None => Why::Usual,
    };
    Ok(Settled { base: found, why })
}

fn remember(target_directory: &Path, base: u16) -> io::Result<()> {
    let path = file(target_directory);
    let is_new = !target_directory.exists();
    path.parent().map(fs::create_dir_all).transpose()?;
    if is_new {
        // Cargo does so when it makes the directory: backups leave it out.
        fs::write(target_directory.join("CACHEDIR.TAG"), CACHE_DIRECTORY)?;
    }
    fs::write(path, format!("{base}\n"))
}

/// What says that a directory can be made again; see the Cache Directory Tagging Specification.
const CACHE_DIRECTORY: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
                               # This file is a cache directory tag created by cargo formation.\n";

/// A base for a formation beside others: from blocks that nobody else starts with.
///
/// # Errors
/// Who holds the ports of the last block that was tried.
pub fn isolated(pid: u32, ports: impl Fn(u16) -> Vec<u16>) -> Result<Settled, Vec<Taken>> {
    let blocks = u32::from(ISOLATED.end - ISOLATED.start) / 1_000;
    let mut held = Vec::new();
    // Two that start at once begin their search in two places.
    for step in 0..blocks {
        let block = u16::try_from((pid + step) % blocks).unwrap_or_default();
        let base = ISOLATED.start + block * 1_000;
        held = taken(&ports(base));
        if held.is_empty() {
            return Ok(Settled { base, why: Why::Usual });
        }
    }
    Err(held)
}

/// Below the range from which the kernel takes ports for connections.
const ISOLATED: Range<u16> = 10_000..20_000;

/// The first base whose ports are free, and who was in the way of the one before it.
fn search(
    first: u16,
    base: &BasePort,
    ports: impl Fn(u16) -> Vec<u16>,
) -> Result<(u16, Option<Taken>), Vec<Taken>> {
    let (mut candidate, mut in_the_way) = (first, None);
    loop {
        let held = taken(&ports(candidate));
        if held.is_empty() {
            return Ok((candidate, in_the_way));
        }
        match next_block(candidate) {
            Some(next) if !base.is_chosen() => candidate = next,
            Some(_) | None => return Err(held),
        }
        in_the_way = in_the_way.or(held.into_iter().next());
    }
}

fn file(target_directory: &Path) -> PathBuf {
    target_directory.join("formation").join("base-port")
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::{Settled, Why, free, remembered};
    use crate::plan::{BaseOrigin, BasePort};

    fn listener() -> (TcpListener, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    #[test]
    fn a_base_nobody_chose_moves_and_is_remembered() {
        let target = tempfile::tempdir().unwrap();
        let (_listener, held) = listener();
        let base = BasePort { port: 1, origin: BaseOrigin::Default };
        let ports = |base| if base == 1 { vec![held] } else { Vec::new() };
        let found = free(target.path(), &base, ports).unwrap();
        assert_eq!(found.base, 1_001);
        assert!(matches!(found.why, Why::Moved(taken) if taken.port == held));
        assert_eq!(remembered(target.path(), &base), 1_001);
        let again = free(target.path(), &base, |_| Vec::new());
        assert_eq!(again, Ok(Settled { base: 1_001, why: Why::Remembered }));
    }

    #[test]
    fn a_base_that_was_chosen_and_is_free_ends_the_move() {
        let target = tempfile::tempdir().unwrap();
        let (_listener, held) = listener();
        let usual = BasePort { port: 1, origin: BaseOrigin::Default };
        let ports = |base| if base == 1 { vec![held] } else { Vec::new() };
        assert_eq!(free(target.path(), &usual, ports).unwrap().base, 1_001);
        let chosen = BasePort { port: 1, origin: BaseOrigin::CommandLine };
        // Where it cannot be, nothing changes.
        free(target.path(), &chosen, ports).unwrap_err();
        assert_eq!(remembered(target.path(), &usual), 1_001);
        free(target.path(), &chosen, |_| Vec::new()).unwrap();
        let again = free(target.path(), &usual, |_| Vec::new());
        assert_eq!(again, Ok(Settled { base: 1, why: Why::Usual }));
    }

    #[test]
    fn a_base_that_was_chosen_stays_and_says_who_holds_it() {
        let target = tempfile::tempdir().unwrap();
        let (_listener, held) = listener();
        let base = BasePort { port: 1, origin: BaseOrigin::CommandLine };
        let taken = free(target.path(), &base, |_| vec![held]).unwrap_err();
        assert_eq!(taken[0].port, held);
        assert_eq!(remembered(target.path(), &base), 1);
    }
}
