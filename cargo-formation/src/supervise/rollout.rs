//! What may run, and whose turn it is: where builds, `release` and instances meet.

use super::instance::Turn;
use super::{Phase, Supervise};
use crate::formation::{Identity, Moment};

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
        let up = self.phase == Phase::Up;
        for id in 0..self.instances.len() {
            let wanted = self.binaries[self.code[id].0].released.filter(|_| up);
            let turn = wanted.map_or(Turn::Now, |wanted| self.turn(id, wanted));
            self.instances[id].reconcile(wanted, turn, now, &mut self.out);
        }
    }

    fn reconcile_release(&mut self, now: Moment) {
        if let Some(gate) = &mut self.gate
            && self.rebuild.may_release()
        {
            let latest = self.rebuild.latest();
            let built = self.binaries[gate.spec.binary.0].built;
            gate.reconcile(built.filter(|(_, build)| *build == latest), now, &mut self.out);
        }
    }

    /// What is built may run, if it is current and `release` has had its say.
    fn promote(&mut self) {
        let latest = self.rebuild.latest();
        let open = self
            .gate
            .as_ref()
            .is_none_or(|gate| gate.is_open(self.binaries[gate.spec.binary.0].built, latest));
        if open && self.rebuild.may_swap() {
            // While a build runs, what an earlier one made is out of date or running already.
            let over = self.rebuild.is_idle();
            for artifact in &mut self.binaries {
                if let Some((identity, build)) = artifact.built
                    && (over || build == latest)
                {
                    artifact.released = Some(identity);
                }
            }
        }
    }

    /// Instances of one type give up their runs one after the other, and only as
    /// long as the new code has not shown that it does not work.
    fn turn(&self, id: usize, wanted: Identity) -> Turn {
        let process = self.instances[id].name.process();
        let mut others = self
            .instances
            .iter()
            .enumerate()
            .filter(|(other, instance)| *other != id && instance.name.process() == process);
        if others.any(|(_, other)| other.is_settling() || other.doubts(wanted)) {
            Turn::Later
        } else {
            Turn::Now
        }
    }
}
