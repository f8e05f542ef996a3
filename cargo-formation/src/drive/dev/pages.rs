//! What a client is told that waits in vain: which process is down, and why.

use std::collections::BTreeMap;

use super::Loop;
use crate::formation::ProcessName;
use crate::narrate::notice::Said;
use crate::supervise::Notice;
use crate::world::router::{Outlook, Page};

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
    pub(super) fn said(&mut self, notice: &Notice, said: &Said) {
        if let Some(name) = notice.of_the_state_of() {
            self.of.insert(name.process().clone(), said.plain());
        } else if matches!(notice, Notice::ReleaseStarts | Notice::ReleaseFailed(_)) {
            self.of_all = Some(said.plain());
        } else if matches!(notice, Notice::ReleaseSucceeded) {
            self.of_all = None;
        }
    }

    /// What explains best why nobody of this type answers.
    fn about(&self, process: &ProcessName) -> Option<&str> {
        self.of.get(process).or(self.of_all.as_ref()).map(String::as_str)
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
        let errors = self.builds.errors();
        let lines = self.runs.last_lines(process, LAST_LINES);
        let said = self.latest.about(process).unwrap_or_default();
        let text = [said, &lines, errors];
        let mut text: Vec<&str> = text.into_iter().filter(|part| !part.is_empty()).collect();
        if text.is_empty() {
            text.push("It is being built, or not up yet.");
        }
        let is_vain = self.supervise.is_in_vain(process, self.wiring.clock.now());
        Page {
            title: format!("{process} does not answer"),
            text: text.join("\n\n"),
            outlook: if is_vain { Outlook::Vain } else { Outlook::Open },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Latest;
    use crate::formation::{Exit, InstanceName, RunName};
    use crate::narrate::notice::{Known, said};
    use crate::supervise::{Next, Notice};

    #[test]
    fn what_is_over_explains_nothing() {
        let web = "web".parse().unwrap();
        let mut latest = Latest::default();
        let mut about = |notice: Notice| {
            latest.said(&notice, &said(&notice, &Known::default()).unwrap());
            latest.about(&web).map(str::to_owned)
        };
        let starts = about(Notice::ReleaseStarts);
        assert_eq!(starts.as_deref(), Some("Releasing before anything starts"));
        assert_eq!(about(Notice::ReleaseSucceeded), None);
        let name = RunName::from(InstanceName { process: web.clone(), number: 1 });
        let crash = Notice::Ended { name, exit: Exit::Code(1), next: Next::InVain };
        let crashed = "Crashed web.1: exit code 1; it is not tried again before something changes";
        assert_eq!(about(crash).as_deref(), Some(crashed));
        assert_eq!(about(Notice::ReleaseStarts).as_deref(), Some(crashed), "nearer to it");
    }
}
