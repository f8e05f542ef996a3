//! Where a new workspace may be made, what it may be called, and what is left when it cannot be.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use harness::{DEADLINE, Tool, Workspace, eventually};
use rustix::process::Signal;

use crate::{empty, said};

/// The names in a directory.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// `new` with these arguments, which is refused with this, and leaves nothing.
#[track_caller]
fn refused(workspace: &Workspace, arguments: &[&str], code: i32, why: &str) {
    let before = names(&workspace.root());
    let (found, text) = said(&mut workspace.command(&[&["new"], arguments].concat()));
    assert_eq!(found, Some(code), "{text}");
    assert!(text.starts_with("error: ") && text.contains(why), "{text}");
    assert_eq!(names(&workspace.root()), before);
}

#[test]
fn it_is_made_with_a_repository_and_nothing_beside_it() {
    let workspace = empty();
    let (code, text) = said(&mut workspace.command(&["new", "a/shop", "--types", "clock,web"]));
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(
        text,
        "     Created `shop` with web, clock\n        \
         Next `cd a/shop`, then `cargo formation dev`; its `README.md` says more\n"
    );
    assert_eq!(names(&workspace.root().join("a")), ["shop"]);
    let expected = [
        ".dockerignore",
        ".env.example",
        ".env.test",
        ".git",
        ".github",
        ".gitignore",
        "Cargo.toml",
        "Dockerfile",
        "Procfile",
        "README.md",
        "migrations",
        "src",
        "tests",
    ];
    assert_eq!(names(&workspace.root().join("a/shop")), expected);
}

#[test]
fn what_cargo_refuses_is_refused_in_its_words() {
    let workspace = empty();
    for name in ["1abc", "test", "fn", "async", "self", "try", "deps", "build", "a b", "a.b", "é.b"]
    {
        let mut cargo = Command::new("cargo");
        cargo.args(["new", "--vcs", "none", name]).current_dir(workspace.root());
        let (code, text) = said(&mut cargo);
        assert_eq!(code, Some(101), "{text}");
        let line = text.lines().find(|line| line.starts_with("error: ")).unwrap();
        refused(&workspace, &[name], 2, line);
    }
    refused(&workspace, &["std"], 2, "Rust's standard library has that name");
    refused(&workspace, &["tokio"], 2, "the package depends on another of that name");
    refused(&workspace, &[".."], 2, "`..` ends with no name");
}

#[test]
fn what_is_there_stays_as_it_is() {
    let workspace = empty();
    let root = workspace.root();
    fs::create_dir(root.join("directory")).unwrap();
    fs::write(root.join("file"), "mine").unwrap();
    symlink("nowhere", root.join("link")).unwrap();
    for name in ["directory", "file", "link"] {
        refused(&workspace, &[name], 1, &format!("destination `{name}` already exists"));
    }
    assert_eq!(fs::read_to_string(root.join("file")).unwrap(), "mine");
    assert_eq!(names(&root.join("directory")), [""; 0]);
}

#[test]
fn it_is_not_made_inside_of_a_workspace_unless_that_excludes_it() {
    let workspace = empty();
    workspace.write("Cargo.toml", "[workspace]\nexclude = [\"apart\"]\n");
    refused(&workspace, &["shop"], 1, "which has one formation");
    let (code, text) = said(&mut workspace.command(&["new", "apart/shop", "--db", "none"]));
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn a_place_where_nobody_can_write_is_named() {
    let workspace = empty();
    workspace.write("file", "");
    refused(&workspace, &["file/shop"], 1, "cannot make `file/shop`: ");
    refused(&workspace, &["/proc/shop"], 1, "cannot make `/proc/shop`: ");
}

#[test]
fn without_git_there_is_no_repository_unless_it_was_asked_for() {
    let workspace = empty();
    let without = |arguments: &[&str]| {
        let mut command = workspace.command(&[&["new", "shop"], arguments].concat());
        command.env("PATH", "/nowhere");
        command
    };
    let (code, text) = said(&mut without(&["--vcs", "git"]));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("cannot make `shop`: git: "), "{text}");
    assert_eq!(names(&workspace.root()), [""; 0]);
    let (code, text) = said(&mut without(&[]));
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("warning: it is under no version control"), "{text}");
    assert!(!workspace.root().join("shop/.git").exists());
}

