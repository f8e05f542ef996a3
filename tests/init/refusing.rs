//! Where there is nothing to adopt, or nothing that could be understood.

use std::fmt::Write as _;
use std::fs;

use super::site::{MANIFEST, Site};

#[track_caller]
fn refused(site: &Site, code: i32, because: &str) {
    let before = site.0.root().join("Cargo.toml").exists().then(|| site.text("Cargo.toml"));
    let said = site.run(&["init", "--yes"]);
    assert_eq!(said.code, code, "{said:#?}");
    assert!(said.stderr.contains(because), "{said:#?}");
    assert_eq!(said.stdout, "", "{said:#?}");
    if let Some(before) = before {
        assert_eq!(site.text("Cargo.toml"), before);
    }
}

#[test]
fn where_there_is_no_workspace_cargo_says_so() {
    refused(&Site::empty(), 101, "could not find `Cargo.toml`");
}

#[test]
fn where_there_are_no_binaries_there_is_no_formation() {
    let site = Site::shop(&[]).file("src/lib.rs", "");
    let text = "there is nothing to declare: a process type runs a binary target";
    refused(&site, 1, text);
    let site = site.file("Procfile", "redis: redis-server\n");
    refused(&site, 1, "there is nothing to declare but backing services");
}

#[test]
fn a_table_that_is_wrong_is_not_added_to() {
    let table = format!("{MANIFEST}\n[package.metadata.formation]\nwbe = {{}}\n");
    let site = Site::shop(&["web", "worker"]).file("Cargo.toml", &table);
    refused(&site, 3, "no binary target named `wbe` in package `shop`");
}

#[test]
fn files_that_cannot_be_read_hide_nothing_of_the_others() {
    let mut bomb = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..40 {
        let _ = writeln!(bomb, "a{level}: &a{level} [*a{0}, *a{0}, *a{0}]", level - 1);
    }
    let site = Site::shop(&["web"])
        .file("Procfile", "")
        .file("Procfile.dev", "web: web --all\n")
        .file("mprocs.yaml", &bomb)
        .file("process-compose.yaml", "processes:\n\tweb: x\n")
        .file("process-compose.yml", &"x: y\n".repeat(2_500_000));
    let said = site.adopts();
    assert!(said.stdout.contains("+web = { args = [\"--all\"] }\n"), "{said:#?}");
    let yaml =
        "process-compose.yaml:2: nothing is taken over from this file, which is not valid YAML";
    assert!(said.stderr.contains(yaml), "{said:#?}");
    let large = "nothing is taken over from `process-compose.yml`: cannot read `";
    assert!(said.stderr.contains(large), "{said:#?}");
    assert!(said.stderr.contains("it has more than 128 KiB"), "{said:#?}");
}

#[test]
fn what_is_no_text_or_no_file_is_named() {
    let site = Site::shop(&["web"]);
    fs::write(site.0.root().join("Procfile"), b"web: \xff\n").unwrap();
    fs::create_dir(site.0.root().join("Procfile.dev")).unwrap();
    let said = site.adopts();
    assert!(said.stderr.contains("Procfile` is not UTF-8"), "{said:#?}");
    assert!(said.stderr.contains("Procfile.dev`: it is a directory"), "{said:#?}");
}

#[test]
fn a_thousand_entries_are_a_table_that_fits() {
    let mut lines = String::new();
    for number in 0..1_000 {
        let _ = writeln!(lines, "w{number}: web --number {number}");
    }
    let said = Site::shop(&["web"]).file("Procfile", &lines).adopts();
    let told = said.stderr.matches("the ports of so many process types do not fit").count();
    assert_eq!(told, 1_000 - 615, "{}", said.stderr);
}
