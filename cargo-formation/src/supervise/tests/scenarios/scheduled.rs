//! What is scheduled: a run for each time, or for whoever asks, and never two at once.

use std::time::Duration;

use super::{Script, instance, spec, start};
use crate::formation::{Exit, Restart};
use crate::supervise::tests::world::{Behaviour, World, says};
use crate::supervise::{
    Action, Answer, AtTheEnd, Command, Event, InstanceId, InstanceSpec, Notice, Occasion, Outcome,
    Owner, Replacement, State, StopReason, Ticket, Whom,
};

const REPORT: Owner = Owner::Instance(InstanceId(1));

fn report(occasion: Occasion) -> InstanceSpec {
    let mut report = instance("report", 1, 1, Replacement::StopFirst);
    report.occasion = occasion;
    report.policy.restart = Restart::Never;
    report
}

/// A formation of `web`, and of a `report` that takes a second, or what the behaviour says.
fn shop(occasion: Occasion, behaviour: &Behaviour) -> World<Script> {
    let mut script = Script::default();
    for edits in 0..4 {
        script.behaviours.insert(100 + edits, behaviour.clone());
    }
    let web = instance("web", 1, 0, Replacement::StopFirst);
    start(spec(vec![web, report(occasion)]), script)
}

fn a_second(exit: i32) -> Behaviour {
    Behaviour { ready: Behaviour::polite().ready, ..Behaviour::crashing(1_000, exit) }
}

fn due(world: &mut World<Script>) -> Vec<Action> {
    world.send(Event::Due("report".parse().unwrap()))
}

fn named() -> Whom {
    Whom::These(vec!["report".parse().unwrap()])
}

fn ask(world: &mut World<Script>, command: Command) -> Vec<Action> {
    world.send(Event::Asked(None, command))
}

fn state(world: &World<Script>) -> State {
    let seen = world.supervise.view(world.now);
    seen.iter().find(|seen| seen.name.process().as_str() == "report").unwrap().state
}

/// How many runs of it have begun.
fn begun(world: &World<Script>) -> usize {
    world.processes.values().filter(|process| process.owner == REPORT).count()
}

fn notice() -> Notice {
    Notice::Skipped(report(Occasion::Timed).name.into())
}

#[test]
fn it_waits_for_its_time_runs_once_and_waits_again() {
    let mut world = shop(Occasion::Timed, &a_second(0));
    world.wait(60_000);
    assert_eq!((begun(&world), state(&world)), (0, State::Scheduled));
    due(&mut world);
    world.wait(500);
    assert_eq!((begun(&world), state(&world)), (1, State::Ready));
    world.wait(60_000);
    assert_eq!((begun(&world), state(&world)), (1, State::Finished));
    due(&mut world);
    world.wait(60_000);
    assert_eq!(begun(&world), 2);
}

#[test]
fn one_that_fails_has_its_next_chance_when_it_is_time() {
    let mut world = shop(Occasion::Timed, &a_second(3));
    world.wait(1_000);
    due(&mut world);
    world.wait(60_000);
    assert_eq!((begun(&world), state(&world)), (1, State::Failed(Exit::Code(3))));
    due(&mut world);
    world.wait(60_000);
    assert_eq!(begun(&world), 2);
}

#[test]
fn a_time_that_comes_while_it_runs_is_skipped_and_said_to_be() {
    let mut world = shop(Occasion::Timed, &a_second(0));
    world.wait(1_000);
    assert!(!says(&due(&mut world), &notice()));
    world.wait(500);
    assert!(says(&due(&mut world), &notice()));
    world.wait(60_000);
    assert_eq!(begun(&world), 1, "nothing is made up for");
}

#[test]
fn times_that_come_before_anything_is_built_are_one() {
    let mut world = shop(Occasion::Timed, &a_second(0));
    due(&mut world);
    assert!(!says(&due(&mut world), &notice()));
    world.wait(60_000);
    assert_eq!(begun(&world), 1);
}

#[test]
fn a_save_starts_nothing_and_a_run_is_seen_to_its_end() {
    let mut world = shop(Occasion::Timed, &a_second(0));
    world.wait(1_000);
    world.edit();
    world.wait(1_000);
    assert_eq!(begun(&world), 0);
    due(&mut world);
    world.wait(300);
    world.edit();
    world.wait(10_000);
    assert_eq!(begun(&world), 1);
    assert_eq!(
        world.processes.values().filter(|it| it.owner == REPORT && it.asked.is_some()).count(),
        0
    );
    assert_eq!(world.heard("behind: []"), 2, "and nobody complains of old code");
    due(&mut world);
    world.wait(300);
    assert_eq!(world.runs(REPORT), [super::code(1, 2)], "the next run is of the newest");
}

#[test]
fn who_asks_has_it_run_now_once_and_never_beside_itself() {
    let mut world = shop(Occasion::Asked, &a_second(0));
    world.wait(1_000);
    due(&mut world);
    assert_eq!(begun(&world), 0, "nobody keeps its times");
    ask(&mut world, Command::Start(named()));
    world.wait(500);
    let again = world.send(Event::Asked(Some(Ticket(1)), Command::Start(named())));
    let is_busy = |action: &Action| matches!(action, Action::Answer(_, Answer::Over(came)) if matches!(came[..], [(_, Outcome::Busy(Some(_)))]));
    assert!(again.iter().any(is_busy), "{again:?}");
    world.wait(10_000);
    assert_eq!(begun(&world), 1);
    ask(&mut world, Command::Start(named()));
    world.wait(300);
    ask(&mut world, Command::Restart(named()));
    world.wait(10_000);
    assert_eq!(begun(&world), 3);
}

