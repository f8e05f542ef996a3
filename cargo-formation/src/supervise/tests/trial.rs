//! What must be true of every step of a history, at its rest, and at its end.

use std::collections::BTreeSet;
use std::time::Duration;

use super::properties::{Chance, Dice};
use super::world::{Building, Compiled, Process, World, readable};
use crate::formation::{Exit, ExitCode, Identity, Moment, ProcessName, Restart};
use crate::supervise::{
    Action, BinaryId, BuildEnd, BuildId, BuildNews, Edits, Errors, Event, Hope, InstanceId, Notice,
    Owner, Replacement, Rerun, RunId, RunNews, ServiceId, Traffic, Version,
};

/// More steps than the longest chain of restarts, graces and builds of a history has.
const LONG_ENOUGH: usize = 20_000;

/// A world under observation.
pub(super) struct Trial {
    pub(super) world: World<Chance>,
    /// When it was asked to stop, from outside.
    pub(super) stops: Vec<Moment>,
}

impl Trial {
    pub(super) fn send(&mut self, event: &Event) {
        if matches!(event, Event::Stop(_)) && self.world.quit.is_none() {
            self.stops.push(self.world.now);
        }
        let shutting_down = self.shutting_down();
        let actions = self.world.send(event.clone());
        self.observe(event, &actions, shutting_down);
    }

    pub(super) fn run_for(&mut self, length: Duration) {
        let end = self.world.now + length;
        while self.world.quit.is_none() && self.world.next().is_some_and(|next| next <= end) {
            self.step();
        }
        self.world.now = end;
    }

    fn step(&mut self) {
        let shutting_down = self.shutting_down();
        let vain = self.in_vain();
        let actions = self.world.step().unwrap_or_default();
        self.observe(&Event::Woke, &actions, shutting_down);
        for action in &actions {
            if let Action::Spawn { owner: Owner::Instance(InstanceId(id)), .. } = action {
                let process = &self.world.spec.instances[*id].name.process;
                self.check(!vain.contains(process), "who was waited for in vain starts by itself");
            }
        }
    }

    /// The types for which nobody is said to wait.
    fn in_vain(&self) -> BTreeSet<ProcessName> {
        let (supervise, now) = (&self.world.supervise, self.world.now);
        let all = self.world.spec.instances.iter().map(|instance| instance.name.process.clone());
        all.filter(|process| supervise.is_in_vain(process, now)).collect()
    }

    pub(super) fn come_to_rest(&mut self) {
        for _ in 0..LONG_ENOUGH {
            if self.world.next().is_none() {
                return;
            }
            self.step();
        }
        self.fail("it does not come to rest");
    }

    fn fail(&self, why: &str) -> ! {
        panic!("{}{why}", readable(&self.world.transcript));
    }

    fn check(&self, holds: bool, why: &str) {
        if !holds {
            self.fail(why);
        }
    }

    fn shutting_down(&self) -> bool {
        self.world.stopping
    }

    /// News that nobody should be moved by: of runs and builds that are over or never were.
    pub(super) fn stray_news(&mut self, dice: &mut Dice) {
        // What never lived has no news, not even late ones.
        let lived = |process: &Process| process.gone && !process.behaviour.unspawnable;
        let over = self.world.processes.iter().find(|(_, process)| lived(process));
        let run = over.map_or(RunId(1_000_000), |(run, _)| *run);
        let build = BuildId(dice.below(3));
        let event = match dice.below(6) {
            0 => Event::Run(run, RunNews::Ready),
            1 => Event::Run(run, RunNews::Spawned(7)),
            2 => Event::Run(run, RunNews::Idle),
            3 => Event::Build(BuildId(9_999), BuildNews::Ended(BuildEnd::Succeeded)),
            4 => Event::Build(BuildId(9_999), BuildNews::Artifact(BinaryId(0), Identity::new(1))),
            _ if self.world.builds.iter().rev().skip(1).any(|done| done.id == build) => {
                Event::Build(build, BuildNews::Ended(BuildEnd::Failed))
            }
            _ => Event::Woke,
        };
        self.send(&event);
    }

