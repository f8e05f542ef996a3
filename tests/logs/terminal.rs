//! What is logged as JSON, for a person and for a program.

use harness::{Stream, Terminal, Tool, Workspace};

use crate::{beast, formation, logs};

const RAW: &str = "{\"timestamp\":\"2026-11-23T17:43:00.123456Z\",\"level\":\"INFO\",\
                   \"fields\":{\"message\":\"step\",\"line\":0},\"target\":\"zoo::json\"}";

/// The first line of `json.1` that this shows at a terminal.
fn shown(workspace: &Workspace, arguments: &[&str]) -> String {
    let mut command = workspace.command_under(Terminal::WRAPPER, arguments);
    command.env("TERM", "xterm").env("NO_COLOR", "1").env("TZ", "UTC");
    let terminal = Terminal::open(command);
    terminal.tool.ends_with(0);
    let of_json = |text: String| Some(text.split_once("json.1  | ")?.1.trim_end().to_owned());
    let mut lines = terminal.tool.lines().into_iter();
    lines.find_map(|line| of_json(line.text())).unwrap_or_else(|| terminal.tool.transcript())
}

#[test]
fn a_person_reads_time_level_target_message_and_fields() {
    let workspace = formation(&beast("json", "json 1"));
    let rendered = "17:43:00.123  INFO zoo::json: step line=0";
    assert_eq!(shown(&workspace, &["dev", "--no-watch"]), rendered);
    assert_eq!(shown(&workspace, &["logs", "json"]), rendered);
    assert_eq!(shown(&workspace, &["dev", "--no-watch", "--raw"]), RAW);
    assert_eq!(shown(&workspace, &["logs", "json", "--raw"]), RAW);
}

#[test]
fn a_program_reads_what_was_written() {
    let workspace = formation(&beast("json", "json 1"));
    let tool: Tool = workspace.dev(&[]);
    tool.ends_with(0);
    assert_eq!(tool.text(Stream::Out), format!("json.1  | {RAW}\n"));
    assert_eq!(logs(&workspace, &["json"]), format!("json.1  | {RAW}\n"));
}
