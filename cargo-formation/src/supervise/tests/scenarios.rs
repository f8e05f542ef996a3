//! Stories with a beginning and an end, each about one promise.

use std::collections::BTreeMap;
use std::time::Duration;

use super::world::{Behaviour, Compiled, Nature, World, readable, says};
use crate::formation::{Exit, ExitCode, Identity, InstanceName, Restart};
use crate::supervise::{
    Action, BinaryId, Edits, Event, InstanceId, InstanceSpec, Next, Notice, OnFailure, Owner,
    ReleaseSpec, Replacement, Rerun, Spec, StopReason,
};

/// A world that does what the script says: everybody is polite unless it says otherwise.
#[derive(Default)]
struct Script {
    behaviours: BTreeMap<u128, Behaviour>,
    /// What the binaries compile to after an edit, where it is not `binary * 100 + edits`.
    sources: BTreeMap<(u64, usize), Compiled>,
}

impl Nature for Script {
    fn compile(&mut self, edits: u64, binary: BinaryId) -> (Compiled, Duration) {
        let plain = Compiled::To(code(binary.0, edits));
        let compiled = self.sources.get(&(edits, binary.0)).copied().unwrap_or(plain);
        (compiled, Duration::from_millis(100))
    }

    fn behave(&mut self, owner: Owner, identity: Identity) -> Behaviour {
        let known = (0..10_000).find(|n| Identity::new(*n) == identity);
        let said = known.and_then(|n| self.behaviours.get(&n)).cloned();
        said.unwrap_or_else(|| match owner {
            Owner::Release => Behaviour::crashing(50, 0),
            Owner::Instance(_) => Behaviour { idles: None, ..Behaviour::polite() },
        })
    }

    fn delay(&mut self) -> Duration {
        Duration::ZERO
    }

    fn dawdles(&mut self) -> Duration {
        Duration::from_millis(15)
    }

    fn repeats(&mut self) -> bool {
        false
    }
}

/// What binary number `binary` compiles to after so many edits.
fn code(binary: usize, edits: u64) -> Identity {
    Identity::new(binary as u128 * 100 + u128::from(edits))
}

const OVERLAP: Replacement = Replacement::Overlap { drain: Duration::from_secs(5) };
const WEB: Owner = Owner::Instance(InstanceId(0));
const SECOND: Owner = Owner::Instance(InstanceId(1));

fn instance(name: &str, number: u16, binary: usize, replacement: Replacement) -> InstanceSpec {
    InstanceSpec {
        name: InstanceName { process: name.parse().unwrap(), number },
        binary: BinaryId(binary),
        restart: Restart::OnFailure,
        grace: Duration::from_secs(10),
        startup: Duration::from_secs(30),
        replacement,
    }
}

fn spec(instances: Vec<InstanceSpec>) -> Spec {
    let binaries = instances.iter().map(|instance| instance.binary.0 + 1).max().unwrap_or(0);
    Spec {
        instances,
        release: None,
        binaries,
        edits: Edits::Watched,
        on_failure: OnFailure::KeepGoing,
    }
}

fn with_release(mut spec: Spec, rerun: Rerun) -> Spec {
    spec.release = Some(ReleaseSpec {
        name: InstanceName { process: "release".parse().unwrap(), number: 1 },
        binary: BinaryId(spec.binaries),
        grace: Duration::from_secs(10),
        rerun,
    });
    spec.binaries += 1;
    spec
}

fn start(spec: Spec, script: Script) -> World<Script> {
    let mut world = World::new(spec, script);
    world.send(Event::Started);
    world
}

impl World<Script> {
    fn wait(&mut self, millis: u64) {
        self.run_for(Duration::from_millis(millis));
    }

    fn edit(&mut self) {
        self.send(Event::Edited);
    }

    /// What an instance runs and is not asked to leave.
    fn runs(&self, owner: Owner) -> Vec<Identity> {
        let alive = self.alive(owner).filter(|(_, process)| process.asked.is_none());
        alive.map(|(_, process)| process.identity).collect()
    }

    fn heard(&self, words: &str) -> usize {
        readable(&self.transcript).lines().filter(|line| line.contains(words)).count()
    }
}

#[test]
fn release_runs_to_its_end_before_anything_starts() {
    let spec = with_release(spec(vec![instance("web", 1, 0, OVERLAP)]), Rerun::Never);
    let mut world = start(spec, Script::default());
    world.wait(240);
    assert_eq!(world.runs(WEB), [], "release is still running");
    world.wait(400);
    assert_eq!(world.runs(WEB), [code(0, 0)]);
}

#[test]
fn a_failed_release_is_the_end_with_its_code() {
    let mut spec = with_release(spec(vec![instance("web", 1, 0, OVERLAP)]), Rerun::Never);
    spec.edits = Edits::Ignored;
    let mut script = Script::default();
    script.behaviours.insert(100, Behaviour::crashing(50, 7));
    let mut world = start(spec, script);
    world.wait(2_000);
    assert_eq!(world.quit, Some(ExitCode(7)));
    assert_eq!(world.processes.len(), 1, "nothing but release has run");
}

