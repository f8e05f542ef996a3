//! Whether a run listens somewhere else than at the port it was told.

use std::collections::{BTreeSet, HashSet};
use std::future::pending;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::world::children::Mark;
use crate::world::output::Life;
use crate::world::ports::table;

/// How often is looked. What listens at one port may be about to listen at the next one.
const PAUSE: Duration = Duration::from_secs(2);

/// The ports at which something of a run listens.
///
/// `None` where that cannot be told. Reads much of `/proc`: not for the loop.
#[must_use]
pub fn listens_at(mark: &Mark) -> Option<BTreeSet<u16>> {
    let members = mark.members()?;
    let open: HashSet<_> =
        members.into_iter().filter_map(|pid| table::open(pid).ok()).flatten().collect();
    let listening = table::listening().into_iter();
    Some(listening.filter(|s| open.contains(&s.inode)).map(|s| s.address.port()).collect())
}

/// Look for a run that is to listen at the first of these ports, until it does or has ended.
/// `report` is called, once, if it listens at others instead.
pub async fn seek(
    ports: Vec<u16>,
    mark: Mark,
    mut life: watch::Receiver<Life>,
    report: impl FnOnce(Vec<u16>),
) {
    let look = async {
        let mut seen_before = BTreeSet::new();
        loop {
            // Nothing tells when to look: this is a time of day and not an event.
            let _ = timeout(PAUSE, pending::<()>()).await;
            let mark = mark.clone();
            let found = spawn_blocking(move || listens_at(&mark)).await;
            let Ok(Some(mut found)) = found else { return Vec::new() };
            if ports.first().is_none_or(|port| found.contains(port)) {
                return Vec::new();
            }
            found.retain(|port| !ports.contains(port));
            if !found.is_empty() && found == seen_before {
                return found.into_iter().collect();
            }
            seen_before = found;
        }
    };
    tokio::select! {
        found = look => if !found.is_empty() { report(found) },
        // An error is the end of whoever knows of its life.
        _ = life.wait_for(|life| *life != Life::Leader) => {}
    }
}
