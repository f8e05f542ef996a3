//! Whose lines are shown.

use std::sync::{Arc, PoisonError, RwLock};

use crate::formation::ProcessName;

/// Whose lines are shown: everybody's, unless somebody says otherwise.
#[derive(Clone, Debug, Default)]
pub struct Shown(Arc<RwLock<Whose>>);

#[derive(Debug, Default)]
enum Whose {
    #[default]
    Everybodys,
    /// Those of one process type or backing service.
    One(ProcessName),
    Nobodys,
}

impl Shown {
    /// From now on only the lines of this one are shown; without one, those of all.
    pub fn only(&self, process: Option<ProcessName>) {
        self.set(process.map_or(Whose::Everybodys, Whose::One));
    }

    /// From now on no lines are shown.
    pub fn nobody(&self) {
        self.set(Whose::Nobodys);
    }

    fn set(&self, whose: Whose) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = whose;
    }

    /// Whether the lines of this one are shown.
    #[must_use]
    pub fn shows(&self, process: &ProcessName) -> bool {
        match &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            Whose::Everybodys => true,
            Whose::One(only) => only == process,
            Whose::Nobodys => false,
        }
    }
}
