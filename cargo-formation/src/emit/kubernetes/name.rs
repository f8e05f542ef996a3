//! What everything is called. Names are labels of RFC 1123, those of services of RFC 1035: small
//! letters, digits and `-`, first a letter.

use crate::emit::app::App;
use crate::emit::notice::Refusal;
use crate::emit::platform::Platform;
use crate::emit::yaml::Node;
use crate::formation::ProcessType;

/// The platform.
pub(super) const KUBERNETES: Platform = Platform::Kubernetes;

/// The longest name of an object that is also a label.
const LONGEST: usize = 63;

/// The longest name of what starts jobs: they get eleven characters more.
const LONGEST_CRON_JOB: usize = 52;

/// What runs a process type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// All the time.
    Deployment,
    /// By the clock.
    CronJob,
    /// Once.
    Job,
}

impl Kind {
    pub(super) fn of(process: &ProcessType) -> Self {
        if process.name.is_release() {
            Self::Job
        } else if process.schedule.is_some() {
            Self::CronJob
        } else {
            Self::Deployment
        }
    }
}

/// The names of an app, none of which Kubernetes refuses.
#[derive(Clone, Debug)]
pub(super) struct Names {
    app: String,
}

impl Names {
    /// The names, if all of them are some.
    pub(super) fn of(app: &App<'_>) -> Result<Self, Vec<Refusal>> {
        let name = app.plain_name(KUBERNETES).map_err(|refusal| vec![refusal])?;
        let names = Self { app: name.replace('_', "-") };
        let refusals: Vec<Refusal> =
            app.formation.processes.iter().filter_map(|process| names.refusal(process)).collect();
        if refusals.is_empty() { Ok(names) } else { Err(refusals) }
    }

    fn refusal(&self, process: &ProcessType) -> Option<Refusal> {
        let name = self.object(process);
        let longest = match Kind::of(process) {
            Kind::Deployment | Kind::Job => LONGEST,
            Kind::CronJob => LONGEST_CRON_JOB,
        };
        let why = if name.len() > longest {
            format!("it has {} characters, and {longest} are allowed", name.len())
        } else if !ends_well(&name) {
            "it has to end in a letter or a digit".to_owned()
        } else {
            return None;
        };
        Some(Refusal::Name { process: process.name.clone(), platform: KUBERNETES, name, why })
    }

    /// The name of a process type as Kubernetes takes it.
    pub(super) fn component(process: &ProcessType) -> String {
        process.name.as_str().to_ascii_lowercase().replace('_', "-")
    }

    /// The name of what runs a process type.
    pub(super) fn object(&self, process: &ProcessType) -> String {
        format!("{}-{}", self.app, Self::component(process))
    }

    /// What holds the defaults. No process type has a name with a dot.
    pub(super) fn config(&self) -> String {
        format!("{}.config", self.app)
    }

    /// What holds the secrets.
    pub(super) fn secret(&self) -> String {
        format!("{}.secrets", self.app)
    }

    /// What tells the pods of a process type.
    pub(super) fn selector(&self, process: &ProcessType) -> Vec<(String, Node)> {
        vec![
            ("app.kubernetes.io/name".to_owned(), Node::text(self.app.clone())),
            ("app.kubernetes.io/component".to_owned(), Node::text(Self::component(process))),
        ]
    }

    /// The labels of an object, of a process type if it is one's.
    pub(super) fn labels(&self, process: Option<&ProcessType>) -> Vec<(String, Node)> {
        let mut labels = match process {
            Some(process) => self.selector(process),
            None => vec![("app.kubernetes.io/name".to_owned(), Node::text(self.app.clone()))],
        };
        labels.push(("app.kubernetes.io/managed-by".to_owned(), Node::text("cargo-formation")));
        labels
    }
}

fn ends_well(name: &str) -> bool {
    name.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
}
