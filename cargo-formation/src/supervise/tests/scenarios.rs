//! Stories with a beginning and an end, each about one promise; here is what they share.

mod building;
mod crashing;
mod ending;
mod replacing;
mod replanning;
mod scheduled;
mod services;
mod steering;
mod traffic;

use std::collections::BTreeMap;
use std::time::Duration;

use super::world::{Behaviour, Compiled, Nature, World, readable};
use crate::formation::{Certainty, Identity, InstanceName, Restart};
use crate::supervise::{
    AtTheEnd, BinaryId, Edits, Event, InstanceId, InstanceSpec, Occasion, OnFailure, Owner, Policy,
    ReleaseSpec, Replacement, Rerun, ServiceId, ServiceSpec, Setup, Spec, Traffic,
};

/// A world that does what the script says: everybody is polite unless it says otherwise.
#[derive(Default)]
pub(super) struct Script {
    pub(super) behaviours: BTreeMap<u128, Behaviour>,
    /// How the runs of services behave, one after the other; then they are polite.
    pub(super) services: Vec<Behaviour>,
    /// What the binaries compile to after an edit, where it is not `binary * 100 + edits`.
    pub(super) sources: BTreeMap<(u64, usize), Compiled>,
}

impl Nature for Script {
    fn compile(&mut self, edits: u64, binary: BinaryId) -> (Compiled, Duration) {
        let plain = Compiled::To(code(binary.0, edits));
        let compiled = self.sources.get(&(edits, binary.0)).copied().unwrap_or(plain);
        (compiled, Duration::from_millis(100))
    }

    fn behave(&mut self, owner: Owner, identity: Identity) -> Behaviour {
        if let Owner::Service(_) = owner {
            let polite = Behaviour { idles: None, ..Behaviour::polite() };
            return if self.services.is_empty() { polite } else { self.services.remove(0) };
        }
        let known = (0..10_000).find(|n| Identity::new(*n) == identity);
        let said = known.and_then(|n| self.behaviours.get(&n)).cloned();
        said.unwrap_or_else(|| match owner {
            Owner::Release => Behaviour::crashing(50, 0),
            Owner::Instance(_) | Owner::Service(_) => {
                Behaviour { idles: None, ..Behaviour::polite() }
            }
        })
    }

    fn delay(&mut self) -> Duration {
        Duration::ZERO
    }

    fn dawdles(&mut self) -> Duration {
        Duration::from_millis(15)
    }

    fn repeats(&mut self) -> bool {
        false
    }
}

/// What binary number `binary` compiles to after so many edits.
pub(super) fn code(binary: usize, edits: u64) -> Identity {
    Identity::new(binary as u128 * 100 + u128::from(edits))
}

pub(super) const OVERLAP: Replacement = Replacement::Overlap;
pub(super) const DRAIN: Duration = Duration::from_secs(5);
pub(super) const WEB: Owner = Owner::Instance(InstanceId(0));
pub(super) const DATABASE: Owner = Owner::Service(ServiceId(0));
pub(super) const SECOND: Owner = Owner::Instance(InstanceId(1));

pub(super) fn instance(
    name: &str,
    number: u16,
    binary: usize,
    replacement: Replacement,
) -> InstanceSpec {
    InstanceSpec {
        name: InstanceName { process: name.parse().unwrap(), number },
        binary: BinaryId(binary),
        setup: Setup::default(),
        occasion: Occasion::Always,
        policy: policy(replacement),
    }
}

fn policy(replacement: Replacement) -> Policy {
    Policy {
        restart: Restart::OnFailure,
        grace: Duration::from_secs(10),
        startup: Duration::from_secs(30),
        replacement,
        traffic: match replacement {
            Replacement::StopFirst => Traffic::Own,
            Replacement::Overlap => Traffic::Routed { drain: DRAIN },
        },
    }
}

pub(super) fn spec(instances: Vec<InstanceSpec>) -> Spec {
    let binaries = instances.iter().map(|instance| instance.binary.0 + 1).max().unwrap_or(0);
    Spec {
        services: Vec::new(),
        instances,
        release: None,
        binaries,
        edits: Edits::Watched,
        on_failure: OnFailure::KeepGoing,
        at_the_end: AtTheEnd::Leave,
    }
}

pub(super) fn with_release(mut spec: Spec, rerun: Rerun) -> Spec {
    spec.release = Some(ReleaseSpec {
        name: InstanceName { process: "release".parse().unwrap(), number: 1 }.into(),
        binary: BinaryId(spec.binaries),
        setup: Setup::default(),
        grace: Duration::from_secs(10),
        rerun,
    });
    spec.binaries += 1;
    spec
}

pub(super) fn with_service(mut spec: Spec, name: &str) -> Spec {
    let name = name.parse().unwrap();
    let policy = policy(Replacement::StopFirst);
    spec.services.push(ServiceSpec { name, setup: Setup::default(), policy });
    spec
}

pub(super) fn start(spec: Spec, script: Script) -> World<Script> {
    let mut world = World::new(spec, script);
    world.send(Event::Started);
    world
}

impl World<Script> {
    pub(super) fn wait(&mut self, millis: u64) {
        self.run_for(Duration::from_millis(millis));
    }

    pub(super) fn edit(&mut self) {
        self.send(Event::Edited(Certainty::Known));
    }

    /// What an instance runs and is not asked to leave.
    pub(super) fn runs(&self, owner: Owner) -> Vec<Identity> {
        let alive = self.alive(owner).filter(|(_, process)| process.asked.is_none());
        alive.map(|(_, process)| process.identity).collect()
    }

    pub(super) fn heard(&self, words: &str) -> usize {
        readable(&self.transcript).lines().filter(|line| line.contains(words)).count()
    }
}
