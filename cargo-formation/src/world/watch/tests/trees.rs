//! Directories that come, go and are replaced.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::ground::{BOTH, Eyes, Ground, write};
use crate::plan::watch::{Changes, Knowledge};
use crate::world::watch::Mark;

#[test]
fn a_file_in_a_new_directory() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        for round in 0..20 {
            let file = format!("web/src/new{round}/a/b/x.rs");
            ground.write(&file, "x");
            ground.builds(&[&file]);
            // It is watched now.
            ground.write(&file, "y");
            // Nobody has read it yet, so that its content does not matter.
            assert_eq!(ground.settle(), []);
            let beside = format!("web/src/new{round}/a/b/y.rs");
            ground.write(&beside, "y");
            ground.builds(&[&beside]);
        }
    }
}

#[test]
fn a_tree_that_is_moved_in_and_out() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        let elsewhere = ground.beside("elsewhere");
        for file in ["mod.rs", "deep/a.rs", "deep/er/b.rs"] {
            write(&elsewhere.join(file), "x");
        }
        let files = ["web/src/tree/mod.rs", "web/src/tree/deep/a.rs", "web/src/tree/deep/er/b.rs"];
        for _ in 0..5 {
            fs::rename(&elsewhere, ground.path("web/src/tree")).unwrap();
            ground.builds(&files);
            ground.write("web/src/tree/deep/er/c.rs", "c");
            ground.builds(&["web/src/tree/deep/er/c.rs"]);
            fs::remove_file(ground.path("web/src/tree/deep/er/c.rs")).unwrap();
            ground.builds(&["web/src/tree/deep/er/c.rs"]);
            fs::rename(ground.path("web/src/tree"), &elsewhere).unwrap();
            ground.builds(&files);
        }
    }
}

#[test]
fn a_tree_by_another_name() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |plan| write(&plan.root.join("web/src/a/x.rs"), "x"));
        for _ in 0..5 {
            fs::rename(ground.path("web/src/a"), ground.path("web/src/b")).unwrap();
            ground.builds(&["web/src/a/x.rs", "web/src/b/x.rs"]);
            ground.write("web/src/b/y.rs", "y");
            ground.builds(&["web/src/b/y.rs"]);
            fs::remove_file(ground.path("web/src/b/y.rs")).unwrap();
            ground.builds(&["web/src/b/y.rs"]);
            fs::rename(ground.path("web/src/b"), ground.path("web/src/a")).unwrap();
            ground.builds(&["web/src/a/x.rs", "web/src/b/x.rs"]);
        }
    }
}

#[test]
fn another_tree_by_the_same_name() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |plan| {
            write(&plan.root.join("web/src/a/x.rs"), "x");
            plan.inputs.insert(plan.root.join("web/src/a/x.rs"));
        });
        write(&ground.beside("b/x.rs"), "another");
        write(&ground.beside("b/z.rs"), "z");
        fs::rename(ground.path("web/src/a"), ground.beside("a")).unwrap();
        fs::rename(ground.beside("b"), ground.path("web/src/a")).unwrap();
        ground.builds(&["web/src/a/x.rs", "web/src/a/z.rs"]);
        ground.write("web/src/a/x.rs", "watched");
        ground.builds(&["web/src/a/x.rs"]);
    }
}

#[test]
fn a_package_that_is_removed_and_made_anew() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        for _ in 0..5 {
            fs::remove_dir_all(ground.path("web")).unwrap();
            ground.builds(&["web/Cargo.toml", "web/src/lib.rs", "web/src/main.rs"]);
            ground.write("web/src/main.rs", "back");
            ground.builds(&["web/src/main.rs"]);
            ground.write("web/Cargo.toml", "[package]\n");
            ground.builds(&["web/Cargo.toml"]);
            ground.write("web/src/lib.rs", "back");
            ground.builds(&["web/src/lib.rs"]);
            ground.write("web/src/main.rs", "watched");
            ground.builds(&["web/src/main.rs"]);
        }
    }
}

