//! The loop of `dev`: `supervise` decides, this performs.

mod attached;
mod builds;
mod changes;
mod clients;
mod consoles;
mod echo;
mod errand;
mod footing;
mod keys;
mod loans;
mod pages;
mod rewound;
mod routes;
mod runs;
mod scale;
mod schedule;
mod setups;
mod shape;
mod sight;
mod spec;
mod start;
mod status;
mod struggle;
mod understand;
mod written;

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use tokio::task::LocalSet;
use tokio::time::timeout_at;

use self::builds::Builds;
use self::changes::Table;
use self::clients::Clients;
use self::echo::Echo;
pub use self::errand::Errand;
use self::errand::Progress;
use self::pages::Latest;
use self::routes::Routes;
use self::runs::Runs;
use self::schedule::Times;
use self::setups::{Planned, Setups};
pub(super) use self::shape::Seen;
pub use self::shape::{Anew, Cargos, Eyes, Heard, Reread, Shape};
use self::sight::{QUESTIONS, Sight};
use self::spec::Manner;
use self::start::{At, Start};
use self::status::Meter;
use super::{FAREWELL, Incoming, Wiring};
use crate::formation::{ExitCode, Reach};
use crate::narrate::Paint;
use crate::narrate::notice::{self, Tone};
use crate::supervise::{
    Action, Answer, AtTheEnd, Edits, Event, Notice, OnFailure, RunId, Supervise, Ticket, Version,
};
use crate::world::children::{ChildId, Order};
use crate::world::clock::{self, Clock};
use crate::world::control::{self, Door};
use crate::world::history::{History, Journal};
use crate::world::keyboard::Keyboard;
use crate::world::output::{Dialect, Stamp};
use crate::world::shim::{Limit, Traced};
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
    /// Where the formation is reached beside the loopback addresses.
    pub host: Option<IpAddr>,
    /// A directory that only this user can enter and only this tool writes to.
    pub place: PathBuf,
    /// What it is all for, if not for its own sake.
    pub errand: Option<Errand>,
    /// Where the history is kept on disk, if it is.
    pub journal: Option<Journal>,
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
        let mut wiring = Wiring::connect(clock, dev.look.notices)?;
        let history = History::default();
        wiring.writer.remember(history.clone());
        Ok(Loop::new(dev, wiring, history)?.work().await)
    });
    // A reader that still waits for a pipe somebody holds open is not waited for.
    runtime.shutdown_background();
    code
}

struct Loop {
    shape: Shape,
    manner: Manner,
    supervise: Supervise,
    wiring: Wiring,
    setups: Setups,
    runs: Runs,
    history: History,
    routes: Routes,
    latest: Latest,
    builds: Builds,
    sight: Option<Sight>,
    echo: Echo,
    table: Table,
    clients: Clients,
    errand: Progress,
    /// The times of what is scheduled.
    times: Times,
    /// What has to be decided because of what was performed.
    follow_up: Vec<Event>,
    meter: Meter,
    /// As long as it is there the terminal is as keys need it.
    keyboard: Option<Keyboard>,
}

impl Loop {
    fn new(dev: Dev, wiring: Wiring, history: History) -> io::Result<Self> {
        let runs = Runs::new(&dev, history.clone());
        if dev.errand.is_some() {
            runs.shown().nobody();
        }
        let Dev { shape, on_failure, watch, look, limit, host, place, errand, journal } = dev;
        keep(&history, journal, &wiring)?;
        let mut routes = Routes::start(host, &wiring)?;
        // Before anything is built: who comes early waits.
        if let Some(problem) = routes.reshape(&shape).into_iter().next() {
            return Err(io::Error::other(problem));
        }
        let (mut setups, mut builds) = (Setups::default(), Builds::default());
        let manner = Manner {
            edits: if watch.is_some() { Edits::Watched } else { Edits::Ignored },
            on_failure,
            // Who is there for a command is there until it has ended.
            at_the_end: if errand.is_some() { AtTheEnd::Stay } else { AtTheEnd::Leave },
        };
        let spec = spec::spec(&shape, manner, &mut setups, &mut builds);
        let open = |(reread, since)| Sight::open(&shape, reread, since, limit, &wiring);
        let sight = watch.map(open).transpose()?;
        let clients = Clients::new(door(&place, &wiring));
        let supervise = Supervise::new(spec);
        let keyboard = match look.dialect {
            // What is typed is for whatever all this is for.
            _ if errand.is_some() => None,
            Dialect::Terminal(_) => wiring.keyboard()?,
            // Where a pager reads the lines, the keys are the pager's.
            Dialect::Bytes => None,
        };
        Ok(Self {
            shape,
            manner,
            supervise,
            wiring,
            setups,
            runs,
            history,
            routes,
            latest: Latest::default(),
            builds,
            sight,
            echo: Echo::default(),
            table: Table::Current,
            clients,
            errand: Progress::new(errand),
            times: Times::since(clock::wall()),
            follow_up: Vec::new(),
            meter: Meter::default(),
            keyboard,
        })
    }

