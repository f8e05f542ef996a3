//! What builds, edits and `release` mean for what runs.

use super::{OVERLAP, SECOND, Script, WEB, code, instance, spec, start, with_release};
use crate::formation::{Certainty, ExitCode};
use crate::supervise::tests::world::{Behaviour, Compiled, World, readable};
use crate::supervise::{BuildId, Edits, Errors, Event, OnFailure, Replacement, Rerun};

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
fn what_a_build_may_read_is_built_after_the_build_that_is_under_way() {
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), Script::default());
    world.wait(500);
    world.edit();
    world.wait(20);
    assert_eq!(world.heard("CancelBuild"), 0);
    for _ in 0..3 {
        world.send(Event::Edited(Certainty::Possible));
        world.wait(1);
    }
    world.wait(10_000);
    assert_eq!(world.heard("CancelBuild"), 0);
    assert_eq!(world.runs(WEB), [code(0, 4)]);
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

/// `web` does not compile, `release` does.
fn unmigrated(release: Behaviour) -> World<Script> {
    let web = instance("web", 1, 0, Replacement::StopFirst);
    let mut script = Script::default();
    script.sources.insert((0, 0), Compiled::Broken);
    script.behaviours.insert(100, release);
    start(with_release(spec(vec![web]), Rerun::Never), script)
}

#[test]
fn errors_that_release_may_make_go_away_are_not_shown() {
    let mut world = unmigrated(Behaviour::crashing(300, 0));
    world.wait(300);
    assert_eq!(world.builds[0].errors, Errors::Held);
    world.wait(1_000);
    assert_eq!(world.heard("ShowErrors"), 0);
    assert_eq!(world.heard("BuildAgain"), 1);
    assert_eq!(world.builds[1].errors, Errors::Shown, "there is no reason to hold these");
}

#[test]
fn errors_are_shown_when_release_fails() {
    let mut world = unmigrated(Behaviour::crashing(300, 1));
    world.wait(300);
    assert_eq!(world.heard("ShowErrors"), 0);
    world.wait(1_000);
    assert_eq!(world.heard("ShowErrors"), 1);
    assert_eq!(world.builds.len(), 1);
}

#[test]
fn errors_are_shown_when_release_fails_before_the_build_is_over() {
    let web = instance("web", 1, 0, Replacement::StopFirst);
    let mut script = Script::default();
    script.sources.insert((0, 0), Compiled::Broken);
    script.behaviours.insert(100, Behaviour::crashing(0, 1));
    let mut spec = with_release(spec(vec![web]), Rerun::Never);
    // What is compiled after `release` keeps cargo at work.
    spec.binaries += 1;
    spec.on_failure = OnFailure::Exit;
    let mut world = start(spec, script);
    world.wait(1_000);
    assert_eq!(world.heard("ShowErrors"), 1);
    assert_eq!(world.heard("CancelBuild"), 1, "cargo was still at work");
}

#[test]
fn errors_are_shown_at_once_when_release_is_not_built_either() {
    let web = instance("web", 1, 0, Replacement::StopFirst);
    let mut script = Script::default();
    script.sources.insert((0, 1), Compiled::Broken);
    let mut world = start(with_release(spec(vec![web]), Rerun::Never), script);
    world.wait(1_000);
    assert_eq!(world.heard("ShowErrors"), 1);
}

#[test]
fn who_has_ended_is_not_the_end_while_the_latest_build_has_failed() {
    let mut script = Script::default();
    script.sources.insert((1, 0), Compiled::Broken);
    script.behaviours.insert(0, Behaviour::crashing(1_000, 0));
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), script);
    world.wait(300);
    world.edit();
    world.wait(3_000);
    assert_eq!(world.runs(WEB), []);
    assert_eq!(world.quit, None, "somebody may mend it");
}

#[test]
fn what_is_known_of_an_older_build_says_nothing_of_a_newer() {
    let mut script = Script::default();
    script.sources.insert((1, 0), Compiled::To(code(0, 0)));
    let mut world = start(spec(vec![instance("web", 1, 0, OVERLAP)]), script);
    world.wait(500);
    world.edit();
    world.wait(50);
    world.send(Event::Understood(BuildId(1)));
    world.wait(1_000);
    let text = readable(&world.transcript);
    let (understood, settled) =
        (text.find("< Understood(BuildId(2))"), text.find("> Notice(Settled"));
    assert!(understood.is_some() && understood < settled, "{text}");
    // It counts until nothing moved any more, not until that was known.
    let ended = text.find("< Build(BuildId(2), Ended(Succeeded))");
    assert!(ended < understood, "{text}");
    assert_eq!(world.heard("took: 109ms"), 1, "{text}");
}

#[test]
fn after_an_edit_a_release_that_succeeds_has_a_failed_build_repeated_again() {
    let web = spec(vec![instance("web", 1, 0, OVERLAP)]);
    let mut script = Script::default();
    script.sources.insert((0, 0), Compiled::Broken);
    script.sources.insert((1, 0), Compiled::Broken);
    let mut world = start(with_release(web, Rerun::WhenChanged), script);
    world.wait(3_000);
    assert_eq!(world.heard("> Build("), 2);
    world.edit();
    world.wait(3_000);
    assert_eq!(world.heard("> Build("), 4);
}
