//! How everybody is.

use serde::{Deserialize, Serialize};

/// How a formation is, at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The version of the tool that runs it.
    pub version: String,
    /// The process id of the tool.
    pub pid: u32,
    /// The root of the workspace.
    pub root: String,
    /// What cargo is at.
    pub build: Build,
    /// The process types, in the order of the table.
    pub types: Vec<Type>,
    /// The backing services, `release`, and the instances: a line for each run, and one for
    /// whoever has none.
    pub instances: Vec<Instance>,
}

/// What cargo is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Build {
    /// Nothing has been built yet.
    None,
    /// It builds.
    Running,
    /// The last build succeeded.
    Succeeded,
    /// The last build failed.
    Failed,
}

/// A process type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Type {
    /// Its name.
    pub name: String,
    /// How many instances are wanted here.
    pub quantity: u16,
    /// How many the table declares.
    pub declared: u16,
    /// How many are up.
    pub ready: u16,
    /// Where it is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it runs, if it is scheduled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
}

/// The schedule of a process type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// As the table has it.
    pub cron: String,
    /// Whether its times are kept here; else it runs only when somebody asks.
    pub kept: bool,
    /// The next of its times, if there is one.
    #[serde(flatten)]
    pub next: Option<Next>,
}

/// A time that comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// By RFC 3339, in UTC.
    #[serde(rename = "next")]
    pub at: String,
    /// How long until then, in milliseconds.
    #[serde(rename = "next_ms")]
    pub left_ms: u64,
}

/// An instance, a backing service or `release`: one of its runs, or that it has none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// Its name: `web.2`, `postgres`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// How it is.
    pub state: State,
    /// How it ended, where it has failed or starts again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit: Option<String>,
    /// How long this state lasts at most, in milliseconds, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_ms: Option<u64>,
    /// When it runs next, where it is scheduled and its times are kept.
    #[serde(flatten)]
    pub next: Option<Next>,
    /// The process id of the leader of its run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// The port where its run listens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// For how long its run lives, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime_ms: Option<u64>,
    /// How often it was started again, for whatever reason.
    pub restarts: u32,
    /// How many processes its run has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processes: Option<u32>,
    /// The processor time of the whole tree since the last time somebody asked, or else since
    /// its start, in percent of one core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<f64>,
    /// The memory that the whole tree has in use (resident), in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
    /// What its run was built to: a part of the identity of its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
    /// Whether something newer was to take over and has failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub behind: bool,
}

/// What somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An instance of a process type.
    Instance,
    /// The one-off before them.
    Release,
    /// A backing service.
    Service,
}

/// How somebody is. A name that is not known here is of a newer tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Others come first: the backing services, `release`, others of its type.
    Waiting,
    /// What it would run is being built.
    Building,
    /// What it would run could not be built.
    NotBuilt,
    /// It may not start, for `release` has failed.
    NotReleased,
    /// It has begun, and is not up yet.
    Starting,
    /// It is up. Of `release`: it runs.
    Ready,
    /// It is up and does not answer as it should.
    Unwell,
    /// It had its time to be up, and did not use it.
    Late,
    /// Another has taken its place; it finishes what it has.
    Draining,
    /// It was asked to stop.
    Stopping,
    /// It was killed.
    Killed,
    /// It ended, and starts again by itself.
    Backoff,
    /// It is scheduled, and waits for its time, or for somebody who asks.
    Scheduled,
    /// Somebody has stopped it.
    Stopped,
    /// Somebody runs it by hand, in its place.
    Lent,
    /// It ended well, and stays so.
    Finished,
    /// It ended badly, and stays so until there is something else to run.
    Failed,
    /// A state that this version does not know.
    #[serde(other)]
    Unknown,
}

impl State {
    /// Whether it does what it is there for.
    #[must_use]
    pub fn is_up(self) -> bool {
        self == Self::Ready
    }
}
