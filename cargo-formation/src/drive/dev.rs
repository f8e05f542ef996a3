//! The loop of `dev`: `supervise` decides, this performs.

mod runs;
mod setups;
mod spec;
mod start;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use tokio::task::LocalSet;
use tokio::time::timeout_at;

use self::runs::Runs;
use self::setups::{Planned, Setups};
use self::start::Start;
use super::building::{Building, Outcome, Wish};
use super::{Incoming, Wiring};
use crate::formation::{Binary, ExitCode, Formation, Identity, StopSignal};
use crate::narrate::Paint;
use crate::narrate::notice::{self, Known};
use crate::plan::Plan;
use crate::supervise::{
    Action, BinaryId, BuildEnd, BuildId, BuildNews, Errors, Event, OnFailure, RunId, RunNews,
    StopReason, Supervise, Version,
};
use crate::world::build::{Built, Cargo, CargoNews};
use crate::world::children::{ChildId, Order, Report};
use crate::world::clock::Clock;
use crate::world::guard;
use crate::world::output::{Dialect, Stamp};
use crate::world::shim::Limit;
use crate::world::signals::Heard;
use crate::world::snapshot;

/// Everything that `dev` was told.
#[derive(Debug)]
pub struct Dev {
    /// The formation.
    pub formation: Formation,
    /// What is to be done with it.
    pub plan: Plan,
    /// What the failure of a process means for the others.
    pub on_failure: OnFailure,
    /// How to build.
    pub cargo: Cargo,
    /// For each package the local packages it is built from.
    pub closures: BTreeMap<String, BTreeSet<String>>,
    /// What is told of runs beside what happens to them.
    pub known: Known,
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
        Ok(Loop::new(dev, wiring).work().await)
    });
    // A reader that still waits for a pipe somebody holds open is not waited for.
    runtime.shutdown_background();
    code
}

struct Loop {
    formation: Formation,
    plan: Plan,
    cargo: Cargo,
    closures: BTreeMap<String, BTreeSet<String>>,
    known: Known,
    supervise: Supervise,
    wiring: Wiring,
    setups: Setups,
    runs: Runs,
    build: Option<(BuildId, Building)>,
    /// The errors of the latest build, as long as `release` may make them go away.
    held: Vec<Vec<u8>>,
    /// Where the kept artifacts are.
    kept: BTreeMap<(BinaryId, Identity), Built>,
}

impl Loop {
    fn new(dev: Dev, wiring: Wiring) -> Self {
        let runs = Runs::new(&dev);
        let mut setups = Setups::default();
        let spec = spec::spec(&dev.formation, &dev.plan, dev.on_failure, &mut setups);
        Self {
            supervise: Supervise::new(spec),
            setups,
            formation: dev.formation,
            plan: dev.plan,
            cargo: dev.cargo,
            closures: dev.closures,
            known: dev.known,
            wiring,
            runs,
            build: None,
            held: Vec::new(),
            kept: BTreeMap::new(),
        }
    }

    async fn work(mut self) -> ExitCode {
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
        self.sweep();
        self.wiring.finish().await;
        code
    }

