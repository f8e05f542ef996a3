//! Whose lines are shown.

use std::sync::{Arc, PoisonError, RwLock};

use crate::formation::ProcessName;

/// Whose lines are shown: everybody's, or those of one process type or backing service.
#[derive(Clone, Debug, Default)]
pub struct Shown(Arc<RwLock<Option<ProcessName>>>);

impl Shown {
    /// From now on only the lines of this one are shown; without one, those of all.
    pub fn only(&self, process: Option<ProcessName>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = process;
    }

    /// Whether the lines of this one are shown.
    #[must_use]
    pub fn shows(&self, process: &ProcessName) -> bool {
        let only = self.0.read().unwrap_or_else(PoisonError::into_inner);
        only.as_ref().is_none_or(|only| only == process)
    }
}
