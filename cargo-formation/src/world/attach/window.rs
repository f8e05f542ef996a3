//! The terminal of whoever attaches: raw as long as he is attached, and then as it was.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use super::super::pty::Size;
use super::modes::Modes;

/// The terminal. It is as it was when this is dropped, for whatever reason.
#[derive(Debug)]
pub struct Window {
    /// Where keys come from.
    pub(super) input: Arc<OwnedFd>,
    pub(super) face: Arc<Face>,
    before: Termios,
}

impl Window {
    /// The terminal with this input and this output, which stays as it is for now.
    ///
    /// # Errors
    /// When the input is no terminal.
    pub fn new(input: OwnedFd, output: OwnedFd) -> io::Result<Self> {
        let before = tcgetattr(&input)?;
        let shown = Mutex::new(Shown::Open { modes: Modes::default(), last: b'\n' });
        Ok(Self { input: Arc::new(input), face: Arc::new(Face { output, shown }), before })
    }

    /// From now on every byte that is typed comes as it is, at once, and every byte that is
    /// written goes as it is.
    ///
    /// # Errors
    /// When it is gone.
    pub(super) fn make_raw(&self) -> io::Result<()> {
        let mut raw = self.before.clone();
        raw.make_raw();
        Ok(tcsetattr(&*self.input, OptionalActions::Now, &raw)?)
    }

    /// Its size.
    #[must_use]
    pub fn size(&self) -> Size {
        Size::of(&self.face.output).unwrap_or_default()
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // Whoever hung it up does not mind.
        let _ = tcsetattr(&*self.input, OptionalActions::Now, &self.before);
    }
}

/// What is seen of it.
#[derive(Debug)]
pub(super) struct Face {
    output: OwnedFd,
    shown: Mutex<Shown>,
}

#[derive(Debug)]
enum Shown {
    /// The run is seen.
    Open {
        /// What it has switched on.
        modes: Modes,
        /// The last byte of it.
        last: u8,
    },
    /// It is not any more.
    Closed,
}

impl Face {
    /// Show what a run wrote. This waits for a terminal that takes nothing.
    pub(super) fn show(&self, bytes: &[u8]) {
        // Whoever closes it in the meantime must not have to wait for the terminal.
        let _ = poll(&mut [PollFd::new(&self.output, PollFlags::OUT)], None);
        self.write(|modes, last| {
            modes.push(bytes);
            *last = bytes.last().copied().unwrap_or(*last);
            bytes.to_vec()
        });
    }

    /// Say something of our own, on a line of its own. Whatever the run has switched on is
    /// over.
    pub(super) fn say(&self, line: &str) {
        self.write(|modes, last| own_line(modes, last, line));
    }

    /// Say something of our own, and show nothing any more.
    pub(super) fn close(&self, line: &str) {
        self.say(line);
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Shown::Closed;
    }

    fn write(&self, bytes: impl FnOnce(&mut Modes, &mut u8) -> Vec<u8>) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Shown::Open { modes, last } = &mut *shown {
            // A terminal that is gone is noticed by its keys.
            let _ = write_all(&self.output, &bytes(modes, last));
        }
    }
}

fn own_line(modes: &mut Modes, last: &mut u8, line: &str) -> Vec<u8> {
    let off = std::mem::take(modes).off();
    let begin: &[u8] = if std::mem::replace(last, b'\n') == b'\n' { b"" } else { b"\r\n" };
    [&off, begin, line.as_bytes(), b"\r\n"].concat()
}

fn write_all(output: impl AsFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(&output, bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => {
                poll(&mut [PollFd::new(&output, PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
