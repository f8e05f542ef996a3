//! The runs of `dev`, as the world has them: a child, a pipe, a reader, a probe.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::consoles::{Consoles, Outlet};
use super::start::Start;
use super::struggle::{ADDRESS_IN_USE, Marks, Said, Struggle};
use super::{Dev, Look, run_child, run_of};
use crate::drive::ending::Ending;
use crate::drive::{Incoming, Wiring};
use crate::formation::{Moment, ProcessName, RunName, StopSignal};
use crate::narrate::Paint;
use crate::narrate::prefix::{self, Width};
use crate::plan::Plan;
use crate::supervise::{Hope, RunId, RunNews};
use crate::world::children::{ChildId, Mark, Order, Report, TAG};
use crate::world::history::History;
use crate::world::output::{Life, Prefix, Reading, Shown, Sought, Source, Tail, read};
use crate::world::pidfile;
use crate::world::ready::elsewhere::seek;
use crate::world::ready::health::{Question, follow};
use crate::world::ready::{NOTIFY_SOCKET, Prepared, Probe, prepare};
use crate::world::shim::Limit;
use crate::world::silence::Silence;
use crate::world::terminal;

/// The runs that are alive, and how to start more.
pub(super) struct Runs {
    alive: BTreeMap<RunId, Running>,
    look: Look,
    limit: Limit,
    width: Width,
    place: PathBuf,
    shown: Shown,
    tails: BTreeMap<ProcessName, Tail>,
    marks: Marks,
    consoles: Consoles,
    history: History,
}

/// A run that is alive.
struct Running {
    ending: Ending,
    signal: StopSignal,
    dir: PathBuf,
    life: watch::Receiver<Life>,
    /// What finds out that it is up, until it watches.
    probe: Option<Probe>,
    health: Option<Question>,
    name: RunName,
    ports: Vec<u16>,
    /// When it was started.
    began: Moment,
    /// Where the history learns its process id.
    pid: Arc<OnceLock<u32>>,
    _silence: Option<Silence>,
}

/// How long after its start it is looked whether a process has written a PID file.
const SETTLED_AFTER: Duration = Duration::from_secs(2);

impl Runs {
    pub(super) fn new(dev: &Dev, history: History) -> Self {
        Self {
            alive: BTreeMap::new(),
            look: dev.look,
            limit: dev.limit,
            width: width(&dev.shape.plan),
            place: dev.place.clone(),
            shown: Shown::default(),
            tails: BTreeMap::new(),
            marks: Marks::default(),
            consoles: Consoles::new(terminal::size()),
            history,
        }
    }

    /// The terminals of the runs that have one.
    pub(super) fn consoles(&mut self) -> &mut Consoles {
        &mut self.consoles
    }

    /// From now on this is planned.
    pub(super) fn reshape(&mut self, plan: &Plan) {
        self.width = width(plan);
    }

    /// Whose lines are shown.
    pub(super) fn shown(&self) -> &Shown {
        &self.shown
    }

    /// Start a run. What comes of it is reported.
    pub(super) fn spawn(&mut self, run: RunId, start: io::Result<Start>, wiring: &Wiring) {
        let child = run_child(run);
        if let Err(error) = start.and_then(|start| self.begin(child, start, wiring)) {
            let _ = wiring.sender.send(Incoming::Child(Report::NotSpawned(child, error)));
        }
    }

