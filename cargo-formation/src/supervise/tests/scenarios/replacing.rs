//! How new code takes the place of old.

use std::time::Duration;

use super::{OVERLAP, SECOND, Script, WEB, code, instance, spec, start};
use crate::supervise::tests::world::Behaviour;
use crate::supervise::{Replacement, Traffic};

#[test]
fn the_old_run_serves_until_the_new_one_is_ready_and_then_drains() {
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), Script::default());
    world.wait(500);
    let old = world.supervise.routed().next();
    assert_eq!(world.heard("beside: Some"), 0);
    world.edit();
    world.wait(120);
    assert_eq!(world.runs(WEB), [code(0, 0), code(0, 1)], "both run");
    assert_eq!(world.heard("beside: Some"), 1, "and that is said");
    assert_eq!(world.supervise.routed().next(), old, "and the old one serves");
    world.wait(200);
    assert_ne!(world.supervise.routed().next(), old);
    world.wait(4_700);
    assert_eq!(world.runs(WEB).len(), 2, "the old one has five seconds to drain");
    world.wait(500);
    assert_eq!(world.runs(WEB), [code(0, 1)]);
}

#[test]
fn a_change_is_not_told_while_an_old_run_that_nobody_routes_does_its_work() {
    let mut script = Script::default();
    let slow = Behaviour { stops: Some(Duration::from_millis(400)), ..Behaviour::polite() };
    script.behaviours.insert(0, slow);
    let mut web = instance("web", 1, 0, OVERLAP);
    web.policy.traffic = Traffic::Own;
    let mut world = start(spec(vec![web]), script);
    world.wait(500);
    world.edit();
    world.wait(500);
    assert_eq!(world.runs(WEB), [code(0, 1)], "the old one is asked to stop");
    assert_eq!((world.alive(WEB).count(), world.heard("Settled")), (2, 0));
    world.wait(500);
    assert_eq!(world.alive(WEB).count(), 1);
    assert_eq!(world.heard("Settled"), 1);
}

#[test]
fn an_idle_old_run_does_not_wait_for_the_end_of_its_drain() {
    let idles = Some(Duration::from_secs(1));
    let mut script = Script::default();
    script.behaviours.insert(0, Behaviour { idles, ..Behaviour::polite() });
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), script);
    world.wait(500);
    world.edit();
    world.wait(1_000);
    assert_eq!(world.runs(WEB).len(), 2, "it has something under way");
    world.wait(200);
    assert_eq!(world.runs(WEB), [code(0, 1)]);
}

#[test]
fn new_code_that_crashes_at_its_start_takes_nothing_down() {
    let mut script = Script::default();
    script.behaviours.insert(1, Behaviour::crashing(10, 1));
    let web = |number| instance("web", number, 0, OVERLAP);
    let mut world = start(spec(vec![web(1), web(2)]), script);
    world.wait(500);
    world.edit();
    world.wait(30_000);
    assert_eq!(world.runs(WEB), [code(0, 0)]);
    assert_eq!(world.runs(SECOND), [code(0, 0)]);
    assert_eq!(world.heard("CandidateFailed"), 1, "one try is enough to know");
    world.edit();
    world.wait(1_000);
    assert!(world.runs(WEB).contains(&code(0, 2)), "the next code is tried");
}

#[test]
fn new_code_that_is_never_ready_takes_nothing_down() {
    let mut script = Script::default();
    script.behaviours.insert(1, Behaviour { ready: None, ..Behaviour::polite() });
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), script);
    world.wait(500);
    world.edit();
    world.wait(60_000);
    assert_eq!(world.runs(WEB), [code(0, 0)]);
    assert_eq!(world.heard("CandidateFailed"), 1);
}

#[test]
fn instances_of_a_type_roll_one_after_the_other() {
    let mut script = Script::default();
    let slow = Behaviour { stops: Some(Duration::from_secs(1)), ..Behaviour::polite() };
    script.behaviours.insert(0, slow);
    let worker = |number| instance("worker", number, 0, Replacement::StopFirst);
    let mut world = start(spec(vec![worker(1), worker(2)]), script);
    world.wait(500);
    world.edit();
    world.wait(600);
    assert_eq!(world.runs(WEB), []);
    assert_eq!(world.runs(SECOND), [code(0, 0)], "the second one waits for its turn");
    world.wait(3_000);
    assert_eq!((world.runs(WEB), world.runs(SECOND)), (vec![code(0, 1)], vec![code(0, 1)]));
}

#[test]
fn a_roll_does_not_go_on_with_code_that_a_later_edit_replaces() {
    let mut script = Script::default();
    let slow = Behaviour { ready: Some(Duration::from_millis(300)), ..Behaviour::polite() };
    script.behaviours.insert(1, slow);
    let web = |number| instance("web", number, 0, OVERLAP);
    let mut spec = spec(vec![web(1), web(2)]);
    // What is compiled after `web` keeps cargo at work.
    spec.binaries += 5;
    let mut world = start(spec, script);
    world.wait(2_000);
    world.edit();
    world.wait(398);
    world.edit();
    world.wait(10);
    assert_eq!(world.heard("CancelBuild"), 1);
    assert!(world.runs(WEB).contains(&code(0, 1)), "the first has taken over");
    assert_eq!(world.runs(SECOND), [code(0, 0)], "the second waits for the code of the edit");
    world.wait(30_000);
    let ran = world.processes.values().filter(|process| process.identity == code(0, 1));
    assert_eq!(ran.count(), 1);
    assert_eq!((world.runs(WEB), world.runs(SECOND)), (vec![code(0, 2)], vec![code(0, 2)]));
}
