//! Random histories with faults, and what must be true in every one of them.
//!
//! A history is a number: the seed of everything the world does. A failure
//! prints the seed and the whole transcript; `history(seed)` replays it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::trial::Trial;
use super::world::{Behaviour, Compiled, Nature, World};
use crate::formation::{Certainty, Exit, Identity, InstanceName, Restart, Target};
use crate::supervise::{
    AtTheEnd, BinaryId, Command, Edits, Event, Hope, InstanceId, InstanceSpec, Occasion, OnFailure,
    Owner, Policy, ReleaseSpec, Replacement, Rerun, RunNews, ServiceSpec, Setup, Spec, StopReason,
    Ticket, Traffic, Whom,
};

/// How many histories a test run tries. `FORMATION_HISTORIES` in the environment says another number.
const HISTORIES: u64 = 10_000;

#[test]
fn every_history_keeps_the_promises() {
    #[expect(clippy::disallowed_methods, reason = "how long to try is the tester's to say")]
    let histories = std::env::var("FORMATION_HISTORIES").ok().and_then(|n| n.parse().ok());
    let first = 1;
    for seed in first..first + histories.unwrap_or(HISTORIES) {
        let outcome = std::panic::catch_unwind(|| history(seed));
        if let Err(panic) = outcome {
            eprintln!("the seed of this history is {seed}");
            std::panic::resume_unwind(panic);
        }
    }
}

/// A small generator of good quality: splitmix64.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(super) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub(super) fn millis(&mut self, below: u64) -> Duration {
        Duration::from_millis(self.below(below))
    }
}

/// A world whose every whim comes from the seed.
pub(super) struct Chance {
    dice: Dice,
    seed: u64,
    /// What each build was given, to compare with what runs at the end.
    compiled: BTreeMap<(u64, usize), Compiled>,
    /// Whose processes often end.
    short: BTreeSet<Owner>,
}

impl Chance {
    /// The same for one seed and one question, whenever it is asked.
    fn fate(&self, question: u64) -> Dice {
        let mut dice = Dice(self.seed ^ question.wrapping_mul(0x5851_f42d_4c95_7f2d));
        dice.next();
        dice
    }

    /// The source after an edit, as one binary sees it: not every edit changes every binary.
    pub(super) fn source(&self, edits: u64, binary: BinaryId) -> Compiled {
        let mut version = 0;
        for edit in 1..=edits {
            if !self.fate(edit * 64 + binary.0 as u64).one_in(3) {
                version = edit;
            }
        }
        let key = version * 64 + binary.0 as u64;
        if self.fate(key ^ 0xb0b0).one_in(6) {
            return Compiled::Broken;
        }
        Compiled::To(Identity::new(u128::from(key)))
    }

    /// Whether the processes of this identity crash at the start.
    fn is_bad(&self, identity: Identity) -> bool {
        self.fate(low_bits(identity) ^ 0xbad).one_in(6)
    }
}

fn low_bits(identity: Identity) -> u64 {
    u64::from_str_radix(&identity.to_string()[16..], 16).unwrap()
}

impl Nature for Chance {
    fn compile(&mut self, edits: u64, binary: BinaryId) -> (Compiled, Duration) {
        let compiled = self.source(edits, binary);
        self.compiled.insert((edits, binary.0), compiled);
        (compiled, self.dice.millis(400))
    }

    fn behave(&mut self, owner: Owner, identity: Identity) -> Behaviour {
        let service = matches!(owner, Owner::Service(_));
        let bad = if service { self.dice.one_in(12) } else { self.is_bad(identity) };
        let dice = &mut self.dice;
        let mut behaviour = Behaviour::polite();
        behaviour.ready = (!dice.one_in(12)).then(|| dice.millis(300));
        behaviour.stops = (!dice.one_in(8)).then(|| dice.millis(2_000));
        behaviour.idles = (!dice.one_in(3)).then(|| dice.millis(9_000));
        behaviour.leaves_survivors = dice.one_in(8);
        behaviour.immortal = dice.one_in(60);
        if owner == Owner::Release {
            let exit = Exit::Code(i32::from(bad));
            behaviour.exits = Some((dice.millis(500), exit));
        } else if bad {
            behaviour.unspawnable = dice.one_in(4);
            behaviour.hope = if dice.one_in(2) { Hope::Some } else { Hope::None };
            let exit = if dice.one_in(2) { Exit::Code(1) } else { Exit::Signal(11) };
            behaviour.exits = Some((dice.millis(100), exit));
            behaviour.ready = None;
        } else if dice.one_in(10) || self.short.contains(&owner) && dice.one_in(2) {
            let exit = if dice.one_in(2) { Exit::Code(0) } else { Exit::Signal(9) };
            behaviour.exits = Some((dice.millis(20_000), exit));
        } else if dice.one_in(8) {
            behaviour.fares = vec![
                (dice.millis(9_000), RunNews::Unwell("503".into())),
                (dice.millis(20_000), RunNews::Well),
            ];
        }
        if !service && dice.one_in(20) {
            behaviour.wants_address = Some((dice.millis(200), vec![4_010]));
        }
        behaviour
    }

