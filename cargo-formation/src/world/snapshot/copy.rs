//! The cheapest second name for the content of a file.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Whether a hard link is a snapshot. On macOS the kernel remembers signatures by file,
/// and kills what runs after it was overwritten in place, under any name; there copying
/// clones, which is as cheap.
const LINKS: bool = !cfg!(target_os = "macos");

/// Give `to`, which must not exist, the content and permissions of `from`.
pub(super) fn link_or_copy(from: &Path, to: &Path) -> io::Result<()> {
    if LINKS {
        match fs::hard_link(from, to) {
            Ok(()) => return Ok(()),
            // The file is gone, and no copy will do better.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(error),
            // Another file system, one without links, or too many of them.
            Err(_) => {}
        }
    }
    copy(from, to)
}

/// Copy a file and its permissions; what is half-written is removed again.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let result = clone_or_fill(from, to);
    if result.is_err() {
        // The first error says more than one about removing would.
        let _ = fs::remove_file(to);
    }
    result
}

/// The file is closed for writing on return: the kernel refuses to execute one that is not.
fn clone_or_fill(from: &Path, to: &Path) -> io::Result<()> {
    let source = File::open(from)?;
    let permissions = source.metadata()?.permissions();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(permissions.mode());
    let target = options.open(to)?;
    // `mode` above was subject to the umask.
    target.set_permissions(permissions)?;
    if clone(&source, &target) {
        return Ok(());
    }
    drop(target);
    fs::copy(from, to).map(drop)
}

/// Let both files share their blocks until one is written to, if the file system can.
#[cfg(target_os = "linux")]
fn clone(source: &File, target: &File) -> bool {
    rustix::fs::ioctl_ficlone(target, source).is_ok()
}

/// `fs::copy` does it itself where it is possible.
#[cfg(not(target_os = "linux"))]
fn clone(_: &File, _: &File) -> bool {
    false
}
