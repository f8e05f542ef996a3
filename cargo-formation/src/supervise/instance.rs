//! One instance: its current, candidate and leaving runs, and what comes after a crash.
//!
//! What is wanted of it (a version to run, or nothing) is an argument of
//! `reconcile`, where it meets what is. News of runs only changes what is.

mod news;
mod time;
mod view;

use super::outbox::Outbox;
use super::protocol::{Owner, Policy, Replacement, RunId, Traffic};
use super::run::{Run, Times};
use super::version::Version;
use crate::formation::{Exit, Moment, Restart, RunName};

/// One numbered member of the formation, or a backing service: an instance whose code never
/// changes.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) name: RunName,
    policy: Policy,
    owner: Owner,
    slot: Slot,
    /// Runs that are not the instance any more: draining, stopping, or ended with a tree left.
    leaving: Vec<Run>,
    /// How often it failed in a row.
    failures: u32,
    /// The version whose candidate failed beside the current run.
    refused: Option<Version>,
    /// When a run of it was up for the first time.
    first_ready: Option<Moment>,
    /// Whether two runs of it can stand beside each other.
    company: Company,
    /// How many runs of it have begun.
    begun: u32,
    patience: Patience,
}

/// Whether the deadlines of an instance count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// They do.
    Usual,
    /// Somebody looks at it with a debugger: nobody who stands still is late, unwell, or killed
    /// for it.
    Endless,
}

/// Whether two runs of an instance can stand beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Company {
    /// Nothing speaks against it.
    Possible,
    /// It was tried, and they wanted the same address.
    Impossible,
}

/// Who is the instance at present.
#[derive(Debug)]
enum Slot {
    Vacant(Vacancy),
    Single(Run),
    Handover { current: Run, candidate: Run },
}

/// Why nobody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vacancy {
    /// Nothing speaks against starting.
    Due,
    /// It ended like this, running `of`, and is started again then.
    Backoff { until: Moment, of: Version, exit: Exit },
    /// It exited and stays ended until there is something else to run.
    Ended { of: Version, exit: Exit },
}

/// What a run was to its instance when it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// It was the instance.
    Only,
    /// It was the instance, and another was about to take over.
    Current,
    /// It was about to take over.
    Candidate,
}

/// Whether this instance may give up a run that works, for a newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is its turn.
    Now,
    /// Others of its type come first.
    Later,
}

/// A process ended, or did not start, without having been asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failure(pub(super) Exit);

impl Instance {
    pub(super) fn new(owner: Owner, name: RunName, policy: Policy) -> Self {
        Self {
            name,
            policy,
            owner,
            slot: Slot::Vacant(Vacancy::Due),
            leaving: Vec::new(),
            failures: 0,
            refused: None,
            first_ready: None,
            company: Company::Possible,
            begun: 0,
            patience: Patience::Usual,
        }
    }

    /// Let what is wanted meet what is.
    pub(super) fn reconcile(
        &mut self,
        wanted: Option<Version>,
        turn: Turn,
        now: Moment,
        out: &mut Outbox,
    ) {
        let Some(wanted) = wanted else {
            self.clear(now, out);
            return;
        };
        // What is wanted by now has not failed yet.
        self.refused = self.refused.filter(|refused| *refused == wanted);
        match std::mem::replace(&mut self.slot, Slot::Vacant(Vacancy::Due)) {
            Slot::Vacant(vacancy) => self.fill(vacancy, wanted, now, out),
            Slot::Single(run) => self.replace(run, wanted, turn, now, out),
            Slot::Handover { current, candidate } => {
                self.hand_over(current, candidate, wanted, now, out);
            }
        }
    }

