//! The only writer of standard output and standard error.
//!
//! Where both are one terminal, or one pipe, one thread writes them, so that what is said of a
//! process stands after what it wrote. Where they are two, each has a thread of its own, so
//! that whoever does not take the one does not hold back the other.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Stat, fstat};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::super::ansi;
use super::super::history::History;
use super::{From, Part, Piece, Source, To};
use crate::narrate::Paint;

/// How many bytes may have been read from children and not be written.
const BUDGET: u32 = 4 * 1024 * 1024;
/// How much is written at once: a reader that takes less in a second than this takes nothing.
const CHUNK: usize = 64 * 1024;

/// The writer's address.
#[derive(Clone, Debug)]
pub struct Writer {
    /// To whom writes standard output.
    orders: Sender<Order>,
    /// To whom writes standard error; often the same.
    notices: Sender<Order>,
    budget: Arc<Semaphore>,
    written: Arc<AtomicU64>,
    /// Where what is said is kept, too.
    history: Option<History>,
}

/// Becomes ready when everything is written.
pub type Flushed = oneshot::Receiver<()>;

/// A share of what may be read and not be written. Nobody has to wait for an empty one.
#[derive(Debug, Default)]
pub struct Room(
    #[expect(dead_code, reason = "held until it is dropped")] Option<OwnedSemaphorePermit>,
);

/// What the writer is asked to do.
#[derive(Debug)]
enum Order {
    /// Write what a child wrote to standard output.
    Out(Piece, Room),
    /// Write a line of the tool's own to standard error.
    Say(Vec<u8>),
    /// Show this on the last line of the terminal until something else is written.
    Progress(Option<String>),
    /// Answer when everything before this is written.
    Flush(oneshot::Sender<()>),
}

/// Start the writer. `closed` is called once, on its thread, when nobody reads standard
/// output any more.
///
/// # Errors
/// When no thread can be started.
pub fn start(paint: Paint, closed: impl FnOnce() + Send + 'static) -> io::Result<Writer> {
    let written = Arc::new(AtomicU64::new(0));
    let separate = (!are_one_file()).then(|| Desk::<fn()>::new(paint, None).open()).transpose()?;
    let mut desk = Desk::new(paint, Some(closed));
    desk.written = Arc::clone(&written);
    desk.notices.clone_from(&separate);
    let orders = desk.open()?;
    let notices = separate.unwrap_or_else(|| orders.clone());
    let budget = Arc::new(Semaphore::new(BUDGET as usize));
    Ok(Writer { orders, notices, budget, written, history: None })
}

/// Whether standard output and standard error go to the same place.
fn are_one_file() -> bool {
    let identity = |stat: Stat| (stat.st_dev, stat.st_ino);
    let output = fstat(rustix::stdio::stdout()).map(identity);
    let error = fstat(rustix::stdio::stderr()).map(identity);
    output.is_ok() && output == error
}

impl Writer {
    /// Wait until there is room for this.
    pub async fn room(&self, piece: &Piece) -> Room {
        let size = match piece {
            Piece::Lines(bytes) | Piece::Part(Part { bytes, .. }) => bytes.len(),
        };
        let size = u32::try_from(size).unwrap_or(BUDGET).min(BUDGET);
        Room(Arc::clone(&self.budget).acquire_many_owned(size).await.ok())
    }

    /// Write what a child wrote, in this room.
    pub fn write(&self, piece: Piece, room: Room) {
        self.order(Order::Out(piece, room));
    }

    /// From now on what is said is kept here, too.
    pub fn remember(&mut self, history: History) {
        self.history = Some(history);
    }

    /// Say something on standard error. The end of the line is added.
    pub fn say(&self, line: impl Into<Vec<u8>>) {
        let line = line.into();
        if let Some(history) = &self.history {
            history.said(&line);
        }
        self.notice(Order::Say(line));
    }

    /// Show something passing on standard error, which is a terminal.
    pub fn progress(&self, bar: Option<String>) {
        self.notice(Order::Progress(bar));
    }

    /// Ask to be told when everything until now is written.
    #[must_use]
    pub fn flush(&self) -> Flushed {
        let (done, flushed) = oneshot::channel();
        self.order(Order::Flush(done));
        flushed
    }

    /// How many bytes have been written.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    fn notice(&self, order: Order) {
        // As long as there is an address the thread lives.
        let _ = self.notices.send(order);
    }

    fn order(&self, order: Order) {
        // The thread lives as long as there is an address.
        let _ = self.orders.send(order);
    }
}

