//! From where a formation is found, and how.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use harness::{Tool, Workspace, eventually, manifest};

use crate::stage::{Said, Stage, formation, idle_types, said};

/// `ps` with this changed, which has to find the formation.
#[track_caller]
fn finds(stage: &Stage, change: impl FnOnce(&mut Command)) {
    let found = ps(&stage.workspace, &["ps"], change);
    assert_eq!(found.code, 0, "{}\n{}", found.err, stage.dev.transcript());
    assert!(found.out.contains("app.1 "), "{}", found.out);
}

#[track_caller]
fn ps(workspace: &Workspace, words: &[&str], change: impl FnOnce(&mut Command)) -> Said {
    let mut command = workspace.command(words);
    change(&mut command);
    said(&Tool::start(command))
}

/// A formation that was started with this changed, and found with the same.
#[track_caller]
fn starts_and_is_found(change: impl Fn(&mut Command)) -> Stage {
    let workspace = formation(&idle_types(&["app"]));
    let mut dev = workspace.command(&["dev", "--no-watch"]);
    change(&mut dev);
    let dev = Tool::start(dev);
    dev.wait_for("app.1  | ready");
    assert_eq!(dev.count("nobody can steer"), 0, "{}", dev.transcript());
    let found = ps(&workspace, &["ps"], &change);
    assert_eq!(found.code, 0, "{}\n{}", found.err, dev.transcript());
    let down = ps(&workspace, &["down"], &change);
    assert_eq!(down.code, 0, "{}\n{}", down.err, dev.transcript());
    dev.ends_with(0);
    workspace.assert_nothing_alive();
    Stage::that_was(workspace, dev)
}

#[test]
fn where_no_runtime_directory_is_said() {
    let temporary = tempfile::tempdir().unwrap();
    starts_and_is_found(|command| {
        command.env_remove("XDG_RUNTIME_DIR").env("TMPDIR", temporary.path());
    });
}

#[test]
fn where_the_runtime_directory_is_no_absolute_path_or_not_there() {
    for directory in ["run", "../run", "", "/nonexistent/run"] {
        let temporary = tempfile::tempdir().unwrap();
        starts_and_is_found(|command| {
            command.env("XDG_RUNTIME_DIR", directory).env("TMPDIR", temporary.path());
        });
        let user = rustix::process::geteuid().as_raw();
        assert!(temporary.path().join(format!("cargo-formation-{user}")).is_dir(), "{directory}");
    }
}

#[test]
fn where_the_path_is_longer_than_an_address() {
    let temporary = tempfile::tempdir().unwrap();
    let long = temporary.path().join("x".repeat(150)).join("y".repeat(150));
    fs::create_dir_all(&long).unwrap();
    starts_and_is_found(|command| {
        command.env("XDG_RUNTIME_DIR", &long);
    });
}

#[test]
fn a_formation_of_no_login_is_found_from_one() {
    let temporary = tempfile::tempdir().unwrap();
    let workspace = formation(&idle_types(&["app"]));
    let mut dev = workspace.command(&["dev", "--no-watch"]);
    dev.env_remove("XDG_RUNTIME_DIR").env("TMPDIR", temporary.path());
    let dev = Tool::start(dev);
    dev.wait_for("app.1  | ready");
    let down = ps(&workspace, &["down"], |command| {
        command.env("TMPDIR", temporary.path());
    });
    assert_eq!(down.code, 0, "{}", down.err);
    dev.ends_with(0);
    workspace.assert_nothing_alive();
}

/// A workspace with a member below it, and one beside it.
fn of_members() -> Workspace {
    let workspace = Workspace::empty(env!("CARGO_BIN_EXE_cargo-formation"));
    let members = "[workspace]\nmembers = [\"app\", \"../beside\"]\nresolver = \"3\"\n";
    workspace.write("Cargo.toml", members);
    workspace.write("app/Cargo.toml", &manifest("app", &idle_types(&["app"])));
    workspace.write("app/src/deep/file", "");
    let library = "[package]\nname = \"beside\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
                   workspace = \"../app\"\n";
    workspace.write("../beside/Cargo.toml", library);
    workspace.write("../beside/src/lib.rs", "");
    workspace
}

