//! The command that a formation is started for: it runs when everything is up, and when it has
//! ended so does everything else.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::process::Command;

use rustix::process::Signal;
use rustix::stdio::stdin;
use rustix::termios::isatty;

use super::Loop;
use super::written::last_lines;
use crate::drive::Wiring;
use crate::formation::ExitCode;
use crate::narrate::notice;
use crate::supervise::{self, Answer, Event, StopReason, Ticket, Whom};
use crate::world::children::{ChildId, Order, Report, TAG};

/// Its number; runs and cargos have those below.
const CHILD: ChildId = ChildId(1 << 48);

/// The ticket with which it is waited for that everything is up; clients have those below.
const TICKET: Ticket = Ticket(u64::MAX);

/// So many lines of each are shown.
const LAST_LINES: usize = 100;

/// What a formation is started for. Its streams, its terminal and its process group are those of
/// the tool.
#[derive(Clone, Debug)]
pub struct Errand {
    /// The program, and its arguments.
    pub command: (OsString, Vec<OsString>),
    /// Its whole environment.
    pub env: Vec<(OsString, OsString)>,
    /// Where it is run.
    pub dir: PathBuf,
}

/// How far it has come.
#[derive(Debug)]
pub(super) enum Progress {
    /// There is none.
    None,
    /// Not everything is up.
    Ahead(Errand),
    /// This program runs, or is about to. Somebody may have asked for the end of everything.
    Running(OsString, Option<StopReason>),
    /// It has ended, or never will begin.
    Over,
}

impl Progress {
    pub(super) fn new(errand: Option<Errand>) -> Self {
        errand.map_or(Self::None, Self::Ahead)
    }

    /// Whether there is one: then what happens to the formation is of no interest while all is
    /// well.
    pub(super) fn is_quiet(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// What has to be asked at the start.
    pub(super) fn first(&self) -> Option<Event> {
        let command = supervise::Command::Settle(Whom::All);
        self.is_quiet().then_some(Event::Asked(Some(TICKET), command))
    }
}

impl Loop {
    /// Begin, if this answers whether everything is up. The events that come of it.
    pub(super) fn begin_errand(&mut self, ticket: Ticket, answer: &Answer) -> Option<Vec<Event>> {
        if ticket != TICKET {
            return None;
        }
        let Progress::Ahead(errand) = std::mem::replace(&mut self.errand, Progress::Over) else {
            return Some(Vec::new());
        };
        let failure = match answer {
            Answer::Over(came) => notice::failed(came),
            // What ends the formation says why, and with which code.
            Answer::Ending => {
                self.show_what_was_written();
                return Some(Vec::new());
            }
            Answer::Unknown(_) | Answer::NotBuilt | Answer::NotReleased => {
                Some("the formation did not come up".into())
            }
        };
        if let Some(failure) = failure {
            self.wiring.writer.say(notice::error(&format!("nothing is tested: {failure}")));
            return Some(self.conclude(ExitCode::PROBLEM));
        }
        self.errand = Progress::Running(errand.command.0.clone(), None);
        errand.start(&self.wiring);
        Some(Vec::new())
    }

    /// What is reported of it, if this is.
    pub(super) fn errand_news(&mut self, report: &Report) -> Option<Vec<Event>> {
        let exit = match report {
            Report::Exited(CHILD, exit) => Ok(exit.code()),
            Report::NotSpawned(CHILD, error) => Err(error),
            Report::Spawned(CHILD, _)
            | Report::Survivors(CHILD, _)
            | Report::Gone(CHILD)
            | Report::Unreachable(CHILD, ..) => return Some(Vec::new()),
            Report::Spawned(..)
            | Report::NotSpawned(..)
            | Report::Exited(..)
            | Report::Survivors(..)
            | Report::Gone(_)
            | Report::Unreachable(..)
            | Report::Unguarded => return None,
        };
        let Progress::Running(program, asked) = std::mem::replace(&mut self.errand, Progress::Over)
        else {
            return Some(Vec::new());
        };
        // Whoever it has left behind goes now.
        self.wiring.children.order(Order::Kill(CHILD));
        if let Some(reason) = asked {
            return Some(vec![Event::Stop(reason)]);
        }
        Some(match exit {
            Ok(code) => self.conclude(code),
            Err(error) => self.not_run(&program, error),
        })
    }

    fn not_run(&self, program: &OsStr, error: &io::Error) -> Vec<Event> {
        let text = format!("cannot run `{}`: {error}", program.display());
        self.wiring.writer.say(notice::error(&text));
        let is_there = error.kind() != io::ErrorKind::NotFound;
        let code = if is_there { ExitCode::CANNOT_RUN } else { ExitCode::NOT_FOUND };
        vec![Event::Stop(StopReason::Errand(code))]
    }

    /// It is over: everything ends, with this code.
    fn conclude(&self, code: ExitCode) -> Vec<Event> {
        if code != ExitCode::SUCCESS && !self.supervise.is_ending() {
            self.show_what_was_written();
        }
        vec![Event::Stop(StopReason::Errand(code))]
    }

    /// What was written and not shown while all was well.
    fn show_what_was_written(&self) {
        for line in last_lines(&self.history, LAST_LINES) {
            self.wiring.writer.say(line);
        }
    }

    /// Somebody wants the end of everything before it has ended: it is asked to stop, and seen to
    /// its end; then it is the turn of the others. Whoever asks again does not want to wait.
    pub(super) fn interrupt(&mut self, reason: StopReason) -> Vec<Event> {
        let Progress::Running(_, asked @ None) = &mut self.errand else {
            return vec![Event::Stop(reason)];
        };
        *asked = Some(reason);
        // At a terminal it has heard a Ctrl-C itself.
        let signal = match reason {
            StopReason::Interrupt if isatty(stdin()) => None,
            StopReason::Interrupt => Some(Signal::INT),
            StopReason::Terminate
            | StopReason::Hangup
            | StopReason::OutputClosed
            | StopReason::Command
            | StopReason::Client
            | StopReason::Errand(_) => Some(Signal::TERM),
        };
        if let Some(signal) = signal {
            self.wiring.children.order(Order::Signal(CHILD, signal));
        }
        Vec::new()
    }
}

impl Errand {
    fn start(self, wiring: &Wiring) {
        let (program, args) = self.command;
        let mut command = Command::new(program);
        command.args(args).env_clear().envs(self.env).current_dir(self.dir);
        // By this everybody is found whom it leaves behind.
        command.env(TAG, wiring.token.tag(CHILD));
        wiring.children.order(Order::Spawn { child: CHILD, command: Box::new(command) });
    }
}
