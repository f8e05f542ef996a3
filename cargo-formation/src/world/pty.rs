//! A pseudo-terminal: for a run it is a terminal, and we hold the other end.
//!
//! See `pty(7)` and `ioctl_tty(2)`. Who has it as a terminal gets it as a login would: lines
//! can be edited, what is typed is shown, Ctrl-C interrupts, and each end of a line is sent to
//! us as `\r\n`.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags, open};
use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionbio};
use rustix::process::{Signal, kill_process_group};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{
    InputModes, OptionalActions, Winsize, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr,
    tcsetwinsize,
};

/// How many characters a terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// From top to bottom.
    pub rows: u16,
    /// From left to right.
    pub columns: u16,
}

impl Default for Size {
    /// What a terminal is taken for that does not say.
    fn default() -> Self {
        Self { rows: 24, columns: 80 }
    }
}

impl Size {
    /// That of a terminal, if it is one and says.
    #[must_use]
    pub fn of(terminal: impl AsFd) -> Option<Self> {
        let size = tcgetwinsize(terminal).ok()?;
        (size.ws_row > 0 && size.ws_col > 0)
            .then_some(Self { rows: size.ws_row, columns: size.ws_col })
    }

    /// What fits on both.
    #[must_use]
    pub fn least(self, other: Self) -> Self {
        Self { rows: self.rows.min(other.rows), columns: self.columns.min(other.columns) }
    }
}

/// Our end of a pseudo-terminal. Reading and writing never wait. When the last copy is gone,
/// whoever has the terminal is told that it was hung up.
#[derive(Debug)]
pub struct Pty(OwnedFd);

impl Pty {
    /// A new one of this size, and the terminal for a run.
    ///
    /// # Errors
    /// When the system has no more of them, or of descriptors.
    pub fn open(size: Size) -> io::Result<(Self, OwnedFd)> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | close_on_exec())?;
        // Where the flag above is not known, a child that starts in this moment has it, too.
        fcntl_setfd(&ours, FdFlags::CLOEXEC)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        ioctl_fionbio(&ours, true)?;
        let name = ptsname(&ours, Vec::new())?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let theirs = open(name.as_c_str(), flags, Mode::empty())?;
        let mut modes = tcgetattr(&theirs)?;
        // Or a backspace takes away half of an `é`.
        modes.input_modes.insert(InputModes::IUTF8);
        tcsetattr(&theirs, OptionalActions::Now, &modes)?;
        let pty = Self(ours);
        pty.resize(size);
        Ok((pty, theirs))
    }

    /// The same end once more.
    ///
    /// # Errors
    /// When there are no more descriptors to be had.
    pub fn try_clone(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    /// From now on this is its size. Whoever is in its foreground is told if that is new.
    pub fn resize(&self, size: Size) {
        let size = Winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 };
        // Nobody has it any more: then it has no size either.
        let _ = tcsetwinsize(&self.0, size);
    }

    /// Tell whoever is in its foreground that its size may have changed: time to draw anew.
    pub fn nudge(&self) {
        if let Ok(group) = tcgetpgrp(&self.0) {
            // It may end in this moment; who does not expect the signal ignores it.
            let _ = kill_process_group(group, Signal::WINCH);
        }
    }
}

impl AsFd for Pty {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl From<Pty> for OwnedFd {
    fn from(pty: Pty) -> Self {
        pty.0
    }
}

/// Set with the call that opens it, where that can be.
#[cfg(target_os = "linux")]
fn close_on_exec() -> OpenptFlags {
    OpenptFlags::CLOEXEC
}

#[cfg(not(target_os = "linux"))]
fn close_on_exec() -> OpenptFlags {
    OpenptFlags::empty()
}

#[cfg(test)]
mod tests {
    use rustix::termios::{LocalModes, OutputModes, tcgetattr};

    use super::{Pty, Size};

    #[test]
    fn it_is_a_terminal_like_any_other() {
        let size = Size { rows: 30, columns: 100 };
        let (pty, terminal) = Pty::open(size).unwrap();
        let modes = tcgetattr(&terminal).unwrap();
        let usual = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        assert!(modes.local_modes.contains(usual), "{modes:?}");
        assert!(modes.output_modes.contains(OutputModes::OPOST | OutputModes::ONLCR));
        assert_eq!(Size::of(&terminal), Some(size));
        pty.resize(Size::default());
        assert_eq!(Size::of(&terminal), Some(Size { rows: 24, columns: 80 }));
    }

    #[test]
    fn what_is_no_terminal_has_no_size() {
        let (reader, _writer) = std::io::pipe().unwrap();
        assert_eq!(Size::of(reader), None);
    }
}
