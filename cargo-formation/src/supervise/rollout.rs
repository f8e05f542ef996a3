//! What may run, and whose turn it is: where builds, `release` and instances meet.

use super::gate::Gate;
use super::instance::Turn;
use super::version::Version;
use super::{Phase, Supervise};
use crate::formation::Moment;

impl Supervise {
    /// Let what is wanted meet what is: for the services, `release`, and every instance.
    pub(super) fn reconcile(&mut self, now: Moment) {
        match self.phase {
            Phase::Ahead => return,
            Phase::Preparing | Phase::Up => self.services.keep(now, &mut self.out),
            Phase::Stopping { .. } | Phase::Killing { .. } | Phase::Over => {}
        }
        if self.phase == Phase::Up {
            self.reconcile_release(now);
            self.promote();
        }
        for id in 0..self.members.len() {
            let wanted = self.wanted(id);
            let turn = wanted.map_or(Turn::Now, |wanted| self.turn(id, wanted));
            self.members[id].instance.reconcile(wanted, turn, now, &mut self.out);
        }
    }

    /// What an instance is to run.
    pub(super) fn wanted(&self, id: usize) -> Option<Version> {
        let member = &self.members[id];
        let wanted = self.phase == Phase::Up && member.is_wanted();
        if let Some(version) = member.under_way().filter(|_| wanted) {
            return Some(version);
        }
        let released = self.binaries[member.binary.0].released?;
        wanted.then_some(Version {
            code: released,
            setup: member.allowed,
            again: member.asked.again,
        })
    }

    fn reconcile_release(&mut self, now: Moment) {
        if self.gate.as_ref().is_some_and(Gate::is_dropped) {
            self.gate = None;
        }
        if let Some(gate) = &mut self.gate
            && self.rebuild.may_release()
        {
            let latest = self.rebuild.latest();
            let built = self.binaries[gate.spec.binary.0].built;
            gate.reconcile(built.filter(|(_, build)| *build == latest), now, &mut self.out);
        }
    }

    /// What is built and planned may run, if it is current and `release` has had its say.
    fn promote(&mut self) {
        let latest = self.rebuild.latest();
        let open = self
            .gate
            .as_ref()
            .is_none_or(|gate| gate.is_open(self.binaries[gate.spec.binary.0].built, latest));
        if !open || !self.rebuild.may_swap() {
            return;
        }
        // While a build runs, what an earlier one made is out of date or running already.
        let over = self.rebuild.is_idle();
        for artifact in &mut self.binaries {
            if let Some((identity, build)) = artifact.built
                && (over || build == latest)
            {
                artifact.released = Some(identity);
            }
        }
        for member in &mut self.members {
            member.allow();
        }
    }

    /// Instances of one type give up their runs one after the other, and only as
    /// long as the new code has not shown that it does not work.
    ///
    /// And nobody gives up a run for code that is out of date: the build of a later edit is
    /// under way, and brings what will take its place.
    fn turn(&self, id: usize, wanted: Version) -> Turn {
        if self.is_superseded(id, wanted) {
            return Turn::Later;
        }
        let process = self.members[id].instance.name.process();
        let others = self.members.iter().enumerate().filter(|(other, _)| *other != id);
        let mut others = others
            .filter(|(_, member)| member.is_wanted() && member.instance.name.process() == process);
        let wait = others
            .any(|(_, other)| other.instance.is_settling() || other.instance.doubts(wanted.code));
        if wait { Turn::Later } else { Turn::Now }
    }

    /// Whether an instance keeps the run that it has, because others of its type have shown that
    /// what is wanted does not work, and nobody is about to show the opposite.
    pub(super) fn is_spared(&self, id: usize, wanted: Version) -> bool {
        let member = &self.members[id];
        let runs = member.instance.version().is_some_and(|version| version != wanted);
        let process = member.instance.name.process();
        let others = self.members.iter().enumerate().filter(|(other, _)| *other != id);
        let others: Vec<_> = others
            .map(|(_, member)| member)
            .filter(|member| member.is_wanted() && member.instance.name.process() == process)
            .collect();
        runs && !others.iter().any(|other| other.instance.is_settling())
            && others.iter().any(|other| other.instance.doubts(wanted.code))
    }

    /// Whether this is other code than what an instance runs, and a later build is under way,
    /// or about to be.
    fn is_superseded(&self, id: usize, wanted: Version) -> bool {
        let member = &self.members[id];
        let build = self.binaries[member.binary.0].built.map(|(_, build)| build);
        let runs = member.instance.version().map(|version| version.code);
        let is_latest = build == Some(self.rebuild.latest()) && self.rebuild.may_swap();
        runs != Some(wanted.code) && !is_latest && !self.rebuild.is_idle()
    }
}
