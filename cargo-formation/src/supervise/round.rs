//! What a change has led to: from the first edit until everybody has settled.

use std::time::Duration;

use super::member::Member;
use super::notice::{Notice, Settled};
use super::protocol::BuildEnd;
use super::version::Version;
use super::{Phase, Supervise};
use crate::formation::{Exit, Moment, ProcessName};

/// A change under way.
#[derive(Debug)]
pub(super) struct Round {
    since: Moment,
    /// For how long cargo had been at work before it, and how long of that had waited.
    cargo_before: (Duration, Duration),
    /// Since when nothing has moved; it may not be known yet that this is all.
    still_since: Option<Moment>,
    /// What each instance ran when it began, by its number.
    before: Vec<Option<Version>>,
    builds: Builds,
}

/// Whether cargo has a part in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Builds {
    Yes,
    No,
}

impl Supervise {
    /// Something has changed, now, if nothing has before.
    pub(super) fn begin_round(&mut self, builds: Builds, now: Moment) {
        // What was edited before anybody ran is a part of the start.
        let starting = || self.members.iter().all(|member| member.instance.version().is_none());
        if self.phase != Phase::Up || self.rebuild.is_first() && starting() {
            return;
        }
        let before = || self.members.iter().map(|member| member.instance.version()).collect();
        let cargo_before = self.rebuild.spent();
        let round = self.round.get_or_insert_with(|| Round {
            since: now,
            cargo_before,
            still_since: None,
            before: before(),
            builds,
        });
        if builds == Builds::Yes {
            round.builds = Builds::Yes;
        }
    }

    /// Say what has become of the change, once everybody has settled.
    pub(super) fn end_round(&mut self, now: Moment) {
        let is_still = self.phase == Phase::Up && self.is_still();
        let Some(round) = &mut self.round else { return };
        round.still_since = is_still.then(|| round.still_since.unwrap_or(now));
        let Some(still_since) = round.still_since else { return };
        if !self.rebuild.is_understood() {
            return;
        }
        let Some(round) = self.round.take() else { return };
        let settled = self.outcome(&round, still_since);
        // A build that failed has said so.
        if settled.has_moved() || self.rebuild.outcome() == Some(BuildEnd::Succeeded) {
            self.out.say(Notice::Settled(settled));
        }
    }

    /// What has become of a change.
    fn outcome(&self, round: &Round, still_since: Moment) -> Settled {
        let took = still_since.since(round.since);
        let (spent, waited) = self.rebuild.spent();
        let (spent_before, waited_before) = round.cargo_before;
        let mut settled = Settled {
            took,
            // The first build may have begun before the change.
            cargo: (round.builds == Builds::Yes)
                .then(|| spent.saturating_sub(spent_before).min(took)),
            waited: waited.saturating_sub(waited_before),
            ..Settled::default()
        };
        let mut moved = Vec::new();
        for (id, member) in self.members.iter().enumerate() {
            let (name, process) = (&member.instance.name, member.instance.name.process());
            let (before, after) =
                (round.before.get(id).copied().flatten(), member.instance.version());
            let kind = match (before, after) {
                (Some(_), _) if !member.is_wanted() => Some(&mut settled.stopped),
                _ if !member.is_wanted() => None,
                (None, Some(_)) => Some(&mut settled.started),
                (Some(before), Some(after)) if before != after => {
                    if before.code != after.code {
                        add(&mut settled.rebuilt, process);
                    }
                    Some(&mut settled.restarted)
                }
                (_, None) if self.is_down(id) => Some(&mut settled.down),
                // A run by the schedule is seen to its end.
                (_, Some(after)) if !member.is_scheduled() && !self.is_newest(id, after) => {
                    Some(&mut settled.behind)
                }
                _ => None,
            };
            if let Some(kind) = kind {
                kind.push(name.clone());
                add(&mut moved, process);
            }
        }
        for member in self.members.iter().filter(|member| member.is_wanted()) {
            let process = member.instance.name.process();
            if !moved.contains(process) {
                add(&mut settled.unchanged, process);
            }
        }
        settled
    }

    /// Whether nothing is under way.
    fn is_still(&self) -> bool {
        let release_runs = self.gate.as_ref().is_some_and(super::gate::Gate::is_running);
        // Who leaves has to be gone.
        let moves = |member: &Member| {
            if member.is_wanted() { self.is_moving(member) } else { !member.instance.is_gone() }
        };
        self.rebuild.is_idle() && !release_runs && !self.members.iter().any(moves)
    }

    /// Whether what an instance does changes by itself, within moments.
    pub(super) fn is_moving(&self, member: &Member) -> bool {
        let instance = &member.instance;
        instance.is_settling() && !self.is_stuck(member) || instance.is_outstayed()
    }

    /// Whether an instance should run and does not.
    fn is_down(&self, id: usize) -> bool {
        let ended_well = self.members[id].instance.ended().is_some_and(Exit::success);
        self.wanted(id).is_some() && !ended_well
    }

    /// Whether this is the newest that there is of an instance.
    fn is_newest(&self, id: usize, version: Version) -> bool {
        let member = &self.members[id];
        let built = self.binaries[member.binary.0].built;
        built.is_none_or(|(code, _)| code == version.code) && member.is_planned(version.setup)
    }
}

fn add(names: &mut Vec<ProcessName>, name: &ProcessName) {
    if !names.contains(name) {
        names.push(name.clone());
    }
}
