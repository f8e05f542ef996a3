//! The side of whoever attaches: his keys to the run, what it writes to his terminal.

use std::io::{self, BufRead, Write};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;

use super::super::{ansi, signals};
use super::lines::{Bytes, Presence, Said, Seen};
use super::parting::{Parting, Typed};
use super::window::{Face, Window};
use crate::formation::KeySequence;
use crate::narrate::notice::error;
use crate::narrate::{Paint, attach as words};
use crate::supervise::StopReason;

/// A terminal or a formation that takes nothing is waited for so long, at the end.
const FAREWELL: Duration = Duration::from_secs(1);

/// How it came to an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parted {
    /// The keys were pressed that leave. The run goes on.
    Left,
    /// The formation has ended.
    Over,
    /// The connection ended without a word.
    Lost,
    /// There was nothing to attach to, for this reason.
    Refused(String),
    /// Somebody has asked this process to stop. The run goes on.
    Stopped(StopReason),
}

/// What is attached.
#[derive(Debug)]
pub struct Attachment {
    /// The terminal.
    pub window: Window,
    /// What leaves.
    pub keys: KeySequence,
    /// Whether what we say has colours.
    pub paint: Paint,
}

/// Everything that can come in.
enum Incoming {
    Typed(Vec<u8>),
    /// The window has another size.
    Resized,
    /// We were stopped, and go on.
    Continued,
    Over(Parted),
}

/// Be attached until it is over. The request was made; `lines` has what comes of it, and
/// `requests` takes what is typed.
///
/// # Errors
/// When there are no threads or signal handlers to be had, or the terminal is none.
pub fn attach(
    attachment: Attachment,
    mut lines: impl BufRead + Send + 'static,
    requests: impl Write + Send + 'static,
) -> io::Result<Parted> {
    let first = next(&mut lines);
    let Some(Seen::Attached { instance, others, run }) = first else {
        return Ok(match first {
            Some(Seen::Refused { reason }) => Parted::Refused(reason),
            Some(Seen::Done) => Parted::Over,
            _ => Parted::Lost,
        });
    };
    let Attachment { window, keys, paint } = attachment;
    let voice = Voice { face: Arc::clone(&window.face), paint };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (sender, inbox) = unbounded_channel();
    let (said, written) = write(requests)?;
    let parted = LocalSet::new().block_on(&runtime, async {
        let resized = sender.clone();
        signals::listen_for_resizing(move || drop(resized.send(Incoming::Resized)))?;
        let continued = sender.clone();
        signals::listen_for_continuing(move || drop(continued.send(Incoming::Continued)))?;
        let stopped = sender.clone();
        signals::listen(move |heard| {
            if let signals::Heard::Stop(reason) = heard {
                let _ = stopped.send(Incoming::Over(Parted::Stopped(reason)));
            }
        })?;
        window.make_raw()?;
        voice.say(&words::attached(&instance, others, run == Presence::Alive, &keys));
        read_keys(Arc::clone(&window.input), sender.clone())?;
        show(lines, voice.clone(), keys.clone(), sender)?;
        Ok::<_, io::Error>(follow(&window, Parting::new(keys), inbox, &said).await)
    })?;
    // What was typed before the last keys is for the run, too.
    drop(said);
    let _ = written.recv_timeout(FAREWELL);
    drop(window);
    voice.part(match &parted {
        Parted::Left | Parted::Stopped(_) => words::left(&instance),
        Parted::Over => words::over(),
        Parted::Lost => words::lost(),
        Parted::Refused(reason) => error(reason),
    })?;
    Ok(parted)
}

/// From keys to lines, until it is over.
async fn follow(
    window: &Window,
    mut parting: Parting,
    mut inbox: UnboundedReceiver<Incoming>,
    said: &Sender<Said>,
) -> Parted {
    // Who does not listen any more is noticed where he does not speak any more.
    let say = |what| drop(said.send(what));
    // It may have changed since it was asked for.
    say(Said::resized(window.size()));
    while let Some(incoming) = inbox.recv().await {
        match incoming {
            Incoming::Typed(bytes) => match parting.typed(&bytes) {
                Typed::Passes(bytes) => say(Said::Typed { input: Bytes(bytes) }),
                Typed::Leaves(bytes) => {
                    say(Said::Typed { input: Bytes(bytes) });
                    return Parted::Left;
                }
            },
            Incoming::Resized => say(Said::resized(window.size())),
            Incoming::Continued => {
                // A shell had it meanwhile. If it is gone, its keys say so.
                let _ = window.make_raw();
                say(Said::resized(window.size()));
            }
            Incoming::Over(parted) => return parted,
        }
    }
    Parted::Lost
}

