//! The socket at which a run says that it is up, in the protocol of `sd_notify(3)`.

use std::io;
use std::os::unix::net;
use std::path::{Path, PathBuf};

use tokio::net::UnixDatagram;

use crate::world::children::ChildId;

/// The longest message that is read; systemd reads no longer ones.
const LONGEST: usize = 4096;

/// A socket that only this user, and root, can speak to: its directory is closed to others.
#[derive(Debug)]
pub(super) struct Socket {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Socket {
    /// Make one for a run.
    pub(super) fn bind(place: &Path, child: ChildId) -> io::Result<Self> {
        let path = place.join(format!("notify.{}", child.0));
        let refuse = |error: io::Error| {
            // The path of a socket has about a hundred bytes; see `unix(7)`.
            let why = if error.kind() == io::ErrorKind::InvalidInput {
                "this path is too long; set `XDG_RUNTIME_DIR` to a shorter one".to_owned()
            } else {
                error.to_string()
            };
            let text = format!("no socket can be made at `{}`: {why}", path.display());
            io::Error::new(error.kind(), text)
        };
        if is_stale(&path) {
            std::fs::remove_file(&path).map_err(refuse)?;
        }
        let socket = UnixDatagram::bind(&path).map_err(refuse)?;
        Ok(Self { socket, path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Take what is said, for ever. The first time that the run says it is up is reported.
    ///
    /// A file descriptor that comes with a message is never received, and so closed by the
    /// kernel. For some that is the point: `BARRIER=1` waits for it.
    pub(super) async fn listen(self, report: impl FnOnce()) {
        let mut report = Some(report);
        let mut message = [0; LONGEST + 1];
        while let Ok(length) = self.socket.recv(&mut message).await {
            if is_ready(&message[..length])
                && let Some(report) = report.take()
            {
                report();
            }
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // If it stays, it is stale and does no harm.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether a message says that the run is up. One that was cut says nothing.
fn is_ready(message: &[u8]) -> bool {
    message.len() <= LONGEST && message.split(|byte| *byte == b'\n').any(|line| line == b"READY=1")
}

/// Whether there is a socket that nobody listens at: the tool that made it was killed.
fn is_stale(path: &Path) -> bool {
    let connected = net::UnixDatagram::unbound().and_then(|socket| socket.connect(path));
    connected.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}
