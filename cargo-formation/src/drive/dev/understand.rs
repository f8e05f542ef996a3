//! What comes in from the world, as events for the decisions.

use super::builds::{Cause, Ended, knowledge};
use super::{Loop, is_cargo, run_of};
use crate::drive::Incoming;
use crate::formation::{Certainty, ProcessName};
use crate::narrate::notice;
use crate::supervise::{BuildNews, Event, RunId, RunNews, StopReason};
use crate::world::children::{Order, Report};
use crate::world::guard;
use crate::world::ready::health::Finding;
use crate::world::router;
use crate::world::signals;
use crate::world::terminal;

impl Loop {
    /// What came in, as events for the decisions.
    pub(super) fn understand(&mut self, incoming: Incoming) -> Vec<Event> {
        match incoming {
            Incoming::Heard(signals::Heard::Stop(reason)) => self.interrupt(reason),
            Incoming::Heard(signals::Heard::Child) => {
                self.wiring.children.order(Order::Reap);
                Vec::new()
            }
            Incoming::Key(key) => self.key(key),
            Incoming::Continued => {
                if let Some(keyboard) = &self.keyboard {
                    keyboard.resume();
                }
                Vec::new()
            }
            Incoming::Resized => {
                self.runs.consoles().resize(terminal::size());
                Vec::new()
            }
            Incoming::OutputClosed => vec![Event::Stop(StopReason::OutputClosed)],
            Incoming::Cargo(child, news) => {
                let event = self.builds.news(child, news, &self.wiring);
                event.into_iter().chain(self.build_ended()).collect()
            }
            Incoming::Drained(child, life) => {
                let news = self.runs.drained(run_of(child), life);
                about(run_of(child), news)
            }
            Incoming::Ready(child) => {
                self.runs.up(run_of(child), &self.wiring);
                about(run_of(child), vec![RunNews::Ready])
            }
            Incoming::Health(child, Finding::Unwell(reason)) => {
                about(run_of(child), vec![RunNews::Unwell(reason)])
            }
            Incoming::Health(child, Finding::Well) => about(run_of(child), vec![RunNews::Well]),
            Incoming::Elsewhere(child, ports) => {
                about(run_of(child), vec![RunNews::Elsewhere(ports)])
            }
            Incoming::AddressInUse(child, ports) => {
                about(run_of(child), vec![RunNews::AddressInUse(ports)])
            }
            Incoming::Routed(process, news) => self.routed(&process, news),
            Incoming::PidFile(child, path) => {
                let news = RunNews::PidFile(path.display().to_string());
                about(run_of(child), vec![news])
            }
            Incoming::Child(report) => self.child_news(report),
            Incoming::Watch(news) => self.seen(news),
            Incoming::Read(build, seen) => {
                if let Some(sight) = &mut self.sight {
                    sight.build_read(build, seen, &self.shape);
                }
                Vec::new()
            }
            Incoming::Anew(anew) => self.anew(*anew),
            Incoming::Client(news) => self.client(news),
        }
    }

    /// The end of the build, once everything of it has been heard.
    fn build_ended(&mut self) -> Vec<Event> {
        let Some(ended) = self.builds.ended(&self.shape, &self.wiring) else { return Vec::new() };
        let Ended { build, end, scripts, waited, cause } = ended;
        let mut events = Vec::new();
        if cause == Cause::Footing && self.sight.is_some() {
            self.say("Repeating", "the build: the target directory was removed meanwhile");
            // Before its end, so that nobody takes that for the end of the matter.
            events.push(Event::Edited(Certainty::Possible));
        }
        // A build that was cancelled makes nobody know less of what is read. Were it taken for one
        // that failed, each write of a process beside its sources would ask for one more.
        if let (Some(sight), true) = (&mut self.sight, cause != Cause::Cancelled) {
            let artifacts = self.builds.artifacts(&self.shape);
            sight.build_ended(build, artifacts, knowledge(end), scripts, &self.wiring);
        }
        let news = [BuildNews::Waited(waited), BuildNews::Ended(end)];
        events.extend(news.map(|news| Event::Build(build, news)));
        events
    }

    /// What a router has seen, as events for the decisions.
    fn routed(&mut self, process: &ProcessName, news: router::News) -> Vec<Event> {
        match news {
            router::News::Idle(child) => about(run_of(child), vec![RunNews::Idle]),
            // Another run is tried, or the next one waited for; whoever is down is known to be.
            router::News::Refused(..) => Vec::new(),
            router::News::Full(_) if !self.routes.warns(self.wiring.clock.now()) => Vec::new(),
            router::News::Full(error) => {
                let text = format!(
                    "`{process}` cannot take more connections: {error}; those that come wait. \
                     Raise the limit of open files (`ulimit -n`)"
                );
                self.wiring.writer.say(notice::warning(&text));
                Vec::new()
            }
        }
    }

    fn child_news(&mut self, report: Report) -> Vec<Event> {
        if let Some(events) = self.errand_news(&report) {
            return events;
        }
        match report {
            Report::Unguarded => {
                let guard = Box::new(guard::command(&self.wiring.token));
                self.wiring.children.order(Order::Guard(guard));
                Vec::new()
            }
            Report::Spawned(child, _)
            | Report::NotSpawned(child, _)
            | Report::Exited(child, _)
            | Report::Survivors(child, _)
            | Report::Gone(child)
            | Report::Unreachable(child, ..)
                if is_cargo(child) =>
            {
                self.builds.child(child, &report, &self.wiring);
                self.build_ended()
            }
            Report::Spawned(child, _)
            | Report::NotSpawned(child, _)
            | Report::Exited(child, _)
            | Report::Survivors(child, _)
            | Report::Gone(child)
            | Report::Unreachable(child, ..) => {
                if matches!(report, Report::Spawned(..)) {
                    self.echo.started(self.wiring.clock.now());
                }
                if matches!(report, Report::Gone(_) | Report::NotSpawned(..)) {
                    self.routes.ended(run_of(child));
                }
                let news = self.runs.news(run_of(child), report, &self.wiring);
                about(run_of(child), news)
            }
        }
    }
}

fn about(run: RunId, news: Vec<RunNews>) -> Vec<Event> {
    news.into_iter().map(|news| Event::Run(run, news)).collect()
}
