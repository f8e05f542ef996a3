//! Random histories: whatever happens, at the end everything that differs has been named.

use std::collections::BTreeSet;
use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use proptest::prelude::{Strategy, prop_oneof, proptest};
use proptest::test_runner::Config;

use super::ground::{BOTH, Ground, snapshot, write};
use crate::plan::watch::Knowledge;
use crate::world::watch::Mark;

/// A place among few, so that histories meet.
type Place = usize;

const DIRECTORIES: [&str; 4] = ["web/src", "web/src/a", "web/src/b", "web/src/a/c"];
const NAMES: [&str; 3] = ["x.rs", "y.rs", "z w.rs"];

#[derive(Clone, Debug)]
enum Step {
    Write(Place, u8),
    WriteBeside(Place, u8),
    Delete(Place),
    Rename(Place, Place),
    SetBack(Place),
    MakeDirectory(usize),
    RemoveDirectory(usize),
    MoveDirectory(usize, usize),
    MoveAway(usize),
    MoveBack(usize),
    Update,
    Ask,
}

fn step() -> impl Strategy<Value = Step> {
    let place = || 0..DIRECTORIES.len() * NAMES.len();
    let directory = || 0..DIRECTORIES.len();
    prop_oneof![
        6 => (place(), 0..3_u8).prop_map(|(place, text)| Step::Write(place, text)),
        3 => (place(), 0..3_u8).prop_map(|(place, text)| Step::WriteBeside(place, text)),
        2 => place().prop_map(Step::Delete),
        3 => (place(), place()).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => place().prop_map(Step::SetBack),
        2 => directory().prop_map(Step::MakeDirectory),
        1 => directory().prop_map(Step::RemoveDirectory),
        2 => (directory(), directory()).prop_map(|(from, to)| Step::MoveDirectory(from, to)),
        1 => directory().prop_map(Step::MoveAway),
        1 => directory().prop_map(Step::MoveBack),
        1 => proptest::strategy::Just(Step::Update),
        1 => proptest::strategy::Just(Step::Ask),
    ]
}

/// What cannot be done now is not done: a history may contain anything.
fn take(ground: &mut Ground, step: &Step) {
    let file = |place: &Place| {
        let directory = DIRECTORIES[place / NAMES.len()];
        ground.path(directory).join(NAMES[place % NAMES.len()])
    };
    let directory = |number: &usize| ground.path(DIRECTORIES[*number]);
    let away = ground.beside("away");
    let _ = match step {
        Step::Write(place, text) => fs::write(file(place), [*text]),
        Step::WriteBeside(place, text) => {
            let new = file(place).with_extension("new~");
            fs::write(&new, [*text]).and_then(|()| fs::rename(&new, file(place)))
        }
        Step::Delete(place) => fs::remove_file(file(place)),
        Step::Rename(from, to) => fs::rename(file(from), file(to)),
        Step::SetBack(place) => set_back(&file(place)),
        Step::MakeDirectory(number) => fs::create_dir(directory(number)),
        Step::RemoveDirectory(number) => fs::remove_dir_all(directory(number)),
        Step::MoveDirectory(from, to) => fs::rename(directory(from), directory(to)),
        Step::MoveAway(number) => fs::rename(directory(number), away),
        Step::MoveBack(number) => fs::rename(away, directory(number)),
        Step::Update => {
            ground.update(Mark::now(ground.clock));
            Ok(())
        }
        Step::Ask => {
            ground.ask();
            Ok(())
        }
    };
}

fn set_back(path: &Path) -> std::io::Result<()> {
    let long_ago = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(7));
    File::options().write(true).open(path)?.set_times(long_ago)
}

/// Play a history in chapters; after each, what was reported covers what differs.
fn play(chapters: &[Vec<Step>]) {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |plan| {
            plan.knowledge = Knowledge::Partial;
            write(&plan.root.join("web/src/a/x.rs"), "old");
        });
        for chapter in chapters {
            let before = snapshot(&ground.path("web/src"));
            for step in chapter {
                take(&mut ground, step);
            }
            let told: BTreeSet<PathBuf> =
                ground.settle().into_iter().flat_map(|changes| changes.build).collect();
            let after = snapshot(&ground.path("web/src"));
            let all: BTreeSet<&PathBuf> = before.keys().chain(after.keys()).collect();
            for path in all {
                let (old, new) = (before.get(path), after.get(path));
                let scratch = path.extension().is_some_and(|ending| ending == "new~");
                // A directory that nobody had looked at stands for what came and went in it.
                let is_told = path.ancestors().any(|above| told.contains(above));
                assert!(
                    scratch || old == new || is_told,
                    "{eyes:?}: nobody told that {path:?} was {old:?} and is {new:?}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(48) })]

    #[test]
    fn every_difference_is_reported(
        chapters in proptest::collection::vec(proptest::collection::vec(step(), 1..12), 1..6)
    ) {
        play(&chapters);
    }
}