    async fn work(mut self) -> ExitCode {
        if self.keyboard.is_some() {
            self.say("Keys", "`?` lists them");
        }
        let first = self.errand.first().into_iter().chain(self.start_named());
        let mut events: Vec<_> = [Event::Started].into_iter().chain(first).collect();
        events.extend(self.keep_times());
        let code = loop {
            if let Some(code) = self.handle(events) {
                break code;
            }
            events = match self.next().await {
                Some(incoming) => self.understand(incoming),
                None => vec![Event::Woke],
            };
            events.extend(self.due());
        };
        self.clients.close();
        if let Some(sight) = &self.sight {
            sight.close(&self.wiring);
        }
        // Nothing runs any more: what was kept for it goes.
        self.builds.sweep(&BTreeSet::new(), self.shape.cargo.keep);
        self.builds.clean_now(&self.shape);
        self.runs.consoles().see_out().await;
        drop(self.keyboard);
        self.wiring.finish().await;
        // A disk that takes nothing for so long has what it will get.
        self.history.finish(FAREWELL).await;
        self.clients.see_out().await;
        code
    }

    /// The next thing that comes in; `None` when time alone is a reason to think.
    async fn next(&mut self) -> Option<Incoming> {
        let deadline = self.supervise.deadline().into_iter().chain(self.times.wake()).min();
        let deadline = deadline.and_then(|at| self.wiring.clock.instant(at));
        match deadline {
            None => self.wiring.inbox.recv().await,
            Some(at) => timeout_at(at.into(), self.wiring.inbox.recv()).await.ok().flatten(),
        }
    }

    /// Decide about events and do what was decided. The exit code, if that was to end.
    fn handle(&mut self, events: Vec<Event>) -> Option<ExitCode> {
        let mut events = VecDeque::from(events);
        while let Some(event) = events.pop_front() {
            let now = self.wiring.clock.now();
            for action in self.supervise.handle(event, now) {
                if let Some(code) = self.perform(action) {
                    return Some(code);
                }
            }
            self.explain();
            events.extend(self.follow_up.drain(..));
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
                if let Some(mut start) = self.start(run, version) {
                    if let Ok(start) = &mut start
                        && self.clients.loans.debug(&start.name)
                    {
                        start.traced = Traced::ByAnybody;
                    }
                    self.runs.spawn(run, start, &self.wiring);
                }
            }
            Action::Route(process, runs) => self.routes.route(&process, &runs),
            Action::CloseRoutes => self.routes.close(),
            Action::Ask(run) => self.runs.ask(run, &self.wiring),
            Action::Kill(run) => self.wiring.children.order(Order::Kill(run_child(run))),
            // What is not understood is not up to date.
            Action::Notice(Notice::Settled(settled))
                if self.table == Table::Refused && !settled.has_moved() => {}
            Action::Notice(notice) => {
                self.tell(&notice);
                if let Notice::Settled(_) = notice {
                    self.builds.sweep(&self.supervise.codes(), self.shape.cargo.keep);
                    self.builds.clean(&self.shape);
                }
            }
            Action::Answer(ticket, answer) => self.answered(ticket, &answer),
            Action::Quit(code) => return Some(code),
        }
        None
    }

    /// Say what happened, if it is of interest.
    fn tell(&mut self, notice: &Notice) {
        let Some(said) = notice::said(notice, &self.shape.known) else { return };
        if !(said.tone == Tone::Good && self.errand.is_quiet()) {
            self.wiring.writer.say(said.line());
        }
        self.latest.said(notice, &said);
        if let (Notice::ReleaseFailed(_), Some(_)) = (notice, &self.sight) {
            let text = "`release` is tried again at a save, and by `cargo formation restart all`";
            self.say("Note", text);
        }
    }

    /// What came of what somebody has asked for.
    fn answered(&mut self, ticket: Ticket, answer: &Answer) {
        match self.begin_errand(ticket, answer) {
            Some(events) => self.follow_up.extend(events),
            None => self.answer(ticket, answer),
        }
    }

    /// What a run of this version is started with.
    fn start(&mut self, run: RunId, version: Version) -> Option<io::Result<Start>> {
        let planned = match self.setups.get(version.setup)? {
            Planned::Service(planned) => return Some(Start::service(planned)),
            Planned::Instance(planned) => planned,
        };
        let kept = self.builds.kept(&planned.binary, version.code);
        let process = self.shape.formation.get(&planned.name.process);
        let at = match planned.reach {
            Reach::Routed => self.routes.begin(run, &planned.name).map(At::Private),
            Reach::Socket => self.routes.socket(&planned.name.process).map(At::Socket),
            Reach::Nowhere | Reach::Itself => Ok(At::Its),
        };
        Some(at.and_then(|at| Start::instance(planned, process, kept, at)))
    }
}

/// Where clients come in. Without them everything else works.
fn door(place: &Path, wiring: &Wiring) -> Option<Door> {
    let sender = wiring.sender.clone();
    let report = move |news| drop(sender.send(Incoming::Client(news)));
    let path = control::socket_in(place);
    let opened = control::open(&path, report);
    let why = |error: io::Error| {
        let path = path.display();
        let text = format!("nobody can steer this formation: cannot listen at `{path}`: {error}");
        wiring.writer.say(notice::warning(&text));
    };
    opened.map_err(why).ok()
}

/// Keep the history on disk, if there is a place for it.
fn keep(history: &History, journal: Option<Journal>, wiring: &Wiring) -> io::Result<()> {
    let Some(journal) = journal else { return Ok(()) };
    let writer = wiring.writer.clone();
    history.keep(journal, move |error| {
        let text =
            format!("cannot write the history of this run: {error}; lines will be missing in it");
        writer.say(notice::warning(&text));
    })
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
