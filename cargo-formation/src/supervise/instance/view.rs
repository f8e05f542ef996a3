//! What others may ask about an instance.

use super::{Instance, Patience, Slot, Vacancy};
use crate::formation::{Exit, Identity, Moment};
use crate::supervise::asked::Outcome;
use crate::supervise::notice::{Awaited, Fate};
use crate::supervise::protocol::{RunId, Traffic};
use crate::supervise::run::Run;
use crate::supervise::version::Version;
use crate::supervise::view::{Seen, State};

impl Instance {
    /// Whether it has a run of this id.
    pub(in crate::supervise) fn has(&self, id: RunId) -> bool {
        self.runs().any(|run| run.id == id)
    }

    /// Whether nothing of it is alive.
    pub(in crate::supervise) fn is_gone(&self) -> bool {
        self.runs().next().is_none()
    }

    /// Whether it ended, and was not asked for again since.
    pub(in crate::supervise) fn has_ended(&self, again: u32) -> bool {
        matches!(self.slot, Slot::Vacant(Vacancy::Ended { of, .. }) if of.again >= again)
    }

    /// How it ended, if it has and stays so.
    pub(in crate::supervise) fn ended(&self) -> Option<Exit> {
        match self.slot {
            Slot::Vacant(Vacancy::Ended { exit, .. }) if self.leaving.is_empty() => Some(exit),
            Slot::Vacant(_) | Slot::Single(_) | Slot::Handover { .. } => None,
        }
    }

    /// Whether a run of it has been up.
    pub(in crate::supervise) fn has_been_ready(&self) -> bool {
        self.first_ready.is_some()
    }

    /// Whether it had its time to come up, and did not use it.
    pub(in crate::supervise) fn is_late(&self) -> bool {
        match &self.slot {
            Slot::Single(run) => run.is_late(),
            Slot::Vacant(_) | Slot::Handover { .. } => false,
        }
    }

    /// What it runs, if it does.
    pub(in crate::supervise) fn version(&self) -> Option<Version> {
        match &self.slot {
            Slot::Vacant(_) => None,
            Slot::Single(run) | Slot::Handover { current: run, .. } => Some(run.version),
        }
    }

    /// What the run of it that began last runs, if there is one.
    pub(in crate::supervise) fn latest(&self) -> Option<Version> {
        match &self.slot {
            Slot::Vacant(_) => None,
            Slot::Single(run) | Slot::Handover { candidate: run, .. } => Some(run.version),
        }
    }

    /// The code of its runs, and of what comes back after a crash.
    pub(in crate::supervise) fn codes(&self) -> impl Iterator<Item = Identity> {
        let waiting = match self.slot {
            Slot::Vacant(Vacancy::Backoff { of, .. } | Vacancy::Ended { of, .. }) => Some(of.code),
            Slot::Vacant(Vacancy::Due) | Slot::Single(_) | Slot::Handover { .. } => None,
        };
        self.runs().map(|run| run.version.code).chain(waiting)
    }

    /// Whether it is on its way to something, so that others of its type should wait.
    pub(in crate::supervise) fn is_settling(&self) -> bool {
        match &self.slot {
            Slot::Vacant(Vacancy::Backoff { .. } | Vacancy::Ended { .. }) => false,
            Slot::Single(run) => run.is_starting(),
            Slot::Vacant(Vacancy::Due) | Slot::Handover { .. } => true,
        }
    }

    /// Whether a run that is not the instance any more may still do its work: nobody takes the
    /// requests from it, and only its end does.
    pub(in crate::supervise) fn is_outstayed(&self) -> bool {
        let keeps_on = matches!(self.policy.traffic, Traffic::Own);
        keeps_on && self.leaving.iter().any(|run| self.heeds_time(run))
    }

    /// Whether it has shown that this code does not work, or what it is now started with.
    pub(in crate::supervise) fn doubts(&self, code: Identity) -> bool {
        let failed = match self.slot {
            Slot::Vacant(Vacancy::Backoff { of, .. }) => of.code == code,
            Slot::Vacant(Vacancy::Ended { of, exit }) => of.code == code && !exit.success(),
            Slot::Vacant(Vacancy::Due) | Slot::Single(_) | Slot::Handover { .. } => false,
        };
        failed || self.refused.is_some_and(|refused| refused.code == code)
    }

    /// Whether work is sent to it.
    pub(in crate::supervise) fn traffic(&self) -> Traffic {
        self.policy.traffic
    }

    /// The run that requests go to, if one is up and well.
    pub(in crate::supervise) fn routed(&self) -> Option<RunId> {
        match &self.slot {
            Slot::Vacant(_) => None,
            Slot::Single(run) | Slot::Handover { current: run, .. } => {
                self.takes_requests(run).then_some(run.id)
            }
        }
    }

    /// Whether requests may go to this run: who is looked at may be slow to answer.
    pub(super) fn takes_requests(&self, run: &Run) -> bool {
        match self.patience {
            Patience::Usual => run.is_well(),
            Patience::Endless => run.is_ready(),
        }
    }

    /// Whether time does something to this run: who is looked at has all it wants, until somebody
    /// kills it.
    pub(super) fn heeds_time(&self, run: &Run) -> bool {
        self.patience == Patience::Usual || run.is_killed()
    }

