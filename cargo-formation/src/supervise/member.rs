//! A member of the formation: an instance, what it is to run, and whether it is still wanted.

use super::instance::{Instance, Patience};
use super::protocol::{BinaryId, InstanceId, InstanceSpec, Occasion, Owner};
use super::version::Setup;

/// An instance and its place in the formation.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) instance: Instance,
    pub(super) binary: BinaryId,
    pub(super) occasion: Occasion,
    /// What it is to be started with.
    planned: Setup,
    /// What it may be started with: `release` has had its say.
    pub(super) allowed: Setup,
    pub(super) standing: Standing,
    pub(super) asked: Asked,
    /// How often it was to be started again before it was scheduled.
    pub(super) unscheduled: u32,
}

/// Whether somebody wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is of the formation.
    Wanted,
    /// It was, and leaves.
    Dropped,
}

/// What somebody has asked of an instance or a backing service, by a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) hold: Hold,
    /// How often it was to be started again.
    pub(super) again: u32,
    /// How many look at it with a debugger.
    pub(super) debuggers: u32,
}

/// Whether it may run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Hold {
    /// Nothing speaks against it.
    #[default]
    Free,
    /// It is scheduled, and waits for its time, or for somebody who asks.
    Scheduled,
    /// Somebody has stopped it, until somebody starts it.
    Stopped,
    /// Somebody runs it by hand, in its place.
    Lent,
}

impl Asked {
    /// Start it again. Who is lent comes back when whoever has it gives it back.
    pub(super) fn restart(&mut self) {
        self.set(Hold::Free);
        self.again += 1;
    }

    /// Who was lent is back, and starts, or waits for its time.
    pub(super) fn give_back(&mut self, hold: Hold) {
        if self.hold == Hold::Lent {
            (self.hold, self.again) = (hold, self.again + 1);
        }
    }

    /// From now on it may run, or not, unless it is lent.
    pub(super) fn set(&mut self, hold: Hold) {
        if self.hold != Hold::Lent {
            self.hold = hold;
        }
    }

    /// How long is waited for it.
    pub(super) fn patience(self) -> Patience {
        if self.debuggers == 0 { Patience::Usual } else { Patience::Endless }
    }

    /// Whether it may run.
    pub(super) fn is_free(self) -> bool {
        self.hold == Hold::Free
    }
}

impl Member {
    pub(super) fn new(id: InstanceId, spec: InstanceSpec) -> Self {
        let InstanceSpec { name, binary, setup, occasion, policy } = spec;
        let hold = match occasion {
            Occasion::Always => Hold::Free,
            Occasion::Asked | Occasion::Timed => Hold::Scheduled,
        };
        Self {
            instance: Instance::new(Owner::Instance(id), name.into(), policy),
            binary,
            occasion,
            planned: setup,
            allowed: setup,
            standing: Standing::Wanted,
            asked: Asked { hold, ..Asked::default() },
            unscheduled: 0,
        }
    }

    /// It goes on, as this says.
    pub(super) fn replan(&mut self, spec: InstanceSpec) {
        let InstanceSpec { name: _, binary, setup, occasion, policy } = spec;
        let is_new = self.standing == Standing::Dropped || !self.is_scheduled();
        self.instance.set_policy(policy);
        (self.binary, self.occasion) = (binary, occasion);
        (self.planned, self.standing) = (setup, Standing::Wanted);
        // Who is scheduled from now on does not start for that; who runs is seen to the end.
        if is_new && self.is_scheduled() {
            self.unscheduled = self.asked.again;
            if self.instance.is_vacant() && self.asked.is_free() {
                self.asked.hold = Hold::Scheduled;
            }
        }
    }

    /// It is of the formation no more.
    pub(super) fn leave(&mut self) {
        self.standing = Standing::Dropped;
        self.instance.forget();
        // Nobody waits for the times of who is not here.
        if self.asked.hold == Hold::Scheduled {
            self.asked.hold = Hold::Free;
        }
    }

    /// What it is to be started with may be used.
    pub(super) fn allow(&mut self) {
        self.allowed = self.planned;
    }

    /// Whether this is what it is to be started with.
    pub(super) fn is_planned(&self, setup: Setup) -> bool {
        self.planned == setup
    }

    /// Whether somebody keeps it from running.
    pub(super) fn is_kept_down(&self) -> bool {
        matches!(self.asked.hold, Hold::Stopped | Hold::Lent)
    }

    /// Whether it is to run.
    pub(super) fn is_wanted(&self) -> bool {
        self.standing == Standing::Wanted && self.asked.is_free()
    }
}
