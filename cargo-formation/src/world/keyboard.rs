//! The keys of the terminal that the tool runs at.
//!
//! As long as the terminal is ours, what is typed comes letter by letter and is not echoed;
//! Ctrl-C and Ctrl-Z stay signals. A shell that takes the terminal back, for good or for a
//! while, gets it as it was.

use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{io, thread};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, isatty, tcgetattr, tcgetpgrp, tcsetattr,
};

use super::children::own_group;

/// How often it is looked whose the terminal is. A shell does not tell a job that already
/// runs that it is in the foreground now.
const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 500_000_000 };

const ESCAPE: u8 = 0x1b;
/// More keys than this are not pressed between two looks.
const MOST_TYPED: usize = 3;

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
    /// Somebody else, who has it or had it last. What was there before we ever had it.
    Theirs(Option<Box<Termios>>),
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
        let modes = Arc::new(Modes { terminal, hold: Mutex::new(Hold::Theirs(None)) });
        let ours = Arc::clone(&modes);
        modes.glance();
        thread::Builder::new().name("keyboard".into()).spawn(move || ours.read(report))?;
        Ok(Some(Self(modes)))
    }

    /// The tool was stopped and goes on: a shell had the terminal in between.
    pub fn resume(&self) {
        self.0.lose();
        self.0.glance();
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
            self.glance();
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
                        keys(&bytes[..length]).for_each(&report);
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
        tcgetpgrp(&self.terminal).is_ok_and(|group| own_group() == Some(group))
    }

    fn is_over(&self) -> bool {
        matches!(*self.hold(), Hold::Over)
    }

    fn hold(&self) -> MutexGuard<'_, Hold> {
        // Nothing that is done with it panics halfway.
        self.hold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever has the terminal sets its modes: in the foreground, that is us.
    fn glance(&self) {
        if self.is_ours() {
            self.set();
        } else {
            self.lose();
        }
    }

    /// Somebody else has, or had, the terminal, and may have set its modes.
    fn lose(&self) {
        let mut hold = self.hold();
        *hold = match std::mem::replace(&mut *hold, Hold::Over) {
            Hold::Ours(before) => Hold::Theirs(Some(before)),
            hold @ (Hold::Theirs(_) | Hold::Over) => hold,
        };
    }

    fn set(&self) {
        let mut hold = self.hold();
        let Hold::Theirs(before) = &*hold else { return };
        let Ok(mut modes) = tcgetattr(&self.terminal) else { return };
        let before = before.clone().unwrap_or_else(|| Box::new(modes.clone()));
        modes.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        if tcsetattr(&self.terminal, OptionalActions::Now, &modes).is_ok() {
            *hold = Hold::Ours(before);
        }
    }
}

/// What was typed in one go. What is longer than a hasty finger was pasted, and is not obeyed; nor is
/// what an arrow or a function key sends, which begins with an escape.
fn keys(typed: &[u8]) -> impl Iterator<Item = Key> {
    let plain = typed.split(|byte| *byte == ESCAPE).next().unwrap_or_default();
    let plain = if plain.len() > MOST_TYPED { &[] } else { plain };
    plain.iter().filter_map(|byte| Key::of(*byte))
}

#[cfg(test)]
mod tests {
    use super::{Key, keys};

    #[test]
    fn a_key_means_one_thing_or_nothing() {
        let meant = |typed: &str| keys(typed.as_bytes()).collect::<Vec<_>>();
        assert_eq!(meant("19"), [Key::Only(1), Key::Only(9)]);
        assert_eq!(meant("rb0"), [Key::Restart, Key::Build, Key::All]);
        assert_eq!(meant("\n\rq"), [Key::Mark, Key::Mark, Key::Quit]);
        assert_eq!(meant("?\x04R"), [Key::Help]);
        // An arrow, F5, Alt-q, and something that was pasted.
        for typed in ["\x1b[A", "\x1b[15~", "\x1bq", "let it be quick\n"] {
            assert_eq!(meant(typed), [], "{typed:?}");
        }
    }
}