    /// What must be true of every step.
    fn observe(&mut self, event: &Event, actions: &[Action], was_shutting_down: bool) {
        for action in actions {
            match action {
                Action::Spawn { run, owner, version } => {
                    self.check(!was_shutting_down, "something starts after the shutdown began");
                    self.spawned(*run, *owner, *version);
                }
                Action::Build(..) => {
                    self.check(!was_shutting_down, "a build starts after the shutdown began");
                    let first = self.world.builds.len() == 1;
                    let up = !first || self.services_were_up();
                    self.check(up, "the first build starts before the services are up");
                }
                Action::Ask(run) => self.asked(*run),
                Action::Kill(run) => self.killed(*run),
                Action::Quit(_) => {
                    self.nothing_is_alive();
                    let is_last = matches!(actions.last(), Some(Action::Quit(_)));
                    self.check(is_last, "something is done after the end");
                    self.check(self.world.tickets.is_empty(), "it ends, and somebody waits");
                }
                Action::Route(process, runs) => self.routed(process, runs, actions),
                Action::Notice(Notice::Settled(_)) => self.settled(),
                Action::CloseRoutes
                | Action::Answer(..)
                | Action::ShowErrors(_)
                | Action::CancelBuild(_)
                | Action::KillBuild(_)
                | Action::Notice(_) => {}
            }
        }
        if matches!(event, Event::Stop(_)) {
            self.second_stop(actions);
        }
        self.one_of_each();
    }

    /// Whoever starts has a right to: `release` has succeeded, and the place is free.
    fn spawned(&mut self, run: RunId, owner: Owner, version: Version) {
        let identity = version.code;
        self.check(!self.world.held.contains(&owner), "who was stopped on purpose starts");
        self.patient(run, owner, version);
        if self.world.is_scheduled(owner) {
            let asked_for = self.world.asked_for.remove(&owner);
            self.check(asked_for, "who is scheduled starts, and nobody asked");
            self.alone(run, owner);
        }
        let id = match owner {
            Owner::Instance(InstanceId(id)) => id,
            Owner::Release => return self.release_starts(identity),
            Owner::Service(_) => return self.alone(run, owner),
        };
        let spec = &self.world.spec.instances[id];
        if let Some(release) = &self.world.spec.release {
            let passed = self.world.processes.values().any(|process| {
                let over = process.gone || process.behaviour.immortal && process.killed.is_some();
                process.owner == Owner::Release && process.leader == Some(Exit::Code(0)) && over
            });
            self.check(passed, "an instance starts before `release` succeeded");
            let rerun = release.rerun == Rerun::WhenChanged;
            let cleared = self.cleared(spec.binary, identity, release.binary);
            self.check(!rerun || cleared, "a swap before the new `release` succeeded");
        }
        if spec.policy.replacement == Replacement::StopFirst {
            self.alone(run, owner);
        }
        // Where nothing runs, what there is may start.
        let stays = |process: &Process| process.asked.is_none() && process.dropped.is_none();
        let swaps = self.world.alive(owner).any(|(other, process)| other != run && stays(process));
        let superseded = self.is_superseded(run, spec.binary, identity);
        self.check(!(swaps && superseded), "out of date code swaps");
    }

    fn release_starts(&self, identity: Identity) {
        let latest = self.world.builds.last().map(|build| build.id);
        let mut made = self.world.artifacts.iter().filter(|(_, _, i)| *i == identity);
        let current = made.any(|(build, ..)| Some(*build) == latest);
        self.check(current, "`release` runs out of date code");
    }

    /// Nobody else has this place.
    fn alone(&self, run: RunId, owner: Owner) {
        let others = self.world.alive(owner).filter(|(other, process)| {
            *other != run && process.killed.is_none_or(|_| !process.behaviour.immortal)
        });
        // What vanished a moment ago may not have been reported, but never the reverse.
        self.check(others.count() == 0, "a run starts while the old one lives");
    }

