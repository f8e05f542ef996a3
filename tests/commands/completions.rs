//! What a word may become, as each shell has it.

use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Workspace, skipped, works};

const TYPES: &str = r#"
web = { bin = "zoo" }
worker = { bin = "zoo" }
"#;

/// What a script of this shell prints that has the completions at hand.
fn check(shell: &[&str], script: &str, expected: &str) {
    if !works(&[shell[0], "-c"]) {
        return skipped(&format!("`{}` is not installed", shell[0]));
    }
    let workspace = Workspace::new(env!("CARGO_BIN_EXE_cargo-formation"), TYPES);
    let completions = workspace.beside("completions");
    let tool = Path::new(env!("CARGO_BIN_EXE_cargo-formation"));
    let printed = Command::new(tool).args(["completions", shell[0]]).output().unwrap();
    std::fs::write(&completions, printed.stdout).unwrap();
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).args(["-c", script]).current_dir(workspace.root());
    command.env("XDG_RUNTIME_DIR", workspace.runtime_directory()).env("COMPLETIONS", &completions);
    // The scripts look for the tool there.
    command.env("PATH", with_first(tool.parent().unwrap()));
    command.env("CARGO_HOME", cargo_home()).env("HOME", workspace.beside("home"));
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text, expected, "{}", String::from_utf8_lossy(&output.stderr));
}

/// `PATH`, with this directory before all others.
fn with_first(directory: &Path) -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let others = std::env::split_paths(&path);
    std::env::join_paths(std::iter::once(directory.to_owned()).chain(others)).unwrap()
}

/// Where cargo keeps what it has fetched, although `HOME` is another.
fn cargo_home() -> PathBuf {
    let home = || Path::new(&std::env::var_os("HOME").unwrap()).join(".cargo");
    std::env::var_os("CARGO_HOME").map_or_else(home, Into::into)
}

#[test]
fn bash_completes_both_forms_of_the_command() {
    let script = r#"
        source "$COMPLETIONS"
        of() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
               _cargo_with_formation 2>/dev/null; echo "${COMPREPLY[@]}"; }
        of cargo formation restart w
        of cargo formation logs wo
        of cargo formation resta
        of cargo bui
        COMP_WORDS=(cargo-formation scale wo) COMP_CWORD=2
        compopt() { echo compopt "$@"; }
        _cargo_formation; echo "${COMPREPLY[@]}"
    "#;
    check(
        &["bash", "--norc"],
        script,
        "web worker\nworker\nrestart\n\ncompopt -o nospace\nworker=\n",
    );
}

#[test]
fn zsh_completes_both_forms_of_the_command() {
    let script = r#"
        compdef() { :; }
        source "$COMPLETIONS"
        _describe() { print -l -- "${(@P)2}"; }
        words=(cargo-formation resta); CURRENT=2; _cargo-formation
        words=(formation restart w); CURRENT=3; _cargo-formation
        words=(formation restart nobody); CURRENT=3; _cargo-formation
    "#;
    let restart = "restart:Start instances again: new runs take over from the old ones\n";
    check(&["zsh", "-f"], script, &format!("{restart}web\nworker\n"));
}

#[test]
fn fish_completes_both_forms_of_the_command() {
    let script = r#"
        source $COMPLETIONS
        complete -C "cargo-formation restart w"
        complete -C "cargo formation env we"
    "#;
    check(&["fish", "--no-config"], script, "web\nworker\nweb\n");
}
