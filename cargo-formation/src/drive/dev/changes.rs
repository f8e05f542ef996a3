//! What changes lead to: what the watch sees, and the workspace read again.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::shape::{Anew, Cargos, Shape};
use super::sight::Reason;
use super::{Loop, spec};
use crate::formation::Certainty;
use crate::narrate::notice::{self, Tone, status};
use crate::plan::PlanError;
use crate::supervise::{BuildId, Event};
use crate::world::watch::News;

/// Whether what runs is what the table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Current,
    /// It says something that cannot be.
    Refused,
}

impl Loop {
    /// What the watch sees.
    pub(super) fn seen(&mut self, news: News) -> Vec<Event> {
        match news {
            News::Changes(changes) => {
                self.warn_of_echo(&changes.build);
                let sight = self.sight.as_mut();
                sight
                    .map(|sight| sight.changes(&changes, &self.shape, &self.wiring))
                    .unwrap_or_default()
            }
            News::Checked(build) => vec![Event::Understood(BuildId(build))],
            News::Trouble(trouble) => {
                self.wiring.writer.say(notice::warning(&trouble.to_string()));
                Vec::new()
            }
        }
    }

    /// Say what a process seems to write that it is built from.
    fn warn_of_echo(&mut self, changed: &BTreeSet<PathBuf>) {
        if let Some(path) = self.echo.changed(changed, self.wiring.clock.now()) {
            let text = format!(
                "`{}` has changed right after a start, many times in a row: if a process writes \
                 what it is built from, that goes on for ever; let it write elsewhere",
                path.display()
            );
            self.wiring.writer.say(notice::warning(&text));
        }
    }

    /// The workspace was read again: from now on it is what it says, if it says anything.
    pub(super) fn anew(&mut self, anew: Anew) -> Vec<Event> {
        let Some(sight) = &mut self.sight else { return Vec::new() };
        let Anew { said, shape, accepted } = anew;
        let Some(reason) = sight.was_read(shape.as_ref(), &self.wiring) else { return Vec::new() };
        for line in said {
            self.wiring.writer.say(line);
        }
        let mut events = Vec::new();
        let mut builds = reason == Reason::Table && accepted == Cargos::Consent;
        if let Some(shape) = shape.and_then(|shape| self.as_asked(shape)) {
            builds |= shape.plan.build != self.shape.plan.build;
            let (adopted, problems) = self.adopt(shape);
            events.extend(adopted);
            for problem in problems {
                self.wiring.writer.say(notice::error(&problem));
            }
            self.table = Table::Current;
        } else {
            self.table = Table::Refused;
            let text = "the formation as it was, until this is mended";
            self.wiring.writer.say(status(Tone::Unusual, "Keeping", text));
        }
        if builds {
            // Before the rest, so that all of it is one change.
            events.insert(0, Event::Edited(Certainty::Known));
        }
        events.extend(self.ask_again());
        events
    }

    /// What was read, with the quantities that somebody has asked for since the start.
    fn as_asked(&self, shape: Shape) -> Option<Shape> {
        if shape.request == self.shape.request {
            return Some(shape);
        }
        let planned = shape.planned(shape.as_far_as_there(&self.shape.request));
        let refused = |errors: Vec<PlanError>| {
            for error in errors {
                self.wiring.writer.say(notice::error(&error.to_string()));
            }
        };
        planned.map_err(refused).ok()
    }

    /// From now on this is run. What cannot be is returned, in words.
    pub(super) fn adopt(&mut self, mut shape: Shape) -> (Vec<Event>, Vec<String>) {
        // What was shown of the builds before is still known.
        shape.cargo.seen = self.shape.cargo.seen.clone();
        self.shape = shape;
        self.runs.reshape(&self.shape.plan);
        let problems = self.routes.reshape(&self.shape);
        let (setups, builds) = (&mut self.setups, &mut self.builds);
        let spec = spec::spec(&self.shape, self.manner, setups, builds);
        let mut events = self.keep_times();
        events.push(Event::Replanned(Box::new(spec)));
        (events, problems)
    }
}