#[test]
fn without_edits_nothing_starts_from_a_build_that_fails() {
    let mut spec = spec(vec![
        instance("web", 1, 0, OVERLAP),
        instance("worker", 1, 1, Replacement::StopFirst),
    ]);
    spec.edits = Edits::Ignored;
    let mut script = Script::default();
    script.sources.insert((0, 1), Compiled::Broken);
    let mut world = start(spec, script);
    world.wait(2_000);
    assert_eq!(world.quit, Some(ExitCode::BUILD));
    assert!(world.processes.is_empty());
}

#[test]
fn a_build_that_failed_before_release_is_repeated_once_after_it() {
    let mut spec = with_release(spec(vec![instance("web", 1, 0, OVERLAP)]), Rerun::Never);
    spec.edits = Edits::Ignored;
    let mut script = Script::default();
    script.sources.insert((0, 0), Compiled::Broken);
    let mut world = start(spec, script);
    world.wait(3_000);
    assert_eq!(world.heard("> Build("), 2);
    assert_eq!(world.quit, Some(ExitCode::BUILD), "it did not help, and once is enough");
}

#[test]
fn the_first_request_asks_and_the_second_kills() {
    let mut script = Script::default();
    script.behaviours.insert(0, Behaviour { stops: None, ..Behaviour::polite() });
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), script);
    world.wait(500);
    let asked = world.send(Event::Stop(StopReason::Interrupt));
    assert!(matches!(asked[..], [Action::Notice(_), Action::Ask(_)]), "{asked:?}");
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
fn the_old_run_serves_until_the_new_one_is_ready_and_then_drains() {
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), Script::default());
    world.wait(500);
    let old = world.supervise.routed().next();
    world.edit();
    world.wait(120);
    assert_eq!(world.runs(WEB), [code(0, 0), code(0, 1)], "both run");
    assert_eq!(world.supervise.routed().next(), old, "and the old one serves");
    world.wait(200);
    assert_ne!(world.supervise.routed().next(), old);
    world.wait(4_700);
    assert_eq!(world.runs(WEB).len(), 2, "the old one has five seconds to drain");
    world.wait(500);
    assert_eq!(world.runs(WEB), [code(0, 1)]);
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
fn a_broken_build_signals_nobody_and_does_not_keep_new_code_from_others() {
    let mut script = Script::default();
    script.sources.insert((1, 0), Compiled::Broken);
    let worker = instance("worker", 1, 1, Replacement::StopFirst);
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP), worker]), script);
    world.wait(500);
    world.edit();
    world.wait(1_000);
    assert_eq!(world.runs(WEB), [code(0, 0)]);
    assert_eq!(world.runs(SECOND), [code(1, 1)]);
}

#[test]
fn equal_code_restarts_nothing() {
    let mut script = Script::default();
    script.sources.insert((1, 0), Compiled::To(code(0, 0)));
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), script);
    world.wait(500);
    world.edit();
    world.wait(10_000);
    assert_eq!(world.processes.len(), 1);
}

#[test]
fn an_edit_during_a_build_cancels_it_and_constant_saving_still_shows_results() {
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), Script::default());
    world.wait(500);
    for _ in 0..40 {
        world.edit();
        world.wait(50);
    }
    let swaps = world.processes.len() - 1;
    assert!(swaps >= 2, "{swaps} swaps while somebody saves all the time");
    world.wait(10_000);
    assert_eq!(world.runs(WEB), [code(0, 40)], "and the last word wins");
}

#[test]
fn nothing_swaps_before_a_changed_release_succeeded() {
    let spec = with_release(spec(vec![instance("web", 1, 0, OVERLAP)]), Rerun::WhenChanged);
    let mut script = Script::default();
    script.behaviours.insert(101, Behaviour::crashing(50, 1));
    let mut world = start(spec, script);
    world.wait(1_000);
    world.edit();
    world.wait(10_000);
    assert_eq!(world.runs(WEB), [code(0, 0)], "release of the first edit failed");
    world.edit();
    world.wait(10_000);
    assert_eq!(world.runs(WEB), [code(0, 2)]);
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
    let never = |number, binary| InstanceSpec {
        restart: Restart::Never,
        ..instance("import", number, binary, Replacement::StopFirst)
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
fn a_signal_death_is_named_with_what_happens_next() {
    let mut script = Script::default();
    let killed = Some((Duration::from_millis(500), Exit::Signal(9)));
    script.behaviours.insert(0, Behaviour { exits: killed, ..Behaviour::polite() });
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), script);
    world.wait(700);
    let name = InstanceName { process: "web".parse().unwrap(), number: 1 };
    let next = Next::Restart(Duration::from_millis(100));
    let notice = Notice::Ended { name, exit: Exit::Signal(9), next };
    assert_eq!(world.heard(&format!("{notice:?}")), 1);
}
