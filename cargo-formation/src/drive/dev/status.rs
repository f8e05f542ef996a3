//! How everybody is, for whoever asks.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use super::Loop;
use crate::control::{Build, Instance, Kind, Next, Reply, Schedule, State, Status, Type};
use crate::formation::{Exit, Moment, ProcessName, ProcessType, RunName};
use crate::supervise::{self, RunId, Seen};
use crate::world::children::{ChildId, Usage, usage};
use crate::world::clock::wall;
use crate::world::control::Replies;
use crate::world::schedule;

/// How much processor time the runs had used, and when, the last time somebody asked.
pub(super) type Meter = Rc<RefCell<BTreeMap<RunId, (Moment, Duration)>>>;

/// So many letters of an identity are shown: enough to tell two builds apart.
const SHORT: usize = 12;

impl Loop {
    /// Tell somebody how everybody is. What only the process table knows is looked for
    /// elsewhere.
    pub(super) fn show(&self, replies: Replies) {
        let now = self.wiring.clock.now();
        let mut seen = self.supervise.view(now);
        // Those that came later are found where one looks for them.
        seen.sort_by_cached_key(|seen| self.place(&seen.name));
        let mut status = self.status(&seen, now);
        let marks: BTreeMap<ChildId, _> = seen
            .iter()
            .filter_map(|seen| seen.run)
            .filter_map(|run| Some((super::run_child(run.id), self.runs.mark(run.id)?)))
            .collect();
        let (runs, meter, clock) = (runs(&seen), Rc::clone(&self.meter), self.wiring.clock);
        let began: Vec<Option<Moment>> = runs.iter().map(|run| self.runs.began((*run)?)).collect();
        tokio::task::spawn_local(async move {
            let look = tokio::task::spawn_blocking(move || usage(&marks));
            let found = look.await.ok().flatten().unwrap_or_default();
            let now = clock.now();
            meter.borrow_mut().retain(|run, _| runs.contains(&Some(*run)));
            for ((instance, run), began) in status.instances.iter_mut().zip(&runs).zip(began) {
                if let Some((run, usage)) =
                    run.and_then(|run| Some((run, found.get(&super::run_child(run))?)))
                {
                    let mut meter = meter.borrow_mut();
                    let before = meter.insert(run, (now, usage.cpu));
                    // Too soon after the last look, what is measured is chance.
                    let before = before.filter(|(at, _)| now.since(*at) >= SHORTEST_LOOK);
                    let before = before.or_else(|| Some((began?, Duration::ZERO)));
                    fill(instance, *usage, before.map(|before| share(before, *usage, now)));
                }
            }
            replies.send(Reply::Status(Box::new(status)));
        });
    }

    /// Where somebody stands: the backing services, `release`, the types as they are declared.
    fn place(&self, name: &RunName) -> (usize, usize, u16) {
        match name {
            RunName::Service(_) => (0, 0, 0),
            RunName::Instance(name) if name.process.is_release() => (1, 0, 0),
            RunName::Instance(name) => {
                let mut processes = self.shape.formation.processes.iter();
                let position = processes.position(|process| process.name == name.process);
                (2, position.unwrap_or(usize::MAX), name.number)
            }
        }
    }

    fn status(&self, seen: &[Seen], now: Moment) -> Status {
        Status {
            version: env!("CARGO_PKG_VERSION").into(),
            pid: std::process::id(),
            root: self.shape.eyes.root.display().to_string(),
            build: match (self.supervise.is_building(), self.supervise.last_build()) {
                (true, _) => Build::Running,
                (false, None) => Build::None,
                (false, Some(supervise::BuildEnd::Succeeded)) => Build::Succeeded,
                (false, Some(supervise::BuildEnd::Failed)) => Build::Failed,
            },
            types: self.process_types(seen),
            instances: seen.iter().map(|seen| self.instance(seen, now)).collect(),
        }
    }

    fn process_types(&self, seen: &[Seen]) -> Vec<Type> {
        let processes = self.shape.formation.processes.iter();
        let types = processes.filter(|process| !process.name.is_release()).map(|process| {
            let wanted = self.shape.plan.instances.iter();
            let wanted = wanted.filter(|planned| planned.name.process == process.name).count();
            let up = seen.iter().filter(|seen| {
                seen.state == supervise::State::Ready && *seen.name.process() == process.name
            });
            let up: BTreeSet<&RunName> = up.map(|seen| &seen.name).collect();
            Type {
                name: process.name.to_string(),
                quantity: u16::try_from(wanted).unwrap_or(u16::MAX),
                declared: process.quantity,
                ready: u16::try_from(up.len()).unwrap_or(u16::MAX),
                url: self.shape.known.reached.get(&process.name).cloned(),
                schedule: self.schedule(process),
            }
        });
        types.collect()
    }

