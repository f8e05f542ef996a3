//! What standard output and standard error are, and plain writing to them.
//!
//! For commands that answer and end. `dev` and everything that writes while something
//! runs goes through [`super::output`].

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal, Read, Write};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::stdio::stdout;

use rustix::io::fcntl_dupfd_cloexec;

use super::ansi;
use super::attach::Window;
use super::pty::Size;
use crate::formation::ExitCode;
use crate::narrate::Paint;
use crate::narrate::notice;

/// The two streams, as far as they matter to what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// How results and the lines of processes look.
    pub stdout: Stream,
    /// How what the tool says looks.
    pub stderr: Stream,
    /// What else can be done with it.
    pub cursor: Cursor,
}

/// Whether something that was written can be written over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// It can.
    Moves,
    /// It cannot: the terminal is `dumb`, or it is none.
    Stays,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Whether there are colours.
    pub paint: Paint,
    /// Who reads it.
    pub reader: Reader,
}

/// Who reads a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A person, at a terminal.
    Person,
    /// A program, or a file.
    Program,
}

/// When there are colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// Where a person reads, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Terminal {
    /// Look at the streams. `NO_COLOR`, `CLICOLOR_FORCE`, `CARGO_TERM_COLOR` and `TERM` of
    /// the environment count where the command line says nothing.
    #[must_use]
    pub fn look(when: When, env: &[(OsString, OsString)]) -> Self {
        let stream = |is_terminal| Stream {
            paint: paint(when, env, is_terminal),
            reader: if is_terminal { Reader::Person } else { Reader::Program },
        };
        let is_dumb = value(env, "TERM") == Some("dumb");
        let moves = io::stderr().is_terminal() && !is_dumb;
        Self {
            stdout: stream(io::stdout().is_terminal()),
            stderr: stream(io::stderr().is_terminal()),
            cursor: if moves { Cursor::Moves } else { Cursor::Stays },
        }
    }

    /// Write a result. The exit code of a command whose result this is: who closes the pipe
    /// has read enough, and a result that could not be written is a problem.
    #[must_use]
    pub fn print(self, text: &str) -> ExitCode {
        self.pass(text.as_bytes())
    }

    /// As [`Self::print`], of a result that may be no text, or come in parts.
    #[must_use]
    pub fn pass(self, bytes: &[u8]) -> ExitCode {
        let mut stdout = io::stdout();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::OUTPUT_CLOSED,
            Err(error) => {
                self.error(&format!("cannot write the result: {error}"));
                ExitCode::PROBLEM
            }
        }
    }

    /// Whether whoever reads the results goes away within this time; else that has passed.
    #[must_use]
    pub fn is_left_within(self, time: Duration) -> bool {
        let stdout = stdout();
        let mut stdout = [PollFd::new(&stdout, PollFlags::empty())];
        let time = Timespec::try_from(time).unwrap_or_default();
        matches!(poll(&mut stdout, Some(&time)), Ok(1..))
    }

    /// Say a line.
    pub fn say(self, line: &str) {
        let line = match self.stderr.paint {
            Paint::Coloured => line.as_bytes().to_vec(),
            Paint::Plain => ansi::plain(line.as_bytes()),
        };
        let _ = io::stderr().write_all(&[&line[..], b"\n"].concat());
    }

    /// Say what is wrong.
    pub fn error(self, text: &str) {
        self.say(&notice::error(text));
    }

    /// Say what is unwise.
    pub fn warn(self, text: &str) {
        self.say(&notice::warning(text));
    }

    /// What the person at the terminal answers to a question; nothing where there is none. Who
    /// closes the input answers with nothing, too, but has been asked.
    #[must_use]
    pub fn ask(self, question: &str) -> Option<String> {
        if !io::stdin().is_terminal() || self.stderr.reader != Reader::Person {
            return None;
        }
        let _ = io::stderr().write_all(question.as_bytes());
        let mut answer = String::new();
        if io::stdin().read_line(&mut answer).is_err() || !answer.ends_with('\n') {
            // The answer's end of line is missing on the screen.
            self.say("");
        }
        Some(answer.trim().to_owned())
    }

    /// How wide the terminal is that a person looks at, if one does and it can show what
    /// passes.
    #[must_use]
    pub fn width(self) -> Option<u16> {
        let size = rustix::termios::tcgetwinsize(io::stderr()).ok()?;
        (self.cursor == Cursor::Moves && size.ws_col > 0).then_some(size.ws_col)
    }
}

