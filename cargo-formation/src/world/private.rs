//! Directories that only this user can enter, and what those of a workspace are called.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::process::geteuid;

/// What the directory of the workspace at `root` is called, whose canonical path it is.
#[must_use]
pub fn name(root: &Path) -> String {
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(root.as_os_str().as_bytes()))
}

/// Make sure that a directory is there, is ours, and is closed to others. `variable` is what
/// would put it elsewhere.
///
/// # Errors
/// When it cannot be made, or somebody else has made it.
pub fn directory(path: &Path, variable: &str) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_dir() || metadata.uid() != geteuid().as_raw() {
        let message = format!("somebody else has made this; remove it, or set {variable}");
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    if metadata.mode() & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(0o700))?;
    }
    Ok(())
}
