//! What follows when a process ends by itself.

use std::time::Duration;

use super::{OVERLAP, Script, WEB, code, instance, spec, start};
use crate::formation::{Exit, ExitCode, InstanceName, Restart};
use crate::supervise::tests::world::Behaviour;
use crate::supervise::{Edits, Hope, Next, Notice, OnFailure, Replacement};

#[test]
fn a_crash_loop_slows_down_and_gives_up_and_new_code_revives_it_at_once() {
    let mut script = Script::default();
    script.behaviours.insert(0, Behaviour::crashing(10, 3));
    let mut world = start(spec(vec![instance("worker", 1, 0, Replacement::StopFirst)]), script);
    world.wait(200_000);
    assert_eq!(world.processes.len(), 10);
    assert_eq!(world.heard("GaveUp(10)"), 1);
    let starts: Vec<_> = world.processes.values().map(|process| process.spawned).collect();
    let gaps: Vec<_> = starts.windows(2).map(|pair| pair[1].since(pair[0]).as_millis()).collect();
    assert!(gaps.windows(2).all(|pair| pair[1] > pair[0]), "{gaps:?}");
    assert!(gaps[0] >= 100 && gaps[8] >= 25_600, "{gaps:?}");
    world.edit();
    world.wait(300);
    assert_eq!(world.runs(WEB), [code(0, 1)]);
}

#[test]
fn ten_seconds_of_health_forget_the_failures() {
    let mut script = Script::default();
    let crash = Behaviour { ready: Some(Duration::ZERO), ..Behaviour::crashing(11_000, 1) };
    script.behaviours.insert(0, crash);
    let mut world = start(spec(vec![instance("worker", 1, 0, Replacement::StopFirst)]), script);
    world.wait(180_000);
    assert!(world.processes.len() > 14, "it never gave up");
    assert_eq!(world.heard("Restart(100ms)"), world.heard("Ended {"));
}

#[test]
fn a_crash_of_the_old_code_does_not_bring_the_refused_code_back() {
    let mut script = Script::default();
    script.behaviours.insert(1, Behaviour::crashing(10, 1));
    let dies = Some((Duration::from_secs(20), Exit::Signal(9)));
    script.behaviours.insert(0, Behaviour { exits: dies, ..Behaviour::polite() });
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), script);
    world.wait(500);
    world.edit();
    world.wait(25_000);
    assert_eq!(world.runs(WEB), [code(0, 0)]);
    assert_eq!(world.processes.len(), 3, "old, refused, old again");
}

#[test]
fn the_first_failure_gives_the_code_whatever_the_others_do() {
    let mut spec = spec(vec![
        instance("web", 1, 0, OVERLAP),
        instance("worker", 1, 1, Replacement::StopFirst),
    ]);
    spec.on_failure = OnFailure::Exit;
    let mut script = Script::default();
    script.behaviours.insert(100, Behaviour::crashing(500, 3));
    let mut world = start(spec, script);
    world.wait(2_000);
    assert_eq!(world.quit, Some(ExitCode(3)));
}

#[test]
fn of_two_that_stay_ended_the_first_failure_gives_the_code() {
    let never = |number, binary| {
        let mut spec = instance("import", number, binary, Replacement::StopFirst);
        spec.policy.restart = Restart::Never;
        spec
    };
    let mut spec = spec(vec![never(1, 0), never(2, 1)]);
    spec.edits = Edits::Ignored;
    let mut script = Script::default();
    script.behaviours.insert(0, Behaviour::crashing(900, 5));
    script.behaviours.insert(100, Behaviour::crashing(500, 3));
    let mut world = start(spec, script);
    world.wait(2_000);
    assert_eq!(world.quit, Some(ExitCode(3)));
}

#[test]
fn a_restart_on_purpose_is_no_failure() {
    let mut spec = spec(vec![instance("worker", 1, 0, Replacement::StopFirst)]);
    spec.on_failure = OnFailure::Exit;
    let mut world = start(spec, Script::default());
    world.wait(500);
    world.edit();
    world.wait(2_000);
    assert_eq!(world.quit, None);
    assert_eq!(world.runs(WEB), [code(0, 1)]);
}

#[test]
fn who_daemonizes_is_told_so_and_ended_as_one_tree() {
    let daemon = Behaviour { leaves_survivors: true, ..Behaviour::crashing(10, 0) };
    let mut script = Script::default();
    script.behaviours.insert(0, daemon);
    let mut world = start(spec(vec![instance("worker", 1, 0, Replacement::StopFirst)]), script);
    world.wait(1_000);
    assert_eq!(world.heard("Daemonized"), 1);
    assert!(world.processes.values().all(|process| process.gone));
    assert_eq!(world.quit, Some(ExitCode::SUCCESS));
}

#[test]
fn a_program_that_cannot_be_started_is_no_different_from_one_that_fails() {
    let mut script = Script::default();
    script.behaviours.insert(0, Behaviour { unspawnable: true, ..Behaviour::polite() });
    let mut spec = spec(vec![instance("web", 1, 0, OVERLAP)]);
    spec.on_failure = OnFailure::Exit;
    let mut world = start(spec, script);
    world.wait(1_000);
    assert_eq!(world.heard("NotSpawned"), 2, "once as news, once as a notice");
    assert_eq!(world.quit, Some(ExitCode::CANNOT_RUN));
}

#[test]
fn what_can_never_be_started_is_not_tried_again_before_there_is_new_code() {
    let mut script = Script::default();
    let never = Behaviour { unspawnable: true, hope: Hope::None, ..Behaviour::polite() };
    script.behaviours.insert(0, never);
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), script);
    world.wait(60_000);
    assert_eq!(world.heard("next: InVain"), 1);
    assert_eq!(world.runs(WEB), []);
    world.edit();
    world.wait(300);
    assert_eq!(world.runs(WEB), [code(0, 1)]);
}

#[test]
fn a_signal_death_is_named_with_what_happens_next() {
    let mut script = Script::default();
    let killed = Some((Duration::from_millis(500), Exit::Signal(9)));
    script.behaviours.insert(0, Behaviour { exits: killed, ..Behaviour::polite() });
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), script);
    world.wait(700);
    let name = InstanceName { process: "web".parse().unwrap(), number: 1 };
    let next = Next::Restart(Duration::from_millis(100));
    let notice = Notice::Ended { name: name.into(), exit: Exit::Signal(9), next };
    assert_eq!(world.heard(&format!("{notice:?}")), 1);
}
