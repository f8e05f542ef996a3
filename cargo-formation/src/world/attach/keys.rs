//! What is typed, on its way to a run.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::unix::pipe;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::super::pty::Pty;

/// So many bytes may wait for a run that does not read.
const MOST_WAITING: usize = 1024 * 1024;

/// The keys of a terminal. A task of its own passes them on as the run takes them.
#[derive(Debug)]
pub(super) struct Keys {
    pressed: UnboundedSender<Vec<u8>>,
    waiting: Arc<AtomicUsize>,
}

impl Keys {
    /// Those of this terminal. To be called inside of a local task set.
    ///
    /// # Errors
    /// When the terminal cannot be waited for.
    pub(super) fn of(pty: Pty) -> io::Result<Self> {
        let (pressed, receiver) = unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        // All that matters is that it can be waited for and written to.
        let pty = pipe::Sender::from_owned_fd_unchecked(pty.into())?;
        tokio::task::spawn_local(pass_on(pty, receiver, Arc::clone(&waiting)));
        Ok(Self { pressed, waiting })
    }

    /// Press keys. False if so many wait already that these are dropped.
    #[must_use]
    pub(super) fn press(&self, keys: Vec<u8>) -> bool {
        let fits = self.waiting.load(Ordering::Relaxed) + keys.len() <= MOST_WAITING;
        if fits {
            self.waiting.fetch_add(keys.len(), Ordering::Relaxed);
            // Whoever does not listen any more has no terminal either.
            let _ = self.pressed.send(keys);
        }
        fits
    }
}

/// Ends when nobody can press anything any more, or when the terminal is gone.
async fn pass_on(
    pty: pipe::Sender,
    mut pressed: UnboundedReceiver<Vec<u8>>,
    waiting: Arc<AtomicUsize>,
) {
    while let Some(keys) = pressed.recv().await {
        if write(&pty, &keys).await.is_err() {
            return;
        }
        waiting.fetch_sub(keys.len(), Ordering::Relaxed);
    }
}

async fn write(pty: &pipe::Sender, mut keys: &[u8]) -> io::Result<()> {
    while !keys.is_empty() {
        pty.writable().await?;
        match pty.try_write(keys) {
            Ok(written) => keys = &keys[written..],
            Err(error) if is_temporary(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn is_temporary(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