#[test]
fn a_workspace_that_is_moved_away_and_back() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        let all = ["Cargo.toml", "web/Cargo.toml", "web/src/lib.rs", "web/src/main.rs"];
        for _ in 0..3 {
            fs::rename(ground.path(""), ground.beside("away")).unwrap();
            ground.builds(&all);
            fs::rename(ground.beside("away"), ground.path("")).unwrap();
            ground.builds(&all);
            ground.write("web/src/main.rs", "watched");
            ground.builds(&["web/src/main.rs"]);
        }
    }
}

#[test]
fn a_package_behind_a_link() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |plan| {
            for real in ["real", "other"] {
                let real = plan.root.with_file_name(real);
                write(&real.join("Cargo.toml"), "[package]\n");
                write(&real.join("src/lib.rs"), "old\n");
            }
            symlink("../real", plan.root.join("linked")).unwrap();
            plan.packages.push(plan.root.join("linked"));
            plan.inputs.insert(plan.root.join("linked/src/lib.rs"));
        });
        write(&ground.beside("real/src/lib.rs"), "by its real path");
        ground.builds(&["linked/src/lib.rs"]);
        ground.write("linked/src/lib.rs", "through the link");
        ground.builds(&["linked/src/lib.rs"]);
        write(&ground.beside("real/src/deep/new.rs"), "new");
        ground.builds(&["linked/src/deep/new.rs"]);
        // Now it leads elsewhere.
        symlink("../other", ground.path("next")).unwrap();
        fs::rename(ground.path("next"), ground.path("linked")).unwrap();
        ground.builds(&["linked/Cargo.toml", "linked/src/deep/new.rs", "linked/src/lib.rs"]);
        write(&ground.beside("other/src/lib.rs"), "watched");
        ground.builds(&["linked/src/lib.rs"]);
    }
}

#[test]
fn a_directory_that_is_known_by_two_names() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |plan| {
            write(&plan.root.join("shared/schema.sql"), "old");
            symlink("../shared", plan.root.join("web/shared")).unwrap();
            plan.inputs.insert(plan.root.join("web/shared/schema.sql"));
            plan.inputs.insert(plan.root.join("shared/schema.sql"));
        });
        ground.write("shared/schema.sql", "new");
        ground.builds(&["shared/schema.sql", "web/shared/schema.sql"]);
    }
}

#[test]
fn a_link_that_leads_back_is_no_trap() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |plan| {
            symlink("..", plan.root.join("web/src/up")).unwrap();
            symlink("nowhere", plan.root.join("web/src/nowhere")).unwrap();
            symlink("loop", plan.root.join("web/src/loop")).unwrap();
        });
        ground.write("web/src/main.rs", "new");
        ground.builds(&["web/src/main.rs"]);
    }
}

#[test]
fn three_thousand_files_are_all_reported() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        let files: BTreeSet<String> =
            (0..3_000).map(|n| format!("web/src/d{}/e{}/f{n}.rs", n % 30, n % 7)).collect();
        for file in &files {
            ground.write(file, "new");
        }
        let all = ground.told();
        let found: BTreeSet<String> =
            all.iter().flat_map(|changes| &changes.build).map(|path| ground.short(path)).collect();
        assert_eq!(found, files);
    }
}

#[test]
fn while_git_is_at_work_nothing_is_reported_and_then_everything_at_once() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        ground.write(".git/index.lock", "");
        let files: BTreeSet<String> =
            (0..3_000).map(|n| format!("web/src/d{}/f{n}.rs", n % 30)).collect();
        for file in &files {
            ground.write(file, "new");
        }
        ground.write("web/src/main.rs", "new");
        ground.write("web/src/lib.rs", "half");
        fs::remove_file(ground.path("web/src/lib.rs")).unwrap();
        ground.write("web/src/lib.rs", "whole");
        ground.ask();
        fs::rename(ground.path(".git/index.lock"), ground.path(".git/index")).unwrap();
        let all = ground.until_answer();
        assert_eq!(all.len(), 1);
        let found: BTreeSet<String> = all[0].build.iter().map(|path| ground.short(path)).collect();
        let mut expected = files;
        expected.extend(["web/src/main.rs".to_owned(), "web/src/lib.rs".to_owned()]);
        assert_eq!(found, expected);
    }
}

