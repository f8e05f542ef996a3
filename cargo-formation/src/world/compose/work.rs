//! One command of the engine at a time, which a signal interrupts.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::pin::pin;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::net::unix::pipe::Receiver;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use crate::formation::Exit;
use crate::world::signals::{self, Heard};

/// How long a command that was interrupted may take to end.
const FAREWELL: Duration = Duration::from_secs(3);
/// About the most that is read of what a command says, in bytes.
const MOST: usize = 1024 * 1024;
/// How much is read at once, in bytes.
const CHUNK: usize = 4096;

/// Who carries out commands, and hears signals.
pub(super) struct Work {
    heard: UnboundedReceiver<Heard>,
}

/// How a command came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// By itself.
    Ended(Exit),
    /// Somebody asked us to end, and it was ended.
    Asked,
}

/// Whom a signal to a command reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// A group of its own. `docker` does not pass a signal on to its plugin: it expects that
    /// a terminal sends it to both.
    Group,
    /// The command alone, because it is of our group. Whoever asks us to stop sends the signal
    /// to our group, and then to whoever he finds outside of it: what is started in between,
    /// and is to live, is safe here.
    Alone,
}

impl Work {
    /// Hear signals from now on.
    ///
    /// # Errors
    /// When there can be no handler.
    pub(super) fn start() -> io::Result<Self> {
        let (sender, heard) = unbounded_channel();
        signals::listen(move |heard| {
            // The receiver lives as long as we do.
            let _ = sender.send(heard);
        })?;
        Ok(Self { heard })
    }

    /// Carry out a command; a signal ends it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) async fn run(&mut self, mut command: Command) -> io::Result<Step> {
        let child = command.process_group(0).spawn()?;
        self.wait(child, Reach::Group).await
    }

    /// Carry out a command and read what it says until it has ended. Whoever it has left behind
    /// with its output is not waited for.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) async fn read(&mut self, mut command: Command) -> io::Result<(Step, String)> {
        let (pipe, output) = pipe_with(PipeFlags::CLOEXEC)?;
        let pipe = Receiver::from_owned_fd(pipe)?;
        let child = command.process_group(0).stdout(output).spawn()?;
        // It holds our copy of the writing end.
        drop(command);
        let mut bytes = Vec::new();
        let step = {
            let mut ended = pin!(self.wait(child, Reach::Group));
            tokio::select! {
                step = &mut ended => step?,
                () = take(&pipe, &mut bytes) => ended.await?,
            }
        };
        take_what_is_there(&pipe, &mut bytes);
        Ok((step, String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Carry out the last command, which the signal that we have heard is not to end. Another
    /// one does.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) async fn run_last(&mut self, mut command: Command) -> io::Result<Step> {
        let child = command.spawn()?;
        self.wait(child, Reach::Alone).await
    }

    /// Let time pass; tells whether somebody asked us to end meanwhile.
    pub(super) async fn pause(&mut self, length: Duration) -> bool {
        let asked = async { while self.heard.recv().await == Some(Heard::Child) {} };
        timeout(length, asked).await.is_ok()
    }

    async fn wait(&mut self, mut child: Child, reach: Reach) -> io::Result<Step> {
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Step::Ended(exit(status)));
            }
            if self.heard.recv().await != Some(Heard::Child) {
                self.end(&mut child, reach).await?;
                return Ok(Step::Asked);
            }
        }
    }

    /// End a command: ask, and force it after a while or at the next signal.
    async fn end(&mut self, child: &mut Child, reach: Reach) -> io::Result<()> {
        if reach == Reach::Group {
            signal(child, reach, Signal::TERM);
            let ended = async {
                while child.try_wait()?.is_none() {
                    if self.heard.recv().await != Some(Heard::Child) {
                        break;
                    }
                }
                io::Result::Ok(())
            };
            if let Ok(ended) = timeout(FAREWELL, ended).await {
                ended?;
            }
        }
        signal(child, reach, Signal::KILL);
        child.wait().map(drop)
    }
}

/// Take what comes until nothing more can come, and keep the first of it.
async fn take(pipe: &Receiver, bytes: &mut Vec<u8>) {
    loop {
        let mut chunk = [0; CHUNK];
        match pipe.readable().await.and_then(|()| pipe.try_read(&mut chunk)) {
            Ok(0) => return,
            Ok(count) if bytes.len() < MOST => bytes.extend(chunk.iter().take(count)),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

/// Take what a command has left in its pipe: it wrote that before it ended.
fn take_what_is_there(pipe: &Receiver, bytes: &mut Vec<u8>) {
    let mut chunk = [0; CHUNK];
    // The pipe itself is asked, not the runtime, which may not have heard of it yet.
    while let Ok(count @ 1..) = rustix::io::read(pipe, &mut chunk) {
        bytes.extend(chunk.iter().take(count));
        if bytes.len() >= MOST {
            return;
        }
    }
}

/// Send a command a signal, unless we know of its end.
fn signal(child: &mut Child, reach: Reach, signal: Signal) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let (Some(pid), Ok(None)) = (pid, child.try_wait()) {
        // It may have ended in this moment.
        let _ = match reach {
            Reach::Group => kill_process_group(pid, signal),
            Reach::Alone => kill_process(pid, signal),
        };
    }
}

fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Unknown,
    }
}
