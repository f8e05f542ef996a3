//! Backing services: first to come, last to go.

use std::time::Duration;

use super::super::world::{Behaviour, says};
use super::{DATABASE, Script, WEB, code, instance, spec, start, with_release, with_service};
use crate::formation::{Exit, ExitCode, RunName};
use crate::supervise::{Event, Next, Notice, OnFailure, Replacement, Rerun, Spec, StopReason};

fn formation() -> Spec {
    with_service(spec(vec![instance("web", 1, 0, Replacement::StopFirst)]), "database")
}

fn database() -> RunName {
    RunName::Service("database".parse().unwrap())
}

#[test]
fn cargo_waits_until_every_service_is_up() {
    let mut world = start(
        with_service(formation(), "queue"),
        Script {
            services: vec![
                Behaviour { ready: Some(Duration::from_millis(700)), ..Behaviour::polite() },
                Behaviour { ready: Some(Duration::from_millis(200)), ..Behaviour::polite() },
            ],
            ..Script::default()
        },
    );
    world.wait(699);
    assert!(world.builds.is_empty());
    world.wait(1);
    assert_eq!(world.builds.len(), 1);
    assert_eq!(world.heard("Ready {"), 2);
}

#[test]
fn a_service_stops_after_everything_that_may_need_it() {
    let spec = with_release(formation(), Rerun::Never);
    let mut world = start(spec, Script::default());
    world.wait(1_000);
    assert_eq!(world.runs(WEB), [code(0, 0)]);
    world.send(Event::Stop(StopReason::Interrupt));
    assert_eq!(world.runs(DATABASE).len(), 1);
    world.wait(79);
    assert_eq!(world.runs(DATABASE).len(), 1, "the end of web has not been told");
    world.wait(1);
    assert_eq!(world.runs(DATABASE).len(), 0);
    assert_eq!(world.quit, None);
    world.wait(100);
    assert_eq!(world.quit, Some(ExitCode::INTERRUPT));
}

#[test]
fn a_formation_that_ends_by_itself_takes_its_services_along_at_once() {
    let mut world = start(
        formation(),
        Script { behaviours: [(0, Behaviour::crashing(50, 0))].into(), ..Script::default() },
    );
    world.wait(400);
    assert_eq!(world.quit, Some(ExitCode::SUCCESS));
}

#[test]
fn a_service_that_ends_before_it_is_up_ends_everything() {
    let mut world = start(
        formation(),
        Script { services: vec![Behaviour::crashing(50, 0)], ..Script::default() },
    );
    world.wait(1_000);
    assert!(world.builds.is_empty());
    assert_eq!(world.quit, Some(ExitCode::SERVICE));
    assert_eq!(world.heard("StoppingWithout"), 1);
}

#[test]
fn a_service_that_crashes_at_its_start_is_tried_again() {
    let mut world = start(
        formation(),
        Script {
            services: vec![Behaviour::crashing(50, 1), Behaviour::crashing(50, 1)],
            ..Script::default()
        },
    );
    world.wait(1_000);
    assert_eq!(world.builds.len(), 1);
    assert_eq!(world.runs(WEB), [code(0, 0)]);
}

#[test]
fn a_service_that_crashes_later_comes_back_and_nobody_else_is_moved() {
    let dies = Some((Duration::from_secs(5), Exit::Signal(9)));
    let mut world = start(
        formation(),
        Script {
            services: vec![Behaviour { exits: dies, ..Behaviour::polite() }],
            ..Script::default()
        },
    );
    world.wait(10_000);
    assert_eq!(world.processes.values().filter(|process| process.owner == WEB).count(), 1);
    assert_eq!(world.runs(DATABASE).len(), 1);
    assert_eq!(world.builds.len(), 1);
    assert_eq!(world.heard("Ready {"), 1, "only the first time is news");
}

#[test]
fn a_service_that_crashes_during_the_stop_stays_ended() {
    let dies = Some((Duration::from_millis(1_500), Exit::Signal(9)));
    let mut world = start(
        formation(),
        Script {
            behaviours: [(0, Behaviour { stops: None, ..Behaviour::polite() })].into(),
            services: vec![Behaviour { exits: dies, ..Behaviour::polite() }],
            ..Script::default()
        },
    );
    world.wait(1_000);
    world.send(Event::Stop(StopReason::Terminate));
    let mut ended = false;
    while let Some(actions) = world.step() {
        let next = Next::Over;
        ended |= says(&actions, &Notice::Ended { name: database(), exit: Exit::Signal(9), next });
    }
    assert!(ended);
    assert_eq!(world.quit, Some(ExitCode::TERMINATE));
}

#[test]
fn a_late_service_is_waited_for_unless_nobody_is_there_to_wait() {
    let mute = || Script {
        services: vec![Behaviour { ready: None, ..Behaviour::polite() }],
        ..Script::default()
    };
    let mut world = start(formation(), mute());
    world.wait(60_000);
    assert_eq!(world.heard("Late"), 1);
    assert_eq!(world.quit, None);

    let mut world = start(Spec { on_failure: OnFailure::Exit, ..formation() }, mute());
    world.wait(31_000);
    assert_eq!(world.quit, Some(ExitCode::SERVICE));
}

#[test]
fn the_second_request_kills_services_too() {
    let deaf = || Behaviour { stops: None, ..Behaviour::polite() };
    let mut world = start(
        formation(),
        Script { behaviours: [(0, deaf())].into(), services: vec![deaf()], ..Script::default() },
    );
    world.wait(1_000);
    world.send(Event::Stop(StopReason::Interrupt));
    world.wait(300);
    world.send(Event::Stop(StopReason::Interrupt));
    world.wait(100);
    assert_eq!(world.quit, Some(ExitCode::INTERRUPT));
}
