//! What somebody asks for while the formation runs.

use std::time::Duration;

use super::super::world::{Behaviour, Compiled, World, readable};
use super::{SECOND, Script, WEB, code, instance, spec, start};
use crate::supervise::{Action, Answer, Command, Event, Replacement, Spec, Ticket, Traffic, Whom};

fn both() -> Spec {
    spec(vec![
        instance("web", 1, 0, Replacement::StopFirst),
        instance("web", 2, 0, Replacement::StopFirst),
    ])
}

fn only(name: &str) -> Whom {
    Whom::These(vec![name.parse().unwrap()])
}

#[test]
fn a_stop_of_a_type_holds_nobody_who_leaves_it_anyhow() {
    let mut world = start(both(), Script::default());
    world.wait(1_000);
    world.send(Event::Replanned(Box::new(spec(vec![instance(
        "web",
        1,
        0,
        Replacement::StopFirst,
    )]))));
    // Before the second is gone.
    assert!(world.alive(SECOND).next().is_some());
    world.send(Event::Asked(None, Command::Stop(only("web"))));
    world.wait(1_000);
    world.send(Event::Replanned(Box::new(both())));
    world.wait(1_000);
    assert_eq!(world.runs(WEB), []);
    assert_eq!(world.runs(SECOND), [code(0, 0)]);
}

#[test]
fn a_start_does_not_wait_for_the_end_of_a_backoff() {
    let mut script = Script::default();
    script.behaviours.insert(0, Behaviour::crashing(50, 3));
    let web = spec(vec![instance("web", 1, 0, Replacement::StopFirst)]);
    let mut world = start(web, script);
    // It starts again after 800 ms.
    world.wait(1_400);
    assert_eq!(world.runs(WEB), []);
    let spawned = world.heard("> Spawn");
    world.send(Event::Asked(None, Command::Start(only("web"))));
    assert_eq!(world.heard("> Spawn"), spawned + 1);
}

#[test]
fn a_restart_is_not_done_while_the_old_run_works_beside_the_new_one() {
    let mut script = Script::default();
    let slow = Behaviour { stops: Some(Duration::from_secs(1)), ..Behaviour::polite() };
    script.behaviours.insert(0, slow);
    let mut web = instance("web", 1, 0, Replacement::Overlap);
    web.policy.traffic = Traffic::Own;
    let mut world = start(spec(vec![web]), script);
    world.wait(1_000);
    world.send(Event::Asked(Some(Ticket(0)), Command::Restart(only("web"))));
    world.wait(900);
    assert_eq!((world.runs(WEB).len(), world.alive(WEB).count()), (1, 2));
    assert_eq!(world.heard("Answer(Ticket(0)"), 0);
    world.wait(500);
    assert_eq!(world.heard("Answer(Ticket(0)"), 1);
}

#[test]
fn nobody_is_told_that_all_is_idle_before_it_is_known_what_the_build_has_read() {
    let mut script = Script::default();
    // Nothing has to start again, which would take longer.
    script.sources.insert((1, 0), Compiled::To(code(0, 0)));
    let mut world = start(both(), script);
    world.wait(1_000);
    world.edit();
    world.send(Event::Asked(Some(Ticket(0)), Command::Idle));
    world.wait(1_000);
    let transcript = readable(&world.transcript);
    let lines: Vec<&str> = transcript.lines().collect();
    let at = |words: &str| lines.iter().position(|line| line.contains(words)).unwrap();
    assert!(at("Understood(BuildId(2))") < at("Answer(Ticket(0)"), "{transcript}");
}

/// What is answered to somebody who waits until nothing is under way.
fn idle(world: &mut World<Script>) -> Answer {
    world.edit();
    let ticket = Ticket(world.edits);
    let mut actions = world.send(Event::Asked(Some(ticket), Command::Idle));
    for _ in 0..100 {
        for action in actions {
            if let Action::Answer(to, answer) = action
                && to == ticket
            {
                return answer;
            }
        }
        actions = world.step().unwrap_or_default();
    }
    panic!("no answer:\n{}", readable(&world.transcript));
}

#[test]
fn code_that_failed_is_forgotten_when_there_is_other_code() {
    let mut script = Script::default();
    script.behaviours.insert(1, Behaviour::crashing(10, 3));
    // Mended by what is there anyhow.
    script.sources.insert((3, 0), Compiled::To(code(0, 2)));
    script.sources.insert((4, 0), Compiled::To(code(0, 1)));
    script.sources.insert((5, 0), Compiled::To(code(0, 2)));
    let web = spec(vec![instance("web", 1, 0, Replacement::Overlap)]);
    let mut world = start(web, script);
    world.wait(1_000);
    for (save, is_good) in [(1, false), (2, true), (3, true), (4, false), (5, true)] {
        let answer = idle(&mut world);
        let Answer::Over(came) = answer else { panic!("{save}: {answer:?}") };
        let [(_, outcome)] = came[..] else { panic!("{save}: {came:?}") };
        let expected = if is_good { "Up" } else { "Refused" };
        assert!(format!("{outcome:?}").starts_with(expected), "{save}: {outcome:?}");
    }
}