    /// Who crashed is not started again at once.
    fn patient(&self, run: RunId, owner: Owner, version: Version) {
        let mut crash = self.world.processes.iter().filter(|(other, process)| {
            **other != run && process.owner == owner && process.asked.is_none()
        });
        let latest = crash.next_back().filter(|(_, process)| process.version() == version);
        if let Some((_, process)) = latest {
            let hasty = process.leader.is_some_and(|exit| !exit.success())
                && self.world.now.since(process.spawned) < Duration::from_millis(100);
            let renewed = owner == Owner::Release && !self.is_release_repeated(version);
            self.check(!hasty || renewed, "a crashed process starts again at once");
        }
    }

    /// Whether `release` has run with this more often than builds have made it: what a newer
    /// build has made runs at once, also if it is the same.
    fn is_release_repeated(&self, version: Version) -> bool {
        let processes = self.world.processes.values();
        let runs = processes
            .filter(|process| process.owner == Owner::Release && process.version() == version);
        let made = self.world.artifacts.iter().filter(|(.., made)| *made == version.code);
        let builds: BTreeSet<BuildId> = made.map(|(build, ..)| *build).collect();
        runs.count() > builds.len()
    }

    /// Whether this code is new, and only known from builds that an edit has cancelled, while
    /// the build of that edit is still under way.
    fn is_superseded(&self, run: RunId, binary: BinaryId, identity: Identity) -> bool {
        let ran = self.world.processes.iter().any(|(other, process)| {
            let instance = matches!(process.owner, Owner::Instance(_));
            *other != run && instance && process.identity == identity
        });
        let cancelled =
            |id: BuildId| self.world.builds.iter().any(|build| build.id == id && build.cancelled);
        let mut made =
            self.world.artifacts.iter().filter(|(_, b, i)| (*b, *i) == (binary, identity));
        !ran && self.world.building.is_some() && made.all(|(build, ..)| cancelled(*build))
    }

    /// Whether a build that made this code also made a `release` that has succeeded.
    fn cleared(&self, binary: BinaryId, identity: Identity, release: BinaryId) -> bool {
        let mut made =
            self.world.artifacts.iter().filter(|(_, b, i)| (*b, *i) == (binary, identity));
        made.any(|(build, ..)| {
            let mut with = self.world.artifacts.iter().filter(|(b, _, _)| b >= build);
            with.any(|(_, b, i)| *b == release && self.release_passed(*i))
        })
    }

    /// The newest artifact the decisions know of.
    fn artifact(&self, binary: BinaryId) -> Option<Identity> {
        let mut artifacts = self.world.artifacts.iter().rev();
        artifacts.find(|(_, built, _)| *built == binary).map(|(_, _, identity)| *identity)
    }

    /// Whether each service has been up.
    fn services_were_up(&self) -> bool {
        let wanted = 0..self.world.spec.services.len();
        let mut wanted = wanted.filter(|id| {
            let is_held = self.world.held.contains(&Owner::Service(ServiceId(*id)));
            !self.world.dropped_services.contains(id) && !is_held
        });
        wanted.all(|id| self.was_up(Owner::Service(ServiceId(id))))
    }

    fn was_up(&self, owner: Owner) -> bool {
        self.world
            .processes
            .values()
            .any(|process| process.owner == owner && process.ready && process.dropped.is_none())
    }

    /// A service that has not ended is asked to stop when nobody needs it any more.
    fn service_asked(&self, run: RunId, service: &Process) {
        if service.exit_told || self.world.killing {
            return;
        }
        let Owner::Service(ServiceId(id)) = service.owner else { return };
        let setup = self.world.spec.services[id].setup;
        let asked = self.world.is_outdated(run, service.owner)
            || self.world.held.contains(&service.owner)
            || service.dropped.is_some();
        if self.world.dropped_services.contains(&id) || setup != service.setup || asked {
            return;
        }
        let stopping = self.shutting_down() || self.world.ended;
        self.check(stopping, "a service is asked to stop while the formation is up");
        let needed = self.world.processes.values().any(|process| {
            let over = process.gone || process.behaviour.immortal && process.killed.is_some();
            !matches!(process.owner, Owner::Service(_)) && !over
        });
        self.check(!needed, "a service is asked to stop while a process may need it");
        self.check(self.world.building.is_none(), "a service is asked to stop during a build");
    }

