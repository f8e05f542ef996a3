//! The loop of `dev`: `supervise` decides, this performs.

mod builds;
mod changes;
mod echo;
mod footing;
mod keys;
mod rewound;
mod runs;
mod setups;
mod shape;
mod sight;
mod spec;
mod start;

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use tokio::task::LocalSet;
use tokio::time::timeout_at;

use self::builds::{Builds, Cause, Ended, knowledge};
use self::changes::Table;
use self::echo::Echo;
use self::runs::Runs;
use self::setups::{Planned, Setups};
pub(super) use self::shape::Seen;
pub use self::shape::{Anew, Cargos, Eyes, Heard, Reread, Shape};
use self::sight::{QUESTIONS, Sight};
use self::start::Start;
use super::{Incoming, Wiring};
use crate::formation::{Certainty, ExitCode, StopSignal};
use crate::narrate::Paint;
use crate::narrate::notice;
use crate::supervise::{
    Action, BuildNews, Edits, Event, Notice, OnFailure, RunId, RunNews, StopReason, Supervise,
    Version,
};
use crate::world::children::{ChildId, Order, Report};
use crate::world::clock::Clock;
use crate::world::guard;
use crate::world::keyboard::Keyboard;
use crate::world::output::{Dialect, Stamp};
use crate::world::shim::Limit;
use crate::world::signals;
use crate::world::watch::Mark;

/// Everything that `dev` was told.
#[derive(Debug)]
pub struct Dev {
    /// What is run, at first.
    pub shape: Shape,
    /// What the failure of a process means for the others.
    pub on_failure: OnFailure,
    /// How the workspace is read again when it has changed, and since when it may have; nothing
    /// where nobody looks.
    pub watch: Option<(Reread, Mark)>,
    /// How it is shown.
    pub look: Look,
    /// The open files the user's processes may have.
    pub limit: Limit,
    /// A directory that only this user can enter and only this tool writes to.
    pub place: PathBuf,
}

/// How lines are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether prefixes have colours.
    pub prefix: Paint,
    /// Whether what the tool says has colours.
    pub notices: Paint,
    /// Whether lines carry the time of day.
    pub stamp: Stamp,
    /// Who reads the lines.
    pub dialect: Dialect,
}

/// Build, run and supervise until it is over.
///
/// # Errors
/// When there are no threads, pipes or signal handlers to be had.
pub fn dev(dev: Dev, clock: Clock) -> io::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Looking for PID files is not worth more.
        .max_blocking_threads(1)
        .build()?;
    let code = LocalSet::new().block_on(&runtime, async {
        let wiring = Wiring::connect(clock, dev.look.notices)?;
        Ok(Loop::new(dev, wiring)?.work().await)
    });
    // A reader that still waits for a pipe somebody holds open is not waited for.
    runtime.shutdown_background();
    code
}

struct Loop {
    shape: Shape,
    on_failure: OnFailure,
    supervise: Supervise,
    wiring: Wiring,
    setups: Setups,
    runs: Runs,
    builds: Builds,
    sight: Option<Sight>,
    echo: Echo,
    table: Table,
    /// As long as it is there the terminal is as keys need it.
    keyboard: Option<Keyboard>,
}

impl Loop {
    fn new(dev: Dev, wiring: Wiring) -> io::Result<Self> {
        let runs = Runs::new(&dev);
        let Dev { shape, on_failure, watch, look, limit, .. } = dev;
        let (mut setups, mut builds) = (Setups::default(), Builds::default());
        let edits = if watch.is_some() { Edits::Watched } else { Edits::Ignored };
        let spec = spec::spec(&shape, edits, on_failure, &mut setups, &mut builds);
        let open = |(reread, since)| Sight::open(&shape, reread, since, limit, &wiring);
        let sight = watch.map(open).transpose()?;
        let supervise = Supervise::new(spec);
        let keyboard = match look.dialect {
            Dialect::Terminal => wiring.keyboard()?,
            // Where a pager reads the lines, the keys are the pager's.
            Dialect::Bytes => None,
        };
        Ok(Self {
            shape,
            on_failure,
            supervise,
            wiring,
            setups,
            runs,
            builds,
            sight,
            echo: Echo::default(),
            table: Table::Current,
            keyboard,
        })
    }

