//! From one set to the next: what may not get lost in between.

use std::fs;

use super::ground::{BOTH, Ground, wait_for_another_tick, write};
use crate::plan::watch::Knowledge;
use crate::world::watch::Mark;

#[test]
fn a_file_that_a_build_is_the_first_to_read_and_that_is_edited_meanwhile() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        let since = Mark::now(ground.clock);
        // The build reads it, then it is edited. Nobody cares yet.
        ground.write("web/page.html", "new");
        assert_eq!(ground.settle(), []);
        ground.plan.inputs.insert(ground.path("web/page.html"));
        ground.update(since);
        ground.builds(&["web/page.html"]);
        ground.update(since);
        assert_eq!(ground.settle(), [], "it has been told");
    }
}

#[test]
fn a_file_outside_that_is_edited_before_anybody_looks() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |plan| {
            for file in ["edited.sql", "kept.sql"] {
                write(&plan.root.with_file_name("outside").join(file), "old");
            }
        });
        // What was written within a tick before the mark may be reported.
        wait_for_another_tick();
        let since = Mark::now(ground.clock);
        let (edited, kept) =
            (ground.beside("outside/edited.sql"), ground.beside("outside/kept.sql"));
        write(&edited, "new");
        ground.plan.inputs.extend([edited.clone(), kept]);
        ground.update(since);
        ground.builds(&[edited.to_str().unwrap()]);
    }
}

#[test]
fn an_edit_before_the_build_is_none_of_its_business() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        ground.write("web/page.html", "new");
        assert_eq!(ground.settle(), []);
        let since = Mark::now(ground.clock);
        ground.plan.inputs.insert(ground.path("web/page.html"));
        ground.update(since);
        assert_eq!(ground.settle(), []);
    }
}

#[test]
fn when_a_build_fails_what_was_edited_during_it_counts() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        let since = Mark::now(ground.clock);
        ground.write("web/page.html", "new");
        assert_eq!(ground.settle(), []);
        ground.plan.knowledge = Knowledge::Partial;
        ground.update(since);
        ground.builds(&["web/page.html"]);
        // And what is edited after it.
        ground.write("web/other.html", "new");
        ground.builds(&["web/other.html"]);
    }
}

#[test]
fn a_deletion_in_a_directory_that_nobody_has_looked_at() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |plan| {
            let far = plan.root.with_file_name("far");
            write(&far.join("Cargo.toml"), "[package]\n");
            write(&far.join("src/lib.rs"), "old");
            write(&far.join("src/gone.rs"), "old");
        });
        wait_for_another_tick();
        let since = Mark::now(ground.clock);
        fs::remove_file(ground.beside("far/src/gone.rs")).unwrap();
        ground.plan.packages.push(ground.beside("far"));
        ground.update(since);
        let directory = ground.beside("far/src");
        ground.builds(&[directory.to_str().unwrap()]);
    }
}

#[test]
fn what_is_no_longer_watched_is_not_reported() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |plan| {
            let far = plan.root.with_file_name("far");
            write(&far.join("Cargo.toml"), "[package]\n");
            write(&far.join("src/lib.rs"), "old");
            plan.packages.push(far);
        });
        write(&ground.beside("far/src/new.rs"), "new");
        let new = ground.beside("far/src/new.rs");
        ground.builds(&[new.to_str().unwrap()]);
        ground.plan.packages.pop();
        ground.update(Mark::now(ground.clock));
        write(&ground.beside("far/src/newer.rs"), "new");
        ground.nothing();
    }
}

#[test]
fn an_edit_just_before_an_update_is_reported() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        for round in 0..50 {
            ground.write("web/src/main.rs", &format!("{round}"));
            ground.update(Mark::now(ground.clock));
            ground.builds(&["web/src/main.rs"]);
            fs::remove_dir_all(ground.path("web/src")).unwrap();
            ground.update(Mark::now(ground.clock));
            ground.builds(&["web/src/lib.rs", "web/src/main.rs"]);
            ground.write("web/src/main.rs", "back");
            ground.write("web/src/lib.rs", "back");
            ground.builds(&["web/src/lib.rs", "web/src/main.rs"]);
        }
    }
}

#[test]
fn what_differs_is_reported_before_the_answer() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        for round in 0..200 {
            ground.write("web/src/main.rs", &format!("{round}"));
            assert!(!ground.settle().is_empty(), "round {round}");
        }
    }
}

#[test]
fn the_same_set_again_has_another_layout_seen() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |plan| {
            plan.knowledge = Knowledge::Partial;
            write(&plan.root.join("web/inner/Cargo.toml"), "[package]\n");
            write(&plan.root.join("web/inner/page.html"), "old");
        });
        ground.write("web/inner/page.html", "of another package");
        assert_eq!(ground.settle(), []);
        fs::remove_file(ground.path("web/inner/Cargo.toml")).unwrap();
        ground.told();
        // What was of a package that is none any more is of the one around it.
        let since = Mark::now(ground.clock);
        ground.update(since);
        ground.settle();
        ground.write("web/inner/page.html", "of this package");
        ground.builds(&["web/inner/page.html"]);
        // And back again.
        ground.write("web/inner/Cargo.toml", "[package]\n");
        ground.told();
        ground.update(Mark::now(ground.clock));
        ground.settle();
        ground.write("web/inner/page.html", "of another package again");
        ground.nothing();
    }
}

#[test]
fn the_same_set_again_makes_nothing_up() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        for _ in 0..3 {
            let since = Mark::now(ground.clock);
            ground.write("web/src/main.rs", &format!("{since:?}"));
            ground.builds(&["web/src/main.rs"]);
            ground.update(since);
            assert_eq!(ground.settle(), []);
        }
        // Also where a place is not there.
        ground.write(".env.local", "A=1\n");
        assert_eq!(ground.told().len(), 1);
    }
}
