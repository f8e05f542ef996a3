//! The protocol between the decisions of `dev` and the world: what can happen, what can be done.

use std::time::Duration;

use super::asked::{Answer, Command, Ticket};
use super::notice::Notice;
use super::version::{Setup, Version};
use crate::formation::{
    Certainty, Exit, ExitCode, Identity, InstanceName, ProcessName, Restart, RunName, Target,
};

/// What is to be supervised. Another may take its place: see [`Event::Replanned`].
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// What the app attaches to: up before anything is built, and until everything else is gone.
    pub services: Vec<ServiceSpec>,
    /// The instances, in the order in which they start.
    pub instances: Vec<InstanceSpec>,
    /// The one-off before them.
    pub release: Option<ReleaseSpec>,
    /// How many binaries are built; their ids are the numbers below it.
    pub binaries: usize,
    /// Whether an edit can still change anything.
    pub edits: Edits,
    /// What the failure of a process means for the others.
    pub on_failure: OnFailure,
    /// What happens when nothing is left to run.
    pub at_the_end: AtTheEnd,
}

/// A backing service and its policies.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSpec {
    /// Its name.
    pub name: ProcessName,
    /// What it is started with.
    pub setup: Setup,
    /// How it is run.
    pub policy: Policy,
}

/// An instance and its policies.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceSpec {
    /// Its name. Instances of one type stand side by side.
    pub name: InstanceName,
    /// What it runs.
    pub binary: BinaryId,
    /// What it is started with.
    pub setup: Setup,
    /// When it is run.
    pub occasion: Occasion,
    /// How it is run.
    pub policy: Policy,
}

/// When an instance is run. Nothing scheduled runs twice at once, and each of its runs is seen to
/// its end, whatever is built meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// As long as the formation is up.
    Always,
    /// When somebody asks: it is scheduled, and nobody keeps its times here.
    Asked,
    /// When its time has come, which [`Event::Due`] says, or somebody asks.
    Timed,
}

/// How an instance or a backing service is run.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// What happens when it exits without having been asked to.
    pub restart: Restart,
    /// How long it may take to stop when asked, before it is killed.
    pub grace: Duration,
    /// How long it may take to become ready.
    pub startup: Duration,
    /// How new code takes the place of old.
    pub replacement: Replacement,
    /// Whether work is sent to it.
    pub traffic: Traffic,
}

/// How new code takes the place of old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// The old run stops, then the new one starts.
    StopFirst,
    /// The new run starts beside the old one, becomes ready and takes over.
    Overlap,
}

/// Whether work is sent to the runs of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    /// They get it themselves, if there is any.
    Own,
    /// Requests are routed to them.
    Routed {
        /// How long a run that gets nothing new may finish what it has, before it is asked to
        /// stop for another.
        drain: Duration,
    },
}

/// The one-off that runs before the instances.
#[derive(Clone, Debug, PartialEq)]
pub struct ReleaseSpec {
    /// Its name: `release.1`.
    pub name: RunName,
    /// What it runs.
    pub binary: BinaryId,
    /// What it is started with.
    pub setup: Setup,
    /// How long it may take to stop when asked, before it is killed.
    pub grace: Duration,
    /// Whether it runs again when it has changed.
    pub rerun: Rerun,
}

/// Whether `release` runs again when its code, or what it is started with, has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rerun {
    /// It runs once, at the start.
    Never,
    /// It runs again, and nothing swaps before it succeeded.
    WhenChanged,
}

/// Whether an edit can still change anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edits {
    /// There is one build; if it fails, that is the end.
    Ignored,
    /// Every edit is followed by a build.
    Watched,
}

/// What the failure of a process means for the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// They go on; the failed one is started again as its policy says.
    KeepGoing,
    /// All stop, and the tool exits with the code of the first that failed.
    Exit,
}

/// What happens when nothing is left to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtTheEnd {
    /// The tool ends, too.
    Leave,
    /// It stays until somebody stops it: it is there for somebody else.
    Stay,
}

/// A binary that is built, by its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BinaryId(pub usize);

/// An instance; a number that none has had before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId(pub usize);

/// A build; a later one has a greater number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BuildId(pub u64);

/// One execution; never used twice, so that news of a dead run cannot be taken for another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub u64);

/// A backing service; a number that none has had before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub usize);

/// Whose execution a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// A backing service.
    Service(ServiceId),
    /// The one-off before the others.
    Release,
    /// An instance.
    Instance(InstanceId),
}

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The world is ready. The first event, and only the first.
    Started,
    /// Time has passed; nothing else happened.
    Woke,
    /// Somebody wants the formation to end.
    Stop(StopReason),
    /// A file that the build reads has changed.
    Edited(Certainty),
    /// Something is wanted now that no build was asked for. It is built also where edits are
    /// ignored.
    Lacking,
    /// From now on this is to be supervised: the table has changed, the environment, or what
    /// somebody asks for. Whoever is in both, by name, goes on.
    Replanned(Box<Spec>),
    /// Somebody asks for something. With a ticket, it is answered once, unless it is forgotten.
    Asked(Option<Ticket>, Command),
    /// Nobody waits for this answer any more.
    Forgotten(Ticket),
    /// The time of this scheduled type has come.
    Due(ProcessName),
    /// What this build has read is watched, and every edit that was made before has been told.
    Understood(BuildId),
    /// News of a build.
    Build(BuildId, BuildNews),
    /// News of a run.
    Run(RunId, RunNews),
}

