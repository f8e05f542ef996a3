//! What others may ask about an instance.

use super::{Instance, Slot, Vacancy};
use crate::formation::{Exit, Identity, Moment};
use crate::supervise::notice::Awaited;
use crate::supervise::protocol::{RunId, Traffic};
use crate::supervise::run::Run;
use crate::supervise::version::Version;

impl Instance {
    /// Whether it has a run of this id.
    pub(in crate::supervise) fn has(&self, id: RunId) -> bool {
        self.runs().any(|run| run.id == id)
    }

    /// Whether nothing of it is alive.
    pub(in crate::supervise) fn is_gone(&self) -> bool {
        self.runs().next().is_none()
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
                run.is_well().then_some(run.id)
            }
        }
    }

    /// When time alone will change something.
    pub(in crate::supervise) fn deadline(&self) -> Option<Moment> {
        let backoff = match self.slot {
            Slot::Vacant(Vacancy::Backoff { until, .. }) => Some(until),
            Slot::Vacant(Vacancy::Due | Vacancy::Ended { .. })
            | Slot::Single(_)
            | Slot::Handover { .. } => None,
        };
        self.runs().filter_map(Run::deadline).chain(backoff).min()
    }

    /// Who is still waited for while the formation stops.
    pub(in crate::supervise) fn awaited(&self, now: Moment) -> impl Iterator<Item = Awaited> {
        self.runs().map(move |run| run.awaited(self.name.clone(), now))
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
