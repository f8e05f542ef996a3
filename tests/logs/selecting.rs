//! Whose lines, which, how many, in what form.

use harness::{Stream, Tool, Workspace};
use rustix::process::Signal;

use crate::{beast, formation, logs, logs_ending};

/// A formation that has panicked and logged.
fn panicked() -> Workspace {
    let workspace = formation(&(beast("app", "panic") + &beast("json", "json 6")));
    let tool = workspace.dev(&[]);
    tool.wait_for("a failure");
    tool.wait_for("Ended json.1");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace
}

#[track_caller]
fn is_whole_panic(shown: &str) {
    for part in [
        "panicked at",
        "| first line of the message\n",
        "| second line of the message\n",
        "| stack backtrace:\n",
        "|   0: ",
        "| note: Some details",
    ] {
        let part = part.replace("|   0", "|    0");
        assert!(shown.contains(&part), "no {part:?} in\n{shown}");
    }
}

#[test]
fn a_level_takes_panics_whole_and_knows_json_and_text() {
    let workspace = panicked();
    let errors = logs(&workspace, &["app", "--level", "error"]);
    is_whole_panic(&errors);
    assert!(errors.ends_with("app.1  | ERROR zoo: a failure\n"), "{errors}");
    assert!(!errors.contains("INFO"), "{errors}");
    let warnings = logs(&workspace, &["json", "--level", "warn"]);
    assert_eq!(warnings.lines().count(), 2, "{warnings}");
    assert!(warnings.lines().all(|line| line.contains("\"WARN\"")), "{warnings}");
    assert_eq!(logs(&workspace, &["json", "--level", "info"]).lines().count(), 6);
    assert_eq!(logs(&workspace, &["json", "--level", "error"]), "");
}

#[test]
fn a_text_takes_what_it_is_found_in_whole() {
    let workspace = panicked();
    let found = logs(&workspace, &["--grep", "second line of the m.ssage$"]);
    is_whole_panic(&found);
    assert!(!found.contains("zoo: "), "{found}");
    assert_eq!(logs(&workspace, &["--grep", "is nowhere"]), "");
    assert!(logs(&workspace, &["formation", "--grep", "^ +Started app"]).contains("Started app.1"));
    let wrong = logs_ending(&workspace, &["--grep", "("], 2);
    wrong.wait_for("`--grep` takes a regular expression");
}

#[test]
fn the_last_lines_cut_nothing_that_belongs_together() {
    let workspace = panicked();
    assert_eq!(logs(&workspace, &["app", "-n", "1"]), "app.1  | ERROR zoo: a failure\n");
    is_whole_panic(&logs(&workspace, &["app", "-n", "3"]));
    assert_eq!(logs(&workspace, &["-n", "0"]), "");
    let all = logs(&workspace, &[]);
    assert_eq!(logs(&workspace, &["-n", "18446744073709551615"]), all);
    assert_eq!(logs(&workspace, &["--since", "1h"]), all);
    assert_eq!(logs(&workspace, &["--since", "2099-01-01T00:00:00Z"]), "");
}

#[test]
fn a_name_that_nobody_has_is_refused_with_those_that_are_known() {
    let workspace = panicked();
    let refused = logs_ending(&workspace, &["jsno"], 2);
    refused.wait_for("knows no `jsno` (did you mean `json`?)");
    refused.wait_for("it has `app`, `app.1`, `formation`, `json`, `json.1`");
    assert_eq!(logs(&workspace, &["json.1"]), logs(&workspace, &["json"]));
    assert_eq!(refused.text(Stream::Out), "");
    logs_ending(&workspace, &["json.2"], 2);
    logs_ending(&workspace, &["--since", "yesterday"], 2)
        .wait_for("`--since yesterday` is no time");
}

#[test]
fn json_is_an_object_a_line() {
    let workspace = panicked();
    let shown = logs(&workspace, &["app", "--format", "json"]);
    let objects: Vec<serde_json::Value> =
        shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects[0]["text"], " INFO zoo: before");
    assert_eq!((&objects[0]["level"], &objects[0]["name"]), (&"info".into(), &"app.1".into()));
    assert!(objects[0]["run"].is_u64());
    // What is written at once may be here before the number of the process is known.
    assert!(objects.iter().any(|object| object["pid"].is_u64()), "{shown}");
    assert!(objects[0]["time"].as_str().unwrap().ends_with('Z'));
    let panic = objects.iter().find(|object| object["level"] == "error").unwrap();
    assert!(panic["text"].as_str().unwrap().contains("panicked at"));
    let rest = objects.iter().filter(|object| object["continues"] == true);
    assert!(rest.count() > 4, "{shown}");
}

#[test]
fn a_line_says_when_it_came_if_asked() {
    let workspace = panicked();
    let shown = logs(&workspace, &["json", "-n", "1", "--timestamps"]);
    let shape: String = shown.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert!(shape.starts_with("0000-00-00 00:00:00.000 json.0  | {"), "{shown}");
}

#[test]
fn who_has_read_enough_ends_it() {
    let workspace = formation(&beast("app", "flood 100000 94"));
    workspace.dev(&[]).ends_with(0);
    let script = r#""$@" | head -n 1; echo "codes ${PIPESTATUS[*]}""#;
    let tool =
        Tool::start(workspace.command_under(&["bash", "-c", script, "bash"], &["logs", "app"]));
    tool.wait_for("codes 141 0");
    tool.ends_with(0);
}
