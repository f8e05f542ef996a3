//! Every line arrives: whole, with one prefix, in its order.

use harness::{Line, Stream};

use crate::{beast, formation, output, said_by};

#[test]
fn a_last_line_without_an_end_is_shown_once_and_gets_one() {
    let workspace = formation(&beast("app", "tail PARTIAL_TAIL"));
    let tool = workspace.dev(&["--scale", "app=100"]);
    let output = String::from_utf8(output(&tool)).unwrap();
    let mut lines: Vec<&str> = output.split_inclusive('\n').collect();
    lines.sort_unstable();
    let mut expected: Vec<String> =
        (1..=100).map(|n| format!("{:<7}  | PARTIAL_TAIL\n", format!("app.{n}"))).collect();
    expected.sort_unstable();
    assert_eq!(lines, expected);
}

#[test]
fn what_is_written_in_the_last_moment_arrives() {
    let workspace = formation(&beast("app", "burst 20000"));
    let tool = workspace.dev(&["--scale", "app=20"]);
    tool.ends_with(0);
    let lines = tool.lines();
    for number in 1..=20 {
        let said = said_by(&lines, &format!("{:<6}  | ", format!("app.{number}")));
        assert_eq!(said.len(), 20_000, "app.{number}");
        let wrong = said.iter().enumerate().find(|(n, line)| *line != n.to_string().as_bytes());
        assert_eq!(wrong, None, "app.{number}");
    }
}

#[test]
fn three_floods_at_once_stay_whole_and_in_order() {
    let flood = "flood 100000 94";
    let workspace = formation(&(beast("a", flood) + &beast("b", flood) + &beast("c", flood)));
    let tool = workspace.dev(&[]);
    tool.ends_with(0);
    let lines = tool.lines();
    let out = lines.iter().filter(|line| line.stream == Stream::Out).count();
    assert_eq!(out, 300_000);
    for name in ["a", "b", "c"] {
        let said = said_by(&lines, &format!("{name}.1  | "));
        assert_eq!(said.len(), 100_000, "{name}");
        for (number, line) in said.iter().enumerate() {
            let expected = format!("{0:.<93}", format!("{number:010} "));
            assert!(*line == expected.as_bytes(), "{name}: {}", line.escape_ascii());
        }
    }
}

#[test]
fn blank_lines_are_lines() {
    let workspace = formation(&beast("app", "blank"));
    let shown = output(&workspace.dev(&[]));
    let expected = "app.1  | first\napp.1  | \napp.1  | \napp.1  |   \napp.1  | last\n";
    assert_eq!(String::from_utf8(shown).unwrap(), expected);
}

#[test]
fn both_streams_of_a_process_keep_their_order() {
    let workspace = formation(&beast("app", "both 1000"));
    let shown = output(&workspace.dev(&[]));
    let expected: Vec<String> =
        (0..1000).map(|n| format!("app.1  | out {n}\napp.1  | err {n}\n")).collect();
    assert_eq!(String::from_utf8(shown).unwrap(), expected.concat());
}

#[test]
fn bytes_that_are_no_text_stay_as_they_are() {
    let workspace = formation(&beast("app", "binary"));
    let shown = output(&workspace.dev(&[]));
    let expected =
        b"app.1  | not text: \xff\xfe\0 end\napp.1  | euro: \xe2\x82\xac end\n".escape_ascii();
    assert_eq!(shown.escape_ascii().to_string(), expected.to_string());
}

#[test]
fn a_line_says_when_it_came_if_asked() {
    let workspace = formation(&beast("app", "burst 3"));
    let tool = workspace.dev(&["--timestamps"]);
    tool.ends_with(0);
    let lines = tool.lines();
    let out: Vec<&Line> = lines.iter().filter(|line| line.stream == Stream::Out).collect();
    assert_eq!(out.len(), 3);
    for (number, line) in out.iter().enumerate() {
        let text = line.text();
        let (time, rest) = text.split_once(' ').unwrap();
        let shape: String =
            time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(shape, "00:00:00.000");
        assert_eq!(rest, format!("app.1  | {number}"));
    }
}
