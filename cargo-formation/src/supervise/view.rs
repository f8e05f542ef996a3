//! What anybody may see of a formation that runs.

use std::time::Duration;

use super::command::Seat;
use super::gate::Gate;
use super::instance::Instance;
use super::member::{Asked, Hold, Standing};
use super::protocol::{BuildEnd, RunId};
use super::{Phase, Supervise};
use crate::formation::{Exit, Identity, Moment, ProcessName, RunName};

/// An instance, `release` or a backing service: one of its runs, or that it has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Who.
    pub name: RunName,
    /// How it is.
    pub state: State,
    /// The run that is seen, if there is one.
    pub run: Option<SeenRun>,
    /// How often it was started again, for whatever reason.
    pub restarts: u32,
    /// Whether something newer was to take over and has failed.
    pub behind: bool,
}

/// A run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenRun {
    /// Its number.
    pub id: RunId,
    /// The process id of its leader, once it has one.
    pub pid: Option<u32>,
    /// The code it runs; the default one for what is not built.
    pub code: Identity,
}

/// How an instance, a run of it, or a backing service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It starts when others have: the backing services, `release`, others of its type.
    Waiting,
    /// What it would run is being built.
    Building,
    /// What it would run could not be built.
    NotBuilt,
    /// It may not start: `release` has failed.
    NotReleased,
    /// It has begun, and is not up yet.
    Starting,
    /// It is up.
    Ready,
    /// It is up and does not answer as it should.
    Unwell,
    /// It had its time to be up, and did not use it.
    Late,
    /// Another has taken its place; it finishes what it has, at most so long.
    Draining(Duration),
    /// It was asked to stop, and is killed after so long.
    Stopping(Duration),
    /// It was killed.
    Killed,
    /// It ended like this, and starts again after so long.
    Backoff(Exit, Duration),
    /// It is scheduled, and waits for its time, or for somebody who asks.
    Scheduled,
    /// Somebody has stopped it.
    Stopped,
    /// Somebody runs it by hand, in its place.
    Lent,
    /// It ended well, and stays so.
    Finished,
    /// It ended like this, and stays so until there is something else to run.
    Failed(Exit),
}

impl State {
    /// Whether it is over, and nothing comes of it by itself.
    fn is_final(self) -> bool {
        match self {
            Self::NotBuilt
            | Self::NotReleased
            | Self::Stopped
            | Self::Finished
            | Self::Failed(_) => true,
            Self::Waiting
            | Self::Building
            | Self::Starting
            | Self::Ready
            | Self::Unwell
            | Self::Late
            | Self::Draining(_)
            | Self::Stopping(_)
            | Self::Killed
            | Self::Backoff(..)
            | Self::Scheduled
            | Self::Lent => false,
        }
    }
}

impl Supervise {
    /// Everybody, in the order in which they start: first the backing services, then `release`.
    #[must_use]
    pub fn view(&self, now: Moment) -> Vec<Seen> {
        let mut seen = Vec::new();
        for (_, service, wanted) in self.services.seats() {
            let waits = wanted && !self.is_ending();
            let empty = if waits { State::Waiting } else { State::Stopped };
            service.view(empty, now, &mut seen);
        }
        seen.extend(self.gate.iter().map(|gate| gate.view(self.before_release(gate), now)));
        for (id, member) in self.members.iter().enumerate() {
            // Of who is not of the formation any more, only what still runs is seen.
            if member.standing == Standing::Wanted || !member.instance.is_gone() {
                let empty = self.without_a_run(id, member.asked);
                member.instance.view(empty, now, &mut seen);
            }
        }
        seen
    }

    /// Whether nobody of this type is up, or comes up by itself: somebody has to save something,
    /// or ask.
    #[must_use]
    pub fn is_in_vain(&self, process: &ProcessName, now: Moment) -> bool {
        let releases = self.gate.as_ref().is_some_and(Gate::is_running);
        if self.phase != Phase::Up || self.is_building() || releases {
            return false;
        }
        let mut of = self.view(now).into_iter().filter(|seen| seen.name.process() == process);
        of.all(|seen| seen.state.is_final())
    }

    /// Whether everything was asked to stop.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        matches!(self.phase, Phase::Stopping { .. } | Phase::Killing { .. } | Phase::Over)
    }

    /// Whether a build is under way, or about to be.
    #[must_use]
    pub fn is_building(&self) -> bool {
        !self.rebuild.is_idle()
    }

    /// Whether `release` has failed, so that nothing starts before it is tried again.
    #[must_use]
    pub fn has_release_failed(&self) -> bool {
        self.gate.as_ref().is_some_and(Gate::has_failed)
    }

    /// How the last build ended.
    #[must_use]
    pub fn last_build(&self) -> Option<BuildEnd> {
        self.rebuild.outcome()
    }

    /// What an instance without a run waits for.
    fn without_a_run(&self, id: usize, asked: Asked) -> State {
        match asked.hold {
            Hold::Lent => return State::Lent,
            Hold::Scheduled if !self.is_ending() => return State::Scheduled,
            Hold::Free if !self.is_ending() => {}
            Hold::Stopped | Hold::Scheduled | Hold::Free => return State::Stopped,
        }
        if self.phase != Phase::Up || self.wanted(id).is_some() {
            State::Waiting
        } else if !self.rebuild.is_idle() {
            State::Building
        } else {
            match &self.gate {
                Some(gate) if gate.has_failed() => State::NotReleased,
                Some(gate) if gate.is_running() => State::Waiting,
                Some(_) | None => State::NotBuilt,
            }
        }
    }

    /// What `release` waits for.
    fn before_release(&self, gate: &Gate) -> State {
        if self.is_ending() {
            return State::Stopped;
        }
        let built = self.binaries[gate.spec.binary.0].built.is_some();
        match (self.phase == Phase::Up, self.rebuild.is_idle()) {
            (true, false) => State::Building,
            (true, true) if !built => State::NotBuilt,
            (true, true) | (false, _) => State::Waiting,
        }
    }

    /// An instance or a backing service, and whether it is to run.
    pub(super) fn seat(&self, seat: Seat) -> (&Instance, Asked, bool) {
        match seat {
            Seat::Member(id) => {
                let member = &self.members[id];
                (&member.instance, member.asked, member.is_wanted())
            }
            Seat::Service(id) => self.services.seat(id),
        }
    }
}
