//! A simulated world: processes are map entries, cargo is an arithmetic, and time moves when told.
//!
//! It performs the actions of [`Supervise`] faithfully, with delays and faults that a
//! script or a random generator chooses, and it writes everything down.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::formation::{Exit, ExitCode, Identity, Moment, ProcessName, RunName};
use crate::supervise::{
    Action, Answer, AtTheEnd, BinaryId, BuildEnd, BuildId, BuildNews, Command, Errors, Event, Hope,
    InstanceId, Notice, Occasion, Owner, RunId, RunNews, ServiceId, Setup, Spec, Supervise, Ticket,
    Version, Whom,
};

/// How the processes of one identity behave.
#[derive(Clone, Debug)]
pub(super) struct Behaviour {
    /// Ready this long after the spawn; `None` is never.
    pub(super) ready: Option<Duration>,
    /// Exits by itself this long after the spawn.
    pub(super) exits: Option<(Duration, Exit)>,
    /// How long it takes to stop when asked; `None` is deaf.
    pub(super) stops: Option<Duration>,
    /// Whether descendants outlive the leader until they are asked, or killed if it is deaf.
    pub(super) leaves_survivors: bool,
    /// Whether not even a kill ends it.
    pub(super) immortal: bool,
    /// Whether it cannot be started.
    pub(super) unspawnable: bool,
    /// Whether that may be otherwise later.
    pub(super) hope: Hope,
    /// How long after it gets nothing new it has nothing under way; `None` is never.
    pub(super) idles: Option<Duration>,
    /// When it says that an address is in use, and what it is told to listen at.
    pub(super) wants_address: Option<(Duration, Vec<u16>)>,
    /// What is found out about its health, and when.
    pub(super) fares: Vec<(Duration, RunNews)>,
}

impl Behaviour {
    pub(super) fn polite() -> Self {
        Self {
            ready: Some(Duration::from_millis(50)),
            exits: None,
            stops: Some(Duration::from_millis(20)),
            leaves_survivors: false,
            immortal: false,
            unspawnable: false,
            hope: Hope::Some,
            idles: Some(Duration::from_millis(10)),
            wants_address: None,
            fares: Vec::new(),
        }
    }

    pub(super) fn crashing(after: u64, code: i32) -> Self {
        let exits = Some((Duration::from_millis(after), Exit::Code(code)));
        Self { exits, ready: None, ..Self::polite() }
    }
}

/// What a build of a source gives for one binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compiled {
    To(Identity),
    Broken,
}

/// What the world does by itself: everything a test can choose.
pub(super) trait Nature {
    /// What the source after this many edits compiles to, and how long that takes.
    fn compile(&mut self, edits: u64, binary: BinaryId) -> (Compiled, Duration);
    /// How a process of this identity behaves.
    fn behave(&mut self, owner: Owner, identity: Identity) -> Behaviour;
    /// How late a report is.
    fn delay(&mut self) -> Duration;
    /// Whether a report arrives a second time.
    fn repeats(&mut self) -> bool;
    /// How long cargo takes to end when it is asked to.
    fn dawdles(&mut self) -> Duration;
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "what is so and what was told of it are independent: that is the difficulty"
)]
#[derive(Clone, Debug)]
pub(super) struct Process {
    pub(super) owner: Owner,
    pub(super) identity: Identity,
    pub(super) setup: Setup,
    pub(super) again: u32,
    pub(super) grace: Duration,
    /// Whether its owner was scheduled when it began.
    pub(super) scheduled: bool,
    pub(super) behaviour: Behaviour,
    pub(super) spawned: Moment,
    pub(super) asked: Option<Moment>,
    pub(super) killed: Option<Moment>,
    /// Whether the decisions have been told that it is ready.
    pub(super) ready: bool,
    pub(super) leader: Option<Exit>,
    /// Whether the decisions have been told of the leader's exit.
    pub(super) exit_told: bool,
    /// Whether the decisions have been told, or have decided, that nothing of it is alive.
    gone_told: bool,
    pub(super) gone: bool,
    /// When its owner was found to be of the formation no more.
    pub(super) dropped: Option<Moment>,
}