    /// Nobody who works is asked to stop without newer code, and never all of a type at once.
    fn asked(&self, run: RunId) {
        let process = &self.world.processes[&run];
        if let Owner::Service(_) = process.owner {
            return self.service_asked(run, process);
        }
        let Owner::Instance(InstanceId(id)) = process.owner else { return };
        if self.shutting_down() || process.exit_told {
            return;
        }
        let spec = &self.world.spec.instances[id];
        let other =
            self.artifact(spec.binary) != Some(process.identity) || spec.setup != process.setup;
        let newer = other && !(process.scheduled && self.world.is_scheduled(process.owner))
            || self.world.is_outdated(run, process.owner)
            || process.dropped.is_some();
        // One that is not up in time gives way to the old one, which may have ended just now.
        self.check(newer || !process.ready, "who works is asked to stop and nothing is newer");
        let rolls = spec.policy.replacement == Replacement::StopFirst && process.ready;
        if rolls && process.dropped.is_none() {
            let others =
                self.world.spec.instances.iter().enumerate().filter(|(other, instance)| {
                    *other != id
                        && instance.name.process == spec.name.process
                        && !self.world.dropped.contains(other)
                });
            let leaving =
                others.flat_map(|(other, _)| self.world.alive(Owner::Instance(InstanceId(other))));
            let at_once = leaving.filter(|(_, other)| {
                other.asked.is_some()
                    && !other.exit_told
                    && other.killed.is_none()
                    && other.dropped.is_none()
            });
            self.check(at_once.count() == 0, "two instances of a type stop at once");
        }
    }

    /// Nobody is killed before the time to stop is over, unless somebody asked twice.
    fn killed(&self, run: RunId) {
        let process = &self.world.processes[&run];
        if self.world.killing {
            return;
        }
        let grace = process.grace;
        let since = process.asked.unwrap_or(process.spawned);
        self.check(
            self.world.now.since(since) >= grace.min(Duration::from_secs(1)),
            "a hasty kill",
        );
        let asked_long_ago = process
            .asked
            .is_none_or(|asked| process.exit_told || self.world.now.since(asked) >= grace);
        self.check(asked_long_ago, "killed before the grace was over");
    }

    /// A second request kills whatever is alive, at once.
    fn second_stop(&self, actions: &[Action]) {
        let [first, .., last] = self.stops[..] else { return };
        if last.since(first) < Duration::from_millis(200)
            || actions.contains(&Action::Quit(ExitCode::SUCCESS))
        {
            return;
        }
        for process in self.world.processes.values() {
            let unreported = process.gone || process.behaviour.unspawnable;
            let abandoned = process.behaviour.immortal && process.killed.is_some();
            self.check(
                unreported || abandoned || process.killed.is_some(),
                "the second request leaves somebody alive",
            );
        }
        if let Some(Building { killed, .. }) = self.world.building {
            self.check(killed, "the second request leaves cargo alive");
        }
    }

    /// Of every instance at most one run is current, and at most one drains beside it.
    fn one_of_each(&self) {
        let routed: Vec<_> = self.world.supervise.routed().collect();
        for (id, run) in &routed {
            let process = &self.world.processes[run];
            self.check(process.owner == Owner::Instance(*id), "a run is routed for another");
            self.check(process.ready, "a run is routed that is not ready");
            self.check(process.asked.is_none(), "a run is routed that was asked to stop");
        }
        for id in 0..self.world.spec.instances.len() {
            let owner = Owner::Instance(InstanceId(id));
            let unasked = self.world.alive(owner).filter(|(_, process)| {
                process.asked.is_none() && !process.exit_told && process.leader.is_none()
            });
            self.check(unasked.count() <= 3, "more than a current, a candidate and a draining run");
        }
    }

    /// A change is told when no old code answers any more whose requests nobody takes away.
    fn settled(&self) {
        for (id, spec) in self.world.spec.instances.iter().enumerate() {
            let owner = Owner::Instance(InstanceId(id));
            let is_given_up =
                |process: &Process| process.behaviour.immortal && process.killed.is_some();
            let mut leaving = self.world.alive(owner).filter(|(_, process)| {
                process.asked.is_some() && !process.exit_told && !is_given_up(process)
            });
            let own = spec.policy.traffic == Traffic::Own && self.world.debuggers == 0;
            self.check(!own || leaving.next().is_none(), "a change is told and old code works");
        }
    }

