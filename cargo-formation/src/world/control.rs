//! The control socket: where a formation that runs is asked how it is, and what to do.
//!
//! It is in the place of the workspace, for its user alone; what is said there is in
//! [`crate::control`].

pub mod client;
mod listening;
mod server;
#[cfg(test)]
mod tests;

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

pub use self::listening::Listening;
pub use self::server::{ClientId, Door, News, Replies, open};

/// The name of the socket in its place.
const NAME: &str = "control";

/// The variable that says where the socket is, where it is not that of the workspace.
pub const VARIABLE: &str = "FORMATION_SOCKET";

/// The longest path that the address of a socket has room for; see `unix(7)`.
const LONGEST_ADDRESS: usize = 107;

/// The socket in this place.
#[must_use]
pub fn socket_in(place: &Path) -> PathBuf {
    place.join(NAME)
}

/// The address of a socket, which is short, and what keeps it valid.
struct Address {
    path: PathBuf,
    _directory: Option<OwnedFd>,
}

impl Address {
    /// A path that is too long is gone around, by way of its directory.
    fn of(path: &Path) -> io::Result<Self> {
        let parent = path.parent().zip(path.file_name());
        let Some((parent, name)) = parent.filter(|_| path.as_os_str().len() > LONGEST_ADDRESS)
        else {
            return Ok(Self { path: path.to_owned(), _directory: None });
        };
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = rustix::fs::open(parent, flags, Mode::empty())?;
        let path = Path::new("/proc/self/fd").join(directory.as_raw_fd().to_string()).join(name);
        Ok(Self { path, _directory: Some(directory) })
    }
}
