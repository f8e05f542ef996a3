//! Who gets the requests, and what becomes of those under way.

use std::time::Duration;

use super::{DRAIN, OVERLAP, SECOND, Script, WEB, code, instance, spec, start};
use crate::formation::{InstanceName, ProcessName};
use crate::supervise::tests::world::{Behaviour, World};
use crate::supervise::{
    Action, Event, InstanceSpec, Notice, Replacement, RunId, RunNews, StopReason, Traffic,
};

fn web() -> ProcessName {
    "web".parse().unwrap()
}

/// An instance that stops before it starts, and is routed.
fn stopping_first(number: u16) -> InstanceSpec {
    let mut spec = instance("web", number, 0, Replacement::StopFirst);
    spec.policy.traffic = Traffic::Routed { drain: DRAIN };
    spec
}

fn routes(world: &World<Script>) -> &[RunId] {
    world.routes.get(&web()).map_or(&[], |runs| runs)
}

#[test]
fn the_new_run_gets_the_requests_before_anything_else_happens() {
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), Script::default());
    world.wait(500);
    let old = routes(&world).to_vec();
    assert_eq!(old.len(), 1);
    world.edit();
    world.wait(120);
    let new = world.alive(WEB).map(|(run, _)| run).last().unwrap();
    let actions = world.send(Event::Run(new, RunNews::Ready));
    assert_eq!(actions.first(), Some(&Action::Route(web(), vec![new])), "{actions:?}");
}

#[test]
fn who_stops_first_finishes_what_it_has() {
    let mut world = start(spec(vec![stopping_first(1)]), Script::default());
    world.wait(500);
    world.edit();
    world.wait(4_000);
    assert_eq!(routes(&world), [], "it gets nothing new");
    assert_eq!(world.runs(WEB), [code(0, 0)], "and is not asked to stop");
    world.wait(3_000);
    assert_eq!(world.runs(WEB), [code(0, 1)]);
    assert_eq!(routes(&world).len(), 1);
}

#[test]
fn nobody_waits_for_the_end_of_a_request_when_everything_ends() {
    let mut world = start(spec(vec![stopping_first(1)]), Script::default());
    world.wait(500);
    world.edit();
    world.wait(1_000);
    world.send(Event::Stop(StopReason::Interrupt));
    world.wait(200);
    assert!(world.closed.is_some());
    assert!(world.quit.is_some());
}

#[test]
fn who_is_of_the_formation_no_more_finishes_what_it_has() {
    let both = spec(vec![instance("web", 1, 0, OVERLAP), instance("web", 2, 0, OVERLAP)]);
    let mut world = start(both, Script::default());
    world.wait(500);
    assert_eq!(routes(&world).len(), 2);
    let one = spec(vec![instance("web", 1, 0, OVERLAP)]);
    world.send(Event::Replanned(Box::new(one)));
    assert_eq!(routes(&world).len(), 1);
    world.wait(4_000);
    assert_eq!(world.runs(SECOND), [code(0, 0)]);
    world.wait(2_000);
    assert_eq!(world.runs(SECOND), []);
}

#[test]
fn who_is_unwell_gets_no_requests_until_it_is_well() {
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), Script::default());
    world.wait(500);
    let run = routes(&world)[0];
    for _ in 0..2 {
        world.send(Event::Run(run, RunNews::Unwell("503".into())));
        assert_eq!(routes(&world), []);
    }
    assert_eq!(world.heard("Unwell {"), 1, "it is said once");
    world.wait(60_000);
    assert_eq!(world.runs(WEB), [code(0, 0)], "nobody is killed for it");
    world.send(Event::Run(run, RunNews::Well));
    assert_eq!(routes(&world), [run]);
    assert_eq!(world.heard("WellAgain"), 1);
}

#[test]
fn new_code_takes_the_place_of_who_is_unwell() {
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), Script::default());
    world.wait(500);
    let run = routes(&world)[0];
    world.send(Event::Run(run, RunNews::Unwell("503".into())));
    world.edit();
    world.wait(500);
    assert_eq!(world.runs(WEB), [code(0, 1)]);
    assert_eq!(routes(&world).len(), 1);
}

#[test]
fn who_cannot_stand_beside_another_gets_the_place_for_itself_and_so_do_all_of_its_type() {
    let mut script = Script::default();
    let in_use = Some((Duration::from_millis(20), vec![4_010]));
    let news = Behaviour { wants_address: in_use, ..Behaviour::crashing(30, 1) };
    script.behaviours.insert(1, news);
    let both = spec(vec![instance("web", 1, 0, OVERLAP), instance("web", 2, 0, OVERLAP)]);
    let mut world = start(both, script);
    world.wait(500);
    world.edit();
    // Once it stands alone it works.
    world.wait(140);
    world.nature.behaviours.remove(&1);
    world.wait(30_000);
    assert_eq!((world.runs(WEB), world.runs(SECOND)), (vec![code(0, 1)], vec![code(0, 1)]));
    let name = InstanceName { process: web(), number: 1 }.into();
    let notice = Notice::CannotOverlap { name, ports: vec![4_010] };
    assert_eq!(world.heard(&format!("{notice:?}")), 1);
    assert_eq!(world.heard("CannotOverlap"), 1, "one finds out for all");
    assert_eq!(world.heard("CandidateFailed"), 0);
}

#[test]
fn a_type_is_said_to_be_up_when_all_of_it_is_and_once() {
    let both = spec(vec![instance("web", 1, 0, OVERLAP), instance("web", 2, 0, OVERLAP)]);
    let mut world = start(both, Script::default());
    world.wait(149);
    assert_eq!(world.heard("Up {"), 0);
    world.wait(500);
    assert_eq!(world.heard("Up {"), 1);
    world.edit();
    world.wait(30_000);
    assert_eq!(world.heard("Up {"), 1);
}
