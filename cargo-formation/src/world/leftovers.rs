//! What compilers leave behind that were ended: they would have removed it themselves.
//!
//! A `rustc` that is killed leaves the directory it links in, `rustcXXXXXX`, and the object files
//! of its parts, `*.rcgu.o`, next to what it makes; nobody ever removes them but `cargo clean`.
//! (Seen with cargo and rustc 1.95. The incremental cache is put in order by the next `rustc`.)
//! Cargo says nowhere where that is, so it is looked for below every directory that cargo locks
//! while it builds, and only while nobody else has it locked.

use std::fs::{self, DirEntry, File, Metadata};
use std::io;
use std::path::Path;
use std::time::SystemTime;

use rustix::fs::{FlockOperation, flock};

/// What cargo locks while it builds: until 1.95, and since 1.96.
const LOCKS: [&str; 3] = [".cargo-lock", ".cargo-build-lock", ".cargo-artifact-lock"];
/// Where nothing is looked for: these are cargo's and the compiler's own.
const SKIPPED: [&str; 3] = ["incremental", ".fingerprint", "examples"];
/// How deep the directories with locks are, below the build directory: `TRIPLE/PROFILE`.
const DEEPEST_LOCK: usize = 2;
/// How deep what is left is, below the directory with the lock: `build/PACKAGE/HASH/out`.
const DEEPEST: usize = 4;

/// Whether everything was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleaned {
    /// It was.
    All,
    /// Somebody builds there.
    Busy,
}

/// Remove what ended compilers have left in a build directory since a moment. Another cargo
/// waits meanwhile.
///
/// # Errors
/// When something cannot be looked at or removed.
pub fn clean(build_directory: &Path, since: SystemTime) -> io::Result<Cleaned> {
    find_locked(build_directory, since, DEEPEST_LOCK)
}

fn find_locked(directory: &Path, since: SystemTime, depth: usize) -> io::Result<Cleaned> {
    if !directory.is_dir() {
        return Ok(Cleaned::All);
    }
    let locks = LOCKS.map(|name| directory.join(name));
    let locks: Vec<_> = locks.iter().filter(|lock| lock.is_file()).collect();
    let mut cleaned = Cleaned::All;
    if locks.is_empty() {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            if depth > 0
                && entry.file_type()?.is_dir()
                && find_locked(&entry.path(), since, depth - 1)? == Cleaned::Busy
            {
                cleaned = Cleaned::Busy;
            }
        }
        return Ok(cleaned);
    }
    let mut held = Vec::new();
    for lock in locks {
        // As cargo opens it; what is locked is the file, whoever opened it how.
        let file = File::options().read(true).write(true).open(lock)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => held.push(file),
            Err(rustix::io::Errno::WOULDBLOCK) => return Ok(Cleaned::Busy),
            Err(error) => return Err(error.into()),
        }
    }
    remove_from(directory, since, DEEPEST)?;
    Ok(cleaned)
}

fn remove_from(directory: &Path, since: SystemTime, depth: usize) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if is_left(&entry, &metadata, since) {
            let path = entry.path();
            if metadata.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }?;
        } else if metadata.is_dir() && depth > 0 && !SKIPPED.iter().any(|s| entry.file_name() == *s)
        {
            remove_from(&entry.path(), since, depth - 1)?;
        }
    }
    Ok(())
}