    fn begin(&mut self, child: ChildId, start: Start, wiring: &Wiring) -> io::Result<()> {
        let Outlet { ours, theirs, console } = self.consoles.outlet(child, &start)?;
        let (mut command, silence) = start.command(theirs, self.limit, &self.place)?;
        let prepared = start.sign.clone().map(|sign| prepare(sign, &self.place, child));
        let (in_use, address) = Sought::new(ADDRESS_IN_USE);
        let (mut probe, mut sought) = (None, vec![in_use]);
        if let Some(Prepared { probe: watches, socket, sought: text }) = prepared.transpose()? {
            probe = Some(watches);
            sought.extend(text);
            command.envs(socket.map(|socket| (NOTIFY_SOCKET, socket)));
        }
        command.env(TAG, wiring.token.tag(child));
        let (ending, life) = Ending::new();
        let recorder = self.history.recorder(&start.name.to_string(), child.0, start.position);
        let pid = recorder.pid();
        let reading = Reading {
            source: Source(child.0),
            pipe: ours,
            console,
            prefix: self.prefix(&start),
            stamp: self.look.stamp,
            dialect: self.look.dialect,
            life: life.clone(),
            shown: (start.name.process().clone(), self.shown.clone()),
            sought,
            tail: self.tails.entry(start.name.process().clone()).or_default().clone(),
            recorder,
        };
        let Start { name, signal, dir, health, ports, .. } = start;
        let began = wiring.clock.now();
        let running = Running {
            ending,
            signal,
            dir,
            life,
            probe,
            health,
            name,
            ports,
            began,
            pid,
            _silence: silence,
        };
        self.alive.insert(run_of(child), running);
        wiring.children.order(Order::Spawn { child, command: Box::new(command) });
        listen(child, reading, self.struggle(child, address, wiring), wiring);
        Ok(())
    }

    fn prefix(&self, start: &Start) -> Prefix {
        let colour = (self.look.prefix == Paint::Coloured).then_some(start.position);
        let text = |bar| prefix::prefix(&start.name, self.width, bar, colour).into_bytes();
        Prefix { line: text('|'), continuation: text('+') }
    }

    /// The last lines of a process type.
    pub(super) fn last_lines(&self, process: &ProcessName, most: usize) -> String {
        self.tails.get(process).map(|tail| tail.lines(most)).unwrap_or_default()
    }

    /// What the processes of a run are known by, once it has one.
    pub(super) fn mark(&self, run: RunId) -> Option<Mark> {
        Some(self.marks.borrow().get(&run)?.1.clone())
    }

    /// When a run was started, if something of it is alive.
    pub(super) fn began(&self, run: RunId) -> Option<Moment> {
        Some(self.alive.get(&run)?.began)
    }

    /// A run is up.
    pub(super) fn up(&mut self, run: RunId, wiring: &Wiring) {
        if let Some(running) = self.alive.get_mut(&run) {
            running.follow(run_child(run), wiring);
        }
    }

    /// What is to be known of a run that may find an address in use.
    fn struggle(&self, child: ChildId, address: Said, wiring: &Wiring) -> Struggle {
        Struggle::new(child, address, Rc::clone(&self.marks), wiring.sender.clone())
    }

    /// Ask a run to stop, with the signal of its type.
    pub(super) fn ask(&self, run: RunId, wiring: &Wiring) {
        if let Some(running) = self.alive.get(&run) {
            let signal = number(running.signal);
            wiring.children.order(Order::Signal(run_child(run), signal));
        }
    }

    /// What a run wrote until its life had come so far has been read.
    pub(super) fn drained(&mut self, run: RunId, life: Life) -> Vec<RunNews> {
        let Some(running) = self.alive.get_mut(&run) else { return Vec::new() };
        let news = running.ending.drained(life);
        self.consoles.told(run_child(run), &news);
        news
    }

    /// A report of a run, as what can be told of it now.
    pub(super) fn news(&mut self, run: RunId, report: Report, wiring: &Wiring) -> Vec<RunNews> {
        if let Report::NotSpawned(_, error) = report {
            self.alive.remove(&run);
            self.consoles.not_begun(run_child(run), &error);
            return vec![RunNews::NotSpawned(error.to_string(), hope(&error))];
        }
        let Some(running) = self.alive.get_mut(&run) else { return Vec::new() };
        let news = match report {
            Report::Spawned(child, pid) => {
                // A run is spawned once.
                let _ = running.pid.set(pid);
                running.look_for_pid_file(child, vec![pid], wiring);
                let mark = Mark { token: wiring.token.clone(), child, leader: pid };
                let place = (running.name.clone(), mark.clone(), running.ports.clone());
                self.marks.borrow_mut().insert(run, place);
                running.seek(mark.clone(), wiring);
                let mut news = vec![RunNews::Spawned(pid)];
                if let Some(probe) = running.probe.take() {
                    running.watch(probe, mark, wiring);
                } else {
                    running.follow(child, wiring);
                    news.push(RunNews::Ready);
                }
                news
            }
            Report::Exited(_, exit) => running.ending.exited(exit),
            Report::Survivors(child, pids) => {
                running.look_for_pid_file(child, pids.clone(), wiring);
                running.ending.survivors(pids)
            }
            Report::Gone(_) => {
                self.marks.borrow_mut().remove(&run);
                running.ending.gone()
            }
            Report::Unreachable(_, pid, error) => {
                vec![RunNews::Unreachable(pid, error.to_string())]
            }
            Report::NotSpawned(..) | Report::Unguarded => Vec::new(),
        };
        self.consoles.told(run_child(run), &news);
        news
    }
}