#[test]
fn from_everywhere_in_the_workspace() {
    let stage = Stage::in_workspace(of_members(), &["--no-watch"]);
    stage.pid("app.1");
    let root = stage.workspace.root();
    for directory in ["", "app", "app/src/deep", "../beside", "../beside/src", "target"] {
        finds(&stage, |command| {
            command.current_dir(root.join(directory));
        });
    }
    let link = stage.workspace.beside("link");
    symlink(&root, &link).unwrap();
    let member = stage.workspace.beside("member");
    symlink(root.join("app/src"), &member).unwrap();
    for directory in [&link, &link.join("app"), &member] {
        finds(&stage, |command| {
            command.current_dir(directory).env("PWD", directory);
        });
    }
    // From where it cannot be seen.
    for path in [root.join("Cargo.toml"), root.join("app/Cargo.toml"), link.join("Cargo.toml")] {
        finds(&stage, |command| {
            command.arg("--manifest-path").arg(path).current_dir("/");
        });
    }
    finds(&stage, |command| {
        command.args(["--manifest-path", "Cargo.toml"]);
    });
    finds(&stage, |command| {
        command.env("FORMATION_SOCKET", stage.socket()).current_dir("/");
    });
    stage.end();
}

#[test]
fn where_there_is_none_that_is_said() {
    let stage = Stage::open(&idle_types(&["app"]), &["--no-watch"]);
    stage.pid("app.1");
    let none = |change: &dyn Fn(&mut Command)| ps(&stage.workspace, &["stop", "app"], change);
    let other = formation(&idle_types(&["app"]));
    let elsewhere = none(&|command| {
        command.current_dir(other.root());
    });
    assert_eq!(elsewhere.code, 8, "{}", elsewhere.err);
    let nowhere = none(&|command| {
        command.env("FORMATION_SOCKET", "/nonexistent/control");
    });
    assert_eq!(nowhere.code, 8, "{}", nowhere.err);
    assert!(nowhere.err.contains("/nonexistent/control"), "{}", nowhere.err);
    let file = none(&|command| {
        command.env("FORMATION_SOCKET", other.root().join("Cargo.toml"));
    });
    assert_eq!(file.code, 8, "{}", file.err);
    let wrong = none(&|command| {
        command.args(["--manifest-path", "nonexistent/Cargo.toml"]).current_dir("/");
    });
    assert!([2, 3, 8, 101].contains(&wrong.code), "{wrong:?}");
    stage.pid("app.1");
    stage.end();
}

#[test]
fn a_formation_that_was_started_through_a_link_is_the_same() {
    let workspace = formation(&idle_types(&["app"]));
    let link = workspace.beside("link");
    symlink(workspace.root(), &link).unwrap();
    let mut dev = workspace.command(&["dev", "--no-watch"]);
    dev.current_dir(&link).env("PWD", &link);
    let dev = Tool::start(dev);
    let stage = Stage::of(workspace, dev);
    stage.pid("app.1");
    stage.end();
}

#[test]
fn an_isolated_one_is_not_the_one_of_the_workspace() {
    let stage = Stage::open(&idle_types(&["app"]), &["--no-watch", "--isolated"]);
    let nobody = ps(&stage.workspace, &["ps"], |_| ());
    assert_eq!(nobody.code, 8, "{}", nobody.err);
    stage.pid("app.1");
    stage.end();
    let left = || {
        let directory = stage.workspace.runtime_directory().join("cargo-formation");
        let entries = fs::read_dir(directory).unwrap().flatten();
        let left: Vec<_> = entries.map(|entry| entry.path()).collect();
        left.iter().all(|path| !Path::new(path).join("control").exists()).then_some(())
    };
    eventually("no socket", harness::DEADLINE, left);
}