    fn delay(&mut self) -> Duration {
        // Most reports are prompt; some are late, and then out of order with others.
        if self.dice.one_in(5) { self.dice.millis(50) } else { Duration::ZERO }
    }

    fn dawdles(&mut self) -> Duration {
        self.dice.millis(600)
    }

    fn repeats(&mut self) -> bool {
        self.dice.one_in(10)
    }
}

fn spec(dice: &mut Dice) -> Spec {
    let mut instances = Vec::new();
    let types = 1 + dice.below(3);
    for binary in 0..types {
        let replacement =
            if dice.one_in(2) { Replacement::StopFirst } else { Replacement::Overlap };
        let traffic = if dice.one_in(3) {
            Traffic::Own
        } else {
            Traffic::Routed { drain: Duration::from_secs(dice.below(6)) }
        };
        let restart = match dice.below(4) {
            0 => Restart::Always,
            1 => Restart::Never,
            _ => Restart::OnFailure,
        };
        for number in 1..=1 + dice.below(3) {
            instances.push(InstanceSpec {
                name: InstanceName {
                    process: format!("p{binary}").parse().unwrap(),
                    number: u16::try_from(number).unwrap(),
                },
                binary: BinaryId(usize::try_from(binary).unwrap()),
                setup: Setup::default(),
                occasion: Occasion::Always,
                policy: Policy {
                    restart,
                    grace: Duration::from_secs(1 + dice.below(10)),
                    startup: Duration::from_secs(3),
                    replacement,
                    traffic,
                },
            });
        }
    }
    for at in 0..instances.len() {
        if dice.one_in(3) {
            schedule(&mut instances, at, dice);
        }
    }
    let release = (!dice.one_in(3)).then(|| ReleaseSpec {
        name: InstanceName { process: "release".parse().unwrap(), number: 1 }.into(),
        binary: BinaryId(usize::try_from(types).unwrap()),
        setup: Setup::default(),
        grace: Duration::from_secs(2),
        rerun: if dice.one_in(2) { Rerun::Never } else { Rerun::WhenChanged },
    });
    Spec {
        services: (0..dice.below(3)).map(|number| service(dice, number)).collect(),
        binaries: usize::try_from(types).unwrap() + usize::from(release.is_some()),
        instances,
        release,
        edits: if dice.one_in(4) { Edits::Ignored } else { Edits::Watched },
        on_failure: if dice.one_in(6) { OnFailure::Exit } else { OnFailure::KeepGoing },
        at_the_end: if dice.one_in(6) { AtTheEnd::Stay } else { AtTheEnd::Leave },
    }
}

/// From now on it runs when it is asked to, or when it is time, if it is the only one of its type.
fn schedule(instances: &mut [InstanceSpec], at: usize, dice: &mut Dice) {
    let process = &instances[at].name.process;
    let of_type = instances.iter().filter(|other| other.name.process == *process);
    if of_type.count() > 1 {
        return;
    }
    let instance = &mut instances[at];
    instance.occasion = if dice.one_in(3) { Occasion::Asked } else { Occasion::Timed };
    instance.policy.restart = Restart::Never;
    instance.policy.replacement = Replacement::StopFirst;
    instance.policy.traffic = Traffic::Own;
}

fn service(dice: &mut Dice, number: u64) -> ServiceSpec {
    let restart = match dice.below(6) {
        0 => Restart::Always,
        1 => Restart::Never,
        _ => Restart::OnFailure,
    };
    ServiceSpec {
        name: format!("s{number}").parse().unwrap(),
        setup: Setup::default(),
        policy: Policy {
            restart,
            grace: Duration::from_secs(1 + dice.below(10)),
            startup: Duration::from_secs(3),
            replacement: Replacement::StopFirst,
            traffic: Traffic::Own,
        },
    }
}

fn whom(dice: &mut Dice) -> Whom {
    let these =
        |names: &[&str]| Whom::These(names.iter().map(|name| name.parse().unwrap()).collect());
    match dice.below(5) {
        0 => Whom::All,
        1 => these(&["p0", "s0"]),
        2 => these(&["p1"]),
        3 => these(&["p0.1"]),
        _ => these(&["p0.2", "p1.1"]),
    }
}

