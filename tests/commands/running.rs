//! One-offs: the tool becomes the process.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use rustix::process::Signal;

use super::workspace::Workspace;

const TYPES: &str = "[package.metadata.formation]\n\
                     env = \"zoo env\"\nargs = \"zoo args 'of the table' $PS\"\n\
                     cwd = \"zoo cwd\"\nhere = { bin = \"zoo\", args = [\"cwd\"], dir = \"sub\" }\n\
                     stdin = \"zoo stdin\"\nfail = \"zoo exit\"\nidle = \"zoo idle\"\n\
                     pidfile = \"zoo pidfile pid\"\nrelease = \"zoo args migrate\"\n\
                     missing = { bin = \"zoo\", dir = \"nowhere\" }\n";

#[test]
fn the_tool_becomes_the_process() {
    let shop = Workspace::zoo(TYPES);
    let mut running = shop.tool(&["run", "pidfile"]).start();
    running.wait_for("ready");
    let pid = fs::read_to_string(shop.path("pid")).unwrap();
    assert_eq!(pid.trim(), running.pid().to_string());
    // A signal is the process's own, and so is the death by it.
    running.signal(Signal::TERM);
    let said = running.end();
    assert_eq!(said.status.unwrap().signal(), Some(15), "{said}");
    assert_eq!(said.stdout, "ready\n");
}

#[test]
fn what_it_prints_reads_and_returns_is_its_own() {
    let shop = Workspace::zoo(TYPES);
    let said = shop.tool(&["run", "fail", "--", "42"]).run();
    assert_eq!(said.ended(42).stdout, "");
    let mut stdin = shop.tool(&["run", "stdin"]);
    stdin.command.stdin(Stdio::piped());
    let mut running = stdin.start();
    running.type_in("typed\n");
    running.wait_for("read typed");
    assert_eq!(running.end().ended(0).stdout, "read typed\\n\nend of file\n");
    // The tool's words are not in what is piped on.
    let said = shop.tool(&["run", "cwd"]).dir(&shop.path(".")).run();
    assert_eq!(said.ended(0).stdout, format!("{}\n", shop.root().display()));
    said.says("Finished");
}

#[test]
fn arguments_are_those_of_the_table_and_then_those_typed() {
    let shop = Workspace::zoo(TYPES);
    let said = shop.tool(&["run", "args", "--", "--typed", "two words", "", "$HOME", "-v"]).run();
    assert_eq!(said.ended(0).stdout, "of the table\nargs.1\n--typed\ntwo words\n\n$HOME\n-v\n");
    let said = shop.tool(&["run", "release", "--", "--dry-run"]).run();
    assert_eq!(said.ended(0).stdout, "migrate\n--dry-run\n");
    // A binary of no type, by its name.
    let said = shop.tool(&["run", "zoo", "--", "args", "plain"]).run();
    assert_eq!(said.ended(0).stdout, "plain\n");
    let said = shop.tool(&["run", "args", "typed"]).run();
    said.ended(2).says("unexpected argument 'typed'").says("-- <ARGS>");
}

#[test]
fn a_one_off_has_the_environment_and_the_place_of_an_instance() {
    let shop = Workspace::zoo(TYPES);
    fs::create_dir(shop.path("sub")).unwrap();
    shop.write(".env", "FROM_FILE=file\n");
    let said = shop.tool(&["run", "env"]).dir(&shop.path("sub")).run();
    let planned = shop.tool(&["env", "env"]).run();
    let without_ps = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("PS=")).map(str::to_owned).collect()
    };
    assert_eq!(without_ps(&said.ended(0).stdout), without_ps(&planned.ended(0).stdout));
    assert!(said.stdout.contains("\nFROM_FILE=file\n"), "{said}");
    assert!(planned.stdout.contains("\nPS=env.1\n"), "{planned}");
    let name = said.stdout.lines().find_map(|line| line.strip_prefix("PS=run."));
    assert!(name.is_some_and(|pid| pid.parse::<u32>().is_ok()), "{said}");
    // What cargo says of itself is not the process's.
    assert!(!said.stdout.contains("CARGO="), "{said}");
    assert!(!said.stdout.contains("CARGO_MANIFEST_"), "{said}");
    let said = shop.tool(&["run", "cwd"]).dir(&shop.path("sub")).run();
    assert_eq!(said.ended(0).stdout, format!("{}\n", shop.root().display()));
    let said = shop.tool(&["run", "here"]).run();
    assert_eq!(said.ended(0).stdout, format!("{}\n", shop.path("sub").display()));
    let said = shop.tool(&["run", "missing"]).run();
    let nowhere = shop.path("nowhere");
    let text = format!(
        "error: `dir` of `missing` is no directory: `{}`; create it, or change the table",
        nowhere.display()
    );
    said.refused(3, &text);
}

#[test]
fn unknown_names_are_refused_before_anything_is_built() {
    let shop =
        Workspace::zoo("[package.metadata.formation]\nweb = \"zoo env\"\nworker = \"zoo env\"\n");
    let refused = |name: &str, text: &str| {
        shop.tool(&["run", name]).run().refused(2, text);
    };
    refused(
        "wroker",
        "error: `wroker` is neither a process type nor a binary of this workspace; \
         did you mean `worker`?",
    );
    refused(
        "zooo",
        "error: `zooo` is neither a process type nor a binary of this workspace; \
         did you mean `zoo`?",
    );
    refused(
        "something",
        "error: `something` is neither a process type nor a binary of this workspace; \
         `cargo formation list` shows the process types",
    );
    assert!(!shop.path("target").exists());
}

#[test]
fn a_binary_of_two_packages_is_not_guessed() {
    let shop = Workspace::new();
    shop.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"a\", \"b\"]\n");
    shop.package("a", "a", "[package.metadata.formation]\nweb = {}\n", &["web", "tool"]);
    shop.package("b", "b", "", &["tool"]);
    shop.tool(&["run", "tool"]).run().refused(
        2,
        "error: `tool` is a binary of `a` and of `b`; declare a process type with `bin` and \
         `package` for the one you mean",
    );
}

#[test]
fn a_failed_build_runs_nothing() {
    let shop = Workspace::shop("[package.metadata.formation]\nweb = {}\n", &["web"]);
    shop.tool(&["run", "web"]).run().ended(0);
    shop.edit("src/bin/web.rs", "println", "printn");
    let said = shop.tool(&["run", "web"]).run();
    said.ended(101).says("cannot find macro `printn`");
    assert_eq!(said.stdout, "", "the old binary ran");
}

#[test]
fn a_one_off_runs_beside_a_formation() {
    let shop = Workspace::zoo("[package.metadata.formation]\nidle = \"zoo idle\"\n");
    let mut dev = shop.tool(&["dev", "--no-watch"]).start();
    dev.wait_for("ready");
    let said = shop.tool(&["run", "zoo", "--", "exit", "7"]).run();
    said.ended(7);
    let second = shop.tool(&["dev"]).run();
    second.refused(6, &format!(
        "error: a formation runs in this workspace already (process {}); stop it, or run another \
         beside it with `--isolated`",
        dev.pid()
    ));
    dev.signal(Signal::INT);
    dev.end().ended(130);
}
