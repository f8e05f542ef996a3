//! Another formation takes the place of this one, and whoever is in both goes on.

use super::gate::Gate;
use super::member::Member;
use super::protocol::{InstanceId, InstanceSpec, ReleaseSpec, Spec};
use super::round::Builds;
use super::{Artifact, Phase, Supervise};
use crate::formation::{Moment, RunName};

impl Supervise {
    /// From now on this is to be supervised.
    pub(super) fn replan(&mut self, spec: Spec, now: Moment) {
        if !matches!(self.phase, Phase::Preparing | Phase::Up) {
            return;
        }
        self.begin_round(Builds::No, now);
        let Spec { services, instances, release, binaries, edits: _, on_failure, at_the_end } =
            spec;
        (self.on_failure, self.at_the_end) = (on_failure, at_the_end);
        let known = self.binaries.len().max(binaries);
        self.binaries.resize(known, Artifact::default());
        self.services.replan(services);
        self.replan_release(release);
        let stays =
            |name: &RunName| instances.iter().any(|spec| RunName::from(spec.name.clone()) == *name);
        for member in &mut self.members {
            if !stays(&member.instance.name) {
                member.leave();
            }
        }
        for instance in instances {
            self.replan_instance(instance);
        }
    }

    fn replan_instance(&mut self, spec: InstanceSpec) {
        let name = RunName::from(spec.name.clone());
        match self.members.iter_mut().find(|member| member.instance.name == name) {
            Some(member) => member.replan(spec),
            None => self.members.push(Member::new(InstanceId(self.members.len()), spec)),
        }
    }

    /// One that is new has to run before anything swaps; one that runs is seen to its end.
    fn replan_release(&mut self, release: Option<ReleaseSpec>) {
        match (&mut self.gate, release) {
            (Some(gate), Some(spec)) => gate.replan(spec),
            (Some(gate), None) => gate.drop_when_over(),
            (gate @ None, Some(spec)) => *gate = Some(Gate::new(spec)),
            (None, None) => {}
        }
    }
}