/// Read what is typed, on a thread of its own that nobody waits for.
fn read_keys(input: Arc<OwnedFd>, sender: UnboundedSender<Incoming>) -> io::Result<()> {
    let read = move || {
        let mut bytes = vec![0; 4096];
        loop {
            let incoming = match rustix::io::read(&*input, &mut bytes) {
                Ok(length @ 1..) => Incoming::Typed(bytes[..length].to_vec()),
                Err(rustix::io::Errno::INTR) => continue,
                Ok(0) | Err(_) => Incoming::Over(Parted::Stopped(StopReason::Hangup)),
            };
            let is_over = matches!(incoming, Incoming::Over(_));
            if sender.send(incoming).is_err() || is_over {
                return;
            }
        }
    };
    thread::Builder::new().name("keys".into()).spawn(read).map(drop)
}

/// Show what comes, on a thread of its own: a terminal that takes nothing must not keep
/// anybody from leaving.
fn show(
    mut lines: impl BufRead + Send + 'static,
    voice: Voice,
    keys: KeySequence,
    sender: UnboundedSender<Incoming>,
) -> io::Result<()> {
    let show = move || {
        let parted = loop {
            match next(&mut lines) {
                Some(Seen::Output { bytes }) => voice.face.show(&bytes.0),
                Some(Seen::Missed { bytes }) => voice.say(&words::missed(bytes)),
                Some(Seen::Began) => voice.say(&words::began()),
                Some(Seen::Ended { how }) => voice.say(&words::ended(&how, &keys)),
                Some(Seen::Attached { .. }) => {}
                Some(Seen::Refused { reason }) => break Parted::Refused(reason),
                Some(Seen::Done) => break Parted::Over,
                None => break Parted::Lost,
            }
        };
        let _ = sender.send(Incoming::Over(parted));
    };
    thread::Builder::new().name("screen".into()).spawn(show).map(drop)
}

/// The next line that is understood. What is not is of a newer formation.
fn next(lines: &mut impl BufRead) -> Option<Seen> {
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Ok(seen) = serde_json::from_str(&line) {
            return Some(seen);
        }
    }
}

/// Write what is said, on a thread of its own: a formation that takes nothing must not keep
/// anybody from leaving. The receiver hears when everything is written.
fn write(mut requests: impl Write + Send + 'static) -> io::Result<(Sender<Said>, Receiver<()>)> {
    let (sender, said) = channel::<Said>();
    let (done, written) = channel();
    let write = move || {
        for said in said {
            // Nothing in it has no text.
            let line = serde_json::to_string(&said).unwrap_or_default() + "\n";
            if requests.write_all(line.as_bytes()).and_then(|()| requests.flush()).is_err() {
                break;
            }
        }
        let _ = done.send(());
    };
    thread::Builder::new().name("requests".into()).spawn(write)?;
    Ok((sender, written))
}

/// What we say ourselves.
#[derive(Clone, Debug)]
struct Voice {
    face: Arc<Face>,
    paint: Paint,
}

impl Voice {
    fn say(&self, line: &str) {
        self.face.say(&self.painted(line));
    }

    /// The last that is shown. A terminal that takes nothing is not waited for.
    fn part(self, line: String) -> io::Result<()> {
        let (done, said) = channel();
        let part = move || {
            self.face.close(&self.painted(&line));
            let _ = done.send(());
        };
        thread::Builder::new().name("farewell".into()).spawn(part)?;
        let _ = said.recv_timeout(FAREWELL);
        Ok(())
    }

    fn painted(&self, line: &str) -> String {
        match self.paint {
            Paint::Coloured => line.to_owned(),
            Paint::Plain => String::from_utf8_lossy(&ansi::plain(line.as_bytes())).into_owned(),
        }
    }
}
