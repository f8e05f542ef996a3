//! One formation a workspace, and the place for what a running tool has to keep.
//!
//! The lock is held on an open file: the kernel gives it back when the tool ends,
//! however it ends. The file stays, holds the process id of its last holder, and means nothing.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use super::private;

/// A directory that only this user can enter and only this tool writes to, as long as it lives.
/// What a killed tool has left there means nothing.
#[derive(Debug)]
pub struct Place {
    path: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// That of the workspace, with the lock on it.
    Workspace { _locks: [File; 2] },
    /// One beside it, which goes with its owner.
    Beside,
}

impl Place {
    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Kind::Beside = self.kind {
            // One that stays is empty but for sockets that nobody listens to.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Why there is no lock.
#[derive(Debug)]
pub enum LockError {
    /// A tool of this process id holds it.
    Held(u32),
    /// The place for it cannot be used.
    Place(PathBuf, io::Error),
}

/// Lock the workspace at `root`, whose canonical path it is.
///
/// What is locked is the root directory itself, which everybody finds, and a file that
/// holds our process id, which is looked for below `runtime`: that differs between a login,
/// another login and `cron`.
///
/// # Errors
/// When another tool holds one of them, or there is no place for the file.
pub fn lock(runtime: Option<&Path>, root: &Path) -> Result<Place, LockError> {
    let directory = File::open(root).map_err(|error| LockError::Place(root.into(), error))?;
    // Some file systems cannot lock a directory; then the file has to do.
    if matches!(directory.try_lock(), Err(TryLockError::WouldBlock)) {
        return Err(LockError::Held(holder(&directory).unwrap_or(0)));
    }
    let path = place(runtime, root)?;
    let number = numbered(&path)?;
    Ok(Place { path, kind: Kind::Workspace { _locks: [directory, number] } })
}

/// A place for a tool that runs beside others in the workspace at `root`.
///
/// # Errors
/// When there is no directory to put it in.
pub fn beside(runtime: Option<&Path>, root: &Path) -> Result<Place, LockError> {
    let path = place(runtime, &root.join(format!("beside {}", std::process::id())))?;
    Ok(Place { path, kind: Kind::Beside })
}

/// Lock a file and write our process id into it.
fn numbered(directory: &Path) -> Result<File, LockError> {
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

/// Who has locked this, where the kernel tells: `1: FLOCK ADVISORY WRITE 4242 fe:00:77 0 EOF`;
/// see `proc_locks(5)`.
fn holder(file: &File) -> Option<u32> {
    let inode = format!(":{}", file.metadata().ok()?.ino());
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let mut held = locks.lines().filter_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let (kind, pid, place) = (fields.nth(1)?, fields.nth(2)?, fields.next()?);
        (kind == "FLOCK" && place.ends_with(&inode)).then_some(pid)
    });
    held.next()?.parse().ok()
}

/// A directory for this workspace that only this user can enter.
fn place(runtime: Option<&Path>, root: &Path) -> Result<PathBuf, LockError> {
    let user = geteuid().as_raw();
    let base = of_login(runtime).unwrap_or_else(|| of_user(user));
    let directory = base.join(private::name(root));
    for path in [&base, &directory] {
        let made = private::directory(path, "XDG_RUNTIME_DIR");
        made.map_err(|error| LockError::Place(path.clone(), error))?;
    }
    Ok(directory)
}

/// Where the place of the workspace at `root` may be: that of this login, and where a tool of
/// none has it. Neither need be there.
#[must_use]
pub fn places(runtime: Option<&Path>, root: &Path) -> Vec<PathBuf> {
    let root = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let bases = of_login(runtime).into_iter().chain([of_user(geteuid().as_raw())]);
    bases.map(|base| base.join(private::name(&root))).collect()
}

/// One that is not absolute is to be ignored, says the XDG base directory specification;
/// one that is not there is of a login that has ended.
fn of_login(runtime: Option<&Path>) -> Option<PathBuf> {
    let runtime = runtime.filter(|runtime| runtime.is_absolute() && runtime.is_dir());
    runtime.map(|runtime| runtime.join("cargo-formation"))
}

fn of_user(user: u32) -> PathBuf {
    std::env::temp_dir().join(format!("cargo-formation-{user}"))
}

#[cfg(test)]
mod tests {
    use super::{LockError, lock};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_second_holder_learns_the_first_ones_process_id() {
        let [runtime, one, two] = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let held = lock(Some(runtime.path()), one.path()).unwrap();
        match lock(Some(runtime.path()), one.path()) {
            Err(LockError::Held(pid)) => assert_eq!(pid, std::process::id()),
            other => panic!("{other:?}"),
        }
        lock(Some(runtime.path()), two.path()).expect("another workspace is another lock");
        drop(held);
        lock(Some(runtime.path()), one.path()).expect("it was given back");
    }

    #[test]
    fn another_runtime_directory_is_no_way_around() {
        let [here, there, root] = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let _held = lock(Some(here.path()), root.path()).unwrap();
        match lock(Some(there.path()), root.path()) {
            Err(LockError::Held(pid)) if cfg!(target_os = "linux") => {
                assert_eq!(pid, std::process::id());
            }
            second => assert!(matches!(second, Err(LockError::Held(_))), "{second:?}"),
        }
    }

    #[test]
    fn the_place_is_closed_to_others() {
        let [runtime, root] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let base = runtime.path().join("cargo-formation");
        std::fs::create_dir(&base).unwrap();
        std::fs::set_permissions(&base, std::fs::Permissions::from_mode(0o755)).unwrap();
        let held = lock(Some(runtime.path()), root.path()).unwrap();
        for directory in [&base, held.path()] {
            let mode = std::fs::metadata(directory).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{}", directory.display());
        }
    }

    #[test]
    fn a_place_that_is_no_directory_is_refused() {
        let [runtime, root] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        std::fs::write(runtime.path().join("cargo-formation"), "").unwrap();
        let refused = lock(Some(runtime.path()), root.path());
        assert!(matches!(refused, Err(LockError::Place(..))), "{refused:?}");
    }
}
