//! From a formation and its plan to what `supervise` supervises.

use std::time::Duration;

use super::builds::Builds;
use super::setups::Setups;
use super::shape::Shape;
use crate::formation::{ProcessType, Reach, Ready, Restart};
use crate::plan::{PlannedInstance, PlannedService, ServiceStart};
use crate::supervise::{
    AtTheEnd, Edits, InstanceSpec, Occasion, OnFailure, Policy, ReleaseSpec, Replacement, Rerun,
    ServiceSpec, Spec, Traffic,
};

/// How a formation is supervised, whatever is in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    pub(super) edits: Edits,
    pub(super) on_failure: OnFailure,
    pub(super) at_the_end: AtTheEnd,
}

/// How long a process may take to stop in development, unless the table says otherwise.
const GRACE: Duration = Duration::from_secs(10);
/// How long it may take to become ready, unless the table says otherwise.
const STARTUP: Duration = Duration::from_secs(30);
/// How much longer than its container an engine may take to stop it.
const ENGINE_GRACE: Duration = Duration::from_secs(10);
/// How long an engine may take until a service is up.
const ENGINE_STARTUP: Duration = Duration::from_mins(5);

pub(super) fn spec(
    shape: &Shape,
    manner: Manner,
    setups: &mut Setups,
    builds: &mut Builds,
) -> Spec {
    let Shape { formation, plan, .. } = shape;
    let of = |planned: &PlannedInstance| formation.get(&planned.name.process);
    let services = plan.services.iter().map(|planned| service(planned, setups)).collect();
    let instances = plan.instances.iter().map(|planned| InstanceSpec {
        name: planned.name.clone(),
        binary: builds.number(&planned.binary),
        setup: setups.of_instance(planned),
        occasion: occasion(of(planned), formation.settings.dev.schedule),
        policy: Policy {
            restart: restart(of(planned), manner.on_failure),
            grace: grace(of(planned)),
            startup: startup(of(planned)),
            replacement: replacement(of(planned)),
            traffic: traffic(of(planned)),
        },
    });
    let instances = instances.collect();
    let release = plan.release.as_ref().map(|planned| ReleaseSpec {
        name: planned.name.clone().into(),
        binary: builds.number(&planned.binary),
        setup: setups.of_instance(planned),
        grace: grace(of(planned)),
        rerun: match of(planned) {
            Some(process) if process.rerun => Rerun::WhenChanged,
            Some(_) | None => Rerun::Never,
        },
    });
    let Manner { edits, on_failure, at_the_end } = manner;
    let binaries = builds.binaries();
    Spec { services, instances, release, binaries, edits, on_failure, at_the_end }
}

fn service(planned: &PlannedService, setups: &mut Setups) -> ServiceSpec {
    let (grace, startup) = match planned.start {
        ServiceStart::Command { .. } => (planned.stop.timeout.unwrap_or(GRACE), STARTUP),
        // The engine has the grace for itself, and may have to fetch an image first.
        ServiceStart::Compose { .. } => {
            (planned.stop.timeout.unwrap_or(GRACE) + ENGINE_GRACE, ENGINE_STARTUP)
        }
    };
    ServiceSpec {
        name: planned.name.clone(),
        setup: setups.of_service(planned),
        policy: Policy {
            restart: planned.restart,
            grace,
            startup,
            replacement: Replacement::StopFirst,
            traffic: Traffic::Own,
        },
    }
}

/// When it is run, where the times of what is scheduled are kept or not.
fn occasion(process: Option<&ProcessType>, keeps_times: bool) -> Occasion {
    match (process.is_some_and(|process| process.schedule.is_some()), keeps_times) {
        (false, _) => Occasion::Always,
        (true, false) => Occasion::Asked,
        (true, true) => Occasion::Timed,
    }
}

/// What is scheduled has its next run when it is time. Where a failure ends everything, nobody is promised to be started again after one.
fn restart(process: Option<&ProcessType>, on_failure: OnFailure) -> Restart {
    if process.is_some_and(|process| process.schedule.is_some()) {
        return Restart::Never;
    }
    match (process.map_or(Restart::OnFailure, |process| process.restart), on_failure) {
        (Restart::OnFailure, OnFailure::Exit) => Restart::Never,
        (restart, _) => restart,
    }
}

/// A run can stand beside another where the tool has the port: the router's, or the socket that
/// is handed over. What answers at that socket may be either of them, so that only a run that
/// speaks for itself is known to be up.
fn replacement(process: Option<&ProcessType>) -> Replacement {
    let Some(process) = process.filter(|process| process.overlap) else {
        return Replacement::StopFirst;
    };
    match (process.reach(), &process.ready) {
        (Reach::Routed, _) | (Reach::Socket, Ready::Notify | Ready::Log(_)) => Replacement::Overlap,
        (Reach::Nowhere | Reach::Itself | Reach::Socket, _) => Replacement::StopFirst,
    }
}

fn traffic(process: Option<&ProcessType>) -> Traffic {
    match process {
        Some(process) if process.reach() == Reach::Routed => {
            Traffic::Routed { drain: process.drain }
        }
        Some(_) | None => Traffic::Own,
    }
}

fn grace(process: Option<&ProcessType>) -> Duration {
    process.and_then(|process| process.stop.timeout).unwrap_or(GRACE)
}

fn startup(process: Option<&ProcessType>) -> Duration {
    let health = process.and_then(|process| process.health.as_ref());
    health.map_or(STARTUP, |health| health.startup)
}
