//! What a run executes: the artifact as it was when its build finished it.
//!
//! Cargo replaces `target/debug/web` whenever anybody builds, with whatever features they
//! chose. A run that starts or restarts in between would execute somebody else's build, or
//! none. So each build that is to run gets a name of its own beside the artifact, where
//! `$ORIGIN` and paths relative to the executable still hold:
//!
//! | name | whose |
//! |---|---|
//! | `web~0123456789ab` | of the formation that holds the workspace |
//! | `web~0123456789ab~4242` | of an isolated formation, whose tool is process 4242 |
//! | `web~000000000000~new4242` | not finished, by process 4242 |

mod copy;
mod name;

use std::fs::{self, DirEntry, File};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::process::{Pid, test_kill_process};

pub use self::name::Owner;
use self::name::{Claim, Snapshot};
use super::identity::identity as identity_of;
use crate::formation::Identity;

/// Keep what `artifact` is now under a name of its own, and say which and what it is.
///
/// First comes the name, then the hash: whatever happens to the artifact meanwhile, the
/// snapshot is what its identity says. To be called as soon as cargo says that the
/// artifact is there: when that cargo has ended, the next one may replace it.
///
/// Where a copy was needed, a process that was forked while it was written has it open
/// until its own `exec`, and so long executing it fails with `ETXTBSY`: try again.
///
/// # Errors
/// When the artifact has no name or is gone, or its directory cannot be written.
pub fn capture(artifact: &Path, owner: Owner) -> io::Result<(Identity, PathBuf)> {
    let staged = stage(artifact)?;
    let identity = identity_of(&staged)?;
    Ok((identity, settle(&staged, artifact, identity, owner)?))
}

/// As [`capture`], when the identity of the artifact is known.
///
/// # Errors
/// When the artifact has no name or is gone, or its directory cannot be written.
pub fn take(artifact: &Path, identity: Identity, owner: Owner) -> io::Result<PathBuf> {
    let staged = stage(artifact)?;
    settle(&staged, artifact, identity, owner)
}

/// Remove the snapshots of `binary` in `directory` that nobody needs, and nothing else.
///
/// Those in `keep` stay, and those of an isolated formation that is alive. Whoever holds
/// the workspace also removes the others of the workspace; an isolated formation, its own.
///
/// # Errors
/// When the directory cannot be read, or a snapshot not removed; the others are, still.
pub fn sweep(
    directory: &Path,
    binary: &str,
    keep: &[PathBuf],
    owner: Owner,
) -> io::Result<Removed> {
    let mut removed = Removed::default();
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(removed),
        entries => entries?,
    };
    let mut result = Ok(());
    for entry in entries {
        let entry = entry?;
        let file_name = entry.file_name();
        let claim = file_name.to_str().and_then(|name| Snapshot::claim(name, binary));
        let kept = || keep.iter().any(|path| path.file_name() == Some(&file_name));
        if claim.is_some_and(|claim| is_garbage(claim, owner)) && !kept() {
            removed.0.extend(hold(&entry));
            result = result.and(remove(&entry.path()));
        }
    }
    result.map(|()| removed)
}

/// What has no name any more, and still its place on the disk. Dropping it gives that back, which
/// takes a file system as long as the file is large: 0.1 s for one of 600 MB, seen with ext4.
#[derive(Debug, Default)]
#[must_use = "dropping it takes its time, which nobody should wait for"]
pub struct Removed(Vec<File>);

/// Have the file open, so that removing its name is all that removing it does. What cannot be
/// opened goes at once.
fn hold(entry: &DirEntry) -> Option<File> {
    let is_file = entry.file_type().is_ok_and(|sort| sort.is_file());
    is_file.then(|| File::open(entry.path()).ok()).flatten()
}

/// Give the artifact a second name that is not yet that of a snapshot, so that a
/// half-written one never has such a name.
fn stage(artifact: &Path) -> io::Result<PathBuf> {
    let name = Snapshot::unfinished(std::process::id()).file_name(binary(artifact)?);
    let staged = artifact.with_file_name(name);
    // Left by a process that had our id, or by an error.
    remove(&staged)?;
    copy::link_or_copy(artifact, &staged)?;
    Ok(staged)
}

/// Give what was staged the name of a snapshot, unless one is there that is as good. One
/// that is not is replaced; whoever runs it keeps its file.
fn settle(staged: &Path, artifact: &Path, identity: Identity, owner: Owner) -> io::Result<PathBuf> {
    let name = Snapshot::finished(identity, owner).file_name(binary(artifact)?);
    let snapshot = artifact.with_file_name(name);
    if !is_usable(&snapshot, staged, identity) {
        fs::rename(staged, &snapshot)?;
    }
    // Still there if it was not needed, and after renaming one hard link over another of
    // the same file, which does nothing.
    remove(staged)?;
    Ok(snapshot)
}

fn binary(artifact: &Path) -> io::Result<&str> {
    let name = artifact.file_name().and_then(|name| name.to_str());
    name.ok_or_else(|| {
        let message = format!("`{}` does not end in the name of a binary", artifact.display());
        io::Error::new(io::ErrorKind::InvalidInput, message)
    })
}

/// Whether the file that has the name also is what the name says.
///
/// Usually it is the artifact itself, by another name. If not, size and date would prove
/// nothing: a build that differs in debug information has another size and the same
/// identity, and what was overwritten in place (by `patchelf`, say) has the same size and
/// another identity. So its content decides; that is rare, and reads what is loaded only.
/// It is worth keeping because replacing it takes the name from under those who run it.
fn is_usable(snapshot: &Path, staged: &Path, identity: Identity) -> bool {
    let (Ok(kept), Ok(built)) = (fs::symlink_metadata(snapshot), fs::metadata(staged)) else {
        return false;
    };
    let same_file = (kept.dev(), kept.ino()) == (built.dev(), built.ino());
    let executable = kept.is_file() && kept.permissions().mode() & 0o100 != 0;
    executable && (same_file || identity_of(snapshot).is_ok_and(|found| found == identity))
}

fn is_garbage(claim: Claim, sweeper: Owner) -> bool {
    match (claim, sweeper) {
        (Claim::Finished(Owner::Workspace), _) => sweeper == Owner::Workspace,
        (Claim::Finished(Owner::Isolated(pid)), Owner::Isolated(own)) if pid == own => true,
        (Claim::Finished(Owner::Isolated(pid)) | Claim::Unfinished(pid), _) => !is_alive(pid),
    }
}

/// Whether there is such a process, of whatever user. An id that was given to another
/// process since keeps a file too long, never removes one too early.
fn is_alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests;