#[test]
fn inside_of_a_repository_there_is_no_other() {
    let workspace = empty();
    fs::create_dir(workspace.root().join(".git")).unwrap();
    for (name, arguments, expected) in
        [("one", &[] as &[&str], false), ("two", &["--vcs", "git"], true)]
    {
        let mut command = workspace.command(&[&["new", name], arguments].concat());
        assert_eq!(said(&mut command).0, Some(0));
        assert_eq!(workspace.root().join(name).join(".git").exists(), expected, "{name}");
    }
    let (code, text) = said(&mut workspace.command(&["new", "three", "--vcs", "none"]));
    assert_eq!((code, text.lines().count()), (Some(0), 2));
}

#[test]
fn a_new_that_is_killed_leaves_nothing_in_its_place() {
    let workspace = empty();
    // A git that never comes back.
    let git = workspace.beside("bin/git");
    fs::create_dir(git.parent().unwrap()).unwrap();
    fs::write(&git, "#!/bin/sh\n: >started\nexec tail -f /dev/null\n").unwrap();
    fs::set_permissions(&git, Permissions::from_mode(0o755)).unwrap();
    let mut command = workspace.command(&["new", "shop"]);
    command.env("PATH", format!("{}:/usr/bin:/bin", git.parent().unwrap().display()));
    let tool = Tool::start(command);
    let draft = workspace.root().join(format!(".shop.{}", tool.pid()));
    eventually("a git at work", DEADLINE, || draft.join("started").exists().then_some(()));
    tool.signal(Signal::KILL);
    assert_eq!(names(&workspace.root()), [draft.file_name().unwrap().to_str().unwrap()]);
    assert_eq!(said(&mut workspace.command(&["new", "shop"])).0, Some(0));
}

#[test]
fn of_many_at_once_one_makes_it() {
    let workspace = empty();
    let tools: Vec<Tool> =
        (0..8).map(|_| Tool::start(workspace.command(&["new", "shop"]))).collect();
    let made = tools.iter().filter(|tool| tool.finish().0 == 0).count();
    assert_eq!(made, 1);
    assert_eq!(names(&workspace.root()), ["shop"]);
}

#[test]
fn a_manifest_is_not_named_for_what_is_not_there() {
    let workspace = empty();
    refused(&workspace, &["shop", "--manifest-path", "Cargo.toml"], 2, "`new` makes one");
}

#[test]
fn two_platforms_that_read_one_file_are_refused() {
    let workspace = empty();
    let why = "`app-json` and `dokku` are one file, `app.json`, in two dialects; choose one";
    refused(&workspace, &["shop", "--deploy", "app-json,dokku"], 2, why);
    refused(&workspace, &["shop", "--deploy", "dokku,fly", "--deploy", "app-json"], 2, why);
    let twice = ["new", "shop", "--db", "none", "--deploy", "dokku,dokku"];
    assert_eq!(said(&mut workspace.command(&twice)).0, Some(0));
}

#[test]
fn whoever_names_a_platform_otherwise_is_told_its_word() {
    let workspace = empty();
    let heroku = "error: invalid value 'heroku' for '--deploy <PLATFORM,…>'\n  \
                  [possible values: dockerfile, systemd, compose, app-json, dokku, fly, kubernetes]\n\n  \
                  tip: Heroku reads an `app-json`, beside the Procfile\n";
    refused(&workspace, &["shop", "--deploy", "fly,heroku"], 2, heroku);
    refused(
        &workspace,
        &["shop", "--deploy", "K8s"],
        2,
        "tip: its files are those of `kubernetes`\n",
    );
    refused(&workspace, &["shop", "--deploy", "sytemd"], 2, "a similar value exists: 'systemd'");
}
