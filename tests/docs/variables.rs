//! The variables that an instance gets, in both directions.

use std::collections::BTreeSet;
use std::process::Stdio;

use harness::Workspace;

use super::page::Page;

/// Every kind of port, a terminal, and a name that is spelled otherwise in variables.
const TYPES: &str =
    "mail-in = { bin = \"zoo\", port = true, ports = { admin = true }, pty = true }";

#[test]
fn every_variable_of_an_instance_is_documented_and_no_other() {
    let workspace = Workspace::new(env!("CARGO_BIN_EXE_cargo-formation"), TYPES);
    let mut tool = workspace.command(&["env", "mail-in", "--changes"]);
    tool.env_remove("RUST_BACKTRACE")
        .env_remove("LD_LIBRARY_PATH")
        .env_remove("TERM")
        .stderr(Stdio::inherit());
    let output = tool.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let name = |line: &str| {
        let (name, _) = line.split_once('=').unwrap();
        name.replace("_MAIL_IN_", "_<NAME>_").replace("PORT_ADMIN", "PORT_<NAME>")
    };
    let given: BTreeSet<String> = text.lines().map(name).collect();
    let page = Page::read("docs/reference/environment.md");
    let mut documented: BTreeSet<String> =
        page.rows("What the formation says").into_keys().collect();
    // That one is `dev`'s alone.
    assert!(documented.remove("FORMATION_RUN"));
    assert_eq!(documented, given);
}