    /// Nothing runs any more: what was kept for it goes.
    fn sweep(&self) {
        let Some(owner) = self.cargo.keep else { return };
        for built in self.kept.values() {
            let Some(directory) = built.executable.parent() else { continue };
            // What cannot be removed now is removed by the next formation.
            let _ = snapshot::sweep(directory, &built.binary, &[], owner);
        }
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
            Action::Build(build, errors) => self.start_build(build, errors),
            // A newer build has taken the place of those of an older one.
            Action::ShowErrors(_) => self.show_errors(),
            Action::CancelBuild(build) => {
                self.cancelled(build);
                let terminate = rustix::process::Signal::TERM;
                self.wiring.children.order(Order::Signal(cargo_child(build), terminate));
            }
            Action::KillBuild(build) => {
                self.cancelled(build);
                self.wiring.children.order(Order::Kill(cargo_child(build)));
            }
            Action::Spawn { run, owner: _, version } => {
                if let Some(start) = self.start(version) {
                    self.runs.spawn(run, start, &self.wiring);
                }
            }
            Action::Ask(run) => self.runs.ask(run, &self.wiring),
            Action::Kill(run) => self.wiring.children.order(Order::Kill(run_child(run))),
            Action::Notice(notice) => {
                self.wiring.writer.say(notice::line(&notice, &self.known));
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
        let binaries = &self.plan.build.binaries;
        let binary = binaries.iter().position(|binary| *binary == planned.binary);
        let kept = binary.and_then(|id| self.kept.get(&(BinaryId(id), version.code)));
        let process = self.formation.get(&planned.name.process);
        let signal = process.map_or(StopSignal::Term, |process| process.stop.signal);
        Some(Start::instance(planned, kept, signal))
    }

    fn start_build(&mut self, build: BuildId, errors: Errors) {
        self.held.clear();
        let child = cargo_child(build);
        let sender = self.wiring.sender.clone();
        let started = self.cargo.start(&self.wiring.children, child, move |news| {
            let _ = sender.send(Incoming::Cargo(child, news));
        });
        let mut building = started.map_or_else(|error| self.no_cargo(child, &error), Building::new);
        if errors == Errors::Held {
            building.hold_errors();
        }
        self.build = Some((build, building));
    }

    /// The errors of the latest build stay.
    fn show_errors(&mut self) {
        for text in self.held.drain(..) {
            self.wiring.writer.say(text);
        }
    }

    /// There is no cargo for this build.
    fn no_cargo(&self, child: ChildId, error: &io::Error) -> Building {
        self.wiring.writer.say(notice::error(&format!("cannot run cargo: {error}")));
        // Nothing will be reported of it, so that it has to be looked at now.
        let _ = self.wiring.sender.send(Incoming::Child(Report::Gone(child)));
        Building::failed()
    }

    /// How this build ends is of no interest any more.
    fn cancelled(&mut self, build: BuildId) {
        if let Some((_, building)) = self.build.as_mut().filter(|(id, _)| *id == build) {
            building.cancel();
        }
    }

    /// What came in, as events for the decisions.
    fn understand(&mut self, incoming: Incoming) -> Vec<Event> {
        match incoming {
            Incoming::Heard(Heard::Stop(reason)) => vec![Event::Stop(reason)],
            Incoming::Heard(Heard::Child) => {
                self.wiring.children.order(Order::Reap);
                Vec::new()
            }
            Incoming::OutputClosed => vec![Event::Stop(StopReason::OutputClosed)],
            Incoming::Cargo(child, news) => self.cargo_news(child, news),
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
        }
    }

    fn cargo_news(&mut self, child: ChildId, news: CargoNews) -> Vec<Event> {
        let now = self.wiring.clock.now();
        let Some((build, building)) = &mut self.build else { return Vec::new() };
        if cargo_child(*build) != child {
            return Vec::new();
        }
        let (id, artifact) = (*build, building.news(news, now, &self.wiring.writer));
        let event = artifact.and_then(|artifact| self.artifact(id, artifact));
        let mut events: Vec<Event> = event.into_iter().collect();
        events.extend(self.build_ended());
        events
    }

    fn artifact(&mut self, build: BuildId, artifact: Built) -> Option<Event> {
        let same =
            |binary: &Binary| binary.package == artifact.package && binary.name == artifact.binary;
        let binary = BinaryId(self.plan.build.binaries.iter().position(same)?);
        let identity = artifact.identity;
        self.kept.insert((binary, identity), artifact);
        Some(Event::Build(build, BuildNews::Artifact(binary, identity)))
    }

    /// The end of the build, once everything of it has been heard.
    fn build_ended(&mut self) -> Option<Event> {
        let (build, building) = self.build.as_ref()?;
        let (build, outcome) = (*build, building.outcome()?);
        let (_, mut building) = self.build.take()?;
        self.wiring.writer.progress(None);
        let end = match outcome {
            Outcome::Succeeded => BuildEnd::Succeeded,
            Outcome::Failed if building.wish() == Wish::Cancel => BuildEnd::Failed,
            Outcome::Failed => {
                let binaries = &self.plan.build.binaries;
                let text = building.tally.explain(&self.formation, binaries, &self.closures);
                building.complain(notice::error(&text), &self.wiring.writer);
                self.held = building.held();
                BuildEnd::Failed
            }
        };
        Some(Event::Build(build, BuildNews::Ended(end)))
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
                self.cargo_child_news(child, &report)
            }
            Report::Spawned(child, _)
            | Report::NotSpawned(child, _)
            | Report::Exited(child, _)
            | Report::Survivors(child, _)
            | Report::Gone(child)
            | Report::Unreachable(child, ..) => {
                let news = self.runs.news(run_of(child), report, &self.wiring);
                about(run_of(child), news)
            }
        }
    }

    fn cargo_child_news(&mut self, child: ChildId, report: &Report) -> Vec<Event> {
        let Some((build, building)) = &mut self.build else { return Vec::new() };
        if cargo_child(*build) != child {
            return Vec::new();
        }
        building.child(report, &self.wiring.writer);
        self.build_ended().into_iter().collect()
    }
}

fn about(run: RunId, news: Vec<RunNews>) -> Vec<Event> {
    news.into_iter().map(|news| Event::Run(run, news)).collect()
}

/// The numbers of cargos begin here; runs have those below.
const CARGOS: u64 = 1 << 32;

fn cargo_child(build: BuildId) -> ChildId {
    ChildId(CARGOS + build.0)
}

fn run_child(run: RunId) -> ChildId {
    ChildId(run.0)
}

fn is_cargo(child: ChildId) -> bool {
    child.0 >= CARGOS
}

fn run_of(child: ChildId) -> RunId {
    RunId(child.0)
}