fn command(dice: &mut Dice) -> Command {
    match dice.below(8) {
        0 | 1 => Command::Restart(whom(dice)),
        2 => Command::Renew(whom(dice)),
        3 => Command::Stop(whom(dice)),
        4 => Command::Start(whom(dice)),
        5 => Command::Settle(whom(dice)),
        6 => Command::Ready,
        _ => Command::Idle,
    }
}

/// What somebody takes for a while, and how it is given back.
fn loan(dice: &mut Dice) -> (Command, Command) {
    if dice.one_in(2) {
        let whom = whom(dice);
        return (Command::Suspend(whom.clone()), Command::Resume(whom));
    }
    let target: Target = if dice.one_in(2) { "p0.1" } else { "p1.1" }.parse().unwrap();
    (Command::Lend(target.clone()), Command::GiveBack(target))
}

/// The same formation after an edit of the table or of the environment.
fn changed(mut spec: Spec, dice: &mut Dice) -> Spec {
    let anybody = usize::try_from(dice.below(spec.instances.len() as u64)).unwrap();
    match dice.below(8) {
        5 => schedule(&mut spec.instances, anybody, dice),
        6 => spec.instances[anybody].occasion = Occasion::Always,
        0 if spec.instances.len() > 1 => drop(spec.instances.remove(anybody)),
        1 => {
            let mut one_more = spec.instances[anybody].clone();
            let number = u16::try_from(1 + dice.below(4)).unwrap();
            one_more.name = InstanceName { number, ..one_more.name };
            let is_new = spec.instances.iter().all(|instance| instance.name != one_more.name);
            if is_new && one_more.occasion == Occasion::Always {
                spec.instances.push(one_more);
            }
        }
        2 => drop(spec.services.pop()),
        3 => {
            let number = dice.below(3);
            let service = service(dice, number);
            if spec.services.iter().all(|known| known.name != service.name) {
                spec.services.push(service);
            }
        }
        4 => {
            for service in &mut spec.services {
                service.setup = Setup(dice.next());
            }
        }
        _ => {
            for instance in &mut spec.instances {
                if !dice.one_in(3) {
                    instance.setup = Setup(dice.next());
                }
            }
            if let Some(release) = &mut spec.release {
                release.setup = Setup(dice.next());
            }
        }
    }
    spec
}

/// One history: a random formation, random edits and crashes, then rest, then an end.
fn history(seed: u64) {
    let mut dice = Dice(seed);
    let spec = spec(&mut dice);
    let scheduled = spec.instances.iter().enumerate();
    let scheduled = scheduled.filter(|(_, instance)| instance.occasion != Occasion::Always);
    let short = scheduled.map(|(id, _)| Owner::Instance(InstanceId(id))).collect();
    let nature = Chance { dice: Dice(dice.next()), seed, compiled: BTreeMap::new(), short };
    let mut trial = Trial { world: World::new(spec, nature), stops: Vec::new() };
    trial.send(&Event::Started);
    let (mut tickets, mut loans) = (0, Vec::new());
    for _ in 0..dice.below(12) {
        let pause = if dice.one_in(3) { dice.millis(15_000) } else { dice.millis(600) };
        trial.run_for(pause);
        match dice.below(23) {
            19..=21 => {
                let process = format!("p{}", dice.below(3)).parse().unwrap();
                trial.send(&Event::Due(process));
            }
            0 => trial.send(&Event::Stop(StopReason::Terminate)),
            1 => trial.stray_news(&mut dice),
            4 | 6 | 7 => {
                let ticket = Ticket(tickets);
                tickets += 1;
                trial.send(&Event::Asked(Some(ticket), command(&mut dice)));
                if dice.one_in(5) {
                    trial.send(&Event::Forgotten(ticket));
                }
            }
            8 => trial.send(&Event::Asked(None, Command::Renew(Whom::All))),
            9 => {
                let (begin, end) = loan(&mut dice);
                trial.send(&Event::Asked(None, begin));
                loans.push(end);
            }
            2 | 3 => {
                let spec = changed(trial.world.wanted(), &mut dice);
                trial.send(&Event::Replanned(Box::new(spec)));
            }
            5 => trial.send(&Event::Edited(Certainty::Possible)),
            10 => trial.send(&Event::Lacking),
            _ => trial.send(&Event::Edited(Certainty::Known)),
        }
    }
    for end in loans {
        trial.send(&Event::Asked(None, end));
    }
    trial.come_to_rest();
    if trial.world.quit.is_none() {
        trial.at_rest();
        trial.send(&Event::Stop(StopReason::Interrupt));
        if dice.one_in(2) {
            let pause = Duration::from_millis(200) + dice.millis(3_000);
            trial.run_for(pause);
            trial.send(&Event::Stop(StopReason::Interrupt));
        }
        trial.come_to_rest();
    }
    trial.has_quit();
}