    /// Requests go to those who are up; and never to nobody, where each may stand beside another
    /// and nobody fails.
    fn routed(&self, process: &ProcessName, runs: &[RunId], actions: &[Action]) {
        let first = actions.iter().position(|action| !matches!(action, Action::Route(..)));
        let last = actions.iter().rposition(|action| matches!(action, Action::Route(..)));
        let in_time = first.is_none_or(|first| last < Some(first));
        self.check(in_time, "something is done before the router knows");
        for run in runs {
            self.check(!self.world.processes[run].exit_told, "requests go to a run that has ended");
        }
        let instances = self.world.spec.instances.iter().enumerate();
        let of_type: Vec<_> =
            instances.filter(|(_, instance)| instance.name.process == *process).collect();
        let overlaps = of_type.iter().all(|(id, instance)| {
            let owner = Owner::Instance(InstanceId(*id));
            let wanted = !self.world.dropped.contains(id) && !self.world.held.contains(&owner);
            instance.policy.replacement == Replacement::Overlap && wanted
        });
        let fails = |process: &Process| {
            let behaviour = &process.behaviour;
            let ends = behaviour.exits.is_some() || behaviour.unspawnable;
            let fares = behaviour.wants_address.is_some() || !behaviour.fares.is_empty();
            ends || fares || behaviour.ready.is_none()
        };
        let anybody_fails = self.world.processes.values().any(|process| {
            matches!(process.owner, Owner::Instance(InstanceId(id))
                if of_type.iter().any(|(of_type, _)| *of_type == id))
                && fails(process)
        });
        if overlaps && !anybody_fails {
            self.check(!runs.is_empty(), "nobody gets the requests of a type that overlaps");
        }
    }

    fn nothing_is_alive(&self) {
        let left = self.world.processes.values().filter(|process| {
            !(process.gone || process.behaviour.immortal && process.killed.is_some())
        });
        self.check(left.count() == 0, "it quits while something is alive");
        self.check(self.world.building.is_none(), "it quits while cargo runs");
    }

    /// At rest, everything runs the newest code that works, and everybody has an answer.
    pub(super) fn at_rest(&mut self) {
        self.check(self.world.tickets.is_empty(), "somebody waits for an answer, and all rests");
        for id in 0..self.world.spec.services.len() {
            let owner = Owner::Service(ServiceId(id));
            let setup = self.world.spec.services[id].setup;
            let mut alive = self.world.alive(owner).filter(|(_, process)| process.leader.is_none());
            if self.world.dropped_services.contains(&id) || self.world.held.contains(&owner) {
                let left = alive.all(|(_, process)| process.killed.is_some());
                self.check(left, "a service is alive that nobody wants");
                continue;
            }
            let lives = alive.any(|(run, process)| {
                process.setup == setup && !self.world.is_outdated(run, owner)
            });
            self.check(
                lives || self.has_reason_to_be_down(owner),
                "a service is down for no reason",
            );
        }
        if self.world.builds.is_empty() {
            self.check(!self.services_were_up(), "the services are up, and nothing is built");
            return;
        }
        let last = self.world.builds.last().cloned();
        let Some(last) = last else { self.fail("there was no build") };
        let failed = (0..self.world.spec.binaries).map(BinaryId);
        let mut failed = failed.map(|binary| self.world.nature.source(last.edits, binary));
        let failed = failed.any(|source| source == Compiled::Broken);
        self.check(
            !failed || last.errors == Errors::Shown,
            "the errors of a build are never shown",
        );
        let watched = self.world.spec.edits == Edits::Watched;
        self.check(!watched || last.edits == self.world.edits, "an edit without a build after it");
        let gate_closed = self.world.spec.release.as_ref().is_some_and(|release| {
            match self.world.nature.source(last.edits, release.binary) {
                Compiled::To(identity) => {
                    !self.release_passed(identity) && release.rerun == Rerun::WhenChanged
                        || !self.any_release_passed()
                }
                Compiled::Broken => {
                    release.rerun == Rerun::WhenChanged || !self.any_release_passed()
                }
            }
        });
        for id in 0..self.world.spec.instances.len() {
            let spec = &self.world.spec.instances[id];
            let wanted = self.artifact(spec.binary);
            let owner = Owner::Instance(InstanceId(id));
            let live: Vec<_> =
                self.world.alive(owner).filter(|(_, process)| process.leader.is_none()).collect();
            let live = live.iter().filter(|(_, process)| process.killed.is_none());
            let live: Vec<_> = live.collect();
            self.check(live.len() <= 1, "two runs of an instance at rest");
            if self.world.dropped.contains(&id) || self.world.held.contains(&owner) {
                self.check(live.is_empty(), "an instance is alive that nobody wants");
                continue;
            }
            if self.world.is_scheduled(owner) {
                let asked_for = self.world.asked_for.contains(&owner) && live.is_empty();
                let may = wanted.is_some() && !gate_closed;
                self.check(!(asked_for && may), "a run was asked for, and never began");
                let current = live.iter().all(|(run, _)| !self.world.was_asked_since(*run, owner));
                self.check(current, "a run by a schedule is older than the request");
                continue;
            }
            let setup = spec.setup;
            let Some(wanted) = wanted.filter(|_| !gate_closed) else { continue };
            let doubtful = self.anybody_failed(spec.binary, wanted);
            match live.first() {
                Some((run, process)) => self.check(
                    doubtful
                        || process.identity == wanted
                            && process.setup == setup
                            && !self.world.is_outdated(*run, owner),
                    "a run at rest is not of the newest good build",
                ),
                None => self
                    .check(self.has_reason_to_be_down(owner), "an instance is down for no reason"),
            }
        }
    }