impl Running {
    /// Watch for the sign that it is up, in a task of its own.
    fn watch(&self, probe: Probe, mark: Mark, wiring: &Wiring) {
        let child = mark.child;
        let (life, sender) = (self.life.clone(), wiring.sender.clone());
        tokio::task::spawn_local(probe.watch(mark, life, move || {
            let _ = sender.send(Incoming::Ready(child));
        }));
    }

    /// Look whether it listens somewhere else than it should.
    fn seek(&self, mark: Mark, wiring: &Wiring) {
        if self.ports.is_empty() {
            return;
        }
        let (child, sender) = (mark.child, wiring.sender.clone());
        let report = move |ports| drop(sender.send(Incoming::Elsewhere(child, ports)));
        tokio::task::spawn_local(seek(self.ports.clone(), mark, self.life.clone(), report));
    }

    /// It is up: ask how it is from now on.
    fn follow(&mut self, child: ChildId, wiring: &Wiring) {
        let Some(question) = self.health.take() else { return };
        let sender = wiring.sender.clone();
        let report = move |finding| drop(sender.send(Incoming::Health(child, finding)));
        tokio::task::spawn_local(follow(question, self.life.clone(), report));
    }

    /// Look for a PID file of these processes when the run has settled, or ended.
    fn look_for_pid_file(&self, child: ChildId, pids: Vec<u32>, wiring: &Wiring) {
        let (dir, sender, mut life) = (self.dir.clone(), wiring.sender.clone(), self.life.clone());
        tokio::task::spawn_local(async move {
            let ended = life.wait_for(|life| *life != Life::Leader);
            // Whichever comes first is a time to look.
            let _ = timeout(SETTLED_AFTER, ended).await;
            let look = tokio::task::spawn_blocking(move || pidfile::find(&dir, &pids));
            if let Ok(Some(path)) = look.await {
                let _ = sender.send(Incoming::PidFile(child, path));
            }
        });
    }
}

/// Whether what this has kept from starting may start later. What was not there a moment ago
/// and is named with what to do about it comes as another kind.
fn hope(error: &io::Error) -> Hope {
    // No such program; a NUL where there can be none; more than the system takes.
    let vain = [ErrorKind::NotFound, ErrorKind::InvalidInput, ErrorKind::ArgumentListTooLong];
    if vain.contains(&error.kind()) { Hope::None } else { Hope::Some }
}

/// Read what a run writes, in a task of its own.
fn listen(child: ChildId, reading: Reading, struggle: Struggle, wiring: &Wiring) {
    let (writer, sender) = (wiring.writer.clone(), wiring.sender.clone());
    tokio::task::spawn_local(async move {
        let struggle = RefCell::new(struggle);
        let drained = move |life| struggle.borrow_mut().drained(life);
        if read(reading, writer, drained).await.is_err() {
            // There was nothing to read from.
            let _ = sender.send(Incoming::Drained(child, Life::Gone));
        }
    });
}

/// The width at which the names of all runs of a plan line up.
fn width(plan: &Plan) -> Width {
    let planned = plan.release.iter().chain(&plan.instances);
    let names = planned.map(|planned| RunName::from(planned.name.clone()));
    let services = plan.services.iter().map(|service| RunName::Service(service.name.clone()));
    Width::of(names.chain(services))
}

fn number(signal: StopSignal) -> rustix::process::Signal {
    match signal {
        StopSignal::Term => rustix::process::Signal::TERM,
        StopSignal::Int => rustix::process::Signal::INT,
        StopSignal::Quit => rustix::process::Signal::QUIT,
        StopSignal::Hup => rustix::process::Signal::HUP,
        StopSignal::Usr1 => rustix::process::Signal::USR1,
        StopSignal::Usr2 => rustix::process::Signal::USR2,
    }
}