/// Whether an ended compiler has left this, since then.
fn is_left(entry: &DirEntry, metadata: &Metadata, since: SystemTime) -> bool {
    let name = entry.file_name();
    let Some(name) = name.to_str() else { return false };
    let is_new = metadata.modified().is_ok_and(|modified| modified >= since);
    let is_link_directory = || {
        let rest = name.strip_prefix("rustc").or_else(|| name.strip_prefix("rmeta"));
        rest.is_some_and(|rest| rest.len() == 6 && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    // On macOS the object files of what was linked last stay: they have its debug information.
    let is_object = || cfg!(target_os = "linux") && name.ends_with(".rcgu.o");
    is_new && (metadata.is_dir() && is_link_directory() || metadata.is_file() && is_object())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File, FileTimes};
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    use rustix::fs::{FlockOperation, flock};

    use super::{Cleaned, clean};
    use crate::world::clock;

    /// A build directory with what one of `debug` and one of another target has.
    fn build_directory() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for profile in ["debug", "wasm32-unknown-unknown/release"] {
            let profile = directory.path().join(profile);
            for part in ["deps/rustcAb12Yz", "deps/rustcabc", "incremental/web-1/rustcAb12Yz"] {
                fs::create_dir_all(profile.join(part)).unwrap();
            }
            fs::write(profile.join(".cargo-lock"), "").unwrap();
            for file in [
                "web",
                "web-1.web.abc-cgu.0.rcgu.o",
                "web-1.d",
                "rustcAb12Yz/symbols.o",
                "libx.rlib",
            ] {
                fs::write(profile.join("deps").join(file), "").unwrap();
            }
        }
        directory
    }

    fn is_there(directory: &Path, path: &str) -> bool {
        ["debug", "wasm32-unknown-unknown/release"]
            .iter()
            .any(|profile| directory.join(profile).join(path).exists())
    }

    #[test]
    fn what_is_left_goes_and_everything_else_stays() {
        let directory = build_directory();
        let directory = directory.path();
        assert_eq!(clean(directory, SystemTime::UNIX_EPOCH).unwrap(), Cleaned::All);
        assert!(!is_there(directory, "deps/rustcAb12Yz"));
        assert_eq!(
            is_there(directory, "deps/web-1.web.abc-cgu.0.rcgu.o"),
            cfg!(target_os = "macos")
        );
        for path in [
            "deps/web",
            "deps/web-1.d",
            "deps/libx.rlib",
            "deps/rustcabc",
            "incremental/web-1/rustcAb12Yz",
        ] {
            assert!(is_there(directory, path), "{path}");
        }
    }

    #[test]
    fn what_was_there_before_is_not_ours() {
        let directory = build_directory();
        let directory = directory.path();
        let then = clock::wall();
        let old = FileTimes::new().set_modified(then - Duration::from_secs(9));
        for profile in ["debug", "wasm32-unknown-unknown/release"] {
            for path in ["deps/rustcAb12Yz", "deps/web-1.web.abc-cgu.0.rcgu.o"] {
                let file = File::open(directory.join(profile).join(path)).unwrap();
                file.set_times(old).unwrap();
            }
        }
        assert_eq!(clean(directory, then).unwrap(), Cleaned::All);
        assert!(is_there(directory, "deps/rustcAb12Yz"));
        assert!(is_there(directory, "deps/web-1.web.abc-cgu.0.rcgu.o"));
    }

    #[test]
    fn where_somebody_builds_nothing_is_removed() {
        let directory = build_directory();
        let directory = directory.path();
        let theirs = File::open(directory.join("debug/.cargo-lock")).unwrap();
        flock(&theirs, FlockOperation::NonBlockingLockShared).unwrap();
        assert_eq!(clean(directory, SystemTime::UNIX_EPOCH).unwrap(), Cleaned::Busy);
        assert!(directory.join("debug/deps/rustcAb12Yz").exists());
        assert!(!directory.join("wasm32-unknown-unknown/release/deps/rustcAb12Yz").exists());
        drop(theirs);
        assert_eq!(clean(directory, SystemTime::UNIX_EPOCH).unwrap(), Cleaned::All);
        assert!(!directory.join("debug/deps/rustcAb12Yz").exists());
    }

    #[test]
    fn nothing_to_look_at_is_no_error() {
        let nowhere = Path::new("/nowhere/at/all");
        assert_eq!(clean(nowhere, SystemTime::UNIX_EPOCH).unwrap(), Cleaned::All);
    }
}