/// Who is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Every instance of the formation; no backing service.
    All,
    /// These instances, and those of these types; the backing services of these names.
    These(Vec<Target>),
}

impl Whom {
    /// Whether somebody of this name is meant.
    #[must_use]
    pub fn means(&self, name: &RunName) -> bool {
        match self {
            Self::All => matches!(name, RunName::Instance(_)),
            Self::These(targets) => targets.iter().any(|target| target.means(name)),
        }
    }
}

/// Why the formation is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// `SIGINT`, usually a Ctrl-C.
    Interrupt,
    /// `SIGTERM`.
    Terminate,
    /// `SIGHUP`, usually a closed terminal window.
    Hangup,
    /// Whoever read the output went away.
    OutputClosed,
    /// Somebody said so, to the tool itself.
    Command,
    /// Somebody said so from elsewhere, by `down`.
    Client,
    /// What it was started for is over, and ended with this code.
    Errand(ExitCode),
}

impl StopReason {
    /// The exit code of a tool that ended for this reason.
    #[must_use]
    pub fn code(self) -> ExitCode {
        match self {
            Self::Interrupt => ExitCode::INTERRUPT,
            Self::Terminate => ExitCode::TERMINATE,
            Self::Hangup => ExitCode::HANGUP,
            Self::OutputClosed => ExitCode::OUTPUT_CLOSED,
            Self::Command | Self::Client => ExitCode::SUCCESS,
            Self::Errand(code) => code,
        }
    }
}

/// News of a build.
///
/// The world reports every artifact before the end, and exactly one end, after
/// the last process of the build is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildNews {
    /// A binary is in place, kept, and known by its identity.
    Artifact(BinaryId, Identity),
    /// It has waited so long for another cargo.
    Waited(Duration),
    /// The build is over.
    Ended(BuildEnd),
}

/// When the errors of a build are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errors {
    /// As they come.
    Shown,
    /// When it is known that they stay: code may compile only after `release` has run.
    Held,
}

/// How a build ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildEnd {
    /// Everything is built.
    Succeeded,
    /// Something is not built, or cargo was ended by a signal.
    Failed,
}

/// Whether what could not be started may be later, although nobody changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hope {
    /// It may: the system was short of something.
    Some,
    /// It will not: its program is not there, or nothing can be started with such arguments.
    None,
}

/// News of a run.
///
/// The world reports `Spawned` or `NotSpawned` once; after `Spawned` one
/// `Exited`; after that one `Gone`. Repeated and late reports are harmless.
#[derive(Clone, Debug, PartialEq)]
pub enum RunNews {
    /// It has a process of this id.
    Spawned(u32),
    /// It could not be started, for this reason. It never lived.
    NotSpawned(String, Hope),
    /// It is up.
    Ready,
    /// Nothing is under way in it any more, and it is not routed.
    Idle,
    /// It is up and does not answer as it should, for this reason.
    Unwell(String),
    /// It answers as it should again.
    Well,
    /// It is not at the port that it was told; something of it listens at these.
    Elsewhere(Vec<u16>),
    /// It has said that an address is in use. Told before its exit, with the ports that the run
    /// beside it listens at and was not told of.
    AddressInUse(Vec<u16>),
    /// Its leader ended, and what it had written has been read.
    Exited(Exit),
    /// Its leader ended and these processes of its tree live on.
    Survivors(Vec<u32>),
    /// Nothing of its tree is alive.
    Gone,
    /// A process of its tree could not be signalled, for this reason.
    Unreachable(u32, String),
    /// It wrote a PID file, at this path.
    PidFile(String),
}

/// What can be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Start cargo.
    Build(BuildId, Errors),
    /// Show the errors of a build that were held back, and those that come if it is not over:
    /// nothing makes them go away.
    ShowErrors(BuildId),
    /// Ask the whole process group of cargo to end.
    CancelBuild(BuildId),
    /// Force it to.
    KillBuild(BuildId),
    /// Start a process: of an instance or `release` from the kept artifact of this
    /// code, of a backing service what its setup says.
    Spawn {
        /// The run that begins.
        run: RunId,
        /// Whose it is.
        owner: Owner,
        /// What it runs.
        version: Version,
    },
    /// From now on the requests of a process type go to these runs, and to no others. Comes
    /// before everything else that is done in this moment.
    Route(ProcessName, Vec<RunId>),
    /// The formation ends: nothing new is accepted for anybody.
    CloseRoutes,
    /// Ask the whole tree of a run to stop, with its stop signal.
    Ask(RunId),
    /// Force the whole tree of a run to end.
    Kill(RunId),
    /// Tell whoever asked what came of it.
    Answer(Ticket, Answer),
    /// Say something.
    Notice(Notice),
    /// End the tool. The last action of all.
    Quit(ExitCode),
}