impl Process {
    pub(super) fn version(&self) -> Version {
        Version { code: self.identity, setup: self.setup, again: self.again }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Building {
    pub(super) id: BuildId,
    pub(super) edits: u64,
    pub(super) errors: Errors,
    pub(super) cancelled: bool,
    pub(super) killed: bool,
}

/// Something that will happen in the world.
#[derive(Clone, Debug)]
enum Happening {
    Tell(Event),
    Exit(RunId, Exit),
    Vanish(RunId),
    BuildEnds(BuildId, BuildEnd),
}

pub(super) struct World<N> {
    pub(super) supervise: Supervise,
    /// Everybody who ever was of the formation, by number.
    pub(super) spec: Spec,
    /// Who of the instances is not any more.
    pub(super) dropped: BTreeSet<usize>,
    /// Who of the services is not any more.
    pub(super) dropped_services: BTreeSet<usize>,
    /// Whom somebody has stopped.
    pub(super) held: BTreeSet<Owner>,
    /// Whom somebody runs by hand; those are stopped, too.
    pub(super) lent: BTreeSet<Owner>,
    /// How often somebody has asked to look at anybody with a debugger.
    pub(super) debuggers: usize,
    /// Of whom is scheduled, for whom a run was asked for that has not begun.
    pub(super) asked_for: BTreeSet<Owner>,
    /// When each was last asked to start again: after so many runs had begun.
    pub(super) renewed: BTreeMap<Owner, u64>,
    /// Who is scheduled now, and was last asked to start again before that.
    pub(super) unscheduled: BTreeSet<Owner>,
    /// What was asked and is not answered yet.
    pub(super) tickets: BTreeMap<Ticket, Command>,
    pub(super) nature: N,
    pub(super) now: Moment,
    pub(super) edits: u64,
    pub(super) processes: BTreeMap<RunId, Process>,
    pub(super) building: Option<Building>,
    pub(super) builds: Vec<Building>,
    /// Every artifact the decisions were told of, in order.
    pub(super) artifacts: Vec<(BuildId, BinaryId, Identity)>,
    pub(super) quit: Option<ExitCode>,
    /// Everything that went in and came out.
    pub(super) transcript: Vec<(Moment, Line)>,
    pub(super) stopping: bool,
    pub(super) killing: bool,
    /// Whether the formation has ended by itself.
    pub(super) ended: bool,
    due: BTreeMap<(Moment, u64), Happening>,
    counter: u64,
    ended_builds: BTreeSet<BuildId>,
    /// Who gets the requests of each type, as the router was told.
    pub(super) routes: BTreeMap<ProcessName, Vec<RunId>>,
    /// When it was said that nothing new is accepted.
    pub(super) closed: Option<Moment>,
}

impl<N: Nature> World<N> {
    pub(super) fn new(spec: Spec, nature: N) -> Self {
        Self {
            supervise: Supervise::new(spec.clone()),
            spec,
            dropped: BTreeSet::new(),
            dropped_services: BTreeSet::new(),
            held: BTreeSet::new(),
            lent: BTreeSet::new(),
            debuggers: 0,
            asked_for: BTreeSet::new(),
            unscheduled: BTreeSet::new(),
            renewed: BTreeMap::new(),
            tickets: BTreeMap::new(),
            nature,
            now: Moment::default(),
            edits: 0,
            processes: BTreeMap::new(),
            building: None,
            builds: Vec::new(),
            artifacts: Vec::new(),
            quit: None,
            transcript: Vec::new(),
            stopping: false,
            killing: false,
            ended: false,
            due: BTreeMap::new(),
            counter: 0,
            ended_builds: BTreeSet::new(),
            routes: BTreeMap::new(),
            closed: None,
        }
    }

    /// Something comes from outside, now. Returns the actions, already performed.
    pub(super) fn send(&mut self, event: Event) -> Vec<Action> {
        match &event {
            Event::Edited(_) => self.edits += 1,
            Event::Replanned(spec) => self.replanned(spec),
            Event::Asked(Some(ticket), command) => {
                self.tickets.insert(*ticket, command.clone());
            }
            Event::Forgotten(ticket) => drop(self.tickets.remove(ticket)),
            Event::Due(process) => self.due(process),
            Event::Asked(None, _)
            | Event::Lacking
            | Event::Started
            | Event::Woke
            | Event::Stop(_)
            | Event::Understood(_)
            | Event::Build(..)
            | Event::Run(..) => {}
        }
        self.transcript.push((self.now, Line::In(event.clone())));
        self.learn(&event);
        let is_late = self.stopping || self.quit.is_some();
        let asked = if let Event::Asked(ticket, command) = &event
            && !is_late
        {
            Some((*ticket, command.clone()))
        } else {
            None
        };
        let actions = self.supervise.handle(event, self.now);
        if let Some((ticket, command)) = asked
            && !is_unknown(ticket, &actions)
        {
            self.asked(&command);
        }
        let next = self.supervise.deadline();
        let is_ahead = next.is_none_or(|next| next > self.now);
        assert!(is_ahead, "{}the next deadline is not after now", readable(&self.transcript));
        for action in actions.clone() {
            self.transcript.push((self.now, Line::Out(action.clone())));
            self.perform(action);
        }
        actions
    }

    /// The formation is another one. Whoever leaves it is still known by its number.
    fn replanned(&mut self, spec: &Spec) {
        let Spec { services, instances, release, .. } = spec;
        self.spec.release.clone_from(release);
        self.dropped_services = (0..self.spec.services.len()).collect();
        for service in services {
            let known = self.spec.services.iter().position(|known| known.name == service.name);
            match known {
                Some(id) => self.spec.services[id] = service.clone(),
                None => self.spec.services.push(service.clone()),
            }
            self.dropped_services.retain(|id| Some(*id) != known);
        }
        self.dropped = (0..self.spec.instances.len()).collect();
        for instance in instances {
            let known = self.spec.instances.iter().position(|known| known.name == instance.name);
            match known {
                Some(id) => {
                    let was = self.spec.instances[id].occasion;
                    if was == Occasion::Always && instance.occasion != Occasion::Always {
                        self.unscheduled.insert(Owner::Instance(InstanceId(id)));
                    }
                    self.spec.instances[id] = instance.clone();
                }
                None => self.spec.instances.push(instance.clone()),
            }
            self.dropped.retain(|id| Some(*id) != known);
        }
        for process in self.processes.values_mut() {
            let is_dropped = match process.owner {
                Owner::Instance(InstanceId(id)) => self.dropped.contains(&id),
                Owner::Service(ServiceId(id)) => self.dropped_services.contains(&id),
                Owner::Release => false,
            };
            if is_dropped {
                process.dropped = Some(self.now);
            }
        }
        let dropped = self.dropped.iter().map(|id| Owner::Instance(InstanceId(*id)));
        for owner in dropped {
            self.asked_for.remove(&owner);
        }
    }

    /// The time of a type has come, which counts where nothing of it is alive.
    fn due(&mut self, process: &ProcessName) {
        let is_gone = |owner| {
            let mut runs = self.processes.values().filter(|process| process.owner == owner);
            runs.all(|process| process.gone_told)
        };
        for (id, spec) in self.spec.instances.iter().enumerate() {
            let owner = Owner::Instance(InstanceId(id));
            let is_held = self.held.contains(&owner) || self.dropped.contains(&id);
            let is_timed = spec.occasion == Occasion::Timed && spec.name.process == *process;
            if is_timed && !is_held && is_gone(owner) {
                self.asked_for.insert(owner);
            }
        }
    }

    /// Whether somebody is scheduled.
    pub(super) fn is_scheduled(&self, owner: Owner) -> bool {
        match owner {
            Owner::Instance(InstanceId(id)) => self.spec.instances[id].occasion != Occasion::Always,
            Owner::Service(_) | Owner::Release => false,
        }
    }

    /// Somebody has asked for something, and somebody is called that.
    fn asked(&mut self, command: &Command) {
        let whom = match command {
            Command::Restart(whom)
            | Command::Renew(whom)
            | Command::Stop(whom)
            | Command::Start(whom) => whom.clone(),
            Command::Lend(target) | Command::GiveBack(target) => Whom::These(vec![target.clone()]),
            Command::Suspend(_) => {
                self.debuggers += 1;
                return;
            }
            Command::Resume(_) | Command::Settle(_) | Command::Ready | Command::Idle => return,
        };
        for owner in self.meant(&whom) {
            let lent = self.lent.contains(&owner);
            if self.is_scheduled(owner) {
                self.asked_of_scheduled(owner, command);
                continue;
            }
            match command {
                Command::GiveBack(_) => {
                    self.lent.remove(&owner);
                    self.held.remove(&owner);
                }
                Command::Restart(_) | Command::Renew(_) | Command::Stop(_) | Command::Start(_)
                    if lent => {}
                Command::Renew(_) if self.held.contains(&owner) => {}
                Command::Restart(_) | Command::Renew(_) => {
                    self.held.remove(&owner);
                    self.unscheduled.remove(&owner);
                    self.renewed.insert(owner, self.processes.len() as u64);
                }
                Command::Stop(_) if self.is_dropped(owner) => {}
                Command::Stop(_) | Command::Lend(_) => {
                    if matches!(command, Command::Lend(_)) {
                        self.lent.insert(owner);
                    }
                    self.held.insert(owner);
                    let runs = self.processes.values_mut();
                    for process in runs.filter(|process| process.owner == owner) {
                        process.dropped = Some(self.now);
                    }
                }
                Command::Start(_) => drop(self.held.remove(&owner)),
                Command::Suspend(_)
                | Command::Resume(_)
                | Command::Settle(_)
                | Command::Ready
                | Command::Idle => {}
            }
        }
    }

    /// Of all of them only a stop is asked.
    fn asked_of_scheduled(&mut self, owner: Owner, command: &Command) {
        let lent = self.lent.contains(&owner);
        match command {
            Command::GiveBack(_) => {
                self.lent.remove(&owner);
                self.held.remove(&owner);
            }
            Command::Restart(_) | Command::Renew(_) | Command::Stop(_) | Command::Start(_)
                if lent => {}
            Command::Stop(_) | Command::Lend(_) => {
                if matches!(command, Command::Lend(_)) {
                    self.lent.insert(owner);
                }
                self.held.insert(owner);
                self.asked_for.remove(&owner);
                let runs = self.processes.values_mut();
                for process in runs.filter(|process| process.owner == owner) {
                    process.dropped = Some(self.now);
                }
            }
            Command::Start(Whom::All) => drop(self.held.remove(&owner)),
            Command::Restart(Whom::These(_)) => {
                self.held.remove(&owner);
                self.asked_for.insert(owner);
                self.unscheduled.remove(&owner);
                self.renewed.insert(owner, self.processes.len() as u64);
            }
            Command::Start(Whom::These(_)) => {
                self.held.remove(&owner);
                let mut runs = self.processes.values().filter(|process| process.owner == owner);
                // Who runs is not asked again.
                if runs.all(|process| process.exit_told || process.asked.is_some()) {
                    self.asked_for.insert(owner);
                }
            }
            Command::Restart(Whom::All)
            | Command::Renew(_)
            | Command::Suspend(_)
            | Command::Resume(_)
            | Command::Settle(_)
            | Command::Ready
            | Command::Idle => {}
        }
    }

    fn meant(&self, whom: &Whom) -> Vec<Owner> {
        let instances = self.spec.instances.iter().enumerate();
        let instances = instances
            .filter(|(id, known)| {
                let owner = Owner::Instance(InstanceId(*id));
                whom.means(&known.name.clone().into()) && self.is_here(owner)
            })
            .map(|(id, _)| Owner::Instance(InstanceId(id)));
        let services = self.spec.services.iter().enumerate();
        let services = services
            .filter(|(_, known)| whom.means(&RunName::Service(known.name.clone())))
            .map(|(id, _)| Owner::Service(ServiceId(id)));
        instances.chain(services).collect()
    }

    /// Whether somebody is of the formation, or of what leaves it.
    fn is_here(&self, owner: Owner) -> bool {
        !self.is_dropped(owner) || self.held.contains(&owner) || self.alive(owner).next().is_some()
    }

    fn is_dropped(&self, owner: Owner) -> bool {
        match owner {
            Owner::Instance(InstanceId(id)) => self.dropped.contains(&id),
            Owner::Service(ServiceId(id)) => self.dropped_services.contains(&id),
            Owner::Release => false,
        }
    }

    /// Whether a run is older than the last time that its owner was to start again.
    pub(super) fn is_outdated(&self, run: RunId, owner: Owner) -> bool {
        // The numbers of runs count them.
        self.renewed.get(&owner).is_some_and(|begun| run.0 <= *begun)
    }

    /// Whether its schedule was asked for another run since this one began. What was asked before
    /// it had one does not count.
    pub(super) fn was_asked_since(&self, run: RunId, owner: Owner) -> bool {
        self.is_outdated(run, owner) && !self.unscheduled.contains(&owner)
    }

    /// The formation as it is wanted now.
    pub(super) fn wanted(&self) -> Spec {
        let mut spec = self.spec.clone();
        let instances = self.spec.instances.iter().enumerate();
        let wanted = instances.filter(|(id, _)| !self.dropped.contains(id));
        spec.instances = wanted.map(|(_, instance)| instance.clone()).collect();
        let services = self.spec.services.iter().enumerate();
        let wanted = services.filter(|(id, _)| !self.dropped_services.contains(id));
        spec.services = wanted.map(|(_, service)| service.clone()).collect();
        spec
    }

    /// When the next thing happens. `None` when the world is at rest.
    pub(super) fn next(&self) -> Option<Moment> {
        let happening = self.due.keys().next().map(|(at, _)| *at);
        happening.into_iter().chain(self.supervise.deadline()).min()
    }

    /// Go to the next thing that happens and let it.
    pub(super) fn step(&mut self) -> Option<Vec<Action>> {
        self.now = self.now.max(self.next()?);
        match self.due.first_key_value() {
            Some(((at, _), _)) if *at <= self.now => {
                let (_, happening) = self.due.pop_first()?;
                Some(self.happen(happening))
            }
            _ => Some(self.send(Event::Woke)),
        }
    }

    /// Let this much time pass, with everything that happens in it.
    pub(super) fn run_for(&mut self, length: Duration) {
        let end = self.now + length;
        while self.next().is_some_and(|next| next <= end) {
            self.step();
        }
        self.now = end;
    }

    /// The processes of an owner of which something is alive.
    pub(super) fn alive(&self, owner: Owner) -> impl Iterator<Item = (RunId, &Process)> {
        let alive = self.processes.iter().filter(move |(_, p)| p.owner == owner && !p.gone);
        alive.map(|(id, process)| (*id, process))
    }

    fn later(&mut self, delay: Duration, happening: Happening) {
        self.counter += 1;
        self.due.insert((self.now + delay, self.counter), happening);
    }

    fn tell(&mut self, event: &Event) {
        let delay = self.nature.delay();
        self.later(delay, Happening::Tell(event.clone()));
        if self.nature.repeats() {
            let again = delay + self.nature.delay();
            self.later(again, Happening::Tell(event.clone()));
        }
    }

    fn happen(&mut self, happening: Happening) -> Vec<Action> {
        match happening {
            Happening::Tell(event) => return self.send(event),
            Happening::Exit(run, exit) => self.exit(run, exit),
            Happening::Vanish(run) => self.vanish(run),
            Happening::BuildEnds(build, end) => self.build_ends(build, end),
        }
        Vec::new()
    }

    /// Remember what the decisions have been told.
    fn learn(&mut self, event: &Event) {
        match event {
            Event::Run(run, RunNews::Ready) => {
                if let Some(process) = self.processes.get_mut(run) {
                    // Who ends is not up any more, whatever comes late.
                    let ends = process.exit_told || process.asked.is_some();
                    process.ready |= !ends && !process.behaviour.unspawnable;
                }
            }
            Event::Run(run, RunNews::Exited(_)) => {
                if let Some(process) = self.processes.get_mut(run) {
                    process.exit_told = true;
                }
            }
            Event::Run(run, RunNews::Gone | RunNews::NotSpawned(..)) => {
                if let Some(process) = self.processes.get_mut(run) {
                    (process.exit_told, process.gone_told) = (true, true);
                }
            }
            Event::Build(build, BuildNews::Artifact(binary, identity))
                if self.builds.last().is_some_and(|latest| latest.id == *build) =>
            {
                self.artifacts.push((*build, *binary, *identity));
            }
            Event::Started
            | Event::Woke
            | Event::Stop(_)
            | Event::Edited(_)
            | Event::Lacking
            | Event::Replanned(_)
            | Event::Asked(..)
            | Event::Forgotten(_)
            | Event::Due(_)
            | Event::Understood(_)
            | Event::Build(..)
            | Event::Run(..) => {}
        }
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Build(id, errors) => self.build(id, errors),
            Action::Route(process, runs) => self.route(process, runs),
            Action::CloseRoutes => self.closed = Some(self.now),
            Action::ShowErrors(id) => self.show_errors(id),
            Action::CancelBuild(id) => {
                let takes = self.nature.dawdles();
                self.end_build(id, takes);
            }
            Action::KillBuild(id) => {
                self.end_build(id, Duration::from_millis(1));
                if let Some(building) = &mut self.building {
                    building.killed = true;
                }
            }
            Action::Spawn { run, owner, version } => self.spawn(run, owner, version),
            Action::Ask(run) => self.ask(run),
            Action::Kill(run) => self.kill(run),
            Action::Answer(ticket, answer) => {
                let asked = self.tickets.remove(&ticket);
                assert!(asked.is_some(), "{ticket:?} is answered twice, or was forgotten");
                let ends = self.stopping || self.ended;
                assert_eq!(answer == Answer::Ending, ends, "{ticket:?} is told a wrong end");
            }
            Action::Notice(notice) => self.hear(&notice),
            Action::Quit(code) => {
                assert_eq!(self.quit, None, "it quits twice");
                self.quit = Some(code);
            }
        }
    }

    fn hear(&mut self, notice: &Notice) {
        if let Notice::Abandoned { pid: Some(pid), .. } = notice
            && let Some(process) = self.processes.get_mut(&RunId(u64::from(*pid)))
        {
            process.gone_told = true;
        }
        self.stopping |= matches!(
            notice,
            Notice::Stopping(_)
                | Notice::StoppingAfter(_)
                | Notice::StoppingWithout { .. }
                | Notice::StoppingAfterBuild
        );
        self.killing |= *notice == Notice::Killing;
        if matches!(notice, Notice::NothingLeft(_)) {
            assert_eq!(self.spec.at_the_end, AtTheEnd::Leave, "who is to stay leaves");
            let wanted = self.wanted().instances;
            let timed = wanted.iter().filter(|spec| spec.occasion == Occasion::Timed).count();
            assert!(timed == 0 || timed < wanted.len(), "nobody is there for the next time");
            self.ended = true;
        }
    }

    fn show_errors(&mut self, id: BuildId) {
        let known = self.builds.iter_mut().find(|build| build.id == id);
        let known = known.expect("the errors of an unknown build are shown");
        assert_eq!(known.errors, Errors::Held, "errors are shown twice");
        assert!(!known.cancelled, "the errors of a cancelled build are shown");
        known.errors = Errors::Shown;
    }

    fn build(&mut self, id: BuildId, errors: Errors) {
        assert!(self.building.is_none(), "two builds at once");
        let edits = self.edits;
        let building = Building { id, edits, errors, cancelled: false, killed: false };
        self.builds.push(building.clone());
        self.building = Some(building);
        let mut end = BuildEnd::Succeeded;
        let mut took = Duration::from_millis(5);
        for binary in (0..self.spec.binaries).map(BinaryId) {
            let (compiled, needs) = self.nature.compile(self.edits, binary);
            took += needs;
            match compiled {
                Compiled::To(identity) => {
                    let news = BuildNews::Artifact(binary, identity);
                    self.later(took, Happening::Tell(Event::Build(id, news)));
                }
                Compiled::Broken => end = BuildEnd::Failed,
            }
        }
        self.later(took + Duration::from_millis(1), Happening::BuildEnds(id, end));
    }

    fn end_build(&mut self, id: BuildId, delay: Duration) {
        // The end of a build and the wish to end it can cross.
        let Some(building) = self.building.as_mut().filter(|building| building.id == id) else {
            return;
        };
        building.cancelled = true;
        for known in self.builds.iter_mut().filter(|known| known.id == id) {
            known.cancelled = true;
        }
        // What is built until then is still reported.
        let end = self.now + delay;
        self.due.retain(|(at, _), happening| {
            let of_build =
                matches!(happening, Happening::Tell(Event::Build(build, _)) if *build == id);
            *at < end || !of_build
        });
        self.later(delay, Happening::BuildEnds(id, BuildEnd::Failed));
    }

    fn build_ends(&mut self, id: BuildId, end: BuildEnd) {
        let cancelled = self.building.as_ref().is_some_and(|building| building.cancelled);
        if cancelled && end == BuildEnd::Succeeded || !self.ended_builds.insert(id) {
            return;
        }
        self.building = None;
        self.later(Duration::ZERO, Happening::Tell(Event::Build(id, BuildNews::Ended(end))));
        self.later(Duration::from_millis(2), Happening::Tell(Event::Understood(id)));
    }

    fn spawn(&mut self, run: RunId, owner: Owner, version: Version) {
        let Version { code: identity, setup, again } = version;
        let behaviour = self.nature.behave(owner, identity);
        let process = Process {
            owner,
            identity,
            setup,
            again,
            grace: self.grace(owner),
            scheduled: self.is_scheduled(owner),
            spawned: self.now,
            asked: None,
            killed: None,
            ready: false,
            leader: None,
            exit_told: false,
            gone_told: false,
            dropped: None,
            gone: behaviour.unspawnable,
            behaviour: behaviour.clone(),
        };
        assert!(self.processes.insert(run, process).is_none(), "{run:?} is spawned twice");
        if behaviour.unspawnable {
            self.tell(&Event::Run(run, RunNews::NotSpawned("no such file".into(), behaviour.hope)));
            return;
        }
        let pid = u32::try_from(run.0).unwrap();
        self.tell(&Event::Run(run, RunNews::Spawned(pid)));
        if let Some(after) = behaviour.ready {
            self.later(after, Happening::Tell(Event::Run(run, RunNews::Ready)));
        }
        if let Some((after, exit)) = behaviour.exits {
            self.later(after, Happening::Exit(run, exit));
        }
        if let Some((after, ports)) = behaviour.wants_address {
            self.later(after, Happening::Tell(Event::Run(run, RunNews::AddressInUse(ports))));
        }
        for (after, news) in behaviour.fares {
            self.later(after, Happening::Tell(Event::Run(run, news)));
        }
    }

    /// Whoever gets nothing new any more is idle after a while.
    fn route(&mut self, process: ProcessName, runs: Vec<RunId>) {
        assert!(self.closed.is_none(), "something is routed although everything ends");
        let now: BTreeSet<RunId> = runs.iter().copied().collect();
        let before = self.routes.insert(process, runs).unwrap_or_default();
        for run in before.into_iter().filter(|run| !now.contains(run)) {
            if let Some(after) = self.processes[&run].behaviour.idles {
                self.later(after, Happening::Tell(Event::Run(run, RunNews::Idle)));
            }
        }
    }

    /// How long the runs of an owner that begin now may take to stop.
    fn grace(&self, owner: Owner) -> Duration {
        match owner {
            Owner::Instance(InstanceId(id)) => self.spec.instances[id].policy.grace,
            Owner::Service(ServiceId(id)) => self.spec.services[id].policy.grace,
            Owner::Release => self.spec.release.as_ref().map_or(Duration::ZERO, |it| it.grace),
        }
    }

    fn ask(&mut self, run: RunId) {
        let process = self.processes.get_mut(&run).expect("an unknown run is asked to stop");
        process.asked = Some(self.now);
        let leader_lives = process.leader.is_none();
        let Some(after) = process.behaviour.stops else { return };
        let happening = if leader_lives {
            Happening::Exit(run, Exit::Signal(15))
        } else {
            Happening::Vanish(run)
        };
        self.later(after, happening);
    }

    fn kill(&mut self, run: RunId) {
        let process = self.processes.get_mut(&run).expect("an unknown run is killed");
        process.killed = Some(self.now);
        if process.behaviour.immortal {
            return;
        }
        self.exit(run, Exit::Signal(9));
        self.vanish(run);
    }

    fn exit(&mut self, run: RunId, exit: Exit) {
        let Some(process) = self.processes.get_mut(&run) else { return };
        if process.leader.is_some() || process.gone {
            return;
        }
        process.leader = Some(exit);
        let survives = process.behaviour.leaves_survivors && process.asked.is_none();
        self.tell(&Event::Run(run, RunNews::Exited(exit)));
        if survives {
            // Told after the exit, whatever the delays.
            let news = RunNews::Survivors(vec![1]);
            self.later(Duration::from_millis(60), Happening::Tell(Event::Run(run, news)));
        } else {
            self.vanish(run);
        }
    }

    fn vanish(&mut self, run: RunId) {
        let Some(process) = self.processes.get_mut(&run) else { return };
        if !std::mem::replace(&mut process.gone, true) {
            // Told after the exit, whatever the delays.
            let gone = Event::Run(run, RunNews::Gone);
            self.later(Duration::from_millis(60), Happening::Tell(gone));
        }
    }
}

fn is_unknown(ticket: Option<Ticket>, actions: &[Action]) -> bool {
    let is_unknown = |action: &Action| matches!(action, Action::Answer(of, Answer::Unknown(_)) if Some(*of) == ticket);
    actions.iter().any(is_unknown)
}

/// A line of the transcript.
#[derive(Clone, Debug)]
pub(super) enum Line {
    In(Event),
    Out(Action),
}

/// The whole transcript, to be read.
pub(super) fn readable(transcript: &[(Moment, Line)]) -> String {
    let line = |(at, line): &(Moment, Line)| match line {
        Line::In(event) => format!("{at} < {event:?}\n"),
        Line::Out(action) => format!("{at}   > {action:?}\n"),
    };
    transcript.iter().map(line).collect()
}

/// Whether a notice is among the actions.
pub(super) fn says(actions: &[Action], notice: &Notice) -> bool {
    actions.iter().any(|action| matches!(action, Action::Notice(said) if said == notice))
}
