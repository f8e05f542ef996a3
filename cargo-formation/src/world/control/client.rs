//! The side of whoever asks.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::IntoRawFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::lock;
use super::{Address, socket_in};
use crate::control::{LONGEST_LINE, Reply, Request, text};

/// A connection to a formation that runs.
#[derive(Debug)]
pub struct Formation {
    stream: BufReader<UnixStream>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Silence {
    /// It did not come in time.
    Late,
    /// The connection ended: the formation has.
    Over,
    /// What came is of another version of the protocol.
    Strange(String),
    /// The connection cannot be used.
    Broken(io::Error),
}

/// The formation that runs in one of these workspaces, by the canonical paths of their roots.
#[must_use]
pub fn find(runtime: Option<&Path>, roots: &[PathBuf]) -> Option<Formation> {
    let places = roots.iter().flat_map(|root| lock::places(runtime, root));
    places.into_iter().find_map(|place| connect(&socket_in(&place)).ok())
}

/// The formation at this socket.
///
/// # Errors
/// When nobody listens there.
pub fn connect(socket: &Path) -> io::Result<Formation> {
    let stream = UnixStream::connect(Address::of(socket)?.path)?;
    Ok(Formation { stream: BufReader::new(stream) })
}

impl Formation {
    /// Ask.
    ///
    /// # Errors
    /// When nobody listens any more.
    pub fn ask(&mut self, request: &Request) -> io::Result<()> {
        let line = text(request) + "\n";
        self.stream.get_mut().write_all(line.as_bytes())
    }

    /// The next answer, within this time if there is one.
    ///
    /// # Errors
    /// When there is none.
    pub fn answer(&mut self, patience: Option<Duration>) -> Result<Reply, Silence> {
        let stream = self.stream.get_ref();
        stream.set_read_timeout(patience).map_err(Silence::Broken)?;
        let mut line = Vec::new();
        let limit = LONGEST_LINE as u64;
        match (&mut self.stream).take(limit).read_until(b'\n', &mut line) {
            Ok(0) => Err(Silence::Over),
            Err(error) => Err(silence(error)),
            Ok(_) => {
                let line = String::from_utf8_lossy(&line);
                Reply::parse(&line).ok_or_else(|| Silence::Strange(line.trim().to_owned()))
            }
        }
    }

    /// Keep the connection for whatever this process becomes: it ends with that.
    ///
    /// # Errors
    /// When that cannot be.
    pub fn outlive(self) -> io::Result<()> {
        let kept = rustix::io::dup(self.stream.get_ref())?;
        rustix::io::fcntl_setfd(&kept, rustix::io::FdFlags::empty())?;
        // It is the next program's now.
        let _ = kept.into_raw_fd();
        Ok(())
    }

    /// The connection, for whoever goes on in another way.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn into_stream(self) -> io::Result<BufReader<UnixStream>> {
        self.stream.get_ref().set_read_timeout(None)?;
        Ok(self.stream)
    }

    /// Wait for the end of the connection, and for that of this process.
    ///
    /// # Errors
    /// When the connection cannot be used.
    pub fn see_out(mut self, pid: u32) -> io::Result<()> {
        self.stream.get_ref().set_read_timeout(None)?;
        let process = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
        let process = process.and_then(|pid| {
            let flags = rustix::process::PidfdFlags::empty();
            rustix::process::pidfd_open(pid, flags).ok()
        });
        let mut rest = [0; 1024];
        while self.stream.read(&mut rest)? > 0 {}
        // The locks it had are free when it has gone.
        if let Some(process) = process {
            let mut end = [rustix::event::PollFd::new(&process, rustix::event::PollFlags::IN)];
            rustix::event::poll(&mut end, None)?;
        }
        Ok(())
    }
}

fn silence(error: io::Error) -> Silence {
    let is = |kinds: [io::ErrorKind; 2]| kinds.contains(&error.kind());
    if is([io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut]) {
        Silence::Late
    } else if is([io::ErrorKind::ConnectionReset, io::ErrorKind::BrokenPipe]) {
        Silence::Over
    } else {
        Silence::Broken(error)
    }
}