    /// When time alone will change something.
    pub(in crate::supervise) fn deadline(&self) -> Option<Moment> {
        let backoff = match self.slot {
            Slot::Vacant(Vacancy::Backoff { until, .. }) => Some(until),
            Slot::Vacant(Vacancy::Due | Vacancy::Ended { .. })
            | Slot::Single(_)
            | Slot::Handover { .. } => None,
        };
        let runs = self.runs().filter(|run| self.heeds_time(run));
        runs.filter_map(Run::deadline).chain(backoff).min()
    }

    /// What can be said to somebody who waits for it to be up, since it was asked for the
    /// `again`th time. Nothing as long as that may change by itself within moments.
    pub(in crate::supervise) fn come(&self, again: u32) -> Option<Outcome> {
        match &self.slot {
            Slot::Vacant(Vacancy::Backoff { of, exit, .. }) if self.has_tried(*of, again) => {
                Some(Outcome::Failed(*exit))
            }
            Slot::Vacant(Vacancy::Ended { of, exit }) if self.has_tried(*of, again) => {
                Some(if exit.success() { Outcome::Finished } else { Outcome::Failed(*exit) })
            }
            Slot::Single(run) if self.refuses(run, again) => Some(Outcome::Refused(run.pid)),
            // Who was to start again has not as long as the run before works beside it.
            Slot::Single(_) if again > 0 && self.is_outstayed() => None,
            Slot::Single(run) if run.version.again >= again && run.is_ready() => {
                Some(Outcome::Up(run.pid))
            }
            Slot::Single(run) if run.version.again >= again && run.is_late() => Some(Outcome::Late),
            Slot::Vacant(_) | Slot::Single(_) | Slot::Handover { .. } => None,
        }
    }

    /// Whether what ended was asked for that often, or what was has been tried beside it.
    fn has_tried(&self, ended: Version, again: u32) -> bool {
        [Some(ended), self.refused].iter().flatten().any(|version| version.again >= again)
    }

    /// Whether this run stays because what was to take its place has failed.
    fn refuses(&self, run: &Run, again: u32) -> bool {
        self.refused.is_some_and(|refused| refused != run.version && refused.again >= again)
    }

    /// The process of its current run, if it has one.
    pub(in crate::supervise) fn pid(&self) -> Option<u32> {
        match &self.slot {
            Slot::Vacant(_) => None,
            Slot::Single(run) | Slot::Handover { current: run, .. } => run.pid,
        }
    }

    /// Whether it ended and starts again after a while.
    pub(in crate::supervise) fn comes_back(&self) -> bool {
        matches!(self.slot, Slot::Vacant(Vacancy::Backoff { .. }))
    }

    /// Whether nobody has its place.
    pub(in crate::supervise) fn is_vacant(&self) -> bool {
        matches!(self.slot, Slot::Vacant(_))
    }

    /// Whether nobody has its place, and nothing is known of why.
    pub(in crate::supervise) fn is_due(&self) -> bool {
        matches!(self.slot, Slot::Vacant(Vacancy::Due))
    }

    /// All that is seen of it: each of its runs. Without one it is `empty`, unless it knows better.
    pub(in crate::supervise) fn view(&self, empty: State, now: Moment, seen: &mut Vec<Seen>) {
        let vacant = match self.slot {
            _ if matches!(empty, State::Stopped | State::Lent) => Some(empty),
            Slot::Vacant(Vacancy::Due) => Some(empty),
            Slot::Vacant(Vacancy::Backoff { until, exit, .. }) => {
                Some(State::Backoff(exit, until.since(now)))
            }
            Slot::Vacant(Vacancy::Ended { exit, .. }) if exit.success() => Some(State::Finished),
            Slot::Vacant(Vacancy::Ended { exit, .. }) => Some(State::Failed(exit)),
            Slot::Single(_) | Slot::Handover { .. } => None,
        };
        let line = |state, run| Seen {
            name: self.name.clone(),
            state,
            run,
            restarts: self.begun.saturating_sub(1),
            behind: run.is_some() && self.refused.is_some(),
        };
        // Who leaves says more than that nobody has its place, on purpose or not yet.
        let is_plain = |state: &State| [State::Stopped, State::Waiting].contains(state);
        let says = vacant.filter(|state| self.is_gone() || !is_plain(state));
        seen.extend(says.map(|state| line(state, None)));
        seen.extend(self.runs().map(|run| line(run.state(now), Some(run.seen()))));
    }

    /// Who is still waited for while the formation stops.
    pub(in crate::supervise) fn awaited(&self, now: Moment) -> impl Iterator<Item = Awaited> {
        self.runs().map(move |run| {
            let awaited = run.awaited(self.name.clone(), now);
            let is_looked_at = !self.heeds_time(run);
            Awaited { fate: if is_looked_at { Fate::Debugged } else { awaited.fate }, ..awaited }
        })
    }

    fn runs(&self) -> impl Iterator<Item = &Run> {
        let (first, second) = match &self.slot {
            Slot::Vacant(_) => (None, None),
            Slot::Single(run) => (Some(run), None),
            Slot::Handover { current, candidate } => (Some(current), Some(candidate)),
        };
        first.into_iter().chain(second).chain(&self.leaving)
    }
}
