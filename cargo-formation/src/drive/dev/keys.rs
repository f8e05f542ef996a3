//! What the keys of the terminal do.

use super::Loop;
use crate::formation::{Certainty, ProcessName};
use crate::narrate::keys;
use crate::narrate::notice::{Tone, status};
use crate::supervise::{Command, Event, StopReason, Whom};
use crate::world::clock::time_of_day;
use crate::world::keyboard::Key;

impl Loop {
    /// Do what a key asks for, or ask the decisions.
    pub(super) fn key(&self, key: Key) -> Vec<Event> {
        match key {
            Key::Restart => {
                let restart = Event::Asked(None, Command::Renew(Whom::All));
                return self.release_again().into_iter().chain([restart]).collect();
            }
            Key::Quit => return vec![Event::Stop(StopReason::Command)],
            Key::Build if self.sight.is_none() => {
                self.say("Note", "`b` builds where changes are watched, and `--no-watch` is given");
            }
            // Something may have changed that nobody sees.
            Key::Build => return vec![Event::Edited(Certainty::Known)],
            Key::All => {
                self.runs.shown().only(None);
                self.say("Showing", "everything");
            }
            Key::Only(number) => self.only(number),
            Key::Mark => self.wiring.writer.say(keys::mark(&time_of_day())),
            Key::Help => self.say("Keys", &keys::all(&self.types())),
        }
        Vec::new()
    }

    /// Show the lines of the type of this number alone.
    fn only(&self, number: usize) {
        let types = self.types();
        if let Some(process) = number.checked_sub(1).and_then(|at| types.get(at)) {
            self.runs.shown().only(Some((*process).clone()));
            self.say("Showing", &format!("{process} alone; `0` shows everything again"));
        } else {
            self.say("Note", &format!("nothing has the number {number}: {}", keys::all(&types)));
        }
    }

    /// The process types that run here, in the order of their numbers.
    fn types(&self) -> Vec<&ProcessName> {
        let mut types: Vec<&ProcessName> = Vec::new();
        for planned in &self.shape.plan.instances {
            if types.last() != Some(&&planned.name.process) {
                types.push(&planned.name.process);
            }
        }
        types
    }

    /// Say something that nothing was decided about.
    pub(super) fn say(&self, word: &str, text: &str) {
        self.wiring.writer.say(status(Tone::Good, word, text));
    }
}