#[test]
fn what_cargo_makes_is_not_reported() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |plan| {
            plan.artifacts = vec![plan.root.join("web/src/out"), plan.root.join("../out")];
            for file in ["web/src/out/debug/web", "../out/debug/web"] {
                write(&plan.root.join(file), "old");
            }
        });
        for file in ["web/src/out/debug/web", "../out/debug/web", "web/src/out/new/made.rs"] {
            ground.write(file, "new");
        }
        ground.nothing();
    }
}

#[test]
fn what_the_program_writes_is_not_reported() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        for file in ["web/data/made.rs", "web/src/x.ignored", "web/app.db", "web/out.txt"] {
            ground.write(file, "new");
            ground.write(file, "newer");
        }
        ground.nothing();
    }
}

#[test]
fn somebody_elses_target_directory_is_left_alone() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        ground
            .write("web/src/analyzer/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55");
        ground.write("web/src/analyzer/debug/made.rs", "made");
        ground.settle();
        ground.write("web/src/analyzer/debug/more.rs", "made");
        ground.write("web/src/analyzer/more.rs", "made");
        ground.nothing();
    }
}

#[test]
fn dep_info_beats_gitignore() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |plan| {
            for file in ["web/data/schema.sql", "web/src/made.ignored"] {
                write(&plan.root.join(file), "old");
                plan.inputs.insert(plan.root.join(file));
            }
            write(&plan.root.join("web/data/proto/deep/a.proto"), "old");
            plan.inputs.insert(plan.root.join("web/data/proto"));
        });
        for file in ["web/data/schema.sql", "web/src/made.ignored", "web/data/proto/deep/a.proto"] {
            ground.write(file, "new");
            ground.builds(&[file]);
        }
        ground.write("web/data/proto/deeper/b.ignored", "new");
        ground.builds(&["web/data/proto/deeper/b.ignored"]);
    }
}

#[test]
fn new_rules_of_git_are_obeyed() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        ground.write(".gitignore", "/web/src/made\n");
        assert_eq!(ground.settle(), []);
        ground.write("web/src/made/a.rs", "made");
        ground.nothing();
        ground.write(".gitignore", "");
        ground.builds(&["web/src/made/a.rs"]);
        ground.write("web/src/made/b.rs", "made");
        ground.builds(&["web/src/made/b.rs"]);
    }
}

#[test]
fn a_directory_where_somebody_looks_for_a_file_is_told() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        let env = ground.path(".env");
        for act in [|path| fs::create_dir(path), |path: &Path| fs::remove_dir(path)] {
            act(&env).unwrap();
            let all = ground.told();
            assert!(all.iter().all(|changes| changes.environment.contains(&env)), "{all:?}");
            ground.nothing();
        }
        // What the build has read is looked at as a tree, and was before.
        ground.plan.inputs.insert(ground.path("web/texts"));
        ground.update(Mark::now(ground.clock));
        ground.settle();
        ground.write("web/texts/a.txt", "new");
        ground.builds(&["web/texts/a.txt"]);
    }
}

#[test]
fn a_repository_that_is_taken_away_ignores_nothing() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |plan| {
            plan.knowledge = Knowledge::Partial;
            write(&plan.root.join(".git/info/exclude"), "*.excluded\n");
        });
        ground.write("web/a.excluded", "old");
        ground.nothing();
        fs::rename(ground.path(".git"), ground.beside("aside")).unwrap();
        ground.builds(&["web/a.excluded"]);
        ground.write("web/a.excluded", "new");
        ground.builds(&["web/a.excluded"]);
        fs::rename(ground.beside("aside"), ground.path(".git")).unwrap();
        ground.settle();
        ground.write("web/a.excluded", "newest");
        ground.nothing();
    }
}

