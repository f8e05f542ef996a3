//! How a formation is stopped, and when it ends by itself.

use std::time::Duration;

use super::{OVERLAP, Script, instance, spec, start};
use crate::formation::ExitCode;
use crate::supervise::tests::world::{Behaviour, says};
use crate::supervise::{Action, Event, Notice, Replacement, StopReason};

#[test]
fn the_first_request_asks_and_the_second_kills() {
    let mut script = Script::default();
    script.behaviours.insert(0, Behaviour { stops: None, ..Behaviour::polite() });
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), script);
    world.wait(500);
    let asked = world.send(Event::Stop(StopReason::Interrupt));
    assert!(
        matches!(asked[..], [Action::Notice(_), Action::CloseRoutes, Action::Ask(_)]),
        "{asked:?}"
    );
    world.wait(1_500);
    assert_eq!(world.heard("Waiting"), 1, "it says for whom");
    let killed = world.send(Event::Stop(StopReason::Interrupt));
    assert!(says(&killed, &Notice::Killing));
    assert!(killed.iter().any(|action| matches!(action, Action::Kill(_))));
    world.wait(100);
    assert_eq!(world.quit, Some(ExitCode::INTERRUPT));
}

#[test]
fn a_deaf_process_is_killed_when_its_grace_is_over() {
    let mut script = Script::default();
    script.behaviours.insert(0, Behaviour { stops: None, ..Behaviour::polite() });
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), script);
    world.wait(500);
    world.send(Event::Stop(StopReason::Terminate));
    world.wait(9_900);
    assert_eq!(world.quit, None);
    world.wait(200);
    assert_eq!(world.quit, Some(ExitCode::TERMINATE));
    assert_eq!(world.heard("Killed {"), 1);
}

#[test]
fn a_process_that_nothing_can_end_is_left_after_five_seconds() {
    let immortal = Behaviour { stops: None, immortal: true, ..Behaviour::polite() };
    let mut script = Script::default();
    script.behaviours.insert(0, immortal);
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), script);
    world.wait(500);
    world.send(Event::Stop(StopReason::Terminate));
    world.wait(15_200);
    assert_eq!(world.quit, Some(ExitCode::TERMINATE));
    assert_eq!(world.heard("Abandoned"), 1);
}

#[test]
fn a_closed_terminal_is_one_request_however_many_signals_it_sends() {
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), Script::default());
    world.wait(500);
    world.send(Event::Stop(StopReason::Hangup));
    world.wait(5);
    world.send(Event::Stop(StopReason::Hangup));
    world.send(Event::Stop(StopReason::OutputClosed));
    assert_eq!(world.heard("Killing"), 0);
    world.wait(500);
    assert_eq!(world.quit, Some(ExitCode::HANGUP));
}

#[test]
fn a_stop_while_it_builds_ends_cargo_and_starts_nothing() {
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), Script::default());
    world.wait(50);
    world.send(Event::Stop(StopReason::Interrupt));
    world.wait(500);
    assert_eq!(world.quit, Some(ExitCode::INTERRUPT));
    assert_eq!(world.heard("CancelBuild"), 1);
    assert!(world.processes.is_empty());
}

#[test]
fn a_stop_during_the_backoff_wins() {
    let mut script = Script::default();
    script.behaviours.insert(0, Behaviour::crashing(10, 3));
    let mut world = start(spec(vec![instance("worker", 1, 0, Replacement::StopFirst)]), script);
    world.wait(2_000);
    let before = world.processes.len();
    world.send(Event::Stop(StopReason::Interrupt));
    world.wait(60_000);
    assert_eq!(world.processes.len(), before);
    assert_eq!(world.quit, Some(ExitCode::INTERRUPT));
}

#[test]
fn a_stop_between_the_old_run_and_the_new_one_wins() {
    let mut script = Script::default();
    let slow = Behaviour { stops: Some(Duration::from_secs(5)), ..Behaviour::polite() };
    script.behaviours.insert(0, slow);
    let mut world = start(spec(vec![instance("worker", 1, 0, Replacement::StopFirst)]), script);
    world.wait(500);
    world.edit();
    world.wait(1_000);
    assert_eq!(world.processes.len(), 1, "the old one is still stopping");
    world.send(Event::Stop(StopReason::Interrupt));
    world.wait(10_000);
    assert_eq!(world.processes.len(), 1);
    assert_eq!(world.quit, Some(ExitCode::INTERRUPT));
}

#[test]
fn the_formation_ends_when_nothing_is_left_to_run() {
    let mut script = Script::default();
    script.behaviours.insert(0, Behaviour::crashing(100, 0));
    let mut world = start(spec(vec![instance("import", 1, 0, Replacement::StopFirst)]), script);
    world.wait(1_000);
    assert_eq!(world.quit, Some(ExitCode::SUCCESS));
    assert_eq!(world.processes.len(), 1, "an exit with 0 is an end");
}
