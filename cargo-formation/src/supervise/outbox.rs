//! Where decisions leave what is to be done, and draw the numbers of new runs.

use super::notice::Notice;
use super::protocol::{Action, RunId};

/// The actions of one step, in order.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    actions: Vec<Action>,
    runs: u64,
}

impl Outbox {
    pub(super) fn push(&mut self, action: Action) {
        self.actions.push(action);
    }

    /// Something that has to be done before what is waiting already.
    pub(super) fn push_first(&mut self, action: Action) {
        self.actions.insert(0, action);
    }

    pub(super) fn say(&mut self, notice: Notice) {
        self.actions.push(Action::Notice(notice));
    }

    /// A number no run has had.
    pub(super) fn next_run(&mut self) -> RunId {
        self.runs += 1;
        RunId(self.runs)
    }

    /// Hand over what has gathered since the last time.
    pub(super) fn take(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }
}