    async fn work(mut self) -> ExitCode {
        if self.keyboard.is_some() {
            self.say("Keys", "`?` lists them");
        }
        let mut events = vec![Event::Started];
        let code = loop {
            if let Some(code) = self.handle(events) {
                break code;
            }
            events = match self.next().await {
                Some(incoming) => self.understand(incoming),
                None => vec![Event::Woke],
            };
        };
        if let Some(sight) = &self.sight {
            sight.close(&self.wiring);
        }
        // Nothing runs any more: what was kept for it goes.
        self.builds.sweep(&BTreeSet::new(), self.shape.cargo.keep);
        self.builds.clean_now(&self.shape);
        drop(self.keyboard);
        self.wiring.finish().await;
        code
    }

    /// The next thing that comes in; `None` when time alone is a reason to think.
    async fn next(&mut self) -> Option<Incoming> {
        let deadline = self.supervise.deadline().and_then(|at| self.wiring.clock.instant(at));
        match deadline {
            None => self.wiring.inbox.recv().await,
            Some(at) => timeout_at(at.into(), self.wiring.inbox.recv()).await.ok().flatten(),
        }
    }

    /// Decide about events and do what was decided. The exit code, if that was to end.
    fn handle(&mut self, events: Vec<Event>) -> Option<ExitCode> {
        for event in events {
            let now = self.wiring.clock.now();
            for action in self.supervise.handle(event, now) {
                if let Some(code) = self.perform(action) {
                    return Some(code);
                }
            }
        }
        None
    }

    fn perform(&mut self, action: Action) -> Option<ExitCode> {
        match action {
            Action::Build(build, errors) => {
                if let Some(sight) = &mut self.sight {
                    sight.build_begins(&self.wiring);
                }
                self.builds.start(build, errors, &self.shape, &self.wiring);
            }
            // A newer build has taken the place of those of an older one.
            Action::ShowErrors(_) => self.builds.show_errors(&self.wiring),
            Action::CancelBuild(build) => {
                let ask = |cargo| Order::Signal(cargo, rustix::process::Signal::TERM);
                self.builds.cancel(build, ask, &self.wiring);
            }
            Action::KillBuild(build) => self.builds.cancel(build, Order::Kill, &self.wiring),
            Action::Spawn { run, owner: _, version } => {
                if let Some(start) = self.start(version) {
                    self.runs.spawn(run, start, &self.wiring);
                }
            }
            Action::Ask(run) => self.runs.ask(run, &self.wiring),
            Action::Kill(run) => self.wiring.children.order(Order::Kill(run_child(run))),
            // What is not understood is not up to date.
            Action::Notice(Notice::Settled(settled))
                if self.table == Table::Refused && !settled.has_moved() => {}
            Action::Notice(notice) => {
                self.wiring.writer.say(notice::line(&notice, &self.shape.known));
                if let Notice::Settled(_) = notice {
                    self.builds.sweep(&self.supervise.codes(), self.shape.cargo.keep);
                    self.builds.clean(&self.shape);
                }
            }
            Action::Quit(code) => return Some(code),
        }
        None
    }

    /// What a run of this version is started with.
    fn start(&self, version: Version) -> Option<io::Result<Start>> {
        let planned = match self.setups.get(version.setup)? {
            Planned::Service(planned) => return Some(Start::service(planned)),
            Planned::Instance(planned) => planned,
        };
        let kept = self.builds.kept(&planned.binary, version.code);
        let process = self.shape.formation.get(&planned.name.process);
        let signal = process.map_or(StopSignal::Term, |process| process.stop.signal);
        Some(Start::instance(planned, kept, signal))
    }

