//! `add`: what it writes, what it leaves alone, and when it is refused.

use std::fs;

use harness::{Tool, Workspace};

use crate::{empty, said};

/// A virtual workspace of two packages that nobody has scaffolded.
const MEMBERS: &str = "[workspace]\nresolver = \"3\"\nmembers = [\"shop\", \"tools\"]   # both\n";

/// The manifest of one of them.
fn package(name: &str, more: &str) -> String {
    format!("[package]\nname = \"{name}\"  # mine\nversion = \"0.1.0\"\nedition = \"2024\"\n{more}")
}

/// The two packages, and all that cargo wants to see of them without a network.
fn two_packages(shop: &str) -> Workspace {
    let workspace = empty();
    workspace.write("Cargo.toml", MEMBERS);
    for (name, more) in [("shop", shop), ("tools", "")] {
        workspace.write(format!("{name}/Cargo.toml"), &package(name, more));
        workspace.write(format!("{name}/src/main.rs"), "fn main() {}\n");
    }
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock");
    fs::copy(lock, workspace.root().join("Cargo.lock")).unwrap();
    workspace
}

/// Every file and its text, but the lock, which is cargo's.
fn everything(workspace: &Workspace) -> Vec<(String, String)> {
    fn walk(directory: &std::path::Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if !path.ends_with("Cargo.lock") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.display().to_string(), text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&workspace.root(), &mut found);
    found.sort();
    found
}

/// `add` with these arguments, which is refused with this and changes nothing.
#[track_caller]
fn refused(workspace: &Workspace, arguments: &[&str], code: i32, why: &str) {
    let before = everything(workspace);
    let (found, text) = said(&mut workspace.command(&[&["add"], arguments].concat()));
    assert_eq!(found, Some(code), "{text}");
    assert!(text.contains(why), "{text}");
    assert_eq!(everything(workspace), before);
}

/// `add` with these arguments, and the lines that say what was written.
#[track_caller]
fn added(workspace: &Workspace, arguments: &[&str]) -> Vec<String> {
    let (code, text) = said(&mut workspace.command(&[&["add"], arguments].concat()));
    assert_eq!(code, Some(0), "{text}");
    let lines = text.lines().map(str::trim);
    let words = ["Created ", "Changed ", "Left "];
    let is_ours = |line: &&str| words.iter().any(|word| line.starts_with(word));
    lines.filter(is_ours).map(str::to_owned).collect()
}

#[test]
fn it_says_what_it_writes_and_keeps_what_is_there() {
    let workspace = two_packages("\n[dependencies]  # few\n");
    let lines = added(&workspace, &["clock", "--package", "shop"]);
    let expected = [
        "Created shop/src/bin/clock.rs",
        "Created shop/tests/clock.rs",
        "Created shop/tests/run/mod.rs",
        "Created shop/src/logging.rs",
        "Created shop/src/shutdown.rs",
        "Created shop/src/lib.rs",
        "Changed shop/Cargo.toml",
    ];
    assert_eq!(lines, expected);
    let manifest = fs::read_to_string(workspace.root().join("shop/Cargo.toml")).unwrap();
    assert!(manifest.starts_with(&package("shop", "")), "{manifest}");
    assert!(manifest.contains("\nclock = { singleton = true }\n"), "{manifest}");
    assert!(manifest.contains("\n[dependencies]  # few\ntokio = { "), "{manifest}");
    assert_eq!(fs::read_to_string(workspace.root().join("Cargo.toml")).unwrap(), MEMBERS);

    // In the directory of a package, that one is meant; what is shared is there by now.
    let mut command = workspace.command(&["add", "web", "admin"]);
    let (code, text) = said(command.current_dir(workspace.root().join("shop/src")));
    assert_eq!(code, Some(0), "{text}");
    let library = fs::read_to_string(workspace.root().join("shop/src/lib.rs")).unwrap();
    assert!(library.ends_with("\npub mod listen;\npub mod logging;\npub mod shutdown;\n"));
    let (code, text) = said(&mut workspace.command(&["check"]));
    assert!(code == Some(0) && text.contains("Checked clock, admin\n"), "{text}");
}

#[test]
fn a_workspace_that_has_one_table_goes_on_to_have_one() {
    let workspace = two_packages("");
    let table = "\n[workspace.metadata.formation.processes]\ntools = {}  # at night\n";
    workspace.write("Cargo.toml", &format!("{MEMBERS}{table}"));
    added(&workspace, &["worker", "mailer", "-p", "tools"]);
    let manifest = fs::read_to_string(workspace.root().join("Cargo.toml")).unwrap();
    assert_eq!(manifest, format!("{MEMBERS}{table}mailer = {{}}\n"));
    let manifest = fs::read_to_string(workspace.root().join("tools/Cargo.toml")).unwrap();
    assert!(!manifest.contains("metadata"), "{manifest}");
}

