//! The table or the environment changes while the formation runs.

use super::super::world::{Behaviour, World};
use super::{
    DATABASE, SECOND, Script, WEB, code, instance, spec, start, with_release, with_service,
};
use crate::formation::{Exit, ExitCode};
use crate::supervise::{
    Event, InstanceId, Owner, Replacement, Rerun, RunId, Setup, Spec, StopReason,
};

fn formation() -> Spec {
    spec(vec![
        instance("web", 1, 0, Replacement::StopFirst),
        instance("worker", 1, 1, Replacement::StopFirst),
    ])
}

fn replan(world: &mut World<Script>, spec: Spec) {
    world.send(Event::Replanned(Box::new(spec)));
}

fn run_of(world: &World<Script>, owner: Owner) -> Vec<(RunId, Setup)> {
    world.alive(owner).map(|(id, process)| (id, process.setup)).collect()
}

#[test]
fn who_is_started_with_something_else_starts_again_without_a_build() {
    let mut world = start(formation(), Script::default());
    world.wait(1_000);
    let worker = run_of(&world, SECOND);
    let mut changed = formation();
    changed.instances[0].setup = Setup(7);
    replan(&mut world, changed);
    world.wait(1_000);
    let [(_, setup)] = run_of(&world, WEB)[..] else { panic!("one run of web") };
    assert_eq!(setup, Setup(7));
    assert_eq!(run_of(&world, SECOND), worker);
    assert_eq!(world.builds.len(), 1);
}

#[test]
fn who_appears_starts_and_who_vanishes_stops() {
    let mut world = start(formation(), Script::default());
    world.wait(1_000);
    let web = run_of(&world, WEB);
    replan(
        &mut world,
        spec(vec![
            instance("web", 1, 0, Replacement::StopFirst),
            instance("clock", 1, 2, Replacement::StopFirst),
        ]),
    );
    world.wait(200);
    assert_eq!(run_of(&world, SECOND), []);
    let clock = Owner::Instance(InstanceId(2));
    assert_eq!(world.runs(clock), [], "nothing of it is built");
    world.spec.binaries = 3;
    world.edit();
    world.wait(1_000);
    assert_eq!(world.runs(clock), [code(2, 1)]);
    assert_ne!(run_of(&world, WEB), web, "the edit changed its code");
}

#[test]
fn who_comes_back_is_who_it_was() {
    let mut world = start(formation(), Script::default());
    world.wait(1_000);
    replan(&mut world, spec(vec![instance("web", 1, 0, Replacement::StopFirst)]));
    // Before the old run is gone.
    replan(&mut world, formation());
    world.wait(500);
    assert_eq!(world.runs(SECOND), [code(1, 0)]);
    assert_eq!(run_of(&world, SECOND).len(), 1);
}

#[test]
fn a_changed_environment_waits_for_the_release_that_it_changes() {
    let spec = || with_release(formation(), Rerun::WhenChanged);
    let mut script = Script::default();
    script.behaviours.insert(200, Behaviour::crashing(400, 0));
    let mut world = start(spec(), script);
    world.wait(1_500);
    let web = run_of(&world, WEB);
    assert_eq!(web.len(), 1);
    let mut changed = spec();
    changed.instances[0].setup = Setup(7);
    changed.release.as_mut().unwrap().setup = Setup(8);
    replan(&mut world, changed);
    world.wait(399);
    assert_eq!(run_of(&world, WEB), web, "release is still running");
    world.wait(500);
    assert_eq!(run_of(&world, WEB)[0].1, Setup(7));
}

#[test]
fn a_release_that_vanishes_while_it_runs_is_seen_to_its_end_and_forgotten() {
    let mut script = Script::default();
    script.behaviours.insert(200, Behaviour::crashing(2_000, 1));
    let mut world = start(with_release(formation(), Rerun::Never), script);
    world.wait(1_000);
    replan(&mut world, formation());
    world.wait(500);
    assert_eq!(world.runs(WEB), []);
    world.wait(2_000);
    assert_eq!(world.runs(WEB), [code(0, 0)]);
}

#[test]
fn services_come_and_go_and_nobody_else_is_moved() {
    let mut world = start(formation(), Script::default());
    world.wait(1_000);
    let web = run_of(&world, WEB);
    replan(&mut world, with_service(formation(), "database"));
    world.wait(200);
    assert_eq!(world.runs(DATABASE).len(), 1);
    replan(&mut world, formation());
    world.wait(200);
    assert_eq!(world.runs(DATABASE).len(), 0);
    assert_eq!(run_of(&world, WEB), web);
}

#[test]
fn nothing_changes_any_more_when_the_formation_stops() {
    let deaf = Behaviour { stops: None, ..Behaviour::polite() };
    let mut script = Script::default();
    script.behaviours.insert(0, deaf);
    let mut world = start(formation(), script);
    world.wait(1_000);
    world.send(Event::Stop(StopReason::Interrupt));
    replan(&mut world, with_service(formation(), "database"));
    world.wait(20_000);
    assert_eq!(world.quit, Some(ExitCode::INTERRUPT));
    let killed = world.processes.values().filter(|run| run.leader == Some(Exit::Signal(9)));
    assert_eq!(killed.count(), 1);
    assert_eq!(world.processes.values().filter(|run| run.owner == DATABASE).count(), 0);
}