/// The size of the terminal that the tool runs at: of the streams, the first that is one.
#[must_use]
pub fn size() -> Size {
    let streams = [Size::of(io::stdout()), Size::of(io::stderr()), Size::of(io::stdin())];
    streams.into_iter().flatten().next().unwrap_or_default()
}

/// The terminal of whoever wants to attach: standard input and standard output. Nothing, if
/// one of them is none.
///
/// # Errors
/// When there are no more descriptors to be had.
pub fn window() -> io::Result<Option<Window>> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Ok(None);
    }
    let input = fcntl_dupfd_cloexec(io::stdin(), 3)?;
    Window::new(input, fcntl_dupfd_cloexec(io::stdout(), 3)?).map(Some)
}

/// Call this, on another thread, when nobody reads standard output any more. Somebody who only
/// waits for something to write would not notice.
pub fn when_unread(call: Box<dyn FnOnce() + Send>) {
    let wait = || {
        let stdout = stdout();
        let mut output = [PollFd::new(&stdout, PollFlags::empty())];
        // An error and the end are told unasked, see poll(2).
        while poll(&mut output, None) == Err(Errno::INTR) {}
        call();
    };
    // Without it the next write tells.
    let _ = thread::Builder::new().name("unread".into()).spawn(wait);
}

/// Pass on to standard error what comes, as it comes. How many bytes that were.
pub(super) fn relay(mut stream: impl Read) -> u64 {
    // Nobody can be told that nobody listens.
    io::copy(&mut stream, &mut io::stderr()).unwrap_or_default()
}

fn paint(when: When, env: &[(OsString, OsString)], is_terminal: bool) -> Paint {
    let value = |name| value(env, name);
    let coloured = match when {
        When::Always => true,
        When::Never => false,
        When::Auto => match value("CARGO_TERM_COLOR") {
            _ if value("NO_COLOR").is_some() => false,
            _ if value("CLICOLOR_FORCE").is_some_and(|force| force != "0") => true,
            Some("always") => true,
            Some("never") => false,
            _ => is_terminal && value("TERM") != Some("dumb"),
        },
    };
    if coloured { Paint::Coloured } else { Paint::Plain }
}

/// A variable that is set to something.
fn value<'e>(env: &'e [(OsString, OsString)], name: &str) -> Option<&'e str> {
    let found = env.iter().find(|(known, _)| known == OsStr::new(name));
    found.and_then(|(_, value)| value.to_str()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{When, paint};
    use crate::narrate::Paint;

    fn check(when: When, env: &[(&str, &str)], is_terminal: bool, coloured: bool) {
        let owned: Vec<_> = env.iter().map(|(name, value)| (name.into(), value.into())).collect();
        let expected = if coloured { Paint::Coloured } else { Paint::Plain };
        assert_eq!(paint(when, &owned, is_terminal), expected, "{when:?} {env:?} {is_terminal}");
    }

    #[test]
    fn a_person_gets_colours_unless_the_environment_says_otherwise() {
        check(When::Auto, &[], true, true);
        check(When::Auto, &[], false, false);
        check(When::Auto, &[("NO_COLOR", "1")], true, false);
        check(When::Auto, &[("NO_COLOR", "")], true, true);
        check(When::Auto, &[("TERM", "dumb")], true, false);
        check(When::Auto, &[("CLICOLOR_FORCE", "1")], false, true);
        check(When::Auto, &[("CLICOLOR_FORCE", "0")], false, false);
        check(When::Auto, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], true, false);
        check(When::Auto, &[("CARGO_TERM_COLOR", "always")], false, true);
        check(When::Auto, &[("CARGO_TERM_COLOR", "never")], true, false);
    }

    #[test]
    fn the_command_line_beats_the_environment() {
        check(When::Always, &[("NO_COLOR", "1")], false, true);
        check(When::Never, &[("CLICOLOR_FORCE", "1")], true, false);
    }
}