#[test]
fn what_is_asked_of_all_is_not_asked_of_it_but_to_stop() {
    let mut world = shop(Occasion::Timed, &a_second(0));
    world.wait(1_000);
    for command in [Command::Renew(Whom::All), Command::Start(Whom::All)] {
        ask(&mut world, command);
        world.wait(1_000);
        assert_eq!((begun(&world), state(&world)), (0, State::Scheduled));
    }
    ask(&mut world, Command::Stop(Whom::All));
    due(&mut world);
    world.wait(1_000);
    assert_eq!((begun(&world), state(&world)), (0, State::Stopped));
    ask(&mut world, Command::Start(Whom::All));
    world.wait(1_000);
    assert_eq!((begun(&world), state(&world)), (0, State::Scheduled));
}

#[test]
fn nobody_who_waits_for_the_formation_waits_for_it() {
    let mut world = shop(Occasion::Timed, &Behaviour { ready: None, ..Behaviour::polite() });
    world.wait(1_000);
    due(&mut world);
    world.wait(100);
    for (number, command) in
        [Command::Ready, Command::Idle, Command::Settle(Whom::All)].into_iter().enumerate()
    {
        let ticket = Ticket(number as u64);
        let answers = world.send(Event::Asked(Some(ticket), command));
        let is_well = |action: &Action| matches!(action, Action::Answer(_, Answer::Over(came)) if came.len() == 1 && came[0].1.is_good());
        assert!(answers.iter().any(is_well), "{answers:?}");
    }
}

#[test]
fn a_formation_ends_without_it_but_not_under_it() {
    let mut script = Script::default();
    script.behaviours.insert(0, Behaviour::crashing(5_000, 0));
    script.behaviours.insert(100, Behaviour::crashing(8_000, 1));
    let import = instance("import", 1, 0, Replacement::StopFirst);
    let mut world = start(spec(vec![import, report(Occasion::Timed)]), script);
    world.wait(1_000);
    due(&mut world);
    world.wait(6_000);
    assert_eq!(world.quit, None, "somebody is at work");
    world.wait(4_000);
    assert!(world.quit.is_some());
}

#[test]
fn a_formation_of_nothing_else_is_there_for_the_next_time() {
    let mut script = Script::default();
    script.behaviours.insert(0, Behaviour::crashing(100, 0));
    let mut report = report(Occasion::Timed);
    report.binary = crate::supervise::BinaryId(0);
    assert_eq!(spec(vec![]).at_the_end, AtTheEnd::Leave);
    let mut world = start(spec(vec![report]), script);
    world.wait(1_000);
    due(&mut world);
    world.wait(60_000);
    assert_eq!(world.quit, None);
    world.send(Event::Stop(StopReason::Command));
    assert!(world.quit.is_some());
}

#[test]
fn a_formation_of_nothing_else_ends_with_the_run_that_was_asked_for() {
    let mut script = Script::default();
    script.behaviours.insert(0, Behaviour::crashing(100, 0));
    let mut report = report(Occasion::Asked);
    report.binary = crate::supervise::BinaryId(0);
    let mut world = start(spec(vec![report]), script);
    ask(&mut world, Command::Start(named()));
    world.wait(60_000);
    assert!(world.quit.is_some());
}

#[test]
fn who_leaves_and_comes_back_does_not_start_for_that() {
    let mut world = shop(Occasion::Timed, &Behaviour::polite());
    world.wait(1_000);
    due(&mut world);
    world.wait(500);
    let (mut without, with) = (world.wanted(), world.wanted());
    without.instances.pop();
    world.send(Event::Replanned(Box::new(without)));
    world.wait(1_000);
    assert!(world.runs(REPORT).is_empty());
    let (without, nobody) = (world.wanted(), Ticket(1));
    let answers = world.send(Event::Asked(Some(nobody), Command::Start(named())));
    let is_unknown = |action: &Action| matches!(action, Action::Answer(_, Answer::Unknown(_)));
    assert!(answers.iter().any(is_unknown), "{answers:?}");
    world.send(Event::Replanned(Box::new(with)));
    world.wait(1_000);
    assert_eq!((begun(&world), state(&world)), (1, State::Scheduled));
    // The same of one that has not run since.
    world.send(Event::Replanned(Box::new(without)));
    let answers = world.send(Event::Asked(Some(nobody), Command::Start(named())));
    assert!(answers.iter().any(is_unknown), "{answers:?}");
    let mut with = world.wanted();
    with.instances.push(report(Occasion::Timed));
    world.send(Event::Replanned(Box::new(with)));
    world.wait(1_000);
    assert_eq!((begun(&world), state(&world)), (1, State::Scheduled));
}

#[test]
fn who_is_scheduled_from_now_on_is_not_started_for_what_was_asked_before() {
    let mut always = report(Occasion::Always);
    always.policy.replacement = Replacement::Overlap;
    let web = instance("web", 1, 0, Replacement::StopFirst);
    let mut script = Script::default();
    // Longer than a build takes.
    let slow = Behaviour { ready: Some(Duration::from_secs(5)), ..Behaviour::polite() };
    script.behaviours.insert(100, slow);
    let mut world = start(spec(vec![web, always]), script);
    world.wait(10_000);
    ask(&mut world, Command::Restart(named()));
    assert_eq!((begun(&world), world.runs(REPORT).len()), (2, 2), "one beside the other");
    let mut timed = world.wanted();
    timed.instances[1] = report(Occasion::Timed);
    world.send(Event::Replanned(Box::new(timed)));
    world.edit();
    world.wait(10_000);
    assert_eq!((begun(&world), world.runs(REPORT).len()), (2, 1));
}
