//! Files in the middle of being saved.
//!
//! An editor that writes in place empties the file first; one that keeps a backup takes the
//! file away before it writes the new one. What is seen in between is true, and of no use:
//! a build would fail for it. So the report waits until the writer has closed the file or
//! the name is back, and never for long.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::EventKind;
use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RenameMode};

use crate::formation::Moment;
use crate::plan::watch::Change;

/// The longest that a report waits for a save to end.
const LONGEST: Duration = Duration::from_millis(20);

/// The files that are being written.
#[derive(Debug, Default)]
pub(super) struct Settling {
    open: BTreeMap<PathBuf, Moment>,
}

impl Settling {
    /// The kernel tells this of a file.
    pub(super) fn told(&mut self, kind: EventKind, path: &Path, now: Moment) {
        match kind {
            // What was taken away is about to be written, unless it is not.
            EventKind::Create(CreateKind::File)
            | EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Name(RenameMode::From))
            | EventKind::Remove(_) => {
                self.open.entry(path.to_path_buf()).or_insert(now);
            }
            EventKind::Access(AccessKind::Close(AccessMode::Write))
            | EventKind::Modify(ModifyKind::Name(RenameMode::To)) => {
                self.open.remove(path);
            }
            EventKind::Any
            | EventKind::Access(_)
            | EventKind::Create(_)
            | EventKind::Modify(_)
            | EventKind::Other => {}
        }
    }

    /// Until when to wait before these differences are told, each with when it was first
    /// seen; nothing, if there is nothing to wait for that somebody `cares` about.
    pub(super) fn until(
        &mut self,
        pending: &BTreeMap<PathBuf, (Change, Moment)>,
        cares: impl Fn(&Path, Change) -> bool,
        now: Moment,
    ) -> Option<Moment> {
        self.open.retain(|_, since| now.since(*since) < LONGEST);
        let first = pending.values().map(|(_, seen_at)| *seen_at).min()?;
        let unsettled = pending.iter().any(|(path, (change, _))| {
            (*change == Change::Vanished || self.open.contains_key(path)) && cares(path, *change)
        });
        Some(first + LONGEST).filter(|until| unsettled && *until > now)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use notify::EventKind;
    use notify::event::{AccessKind, AccessMode, DataChange, ModifyKind};

    use super::{LONGEST, Settling};
    use crate::formation::Moment;
    use crate::plan::watch::Change;

    const WRITTEN: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));
    const CLOSED: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Write));

    fn at(milliseconds: u64) -> Moment {
        Moment::after_start(Duration::from_millis(milliseconds))
    }

    fn pending(changes: &[(&str, Change, u64)]) -> BTreeMap<PathBuf, (Change, Moment)> {
        let entry = |&(path, change, seen): &(&str, _, _)| (path.into(), (change, at(seen)));
        changes.iter().map(entry).collect()
    }

    fn until(
        settling: &mut Settling,
        pending: &BTreeMap<PathBuf, (Change, Moment)>,
        now: Moment,
    ) -> Option<Moment> {
        settling.until(pending, |path, _| path != Path::new("/junk"), now)
    }

    #[test]
    fn a_file_is_settled_when_it_is_closed() {
        let mut settling = Settling::default();
        let changed = pending(&[("/a", Change::Modified, 5)]);
        assert_eq!(until(&mut settling, &changed, at(5)), None);
        settling.told(WRITTEN, Path::new("/a"), at(5));
        assert_eq!(until(&mut settling, &changed, at(6)), Some(at(5) + LONGEST));
        settling.told(CLOSED, Path::new("/a"), at(7));
        assert_eq!(until(&mut settling, &changed, at(7)), None);
    }

    #[test]
    fn nobody_waits_for_a_file_of_no_interest() {
        let mut settling = Settling::default();
        settling.told(WRITTEN, Path::new("/log"), at(5));
        assert_eq!(until(&mut settling, &pending(&[("/a", Change::Modified, 5)]), at(6)), None);
    }

    #[test]
    fn what_is_gone_may_come_back() {
        let mut settling = Settling::default();
        let gone = pending(&[("/a", Change::Vanished, 5)]);
        assert_eq!(until(&mut settling, &gone, at(6)), Some(at(5) + LONGEST));
        assert_eq!(until(&mut settling, &gone, at(5) + LONGEST), None);
        let junk = pending(&[("/junk", Change::Vanished, 5), ("/a", Change::Modified, 5)]);
        assert_eq!(until(&mut settling, &junk, at(6)), None);
    }

    #[test]
    fn constant_writing_holds_up_nothing() {
        let mut settling = Settling::default();
        let changed = pending(&[("/a", Change::Modified, 0)]);
        for now in 0..20 {
            settling.told(WRITTEN, Path::new("/a"), at(now));
            assert_eq!(until(&mut settling, &changed, at(now)), Some(at(20)));
        }
        settling.told(WRITTEN, Path::new("/a"), at(20));
        assert_eq!(until(&mut settling, &changed, at(20)), None);
    }
}