#[test]
fn what_was_emitted_follows() {
    let workspace = empty();
    let new = ["new", "shop", "--db", "none", "--deploy", "kubernetes,fly"];
    assert_eq!(said(&mut workspace.command(&new)).0, Some(0));
    let shop = Workspace::existing(crate::TOOL, &workspace.root().join("shop"));
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock");
    fs::copy(lock, shop.root().join("Cargo.lock")).unwrap();
    assert!(added(&shop, &["worker", "mailer"]).contains(&"Changed Procfile".to_owned()));
    assert_eq!(said(&mut shop.command(&["procfile", "--check"])).0, Some(0));
    for platform in ["dockerfile", "kubernetes", "fly"] {
        assert_eq!(said(&mut shop.command(&["export", platform, "--check"])).0, Some(0));
    }
    let (_, text) = said(&mut shop.command(&["check", "--for", "all"]));
    assert!(!text.contains("warning"), "{text}");
    // One that somebody has changed is theirs.
    shop.append("Procfile", "console: irb");
    shop.append("deploy/kubernetes/kustomization.yaml", "# mine");
    let said = added(&shop, &["worker", "printer"]);
    assert!(!said.contains(&"Changed Procfile".to_owned()), "{said:?}");
    let left = [
        "Left Procfile, which was not what the table said; write it with \
         `cargo formation procfile --output Procfile`",
        "Left deploy/kubernetes/kustomization.yaml, which was not what the table said; write it \
         with `cargo formation export kubernetes --output deploy/kubernetes`",
    ];
    assert!(said.ends_with(&left.map(str::to_owned)), "{said:?}");
}

#[test]
fn a_procfile_follows_as_its_reader_has_it() {
    let workspace = empty();
    assert_eq!(said(&mut workspace.command(&["new", "shop", "--db", "none"])).0, Some(0));
    let shop = Workspace::existing(crate::TOOL, &workspace.root().join("shop"));
    let heroku = ["procfile", "--for", "heroku", "--bin-dir", "bin"];
    let output = ["--output", "Procfile"];
    assert_eq!(said(&mut shop.command(&[&heroku[..], &output].concat())).0, Some(0));
    assert!(added(&shop, &["worker", "mailer"]).contains(&"Changed Procfile".to_owned()));
    assert_eq!(said(&mut shop.command(&[&heroku[..], &["--check"]].concat())).0, Some(0));
    // Its first line alone would say that, too.
    let text = fs::read_to_string(shop.root().join("Procfile")).unwrap();
    assert!(text.contains("\nmailer: "), "{text}");
}

#[test]
fn an_app_json_follows_as_the_one_who_reads_it_has_it() {
    for (platform, other) in [("dokku", "app-json"), ("app-json", "dokku")] {
        let workspace = empty();
        let new = ["new", "shop", "--db", "none", "--deploy", platform];
        assert_eq!(said(&mut workspace.command(&new)).0, Some(0));
        let shop = Workspace::existing(crate::TOOL, &workspace.root().join("shop"));
        let path = shop.root().join("app.json");
        let has_checks = || fs::read_to_string(&path).unwrap().contains("healthchecks");
        assert_eq!(has_checks(), platform == "dokku");
        let said_of_it = added(&shop, &["worker", "mailer"]);
        assert!(said_of_it.contains(&"Changed app.json".to_owned()), "{said_of_it:?}");
        assert!(!said_of_it.iter().any(|line| line.starts_with("Left")), "not of {other}");
        assert_eq!(said(&mut shop.command(&["export", platform, "--check"])).0, Some(0));
        assert_eq!(has_checks(), platform == "dokku");
        assert!(fs::read_to_string(&path).unwrap().contains("mailer"));
    }
}

#[test]
fn nothing_is_overwritten() {
    let workspace = two_packages("\n[package.metadata.formation]\nshop = {}\n");
    let mailer = ["worker", "mailer", "-p", "shop"];
    refused(&workspace, &["worker", "shop", "-p", "tools"], 1, "there is a process type `shop`");
    refused(&workspace, &["worker", "tools", "-p", "shop"], 1, "package `tools` has a binary");
    workspace.write("shop/tests/mailer.rs", "");
    refused(&workspace, &mailer, 1, "shop/tests/mailer.rs` is there; nothing is overwritten");
    fs::remove_file(workspace.root().join("shop/tests/mailer.rs")).unwrap();
    workspace.write("shop/src/logging.rs", "");
    refused(&workspace, &mailer, 1, "shop/src/logging.rs` is there");
    workspace.write("shop/src/lib.rs", "pub mod logging;\n");
    refused(&workspace, &mailer, 1, "the library has a module `logging`");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let workspace = two_packages("");
    refused(&workspace, &["worker"], 2, "say which package it belongs to");
    refused(&workspace, &["worker", "-p", "stop"], 2, "no package `stop`");
    refused(&workspace, &["worker", "fn", "-p", "shop"], 2, "it is a Rust keyword");
    refused(&workspace, &["worker", "all", "-p", "shop"], 2, "this word is reserved");
    refused(&workspace, &["release", "migrate", "-p", "shop"], 1, "is called `release`");
    workspace.append("shop/Cargo.toml", "[package.metadata.formation]\nweb = 1");
    refused(&workspace, &["worker", "-p", "shop"], 3, "error: ");
    let undiscovered =
        two_packages("autobins = false\n[[bin]]\nname = \"a\"\npath = \"src/main.rs\"\n");
    refused(&undiscovered, &["worker", "-p", "shop"], 1, "`autobins = false`");
    let elsewhere = two_packages("[lib]\npath = \"src/main.rs\"\n");
    refused(&elsewhere, &["worker", "-p", "shop"], 1, "the library is not at `src/lib.rs`");
}

#[test]
fn of_many_at_once_one_adds_it() {
    let workspace = two_packages("");
    let arguments = ["add", "worker", "mailer", "-p", "shop"];
    let tools: Vec<Tool> = (0..6).map(|_| Tool::start(workspace.command(&arguments))).collect();
    assert_eq!(tools.iter().filter(|tool| tool.finish().0 == 0).count(), 1);
    let (code, text) = said(&mut workspace.command(&["check"]));
    assert!(code == Some(0) && text.contains("Checked mailer\n"), "{text}");
}
