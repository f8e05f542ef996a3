//! Who takes the requests of one process type now, and who still has connections.
//!
//! What threads share, under one lock: it is asked before the first byte of each request.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::page::{Outlook, Page};
use super::{Backend, News};
use crate::formation::{InstanceName, ProcessName};
use crate::world::children::ChildId;

/// To whom the news go.
#[derive(Clone)]
pub(super) struct Reporter(Arc<Mutex<dyn Fn(ProcessName, News) + Send>>);

impl Reporter {
    pub(super) fn new(report: impl Fn(ProcessName, News) + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(report)))
    }

    fn report(&self, name: &ProcessName, news: News) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)(name.clone(), news);
    }
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reporter")
    }
}

/// Who takes requests, and who has connections.
#[derive(Debug)]
pub(super) struct Roster {
    name: ProcessName,
    reporter: Reporter,
    state: Mutex<State>,
    changes: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    /// Who takes requests.
    backends: Vec<Arc<Backend>>,
    /// Whose turn it is, from here on.
    next: usize,
    /// Those who are routed or have connections.
    runs: BTreeMap<ChildId, Known>,
    /// How many requests wait for a run.
    held: usize,
    /// What is said to those that wait in vain.
    page: Page,
    /// How often connections at rest had to be given up.
    spared: u64,
    /// Whether descriptors are short, which has been said.
    full: bool,
    stage: Stage,
}

/// Whether anything new is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Open,
    /// What is under way comes to its end, and nothing begins.
    Ending,
}

/// What is known of a run.
#[derive(Debug, Default)]
struct Known {
    connections: usize,
    /// Whether the last connection failed, which has been said.
    refusing: bool,
}

impl State {
    fn is_routed(&self, run: ChildId) -> bool {
        self.backends.iter().any(|backend| backend.run == run)
    }
}

impl Roster {
    pub(super) fn new(name: ProcessName, reporter: Reporter) -> Self {
        let changes = watch::Sender::new(());
        Self { name, reporter, state: Mutex::default(), changes }
    }

    pub(super) fn name(&self) -> &ProcessName {
        &self.name
    }

    /// From now on these take requests.
    pub(super) fn route(&self, backends: Vec<Backend>) {
        let backends = backends.into_iter().map(Arc::new).collect();
        let mut state = self.state();
        let before = std::mem::replace(&mut state.backends, backends);
        let routed: Vec<ChildId> = state.backends.iter().map(|backend| backend.run).collect();
        for run in routed {
            state.runs.entry(run).or_default();
        }
        for backend in before {
            self.settle(&mut state, backend.run);
        }
    }

    /// Nothing new is taken for anybody any more.
    pub(super) fn end(&self) {
        self.state().stage = Stage::Ending;
        self.route(Vec::new());
    }

    /// Whether nothing new is taken any more.
    pub(super) fn is_ending(&self) -> bool {
        self.state().stage == Stage::Ending
    }

    /// Have all connections look who is routed.
    pub(super) fn tell(&self) {
        self.changes.send_replace(());
    }

    pub(super) fn explain(&self, page: Page) {
        self.state().page = page;
    }

    /// Whether nobody takes requests, and nobody will by itself.
    pub(super) fn is_vain(&self) -> bool {
        let state = self.state();
        state.backends.is_empty() && state.page.outlook == Outlook::Vain
    }

    /// What is said to those who waited in vain.
    pub(super) fn page(&self) -> Page {
        self.state().page.clone()
    }

    /// Told of every change of who is routed.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Whoever is next, apart from those that were tried.
    pub(super) fn pick(self: &Arc<Self>, tried: &[ChildId]) -> Option<Lease> {
        let mut state = self.state();
        let count = state.backends.len();
        let mut turns = (0..count).map(|turn| (state.next + turn) % count);
        let position = turns.find(|at| !tried.contains(&state.backends[*at].run))?;
        let backend = Arc::clone(&state.backends[position]);
        state.next = position + 1;
        state.runs.entry(backend.run).or_default().connections += 1;
        let spared = state.spared;
        drop(state);
        Some(Lease { roster: Arc::clone(self), backend, spared })
    }

    /// A place for a request to wait, if there is one left.
    pub(super) fn hold(self: &Arc<Self>, most: usize) -> Option<Held> {
        let mut state = self.state();
        if state.held >= most {
            return None;
        }
        state.held += 1;
        Some(Held(Arc::clone(self)))
    }

    /// Descriptors are short, which is said once: what is at rest has two, and needs one.
    pub(super) fn full(&self, error: io::Error) {
        let mut state = self.state();
        state.spared += 1;
        if !std::mem::replace(&mut state.full, true) {
            self.reporter.report(&self.name, News::Full(error));
        }
        drop(state);
        self.tell();
    }

    /// Say it if a run has neither connections nor a claim to any. Under the lock, so that news
    /// have the order in which things happened.
    fn settle(&self, state: &mut State, run: ChildId) {
        let is_left = state.runs.get(&run).is_some_and(|known| known.connections == 0);
        if is_left && !state.is_routed(run) {
            state.runs.remove(&run);
            self.reporter.report(&self.name, News::Idle(run));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to one connection to a run, and the connection's place in the count.
#[derive(Debug)]
pub(super) struct Lease {
    roster: Arc<Roster>,
    backend: Arc<Backend>,
    spared: u64,
}

impl Lease {
    pub(super) fn run(&self) -> ChildId {
        self.backend.run
    }

    pub(super) fn name(&self) -> &InstanceName {
        &self.backend.name
    }

    pub(super) fn port(&self) -> u16 {
        self.backend.port
    }

    /// Whether the run still takes requests.
    pub(super) fn is_routed(&self) -> bool {
        self.roster.state().is_routed(self.backend.run)
    }

    /// Whether the connection may stay while nothing is under way: it may not when descriptors
    /// became short after it was made.
    pub(super) fn is_spared(&self) -> bool {
        self.roster.state().spared == self.spared
    }

    /// The run took the connection, and there was a descriptor for it.
    pub(super) fn accepted(&self) {
        let mut state = self.roster.state();
        state.full = false;
        if let Some(known) = state.runs.get_mut(&self.backend.run) {
            known.refusing = false;
        }
    }

    /// The run did not take the connection. Said once, and only of who is still routed.
    pub(super) fn refused(&self, error: io::Error) {
        let mut state = self.roster.state();
        let routed = state.is_routed(self.backend.run);
        let Some(known) = state.runs.get_mut(&self.backend.run) else { return };
        if routed && !std::mem::replace(&mut known.refusing, true) {
            let roster = &self.roster;
            roster.reporter.report(&roster.name, News::Refused(self.backend.run, error));
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = self.roster.state();
        if let Some(known) = state.runs.get_mut(&self.backend.run) {
            known.connections -= 1;
        }
        self.roster.settle(&mut state, self.backend.run);
    }
}

/// The place of a request that waits for a run.
#[derive(Debug)]
pub(super) struct Held(Arc<Roster>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.state().held -= 1;
    }
}
