//! The question, and what becomes of the file after the answer.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use harness::Terminal;

use super::site::{MANIFEST, Site};

/// The tool at a terminal, where it has asked.
fn asked(site: &Site) -> Terminal {
    let terminal =
        Terminal::open(site.0.command_under(Terminal::WRAPPER, &["init", "--color", "never"]));
    // The question has no end of line; it comes behind what would change.
    terminal.tool.wait_for("+web = {}");
    terminal
}

#[test]
fn nothing_is_written_before_somebody_says_yes() {
    let site = Site::shop(&["web"]);
    for answer in ["n\n", "\n", "\u{4}", "yeah\n"] {
        let terminal = asked(&site);
        terminal.press(answer.as_bytes());
        terminal.tool.ends_with(1);
        assert_eq!(terminal.tool.count("nothing was written"), 1, "{}", terminal.tool.transcript());
        assert_eq!(site.text("Cargo.toml"), MANIFEST, "{answer:?}");
    }
    let terminal = asked(&site);
    terminal.press(b"\x03");
    terminal.tool.ends_with(130);
    assert_eq!(site.text("Cargo.toml"), MANIFEST);
    let terminal = asked(&site);
    terminal.press(b"y\n");
    terminal.tool.ends_with(0);
    assert_eq!(terminal.tool.count("Wrote Cargo.toml"), 1, "{}", terminal.tool.transcript());
    assert!(site.text("Cargo.toml").contains("web = {}\n"));
}

#[test]
fn what_has_changed_before_the_answer_is_not_overwritten() {
    let site = Site::shop(&["web"]);
    let terminal = asked(&site);
    let other = format!("{MANIFEST}# somebody else\n");
    site.0.write("Cargo.toml", &other);
    terminal.press(b"y\n");
    terminal.tool.ends_with(1);
    let said = "somebody has changed it meanwhile; nothing is changed";
    assert_eq!(terminal.tool.count(said), 1, "{}", terminal.tool.transcript());
    assert_eq!(site.text("Cargo.toml"), other);
    let terminal = asked(&site);
    fs::remove_file(site.0.root().join("Cargo.toml")).unwrap();
    terminal.press(b"y\n");
    terminal.tool.ends_with(1);
    assert!(!site.0.root().join("Cargo.toml").exists());
}

#[test]
fn without_anybody_to_ask_it_shows_what_it_would_do_and_how_to_go_on() {
    let site = Site::shop(&["web"]);
    let said = site.run(&["init"]);
    assert_eq!(said.code, 1);
    assert!(said.stdout.contains("\n+web = {}\n"), "{said:#?}");
    assert!(
        said.stderr.contains("there is nobody to ask; `cargo formation init --yes`"),
        "{said:#?}"
    );
    let dry = site.run(&["init", "--dry-run"]);
    assert_eq!((dry.code, &dry.stdout), (0, &said.stdout));
    assert!(!dry.stderr.contains("error"), "{dry:#?}");
    assert_eq!(site.run(&["init", "--dry-run", "--yes"]).code, 2);
    assert_eq!(site.text("Cargo.toml"), MANIFEST);
}

#[test]
fn a_file_that_is_protected_stays_and_permissions_do_too() {
    let site = Site::shop(&["web"]);
    let path = site.0.root().join("Cargo.toml");
    let allow = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    allow(0o444);
    let said = site.run(&["init", "--yes"]);
    assert_eq!(said.code, 1, "{said:#?}");
    assert!(said.stderr.contains("Cargo.toml`: it is read-only; nothing is changed"), "{said:#?}");
    assert_eq!(site.text("Cargo.toml"), MANIFEST);
    allow(0o640);
    assert_eq!(site.run(&["init", "--yes"]).code, 0);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_manifest_that_is_a_link_stays_one() {
    let site = Site::shop(&["web"]).file("real.toml", MANIFEST);
    let path = site.0.root().join("Cargo.toml");
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("real.toml", &path).unwrap();
    assert_eq!(site.run(&["init", "--yes"]).code, 0);
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    assert!(site.text("real.toml").contains("web = {}\n"));
}