#[test]
fn inputs_outside_are_seen_also_when_their_directory_comes_late() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |plan| {
            let outside = plan.root.with_file_name("outside");
            write(&outside.join("schema.sql"), "old");
            write(&outside.join("of no interest"), "old");
            plan.inputs.insert(outside.join("schema.sql"));
            plan.inputs.insert(plan.root.join("late/deep/b.sql"));
        });
        let schema = ground.beside("outside/schema.sql");
        write(&ground.beside("outside/of no interest"), "new");
        fs::rename(ground.beside("outside/of no interest"), &schema).unwrap();
        ground.builds(&[schema.to_str().unwrap()]);
        if eyes == Eyes::Swept {
            ground.write("late/deep/b.sql", "new");
            ground.builds(&["late/deep/b.sql"]);
        }
    }
}

#[test]
fn environment_table_and_members_are_told_apart() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        let only = |ground: &mut Ground, path: &str, kinds: &str| {
            for changes in ground.told() {
                let Changes { build, table, environment, restart, .. } = changes;
                let all = [("build", build), ("table", table), ("environment", environment)];
                let found = all.into_iter().filter(|(_, paths)| !paths.is_empty());
                let (found, paths): (Vec<_>, Vec<_>) = found.unzip();
                assert_eq!(found.join(" "), kinds);
                assert!(paths.iter().flatten().all(|found| *found == ground.path(path)));
                assert!(restart.is_empty());
            }
        };
        ground.write(".env.local", "A=1");
        only(&mut ground, ".env.local", "environment");
        ground.write("formation.local.toml", "");
        only(&mut ground, "formation.local.toml", "table");
        ground.write("Cargo.toml", "[workspace]\n\n");
        only(&mut ground, "Cargo.toml", "build table");
        // A new member beside the others; its manifest comes a little later.
        fs::create_dir(ground.path("mail")).unwrap();
        assert_eq!(ground.settle(), []);
        ground.write("mail/Cargo.toml", "[package]\n");
        only(&mut ground, "mail/Cargo.toml", "build table");
        ground.write("mail/src/lib.rs", "");
        ground.nothing();
    }
}

#[test]
fn globs_are_seen_where_nothing_else_is() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |plan| {
            let mut web = crate::formation::ProcessType::of_binary(
                "web".parse().unwrap(),
                crate::formation::Binary {
                    package: "web".into(),
                    name: "web".into(),
                    required_features: Vec::new(),
                },
            );
            web.watch = vec!["templates/**".into(), "web/data/live.toml".into()];
            web.inputs = vec![".sqlx".into()];
            plan.types.push(web);
            write(&plan.root.join("templates/a.html"), "old");
            write(&plan.root.join(".sqlx/q.json"), "old");
            write(&plan.root.join("web/data/live.toml"), "old");
        });
        let restarts = |ground: &mut Ground, path: &str| {
            let all = ground.told();
            let restart = &all[0].restart;
            assert_eq!(restart.len(), 1, "{all:?}");
            let paths = restart.values().next().unwrap();
            assert_eq!(*paths, BTreeSet::from([ground.plan.root.join(Path::new(path))]));
        };
        for path in ["templates/a.html", "templates/new/b.html", "web/data/live.toml"] {
            ground.write(path, "new");
            restarts(&mut ground, path);
        }
        for path in [".sqlx/q.json", ".sqlx/new/r.json"] {
            ground.write(path, "new");
            ground.builds(&[path]);
        }
        fs::remove_dir_all(ground.path("templates")).unwrap();
        ground.told();
        ground.write("templates/a.html", "back");
        restarts(&mut ground, "templates/a.html");
    }
}
