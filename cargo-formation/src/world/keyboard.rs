//! The keys of the terminal that the tool runs at.
//!
//! As long as the terminal is ours, what is typed comes letter by letter and is not echoed;
//! Ctrl-C and Ctrl-Z stay signals. A shell that takes the terminal back, for good or for a
//! while, gets it as it was.

use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{io, thread};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::getpgrp;
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, isatty, tcgetattr, tcgetpgrp, tcsetattr,
};

/// How often it is looked whose the terminal is. A shell does not tell a job that already
/// runs that it is in the foreground now.
const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 500_000_000 };

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// `r`: start every instance again.
    Restart,
    /// `b`: build, whether anything has changed or not.
    Build,
    /// `1` to `9`: show the lines of the process type of this number alone, counted from 1.
    Only(usize),
    /// `0`: show everything.
    All,
    /// Enter: draw a line, to find what came after.
    Mark,
    /// `q`: stop everything, as the first Ctrl-C does.
    Quit,
    /// `?`: say which keys there are.
    Help,
}

impl Key {
    /// What this byte asks for, if anything. Other keys are for nothing.
    fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            b'r' => Self::Restart,
            b'b' => Self::Build,
            b'0' => Self::All,
            b'1'..=b'9' => Self::Only(usize::from(byte - b'0')),
            b'\n' | b'\r' => Self::Mark,
            b'q' => Self::Quit,
            b'?' | b'h' => Self::Help,
            _ => return None,
        })
    }
}

/// The keyboard of a terminal. Its modes are what they were when this is dropped.
#[derive(Debug)]
pub struct Keyboard(Arc<Modes>);

#[derive(Debug)]
struct Modes {
    terminal: OwnedFd,
    hold: Mutex<Hold>,
}

/// Who has set the modes of the terminal.
#[derive(Debug)]
enum Hold {
    /// Whoever had the terminal before us.
    Nobody,
    /// We have; these were there before.
    Ours(Box<Termios>),
    /// We have given it back for good.
    Over,
}

impl Keyboard {
    /// Report the keys that are pressed, if standard input is a terminal.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn listen(report: impl Fn(Key) + Send + 'static) -> io::Result<Option<Self>> {
        if !isatty(rustix::stdio::stdin()) {
            return Ok(None);
        }
        let terminal = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
        let modes = Arc::new(Modes { terminal, hold: Mutex::new(Hold::Nobody) });
        let ours = Arc::clone(&modes);
        modes.hold_on();
        thread::Builder::new().name("keyboard".into()).spawn(move || ours.read(report))?;
        Ok(Some(Self(modes)))
    }

    /// The tool was stopped and goes on, and a shell had the terminal in between.
    pub fn resume(&self) {
        self.0.set();
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        let mut hold = self.0.hold();
        if let Hold::Ours(before) = std::mem::replace(&mut *hold, Hold::Over)
            && self.0.is_ours()
        {
            // Whoever hung up the terminal does not mind.
            let _ = tcsetattr(&self.0.terminal, OptionalActions::Now, &before);
        }
    }
}

impl Modes {
    fn read(&self, report: impl Fn(Key)) {
        let mut bytes = [0; 64];
        loop {
            self.hold_on();
            let mut wait = [PollFd::new(&self.terminal, PollFlags::IN)];
            // What is typed for others is theirs: look again after a while.
            let is_ours = self.is_ours();
            let wait = if is_ours { &mut wait[..] } else { &mut [] };
            match poll(wait, Some(&GLANCE)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                // What is typed now is for whoever comes after us.
                Ok(_) if self.is_over() => return,
                Ok(_) if !self.is_ours() => {}
                Ok(_) => match rustix::io::read(&self.terminal, &mut bytes) {
                    Ok(0) => return,
                    Ok(length) => {
                        bytes[..length].iter().filter_map(|byte| Key::of(*byte)).for_each(&report);
                    }
                    Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                    Err(_) => return,
                },
                Err(_) => return,
            }
        }
    }

    /// Whether we are in the foreground of the terminal.
    fn is_ours(&self) -> bool {
        tcgetpgrp(&self.terminal).is_ok_and(|group| group == getpgrp())
    }

    fn is_over(&self) -> bool {
        matches!(*self.hold(), Hold::Over)
    }

    fn hold(&self) -> MutexGuard<'_, Hold> {
        // Nothing that is done with it panics halfway.
        self.hold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Set the modes if they are not ours yet, and the terminal is.
    fn hold_on(&self) {
        if matches!(*self.hold(), Hold::Nobody) {
            self.set();
        }
    }

    fn set(&self) {
        let mut hold = self.hold();
        if matches!(*hold, Hold::Over) || !self.is_ours() {
            return;
        }
        let Ok(mut modes) = tcgetattr(&self.terminal) else { return };
        let before = Box::new(modes.clone());
        modes.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        let is_set = tcsetattr(&self.terminal, OptionalActions::Now, &modes).is_ok();
        if is_set && matches!(*hold, Hold::Nobody) {
            *hold = Hold::Ours(before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn a_key_means_one_thing_or_nothing() {
        let meant = |keys: &str| keys.bytes().filter_map(Key::of).collect::<Vec<_>>();
        assert_eq!(meant("19"), [Key::Only(1), Key::Only(9)]);
        assert_eq!(
            meant("rb0\n\rq?"),
            [Key::Restart, Key::Build, Key::All, Key::Mark, Key::Mark, Key::Quit, Key::Help]
        );
        // What arrow keys send, and Ctrl-D.
        assert_eq!(meant("\x1b[A\x1bOB\x04 RQ"), []);
    }
}
