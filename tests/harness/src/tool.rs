//! The tool at work.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_process, kill_process_group};

use crate::processes::pid;
use crate::{BUILD_DEADLINE, DEADLINE};

/// Where a line was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output: the lines of the processes.
    Out,
    /// Standard error: what the tool and cargo say.
    Err,
}

/// A line of the tool's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it was written to.
    pub stream: Stream,
    /// The line, without its end.
    pub bytes: Vec<u8>,
    /// Whether it had an end.
    pub is_whole: bool,
    /// When it was read, counted from the start of the tool.
    pub at: Duration,
}

impl Line {
    /// The line as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// What is known of a tool that was started.
#[derive(Debug, Default)]
struct Seen {
    lines: Vec<Line>,
    open: usize,
    status: Option<(ExitStatus, Duration)>,
}

type Shared = Arc<(Mutex<Seen>, Condvar)>;

/// A tool that was started. Dropping it does not end it; its workspace does.
#[derive(Debug)]
pub struct Tool {
    pid: u32,
    began: Instant,
    seen: Shared,
}

impl Tool {
    /// Start it in a process group of its own, and read what it writes.
    pub fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::start_uncaptured(command)
    }

    /// As [`Self::start`], with the streams as they are in the command: only those that are
    /// `Stdio::piped()` are read.
    pub fn start_uncaptured(mut command: Command) -> Self {
        command.process_group(0);
        Self::launch(command, None)
    }