/// What the thread owns.
struct Desk<F> {
    paint: Paint,
    /// Whose line is on standard output without an end.
    open: Option<Source>,
    /// Whether a progress bar is on the last line of the terminal.
    progress: bool,
    /// Called when nobody reads standard output any more; then gone, and so is the output.
    closed: Option<F>,
    /// Who writes standard error, if that is somebody else.
    notices: Option<Sender<Order>>,
    /// How many bytes of standard output have been written.
    written: Arc<AtomicU64>,
}

impl<F: FnOnce() + Send + 'static> Desk<F> {
    fn new(paint: Paint, closed: Option<F>) -> Self {
        Self { paint, open: None, progress: false, closed, notices: None, written: Arc::default() }
    }

    /// Start the thread; its address.
    fn open(mut self) -> io::Result<Sender<Order>> {
        let (orders, receiver) = channel();
        thread::Builder::new().name("writer".into()).spawn(move || self.work(&receiver))?;
        Ok(orders)
    }

    fn work(&mut self, orders: &Receiver<Order>) {
        while let Ok(order) = orders.recv() {
            match order {
                Order::Out(Piece::Lines(lines), _room) => self.lines(&lines),
                Order::Out(Piece::Part(part), _room) => self.part(&part),
                Order::Say(line) => self.say(line),
                Order::Progress(bar) => self.show(bar),
                Order::Flush(done) => self.flush(done),
            }
        }
    }

    /// Everything before is written here; then it is the turn of who writes standard error.
    fn flush(&self, done: oneshot::Sender<()>) {
        match &self.notices {
            Some(notices) => drop(notices.send(Order::Flush(done))),
            None => drop(done.send(())),
        }
    }

    fn lines(&mut self, lines: &[u8]) {
        self.clear();
        self.close_line();
        self.out(lines);
    }

    fn part(&mut self, part: &Part) {
        self.clear();
        let goes_on = part.from == From::Middle && self.open == Some(part.source);
        if !goes_on {
            self.close_line();
            self.out(match part.from {
                From::Start => &part.prefix.line,
                From::Middle => &part.prefix.continuation,
            });
        }
        self.out(&part.bytes);
        self.open = (part.to == To::Middle).then_some(part.source);
    }

    /// Somebody's line has no end, and somebody else is next.
    fn close_line(&mut self) {
        if self.open.take().is_some() {
            self.out(b"\n");
        }
    }

    fn say(&mut self, mut line: Vec<u8>) {
        self.clear();
        self.close_line();
        if self.paint == Paint::Plain {
            line = ansi::plain(&line);
        }
        line.push(b'\n');
        // Nobody can be told that nobody listens.
        let _ = write_all(io::stderr().lock(), &line);
    }

    fn show(&mut self, bar: Option<String>) {
        self.clear();
        if let Some(bar) = bar {
            // The bar has a line to itself, which is wiped in the end.
            self.close_line();
            let _ = write_all(io::stderr().lock(), bar.as_bytes());
            self.progress = true;
        }
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.progress) {
            let _ = write_all(io::stderr().lock(), b"\r\x1b[K");
        }
    }

    fn out(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(CHUNK) {
            if self.closed.is_some() && write_all(RawStdout, chunk).is_err() {
                // Nobody reads any more: whatever the reason, this is the end.
                if let Some(closed) = self.closed.take() {
                    closed();
                }
            }
            self.written.fetch_add(chunk.len() as u64, Ordering::Relaxed);
        }
    }
}

/// Standard output without the line buffer of `std`: what arrives here is framed already.
struct RawStdout;

impl Write for RawStdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(rustix::stdio::stdout(), bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsFd for RawStdout {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        rustix::stdio::stdout()
    }
}

/// Write everything, also where whoever shares the stream has made it non-blocking.
fn write_all(mut stream: impl Write + AsFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                poll(&mut [PollFd::new(&stream, PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{From, Part, Prefix, Source, To};
    use super::Desk;
    use crate::narrate::Paint;

    #[test]
    fn a_bar_does_not_wipe_a_line_that_has_no_end() {
        // Without standard output, so that nothing is written.
        let mut desk = Desk::<fn()>::new(Paint::Plain, None);
        let prefix = Arc::new(Prefix { line: b"app | ".into(), continuation: b"app + ".into() });
        let (from, to) = (From::Start, To::Middle);
        desk.part(&Part { source: Source(1), prefix, bytes: b"> ".into(), from, to });
        assert!(desk.open.is_some());
        desk.show(None);
        assert!(desk.open.is_some(), "nothing was shown");
        desk.show(Some(String::new()));
        assert!(desk.open.is_none());
    }
}
