//! One formation a workspace, and the place for what a running tool has to keep.
//!
//! The lock is held on an open file: the kernel gives it back when the tool ends,
//! however it ends. The file stays, holds the process id of its last holder, and means nothing.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

/// The lock on a workspace, as long as it lives.
#[derive(Debug)]
pub struct WorkspaceLock {
    _files: [File; 2],
}

/// Why there is no lock.
#[derive(Debug)]
pub enum LockError {
    /// A tool of this process id holds it.
    Held(u32),
    /// The place for it cannot be used.
    Place(PathBuf, io::Error),
}

/// Lock the workspace at `root`, whose canonical path it is, and which builds into
/// `target_directory`.
///
/// Two locks are one: that of the workspace is not found by who has another `runtime`
/// directory (another login, `cron`), that of the target directory not by who builds elsewhere.
///
/// # Errors
/// When another tool holds one of them, or there is no place for it.
pub fn lock(
    runtime: Option<&Path>,
    root: &Path,
    target_directory: &Path,
) -> Result<WorkspaceLock, LockError> {
    let of_workspace = acquire(&directory(runtime, root)?)?;
    let place = target_directory.join("formation");
    fs::create_dir_all(&place).map_err(|error| LockError::Place(place.clone(), error))?;
    Ok(WorkspaceLock { _files: [of_workspace, acquire(&place)?] })
}

fn acquire(directory: &Path) -> Result<File, LockError> {
    let path = directory.join("lock");
    let refuse = |error| LockError::Place(path.clone(), error);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(refuse)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder).map_err(refuse)?;
            return Err(LockError::Held(holder.trim().parse().unwrap_or(0)));
        }
        Err(TryLockError::Error(error)) => return Err(refuse(error)),
    }
    file.set_len(0).and_then(|()| file.rewind()).map_err(refuse)?;
    writeln!(file, "{}", std::process::id()).map_err(refuse)?;
    Ok(file)
}

/// A directory for this workspace that only this user can enter.
fn directory(runtime: Option<&Path>, root: &Path) -> Result<PathBuf, LockError> {
    let user = geteuid().as_raw();
    // One that is not absolute is to be ignored, says the XDG base directory specification;
    // one that is not there is of a login that has ended.
    let runtime = runtime.filter(|runtime| runtime.is_absolute() && runtime.is_dir());
    let base = runtime.map_or_else(
        || std::env::temp_dir().join(format!("cargo-formation-{user}")),
        |runtime| runtime.join("cargo-formation"),
    );
    let name = xxhash_rust::xxh3::xxh3_64(root.as_os_str().as_bytes());
    let directory = base.join(format!("{name:016x}"));
    for path in [&base, &directory] {
        private(path, user).map_err(|error| LockError::Place(path.clone(), error))?;
    }
    Ok(directory)
}

/// Make sure that a directory is there, is ours, and is closed to others.
fn private(path: &Path, user: u32) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_dir() || metadata.uid() != user {
        let message = "somebody else has made this; remove it, or set XDG_RUNTIME_DIR";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    if metadata.mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::{LockError, lock};

    #[test]
    fn a_second_holder_learns_the_first_ones_process_id() {
        let runtime = tempfile::tempdir().unwrap();
        let target = |name: &str| runtime.path().join(name);
        let lock = |root: &str, name: &str| {
            super::lock(Some(runtime.path()), Path::new(root), &target(name))
        };
        let held = lock("/a", "one").unwrap();
        for (root, name) in [("/a", "one"), ("/a", "two"), ("/b", "one")] {
            match lock(root, name) {
                Err(LockError::Held(pid)) => assert_eq!(pid, std::process::id()),
                other => panic!("{root} {name}: {other:?}"),
            }
        }
        lock("/b", "two").expect("another workspace, which builds elsewhere, is another lock");
        drop(held);
        lock("/a", "one").expect("it was given back");
    }

    #[test]
    fn another_runtime_directory_is_no_way_around() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let target = here.path().join("target");
        let _held = lock(Some(here.path()), Path::new("/a"), &target).unwrap();
        let second = lock(Some(there.path()), Path::new("/a"), &target);
        assert!(matches!(second, Err(LockError::Held(_))), "{second:?}");
    }

    #[test]
    fn the_place_is_closed_to_others() {
        let runtime = tempfile::tempdir().unwrap();
        let base = runtime.path().join("cargo-formation");
        std::fs::create_dir(&base).unwrap();
        std::fs::set_permissions(&base, std::fs::Permissions::from_mode(0o755)).unwrap();
        let _held =
            lock(Some(runtime.path()), Path::new("/a"), &runtime.path().join("target")).unwrap();
        let mode = std::fs::metadata(&base).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_place_that_is_no_directory_is_refused() {
        let runtime = tempfile::tempdir().unwrap();
        std::fs::write(runtime.path().join("cargo-formation"), "").unwrap();
        let refused = lock(Some(runtime.path()), Path::new("/a"), &runtime.path().join("target"));
        assert!(matches!(refused, Err(LockError::Place(..))), "{refused:?}");
    }
}