    /// Start it where it is to be started, and read its pipes and this.
    pub(crate) fn launch(mut command: Command, more: Option<Box<dyn Read + Send>>) -> Self {
        let began = Instant::now();
        let mut child = command.spawn().unwrap();
        // It has our ends of what it was given; they would keep it open.
        drop(command);
        let seen = Shared::default();
        let pid = child.id();
        let out = child.stdout.take().map(|out| -> Box<dyn Read + Send> { Box::new(out) });
        let err = child.stderr.take().map(|err| -> Box<dyn Read + Send> { Box::new(err) });
        for (stream, pipe) in [(Stream::Out, out), (Stream::Err, err), (Stream::Out, more)] {
            let Some(pipe) = pipe else { continue };
            seen.0.lock().unwrap().open += 1;
            let seen = Arc::clone(&seen);
            thread::spawn(move || read(pipe, stream, began, &seen));
        }
        let waiter = Arc::clone(&seen);
        thread::spawn(move || {
            let status = child.wait().unwrap();
            waiter.0.lock().unwrap().status = Some((status, began.elapsed()));
            waiter.1.notify_all();
        });
        Self { pid, began, seen }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// How long ago it was started.
    pub fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// Send it a signal, and only it. When it was sent.
    pub fn signal(&self, signal: Signal) -> Duration {
        // Nobody can reap it between the look and the signal: who does sets `status` after.
        if self.seen.0.lock().unwrap().status.is_none() {
            let _ = kill_process(pid(self.pid), signal);
        }
        self.age()
    }

    /// Send its whole process group a signal, as a shell does to a job.
    pub fn signal_group(&self, signal: Signal) -> Duration {
        let _ = kill_process_group(pid(self.pid), signal);
        self.age()
    }

    /// Every line so far.
    pub fn lines(&self) -> Vec<Line> {
        self.seen.0.lock().unwrap().lines.clone()
    }

    /// Everything written to a stream so far, line by line, as text.
    pub fn text(&self, stream: Stream) -> String {
        let lines = self.lines();
        lines.iter().filter(|line| line.stream == stream).fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{}", line.text());
            text
        })
    }

    /// How many lines so far have this in them.
    pub fn count(&self, text: &str) -> usize {
        self.lines().iter().filter(|line| line.text().contains(text)).count()
    }

    /// Wait for a line that has this in it.
    #[track_caller]
    pub fn wait_for(&self, text: &str) -> Line {
        self.wait_for_nth(1, text)
    }

    /// Wait for the n-th line, counted from one, that has this in it.
    #[track_caller]
    pub fn wait_for_nth(&self, number: usize, text: &str) -> Line {
        let what = format!("line number {number} with `{text}`");
        self.wait_until(&what, |lines| {
            let found = lines.iter().filter(|line| line.text().contains(text)).nth(number - 1);
            found.cloned()
        })
    }

    /// Wait until the lines are as they should be.
    #[track_caller]
    pub fn wait_until<T>(&self, what: &str, found: impl Fn(&[Line]) -> Option<T>) -> T {
        self.wait_within(DEADLINE, what, found)
    }

    /// Wait for a line that has this in it, and comes after everything has been compiled.
    #[track_caller]
    pub fn build_and_wait_for(&self, text: &str) -> Line {
        self.wait_within(BUILD_DEADLINE, &format!("a line with `{text}`"), |lines| {
            lines.iter().find(|line| line.text().contains(text)).cloned()
        })
    }

    #[track_caller]
    fn wait_within<T>(
        &self,
        within: Duration,
        what: &str,
        found: impl Fn(&[Line]) -> Option<T>,
    ) -> T {
        self.wait(what, within, |seen| {
            let over = seen.status.is_some() && seen.open == 0;
            match found(&seen.lines) {
                Some(found) => Some(Ok(found)),
                None if over => Some(Err("it ended")),
                None => None,
            }
        })
        .unwrap_or_else(|why| panic!("{why} without {what}\n{}", self.transcript()))
    }

    /// Whether the lines become so before this much time has passed.
    pub fn reaches(&self, within: Duration, found: impl Fn(&[Line]) -> bool) -> bool {
        let seen = self.seen.0.lock().unwrap();
        let missing = |seen: &mut Seen| !found(&seen.lines);
        !self.seen.1.wait_timeout_while(seen, within, missing).unwrap().1.timed_out()
    }

    /// Wait for its end and the end of its output. Its exit code, or 128 and the number of
    /// the signal that ended it, and when it ended.
    #[track_caller]
    pub fn finish(&self) -> (i32, Duration) {
        use std::os::unix::process::ExitStatusExt;
        let (status, at) =
            self.wait("end", DEADLINE, |seen| seen.status.filter(|_| seen.open == 0));
        let signal = status.signal().map(|number| 128 + number);
        (status.code().or(signal).unwrap(), at)
    }

    /// Wait for its end, and fail unless its exit code is this. When it ended.
    #[track_caller]
    pub fn ends_with(&self, code: i32) -> Duration {
        let (found, at) = self.finish();
        assert_eq!(found, code, "the exit code\n{}", self.transcript());
        at
    }

    /// Everything it wrote, with times.
    pub fn transcript(&self) -> String {
        self.lines().iter().fold(String::new(), |mut text, line| {
            let _ =
                writeln!(text, "{:8.3} {:?} {}", line.at.as_secs_f64(), line.stream, line.text());
            text
        })
    }

    #[track_caller]
    fn wait<T>(&self, what: &str, within: Duration, found: impl Fn(&Seen) -> Option<T>) -> T {
        let until = Instant::now() + within;
        let mut seen = self.seen.0.lock().unwrap();
        loop {
            if let Some(found) = found(&seen) {
                return found;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                drop(seen);
                panic!("within {within:?} there was no {what}\n{}", self.transcript());
            }
            seen = self.rest(seen, left);
        }
    }

    fn rest<'s>(&self, seen: MutexGuard<'s, Seen>, left: Duration) -> MutexGuard<'s, Seen> {
        self.seen.1.wait_timeout(seen, left).unwrap().0
    }
}

fn read(pipe: Box<dyn Read + Send>, stream: Stream, began: Instant, seen: &Shared) {
    let mut pipe = BufReader::with_capacity(1 << 16, pipe);
    loop {
        let mut bytes = Vec::new();
        let count = pipe.read_until(b'\n', &mut bytes).unwrap_or(0);
        let is_whole = bytes.last() == Some(&b'\n');
        bytes.truncate(bytes.len() - usize::from(is_whole));
        let mut shared = seen.0.lock().unwrap();
        if count == 0 {
            shared.open -= 1;
        } else {
            shared.lines.push(Line { stream, bytes, is_whole, at: began.elapsed() });
        }
        seen.1.notify_all();
        if count == 0 {
            return;
        }
    }
}
