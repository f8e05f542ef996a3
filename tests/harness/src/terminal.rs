//! A terminal that a tool runs at: keys can be pressed, and its window closed.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::OwnedFd;
use rustix::fs::OFlags;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::tool::Tool;

/// A terminal, and the tool whose terminal it is.
#[derive(Debug)]
pub struct Terminal {
    /// The tool. Everything it writes is on [`crate::Stream::Out`].
    pub tool: Tool,
    master: Arc<File>,
    /// Dropped when the window is closed.
    window: OwnedFd,
}

impl Terminal {
    /// What to start a tool under so that the terminal is the one that sends its signals. What a
    /// shell starts in the background would ignore the most usual one, and so would all below it.
    pub const WRAPPER: &[&str] = &["env", "--default-signal=INT,QUIT", "setsid", "--ctty"];

    /// Start a command of this wrapper at a terminal of 80 columns and 24 rows.
    #[track_caller]
    pub fn open(mut command: Command) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let no_ctty = i32::try_from(OFlags::NOCTTY.bits()).unwrap();
        let open = || OpenOptions::new().read(true).write(true).custom_flags(no_ctty).open(&name);
        command.stdin(open().unwrap()).stdout(open().unwrap()).stderr(open().unwrap());
        let master = Arc::new(File::from(master));
        let (closed, window) = pipe_with(PipeFlags::CLOEXEC).unwrap();
        let screen = Screen { master: Arc::clone(&master), closed };
        let tool = Tool::launch(command, Some(Box::new(screen)));
        Self { tool, master, window }
    }

    /// Press keys.
    #[track_caller]
    pub fn press(&self, keys: &[u8]) {
        (&*self.master).write_all(keys).unwrap();
    }

    /// Give the window another size.
    #[track_caller]
    pub fn resize(&self, rows: u16, columns: u16) {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&*self.master, size).unwrap();
    }

    /// Whether it shows what is typed, as it does unless somebody has seen to it.
    #[must_use]
    pub fn echoes(&self) -> bool {
        tcgetattr(&*self.master).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// Close the window.
    #[must_use]
    pub fn close(self) -> Tool {
        let Self { tool, master, window } = self;
        drop(master);
        drop(window);
        tool
    }
}

/// What is on the screen, until the window is closed or nobody is left to write.
#[derive(Debug)]
struct Screen {
    master: Arc<File>,
    closed: OwnedFd,
}

impl Read for Screen {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut wait =
            [PollFd::new(&*self.master, PollFlags::IN), PollFd::new(&self.closed, PollFlags::IN)];
        poll(&mut wait, None)?;
        if !wait[1].revents().is_empty() {
            return Ok(0);
        }
        // `EIO` says that nobody has the terminal open any more.
        (&*self.master).read(buffer).or(Ok(0))
    }
}