    /// From now on it is run in this way.
    pub(super) fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
    }

    /// From now on its deadlines count, or not.
    pub(super) fn set_patience(&mut self, patience: Patience) {
        self.patience = patience;
    }

    /// Nobody wants it any more. If somebody does later, that is another one of the same name.
    pub(super) fn forget(&mut self) {
        if let Slot::Vacant(_) = self.slot {
            self.slot = Slot::Vacant(Vacancy::Due);
        }
        (self.failures, self.refused, self.first_ready) = (0, None, None);
        self.company = Company::Possible;
    }

    /// Nothing starts here any more; whoever is here stays, as long as it lives.
    pub(super) fn rest(&mut self) {
        self.policy.restart = Restart::Never;
        if let Slot::Vacant(Vacancy::Backoff { .. }) = self.slot {
            self.slot = Slot::Vacant(Vacancy::Due);
        }
    }

    /// Everything ends: nobody has the time to finish what it has.
    pub(super) fn hurry(&mut self, now: Moment, out: &mut Outbox) {
        self.policy.traffic = Traffic::Own;
        for run in self.leaving.iter_mut().filter(|run| run.is_draining()) {
            run.ask(now, out);
        }
    }

    /// Whether two runs of it wanted the same address.
    pub(super) fn is_alone(&self) -> bool {
        self.company == Company::Impossible
    }

    /// Two runs of it cannot stand beside each other.
    pub(super) fn stand_alone(&mut self) {
        self.company = Company::Impossible;
    }

    /// Nothing is wanted: whoever is here leaves.
    fn clear(&mut self, now: Moment, out: &mut Outbox) {
        match std::mem::replace(&mut self.slot, Slot::Vacant(Vacancy::Due)) {
            // There is nothing to wait for any more.
            Slot::Vacant(Vacancy::Backoff { .. } | Vacancy::Due) => {}
            ended @ Slot::Vacant(Vacancy::Ended { .. }) => self.slot = ended,
            Slot::Single(run) => self.dismiss(run, now, out),
            Slot::Handover { current, candidate } => {
                self.dismiss(current, now, out);
                self.dismiss(candidate, now, out);
            }
        }
    }

    /// Nobody is here: start, if it is time and the place is free.
    fn fill(&mut self, vacancy: Vacancy, wanted: Version, now: Moment, out: &mut Outbox) {
        let (due, of) = match vacancy {
            Vacancy::Due => (true, wanted),
            Vacancy::Backoff { until, of, .. } => (now >= until, of),
            Vacancy::Ended { of, .. } => (false, of),
        };
        // Code that failed beside this one does not get a second chance by its crash.
        let news = of != wanted && self.refused != Some(wanted);
        if !(due || news) {
            self.slot = Slot::Vacant(vacancy);
            return;
        }
        if news {
            self.failures = 0;
            self.refused = None;
        }
        self.slot = if self.leaving.is_empty() || self.overlaps() {
            Slot::Single(self.begin(if news { wanted } else { of }, now, out))
        } else {
            Slot::Vacant(Vacancy::Due)
        };
    }

    /// One run is here: keep it, or replace it in the way of this instance.
    fn replace(&mut self, run: Run, wanted: Version, turn: Turn, now: Moment, out: &mut Outbox) {
        let settled = run.version == wanted || self.refused == Some(wanted) || turn == Turn::Later;
        if settled {
            self.slot = Slot::Single(run);
        } else if self.overlaps() && run.is_ready() {
            let candidate = self.begin(wanted, now, out);
            self.slot = Slot::Handover { current: run, candidate };
        } else {
            // There is nothing to keep: it is not up yet, or nobody may stand beside it.
            self.failures = 0;
            self.dismiss(run, now, out);
            self.fill(Vacancy::Due, wanted, now, out);
        }
    }

    /// Two runs are here: the candidate may be out of date, or not needed any more.
    fn hand_over(
        &mut self,
        current: Run,
        candidate: Run,
        wanted: Version,
        now: Moment,
        out: &mut Outbox,
    ) {
        if candidate.version == wanted {
            self.slot = Slot::Handover { current, candidate };
            return;
        }
        self.dismiss(candidate, now, out);
        self.slot = if current.version == wanted || self.refused == Some(wanted) {
            Slot::Single(current)
        } else {
            Slot::Handover { current, candidate: self.begin(wanted, now, out) }
        };
    }

    /// Take a run out of its place; whoever stands beside it stays.
    fn vacate(&mut self, id: RunId) -> Option<(Run, Role)> {
        let slot = std::mem::replace(&mut self.slot, Slot::Vacant(Vacancy::Due));
        let (stays, leaves) = match slot {
            Slot::Single(run) if run.id == id => {
                (Slot::Vacant(Vacancy::Due), Some((run, Role::Only)))
            }
            Slot::Handover { current, candidate } if candidate.id == id => {
                (Slot::Single(current), Some((candidate, Role::Candidate)))
            }
            Slot::Handover { current, candidate } if current.id == id => {
                (Slot::Single(candidate), Some((current, Role::Current)))
            }
            other @ (Slot::Vacant(_) | Slot::Single(_) | Slot::Handover { .. }) => (other, None),
        };
        self.slot = stays;
        leaves
    }

    fn begin(&mut self, version: Version, now: Moment, out: &mut Outbox) -> Run {
        self.begun += 1;
        let times = Times { now, startup: self.policy.startup, grace: self.policy.grace };
        Run::begin(self.owner, version, times, out)
    }

    /// A run leaves: what it has under way it may finish, if requests were sent to it.
    fn dismiss(&mut self, mut run: Run, now: Moment, out: &mut Outbox) {
        // One draining run is enough to remember; an older one has had its time.
        for older in self.leaving.iter_mut().filter(|run| run.is_draining()) {
            older.ask(now, out);
        }
        match self.policy.traffic {
            Traffic::Routed { drain } if self.takes_requests(&run) && !drain.is_zero() => {
                run.drain(now + drain);
            }
            Traffic::Routed { .. } | Traffic::Own => run.ask(now, out),
        }
        self.leaving.push(run);
    }

    fn overlaps(&self) -> bool {
        self.policy.replacement == Replacement::Overlap && self.company == Company::Possible
    }

    fn run_mut(&mut self, id: RunId) -> Option<&mut Run> {
        let here: Vec<&mut Run> = match &mut self.slot {
            Slot::Vacant(_) => vec![],
            Slot::Single(run) => vec![run],
            Slot::Handover { current, candidate } => vec![current, candidate],
        };
        here.into_iter().chain(&mut self.leaving).find(|run| run.id == id)
    }
}
