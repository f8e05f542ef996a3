//! What runs are started with, by number.
//!
//! The decisions know two plans of one instance apart by their numbers and nothing else; a run
//! that comes back after a crash is started with what it had.

use crate::plan::{PlannedInstance, PlannedService};
use crate::supervise::Setup;

/// Every plan that a run was ever started with, or may be.
#[derive(Debug, Default)]
pub(super) struct Setups {
    all: Vec<Planned>,
}

/// What one is started with.
#[derive(Clone, Debug)]
pub(super) enum Planned {
    Instance(Box<PlannedInstance>),
    Service(Box<PlannedService>),
}

impl Setups {
    /// The number of this plan of an instance: that of an equal one, if there is one.
    pub(super) fn of_instance(&mut self, planned: &PlannedInstance) -> Setup {
        self.find(|known| matches!(known, Planned::Instance(known) if **known == *planned))
            .unwrap_or_else(|| self.add(Planned::Instance(Box::new(planned.clone()))))
    }

    /// The number of this plan of a service. A change of the environment alone makes no other:
    /// a database is not stopped because of a variable that it does not read.
    pub(super) fn of_service(&mut self, planned: &PlannedService) -> Setup {
        let same = |known: &PlannedService| {
            PlannedService { env: planned.env.clone(), ..known.clone() } == *planned
        };
        self.find(|known| matches!(known, Planned::Service(known) if same(known)))
            .unwrap_or_else(|| self.add(Planned::Service(Box::new(planned.clone()))))
    }

    /// The plan of this number.
    pub(super) fn get(&self, Setup(number): Setup) -> Option<&Planned> {
        self.all.get(usize::try_from(number).ok()?)
    }

    fn find(&self, same: impl Fn(&Planned) -> bool) -> Option<Setup> {
        self.all.iter().position(same).map(number)
    }

    fn add(&mut self, planned: Planned) -> Setup {
        self.all.push(planned);
        number(self.all.len() - 1)
    }
}

fn number(position: usize) -> Setup {
    Setup(position as u64)
}
