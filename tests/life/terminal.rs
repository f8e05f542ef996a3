//! A real terminal: what its keys and its end mean.

use harness::{Terminal, Workspace};

use crate::formation;

fn at_a_terminal(types: &str) -> (Workspace, Terminal) {
    let workspace = formation(types);
    let terminal = Terminal::open(
        workspace.command_under(Terminal::WRAPPER, &["dev", "--no-watch", "--color=never"]),
    );
    (workspace, terminal)
}

#[test]
fn each_process_hears_of_a_ctrl_c_once() {
    let (workspace, terminal) = at_a_terminal(
        r#"app = { bin = "zoo", args = ["count-signals"], quantity = 2, stop = { timeout = "2s" } }"#,
    );
    terminal.tool.wait_for("app.1  | ready");
    terminal.press(b"\x03");
    terminal.tool.ends_with(130);
    assert_eq!(terminal.tool.count("got "), 1, "{}", terminal.tool.transcript());
    workspace.assert_nothing_alive();
}

#[test]
fn two_ctrl_cs_kill() {
    let (workspace, terminal) =
        at_a_terminal(r#"app = { bin = "zoo", args = ["stubborn"], stop = { timeout = "10m" } }"#);
    terminal.tool.wait_for("app.1  | ready");
    terminal.press(b"\x03");
    terminal.tool.wait_for("Waiting");
    terminal.press(b"\x03");
    terminal.tool.ends_with(130);
    workspace.assert_nothing_alive();
}

#[test]
fn a_window_that_is_closed_ends_everything() {
    let (workspace, terminal) = at_a_terminal(
        "app = { bin = \"zoo\", args = [\"ticks\", \"1\"] }\n\
         family = { bin = \"zoo\", args = [\"family\"] }\n\
         escape = { bin = \"zoo\", args = [\"escape\"] }",
    );
    terminal.tool.wait_for("| tick 10");
    workspace.wait_for_process("sleep 7002");
    workspace.wait_for_process("sleep 7005");
    let tool = terminal.close();
    // Whichever is noticed first: the signal, or that nobody reads.
    let (code, _) = tool.finish();
    assert!([129, 141].contains(&code), "{code}\n{}", tool.transcript());
    workspace.assert_nothing_alive();
}