    fn instance(&self, seen: &Seen, now: Moment) -> Instance {
        let (state, left, exit) = state(seen.state);
        let run = seen.run;
        let kind = match &seen.name {
            RunName::Service(_) => Kind::Service,
            RunName::Instance(name) if name.process.is_release() => Kind::Release,
            RunName::Instance(_) => Kind::Instance,
        };
        Instance {
            name: seen.name.to_string(),
            kind,
            state,
            exit: exit.map(|exit| exit.to_string()),
            left_ms: left.map(millis),
            next: self.next_time(seen.name.process()),
            pid: run.and_then(|run| run.pid),
            port: run.and_then(|run| self.port(run.id, &seen.name)),
            uptime_ms: run
                .and_then(|run| self.runs.began(run.id))
                .map(|began| millis(now.since(began))),
            restarts: seen.restarts,
            behind: seen.behind,
            processes: None,
            cpu_percent: None,
            memory: None,
            build: run
                .filter(|_| kind != Kind::Service)
                .map(|run| run.code.to_string().chars().take(SHORT).collect()),
        }
    }

    fn schedule(&self, process: &ProcessType) -> Option<Schedule> {
        let cron = process.schedule.clone()?;
        let kept = self.keeps_times() && self.shape.quantity(&process.name) > 0;
        Some(Schedule { next: next_time(&cron), cron, kept })
    }

    /// When somebody's time comes next, if it is kept.
    fn next_time(&self, process: &ProcessName) -> Option<Next> {
        let process = self.shape.formation.get(process).filter(|_| self.keeps_times())?;
        next_time(process.schedule.as_ref()?)
    }

    /// Where a run listens.
    fn port(&self, run: RunId, name: &RunName) -> Option<u16> {
        self.routes.private_port(run).or_else(|| match name {
            RunName::Instance(name) => {
                let mut instances = self.shape.plan.instances.iter();
                instances.find(|planned| planned.name == *name)?.ports.first().copied()
            }
            RunName::Service(name) => {
                let mut services = self.shape.plan.services.iter();
                services.find(|planned| planned.name == *name)?.port
            }
        })
    }
}

fn next_time(cron: &str) -> Option<Next> {
    let now = wall();
    let at = schedule::next(cron, now)?;
    let left_ms = millis(at.duration_since(now).unwrap_or_default());
    Some(Next { at: schedule::rfc3339(at), left_ms })
}

/// Between two looks is at least so long, if the share of the time between them is to mean
/// anything: the kernel counts in hundredths of a second.
const SHORTEST_LOOK: Duration = Duration::from_millis(500);

fn runs(seen: &[Seen]) -> Vec<Option<RunId>> {
    seen.iter().map(|seen| Some(seen.run?.id)).collect()
}

fn fill(instance: &mut Instance, usage: Usage, share: Option<f64>) {
    instance.processes = Some(usage.processes);
    instance.memory = Some(usage.memory);
    instance.cpu_percent = share;
}

/// The share of one core since then, in percent.
fn share((then, cpu): (Moment, Duration), usage: Usage, now: Moment) -> f64 {
    let passed = now.since(then).as_secs_f64().max(0.001);
    let percent = usage.cpu.saturating_sub(cpu).as_secs_f64() / passed * 100.0;
    (percent * 10.0).round() / 10.0
}

/// A state, how long it lasts at most, and how the last run ended.
fn state(state: supervise::State) -> (State, Option<Duration>, Option<Exit>) {
    match state {
        supervise::State::Waiting => (State::Waiting, None, None),
        supervise::State::Building => (State::Building, None, None),
        supervise::State::NotBuilt => (State::NotBuilt, None, None),
        supervise::State::NotReleased => (State::NotReleased, None, None),
        supervise::State::Starting => (State::Starting, None, None),
        supervise::State::Ready => (State::Ready, None, None),
        supervise::State::Unwell => (State::Unwell, None, None),
        supervise::State::Late => (State::Late, None, None),
        supervise::State::Draining(left) => (State::Draining, Some(left), None),
        supervise::State::Stopping(left) => (State::Stopping, Some(left), None),
        supervise::State::Killed => (State::Killed, None, None),
        supervise::State::Backoff(exit, left) => (State::Backoff, Some(left), Some(exit)),
        supervise::State::Scheduled => (State::Scheduled, None, None),
        supervise::State::Stopped => (State::Stopped, None, None),
        supervise::State::Lent => (State::Lent, None, None),
        supervise::State::Finished => (State::Finished, None, None),
        supervise::State::Failed(exit) => (State::Failed, None, Some(exit)),
    }
}

fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}
