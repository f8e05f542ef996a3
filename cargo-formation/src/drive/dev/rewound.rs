//! Files that changed and got no newer date by it.
//!
//! Cargo builds what was written after its last build began, by the time in the file. Who moves
//! an older file over a newer one, as `mv` and `cp -p` do, is not seen. The kernel's own time
//! of the change tells it apart from an edit that the build already has. Who only sets the mode of a
//! file, or links it, looks the same, and has it built once more.

use std::collections::BTreeSet;
use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::narrate::notice::{Tone, status};
use crate::world::clock;

/// Set the time of those of `paths` to now that cargo would take for built, and were not. They
/// are returned.
pub(super) fn repair(paths: &BTreeSet<PathBuf>, began: SystemTime) -> Vec<PathBuf> {
    let mut repaired = Vec::new();
    for path in paths {
        let Ok(metadata) = std::fs::metadata(path) else { continue };
        if metadata.is_file() && is_rewound(&metadata, began) {
            let file = File::options().write(true).open(path);
            if file.and_then(|file| file.set_modified(clock::wall())).is_ok() {
                repaired.push(path.clone());
            }
        }
    }
    repaired
}

fn is_rewound(metadata: &Metadata, began: SystemTime) -> bool {
    let Ok(began) = began.duration_since(SystemTime::UNIX_EPOCH) else { return false };
    moment(metadata.mtime(), metadata.mtime_nsec()) <= began
        && moment(metadata.ctime(), metadata.ctime_nsec()) > began
}

fn moment(seconds: i64, nanoseconds: i64) -> Duration {
    let seconds = u64::try_from(seconds).unwrap_or(0);
    Duration::new(seconds, u32::try_from(nanoseconds).unwrap_or(0))
}

/// What a person is told of it.
pub(super) fn line(path: &Path) -> String {
    let text = format!(
        "{}: it has changed and got no newer date, which cargo would not see",
        path.display()
    );
    status(Tone::Unusual, "Touched", &text)
}
