//! What a run finds that has a terminal, and what of its lines arrives.

use harness::{DEADLINE, Stream, Terminal, Tool, eventually};
use rustix::process::Signal;

use crate::{beast, formation};

/// The lines of `app.1` on standard output, as they came.
fn said(tool: &Tool) -> Vec<String> {
    let lines = tool.lines().into_iter().filter(|line| line.stream == Stream::Out);
    let texts = lines.map(|line| line.text());
    texts.filter_map(|text| Some(text.strip_prefix("app.1  | ")?.to_owned())).collect()
}

#[test]
fn all_three_streams_are_a_terminal_and_it_is_the_one_of_the_session() {
    let workspace = formation(&(beast("app", "streams") + &beast("tty", "tty")));
    let mut command = workspace.command(&["dev", "--no-watch"]);
    command.env_remove("TERM");
    let tool = Tool::start(command);
    tool.ends_with(0);
    let colours = "\x1b[32mterminals [true, true, true]\x1b[0m TERM xterm-256color";
    assert_eq!(said(&tool), [colours], "{}", tool.transcript());
    tool.wait_for("tty.1  | a terminal");
}

#[test]
fn a_kind_of_terminal_that_the_shell_says_is_kept() {
    let workspace = formation(&beast("app", "streams"));
    let mut command = workspace.command(&["dev", "--no-watch"]);
    command.env("TERM", "vt100");
    let tool = Tool::start(command);
    tool.ends_with(0);
    tool.wait_for("TERM vt100");
}

#[test]
fn without_the_key_there_is_none() {
    let workspace = formation(
        r#"app = { bin = "zoo", args = ["streams"] }
                     tty = { bin = "zoo", args = ["tty"], pty = false }"#,
    );
    let tool = workspace.dev(&[]);
    tool.ends_with(0);
    tool.wait_for("app.1  | terminals [false, false, false]");
    tool.wait_for("tty.1  | no terminal");
}

#[test]
fn a_service_and_release_have_one_as_well() {
    let workspace = formation(&format!(
        "{}{}settings.services.db = {{ command = [\"sh\", \"-c\", \"tty <&2; cat\"], pty = true, \
         ready = {{ log = \"/dev/\" }} }}\n",
        beast("release", "streams"),
        beast("app", "idle"),
    ));
    let tool = workspace.dev(&[]);
    tool.wait_for("db         | /dev/");
    tool.wait_for("release.1  | \x1b[32mterminals [true, true, true]");
    tool.wait_for("app.1      | ready");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn every_line_arrives_as_it_would_through_a_pipe() {
    const LINES: usize = 20_000;
    let workspace = formation(&beast("app", &format!("flood {LINES} 94")));
    let tool = workspace.dev(&[]);
    tool.ends_with(0);
    let said = said(&tool);
    assert_eq!(said.len(), LINES);
    for (number, line) in said.iter().enumerate() {
        assert_eq!(*line, format!("{0:.<93}", format!("{number:010} ")));
    }
}

#[test]
fn what_was_written_last_is_there_before_the_exit_is_told() {
    // More than a terminal holds, and then a death at once.
    let script = "for i in $$(seq 2000); do echo line $$i; done; kill -KILL $$$$";
    let workspace = formation(&format!(
        "settings.services.app = {{ command = [\"bash\", \"-c\", '{script}'], pty = true, \
         restart = \"never\" }}\n{}",
        beast("idle", "idle")
    ));
    // One pipe for both streams: what is said of a process stands after what it wrote.
    let wrapper = ["sh", "-c", "exec \"$@\" 2>&1", "sh"];
    let tool = Tool::start(workspace.command_under(&wrapper, &["dev", "--no-watch"]));
    tool.wait_for("SIGKILL");
    tool.signal(Signal::TERM);
    tool.finish();
    let lines = tool.lines();
    let last = lines.iter().position(|line| line.text() == "app     | line 2000");
    let told = lines.iter().position(|line| line.text().contains("SIGKILL"));
    assert!(last.is_some() && last < told, "{}", tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn a_line_that_is_drawn_over_is_as_through_a_pipe() {
    let workspace = formation(&beast("app", "progress"));
    let tool = workspace.dev(&[]);
    tool.ends_with(0);
    let states: Vec<String> = (0..=10).map(|n| format!("\rprogress {:3} %", n * 10)).collect();
    assert_eq!(said(&tool), [states.concat(), "done".to_owned()], "{}", tool.transcript());
}

#[test]
fn nothing_is_typed_and_nothing_ends() {
    let workspace = formation(&(beast("app", "stdin") + &beast("repl", "repl")));
    let tool = workspace.dev(&[]);
    tool.wait_for("repl.1  | type `exit N` to end");
    // Whoever reads waits: there is neither a byte nor an end.
    eventually("a process that waits", DEADLINE, || {
        workspace.find("zoo stdin").filter(|process| process.state == 'S')
    });
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    assert_eq!(said(&tool), Vec::<String>::new(), "{}", tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn it_is_as_large_as_the_window_of_the_tool() {
    let workspace = formation(&beast("app", "window"));
    let terminal = Terminal::open(
        workspace.command_under(Terminal::WRAPPER, &["dev", "--no-watch", "--color=never"]),
    );
    terminal.tool.wait_for("app.1  | size 24 80");
    terminal.resize(50, 132);
    terminal.tool.wait_for("app.1  | size 50 132");
    terminal.press(b"q");
    terminal.tool.ends_with(0);
    workspace.assert_nothing_alive();
}

#[test]
fn without_a_window_it_is_of_the_usual_size() {
    let workspace = formation(&beast("app", "window"));
    let tool = workspace.dev(&[]);
    tool.wait_for("app.1  | size 24 80");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn a_run_that_is_handed_a_socket_has_its_terminal_all_the_same() {
    let workspace = formation(
        "web = { bin = \"zoo\", args = [\"streams\"], socket = true, pty = true, ready = \"started\" }",
    );
    let tool = workspace.dev(&[]);
    tool.ends_with(0);
    tool.wait_for("terminals [true, true, true]");
}
