//! What is told of runs beside what happens to them.

use std::collections::{BTreeMap, BTreeSet};

use crate::formation::{Formation, ProcessName, ProcessType, Reach, Ready, RunName};
use crate::plan::{Plan, PlannedInstance, PlannedService, Readiness};

/// What is told of runs beside what happens to them.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Where they are reached, those that are.
    pub addresses: BTreeMap<RunName, String>,
    /// Where the process types are reached, those that are.
    pub reached: BTreeMap<ProcessName, String>,
    /// What has not happened as long as they are not up, as a clause: `it does not listen at …`.
    pub signs: BTreeMap<RunName, String>,
    /// The process types that run when it is their time.
    pub timed: BTreeSet<ProcessName>,
}

impl Known {
    /// What is told of the runs of a plan.
    #[must_use]
    pub fn of(formation: &Formation, plan: &Plan) -> Self {
        let address = |planned: &PlannedInstance| {
            formation.get(&planned.name.process)?.port.exists().then_some(())?;
            Some(format!("http://127.0.0.1:{}", planned.ports.first()?))
        };
        let reached = plan.instances.iter();
        let reached =
            reached.filter_map(|planned| Some((planned.name.process.clone(), address(planned)?)));
        let itself = plan.instances.iter().filter(|planned| planned.reach == Reach::Itself);
        let itself =
            itself.filter_map(|planned| Some((planned.name.clone().into(), address(planned)?)));
        let name = |service: &PlannedService| RunName::Service(service.name.clone());
        let services = plan.services.iter();
        let services = services
            .filter_map(|service| Some((name(service), format!("127.0.0.1:{}", service.port?))));
        let signs = plan.services.iter();
        let signs = signs.filter_map(|service| Some((name(service), missing(&service.ready)?)));
        let instances = plan.instances.iter().filter_map(|planned| {
            let process = formation.get(&planned.name.process)?;
            Some((planned.name.clone().into(), missing_of(process)?))
        });
        let timed = formation.processes.iter().filter(|process| process.schedule.is_some());
        let timed = timed.filter(|_| formation.settings.dev.schedule);
        Self {
            timed: timed.map(|process| process.name.clone()).collect(),
            addresses: itself.chain(services).collect(),
            reached: reached.collect(),
            signs: signs.chain(instances).collect(),
        }
    }
}

/// What has not happened as long as an instance is not up. Where it listens, if the tool gives it
/// a port of its own, is in its `PORT`.
fn missing_of(process: &ProcessType) -> Option<String> {
    Some(match &process.ready {
        Ready::Started => return None,
        Ready::Tcp => "it does not listen at its `PORT`".into(),
        Ready::Http(path) => format!("`{path}` at its `PORT` does not answer with success"),
        Ready::Log(text) => format!("it has not written `{text}`"),
        Ready::Notify => NOT_NOTIFIED.into(),
    })
}

const NOT_NOTIFIED: &str = "it has not said `READY=1` to the socket in `NOTIFY_SOCKET`";

/// What has not happened as long as it is not up.
fn missing(ready: &Readiness) -> Option<String> {
    Some(match ready {
        Readiness::Started => return None,
        Readiness::Tcp(port) => format!("it does not listen at port {port}"),
        Readiness::Http { port, path } => {
            format!("`http://127.0.0.1:{port}{path}` does not answer with success")
        }
        Readiness::Log(text) => format!("it has not written `{text}`"),
        Readiness::Notify => NOT_NOTIFIED.into(),
    })
}
