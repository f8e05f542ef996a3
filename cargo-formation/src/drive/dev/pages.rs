//! What a client is told that waits in vain: which process is down, and why.

use std::collections::BTreeMap;

use super::Loop;
use crate::formation::ProcessName;
use crate::narrate::notice::{Known, line};
use crate::supervise::Notice;
use crate::world::router::Page;

/// So many of the last lines are shown.
const LAST_LINES: usize = 20;

/// The latest that was said of each process type, and of all.
#[derive(Default)]
pub(super) struct Latest {
    of: BTreeMap<ProcessName, String>,
    of_all: Option<String>,
}

impl Latest {
    /// Something was said.
    pub(super) fn said(&mut self, notice: &Notice, known: &Known) {
        let Some(line) = line(notice, known) else { return };
        match notice.of_the_state_of() {
            Some(name) => drop(self.of.insert(name.process().clone(), line)),
            None if matches!(notice, Notice::ReleaseStarts | Notice::ReleaseFailed(_)) => {
                self.of_all = Some(line);
            }
            None => {}
        }
    }
}

impl Loop {
    /// Have the router know why nobody answers, for those types for which nobody does.
    pub(super) fn explain(&self) {
        for process in self.routes.unserved() {
            self.routes.explain(process, self.page(process));
        }
    }

    fn page(&self, process: &ProcessName) -> Page {
        let said = self.latest.of.get(process).or(self.latest.of_all.as_ref());
        let errors = self.builds.errors();
        let lines = self.runs.last_lines(process, LAST_LINES);
        let said = said.map_or("It is being built, or not up yet.", |said| said.trim_start());
        let text = [said, &lines, errors];
        let text: Vec<&str> = text.into_iter().filter(|part| !part.is_empty()).collect();
        Page { title: format!("no process of `{process}` answers"), text: text.join("\n\n") }
    }
}