    /// What came in, as events for the decisions.
    fn understand(&mut self, incoming: Incoming) -> Vec<Event> {
        match incoming {
            Incoming::Heard(signals::Heard::Stop(reason)) => vec![Event::Stop(reason)],
            Incoming::Heard(signals::Heard::Child) => {
                self.wiring.children.order(Order::Reap);
                Vec::new()
            }
            Incoming::Key(key) => self.key(key),
            Incoming::Continued => {
                if let Some(keyboard) = &self.keyboard {
                    keyboard.resume();
                }
                Vec::new()
            }
            Incoming::OutputClosed => vec![Event::Stop(StopReason::OutputClosed)],
            Incoming::Cargo(child, news) => {
                let event = self.builds.news(child, news, &self.wiring);
                event.into_iter().chain(self.build_ended()).collect()
            }
            Incoming::Drained(child, life) => {
                let news = self.runs.drained(run_of(child), life);
                about(run_of(child), news)
            }
            Incoming::Ready(child) => about(run_of(child), vec![RunNews::Ready]),
            Incoming::PidFile(child, path) => {
                let news = RunNews::PidFile(path.display().to_string());
                about(run_of(child), vec![news])
            }
            Incoming::Child(report) => self.child_news(report),
            Incoming::Watch(news) => self.seen(news),
            Incoming::Read(build, seen) => {
                if let Some(sight) = &mut self.sight {
                    sight.build_read(build, seen, &self.shape);
                }
                Vec::new()
            }
            Incoming::Anew(anew) => self.anew(*anew),
        }
    }

    /// The end of the build, once everything of it has been heard.
    fn build_ended(&mut self) -> Vec<Event> {
        let Some(ended) = self.builds.ended(&self.shape, &self.wiring) else { return Vec::new() };
        let Ended { build, end, scripts, waited, cause } = ended;
        let mut events = Vec::new();
        if cause == Cause::Footing && self.sight.is_some() {
            self.say("Repeating", "the build: the target directory was removed meanwhile");
            // Before its end, so that nobody takes that for the end of the matter.
            events.push(Event::Edited(Certainty::Possible));
        }
        if let Some(sight) = &mut self.sight {
            let artifacts = self.builds.artifacts(&self.shape);
            sight.build_ended(build, artifacts, knowledge(end), scripts, &self.wiring);
        }
        let news = [BuildNews::Waited(waited), BuildNews::Ended(end)];
        events.extend(news.map(|news| Event::Build(build, news)));
        events
    }

    fn child_news(&mut self, report: Report) -> Vec<Event> {
        match report {
            Report::Unguarded => {
                let guard = Box::new(guard::command(&self.wiring.token));
                self.wiring.children.order(Order::Guard(guard));
                Vec::new()
            }
            Report::Spawned(child, _)
            | Report::NotSpawned(child, _)
            | Report::Exited(child, _)
            | Report::Survivors(child, _)
            | Report::Gone(child)
            | Report::Unreachable(child, ..)
                if is_cargo(child) =>
            {
                self.builds.child(child, &report, &self.wiring);
                self.build_ended()
            }
            Report::Spawned(child, _)
            | Report::NotSpawned(child, _)
            | Report::Exited(child, _)
            | Report::Survivors(child, _)
            | Report::Gone(child)
            | Report::Unreachable(child, ..) => {
                if matches!(report, Report::Spawned(..)) {
                    self.echo.started(self.wiring.clock.now());
                }
                let news = self.runs.news(run_of(child), report, &self.wiring);
                about(run_of(child), news)
            }
        }
    }
}

fn about(run: RunId, news: Vec<RunNews>) -> Vec<Event> {
    news.into_iter().map(|news| Event::Run(run, news)).collect()
}

/// The numbers of the cargos that build begin here; runs have those below.
const CARGOS: u64 = 1 << 32;

fn run_child(run: RunId) -> ChildId {
    ChildId(run.0)
}

fn is_cargo(child: ChildId) -> bool {
    (CARGOS..QUESTIONS).contains(&child.0)
}

fn run_of(child: ChildId) -> RunId {
    RunId(child.0)
}
