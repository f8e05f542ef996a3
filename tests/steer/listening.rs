//! Clients that read the history by way of the socket.

use serde_json::{Value, json};

use crate::client::Client;
use crate::stage::Stage;

/// The lines that come until the last answer, and that.
#[track_caller]
fn heard(client: &mut Client) -> (Vec<Value>, Value) {
    let mut lines = Vec::new();
    loop {
        let answer = client.hear().expect("the connection ended without an answer");
        if answer["kind"] != "line" && answer["kind"] != "missing" {
            assert_eq!(client.hear(), None, "after {answer}");
            return (lines, answer);
        }
        lines.push(answer);
    }
}

/// The texts of those of this name.
fn texts<'l>(lines: &'l [Value], name: &str) -> Vec<&'l str> {
    let of = lines.iter().filter(|line| line["name"] == name);
    of.map(|line| line["text"].as_str().unwrap()).collect()
}

#[test]
fn what_was_written_is_read_and_then_it_is_over() {
    let stage = Stage::open(
        r#"app = { bin = "zoo", args = ["burst", "3"], restart = "never" }
idle = { bin = "zoo", args = ["idle"] }"#,
        &[],
    );
    stage.is("app.1", "finished");
    stage.is("idle.1", "ready");
    let (lines, end) = heard(&mut stage.asks(r#"{"command":"logs"}"#));
    assert_eq!(end["kind"], "done");
    assert_eq!(texts(&lines, "app.1"), ["0", "1", "2"]);
    assert!(texts(&lines, "formation").iter().any(|text| text.contains("app.1 (process ")));
    let numbers: Vec<u64> = lines.iter().map(|line| line["number"].as_u64().unwrap()).collect();
    assert!(numbers.iter().copied().eq(0..numbers.len() as u64), "{numbers:?}");

    let second = lines.iter().find(|line| line["text"] == "1").unwrap();
    assert!(second["pid"].is_u64() && second["run"].is_u64(), "{second}");
    let from = json!({"command": "logs", "names": ["app"], "from": second["number"]});
    let (lines, _) = heard(&mut stage.asks(&from.to_string()));
    assert_eq!(texts(&lines, "app.1"), ["1", "2"]);
    assert_eq!(lines.len(), 2, "of nobody else");

    let answer = stage.answer(r#"{"command":"logs","names":["ape"]}"#);
    assert_eq!(answer["kind"], "refused");
    assert!(answer["reason"].as_str().unwrap().contains("did you mean `app`?"), "{answer}");
    stage.end();
}

#[test]
fn who_follows_hears_everything_to_the_very_end() {
    let stage = Stage::open(r#"app = { bin = "zoo", args = ["ticks", "5"] }"#, &[]);
    let mut client = stage.asks(r#"{"command":"logs","follow":true}"#);
    let gone = stage.asks(r#"{"command":"logs","follow":true}"#);
    stage.dev.wait_for("| tick 20");
    drop(gone);
    stage.end();
    let (lines, end) = heard(&mut client);
    assert_eq!(end["kind"], "ending");
    let shown = stage.dev.lines();
    let ticks = shown.iter().filter(|line| line.text().contains("| tick "));
    assert_eq!(texts(&lines, "app.1").len(), ticks.count());
    let said = texts(&lines, "formation");
    assert!(said.last().unwrap().contains(" everything"), "{said:?}");
}

#[test]
fn who_does_not_take_what_he_asked_for_holds_nobody_back_and_learns_what_he_missed() {
    let stage = Stage::open(
        r#"app = { bin = "zoo", args = ["flood", "2000", "10000"], restart = "never" }
idle = { bin = "zoo", args = ["idle"] }"#,
        &["--no-watch"],
    );
    let mut slow = stage.asks(r#"{"command":"logs","names":["app"],"follow":true}"#);
    stage.is("app.1", "finished");
    let reader = std::thread::spawn(move || heard(&mut slow).0);
    stage.end();
    let lines = reader.join().unwrap();
    let missing: u64 = lines.iter().filter_map(|line| line["lines"].as_u64()).sum();
    let came = texts(&lines, "app.1").len() as u64;
    assert!(missing > 0 && came > 0, "{missing} missing, {came} came");
    let mut next = 0;
    for line in &lines {
        next = line["lines"].as_u64().map_or_else(
            || {
                let number = line["number"].as_u64().unwrap();
                assert!(number >= next, "line {number} after {next}");
                number + 1
            },
            |missing| next + missing,
        );
    }
}