    fn release_passed(&self, identity: Identity) -> bool {
        self.world.processes.values().any(|process| {
            process.owner == Owner::Release
                && process.identity == identity
                && process.leader == Some(Exit::Code(0))
        })
    }

    fn any_release_passed(&self) -> bool {
        self.world
            .processes
            .values()
            .any(|process| process.owner == Owner::Release && process.leader == Some(Exit::Code(0)))
    }

    /// Whether this code has failed in any instance, or was not ready in time.
    fn anybody_failed(&self, binary: BinaryId, identity: Identity) -> bool {
        self.world.processes.values().any(|process| {
            let Owner::Instance(InstanceId(id)) = process.owner else { return false };
            let same =
                self.world.spec.instances[id].binary == binary && process.identity == identity;
            // A candidate that ends before it is ready has failed, even with 0.
            let fails = process.behaviour.unspawnable
                || process.behaviour.ready.is_none()
                || process.behaviour.exits.is_some();
            same && fails
        })
    }

    /// Down at rest is who ended well, who may not restart, who could never be started, or who
    /// failed ten times in a row.
    fn has_reason_to_be_down(&self, owner: Owner) -> bool {
        let policy = match owner {
            Owner::Instance(InstanceId(id)) => &self.world.spec.instances[id].policy,
            Owner::Service(ServiceId(id)) => &self.world.spec.services[id].policy,
            Owner::Release => return true,
        };
        let runs: Vec<_> =
            self.world.processes.values().filter(|process| process.owner == owner).collect();
        // One that was never up is given up sooner.
        let most = if matches!(owner, Owner::Service(_)) { 3 } else { 10 };
        let ended_well = policy.restart != Restart::Always
            && runs.iter().any(|process| process.leader == Some(Exit::Code(0)));
        let failures = runs.iter().rev().take_while(|process| {
            process.behaviour.unspawnable || process.leader.is_some_and(|exit| !exit.success())
        });
        let in_vain = runs.last().is_some_and(|process| {
            process.behaviour.unspawnable && process.behaviour.hope == Hope::None
        });
        ended_well || in_vain || policy.restart == Restart::Never || failures.count() >= most
    }

    pub(super) fn has_quit(&self) {
        let Some(code) = self.world.quit else { self.fail("it never quits") };
        let by_signal = !self.stops.is_empty();
        let after_failure = self.world.stopping && !by_signal;
        self.check(!after_failure || code.0 != 0, "a failure is reported as success");
    }
}
