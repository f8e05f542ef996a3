//! The keys of the terminal.

use harness::{DEADLINE, Stream, Terminal, Workspace, eventually};

use crate::formation;

const TICKS: &str = "app = { bin = \"zoo\", args = [\"ticks\", \"1\"] }\n\
                     other = { bin = \"zoo\", args = [\"ticks\", \"1\"] }";

const DEV: &[&str] = &["dev", "--color=never"];

fn at_a_terminal(types: &str) -> (Workspace, Terminal) {
    let workspace = formation(types);
    let terminal = Terminal::open(workspace.command_under(Terminal::WRAPPER, DEV));
    terminal.tool.wait_for("Keys `?` lists them");
    (workspace, terminal)
}

/// At the prompt of a shell that runs this in the background or in the foreground.
fn in_a_shell() -> (Workspace, Terminal) {
    let workspace = formation(TICKS);
    let mut wrapper = Terminal::WRAPPER.to_vec();
    // The tool and its arguments are what the shell calls "$0" and "$@".
    wrapper.extend([
        "bash",
        "--norc",
        "--noprofile",
        "-i",
        "-c",
        "exec bash --norc --noprofile -i",
    ]);
    let mut command = workspace.command_under(&wrapper, DEV);
    command.env("PS1", "prompt> ").env("TOOL", env!("CARGO_BIN_EXE_cargo-formation"));
    let terminal = Terminal::open(command);
    (workspace, terminal)
}

#[track_caller]
fn quit(workspace: &Workspace, terminal: &Terminal) {
    terminal.press(b"q");
    terminal.tool.ends_with(0);
    workspace.assert_nothing_alive();
}

#[test]
fn r_starts_everybody_again() {
    let (workspace, terminal) = at_a_terminal(TICKS);
    terminal.tool.wait_for("Started app.1");
    terminal.tool.wait_for("Started other.1");
    terminal.press(b"r");
    terminal.tool.wait_for("Restarted in ");
    terminal.tool.wait_for_nth(2, "Started app.1");
    terminal.tool.wait_for_nth(2, "Started other.1");
    quit(&workspace, &terminal);
}

#[test]
fn b_builds_and_says_that_nothing_has_changed() {
    let (workspace, terminal) = at_a_terminal(TICKS);
    terminal.tool.wait_for("| tick 3");
    terminal.press(b"b");
    terminal.tool.wait_for("Up to date in ");
    assert_eq!(terminal.tool.count("Started app.1"), 1, "{}", terminal.tool.transcript());
    quit(&workspace, &terminal);
}

#[test]
fn a_number_shows_one_type_alone_and_0_all() {
    let (workspace, terminal) = at_a_terminal(TICKS);
    terminal.tool.wait_for("other.1  | tick 3");
    terminal.press(b"2");
    terminal.tool.wait_for("Showing other alone; `0` shows everything again");
    // Ten more of the one, and none of the other.
    let shown = |name: &str| {
        let text = terminal.tool.text(Stream::Out);
        let (_, after) = text.split_once("Showing other alone").unwrap();
        after.lines().filter(|line| line.starts_with(name)).count()
    };
    eventually("ten lines", DEADLINE, || (shown("other.1") >= 10).then_some(()));
    assert_eq!(shown("app.1"), 0, "{}", terminal.tool.transcript());
    terminal.press(b"9");
    terminal.tool.wait_for("nothing has the number 9");
    terminal.press(b"0");
    terminal.tool.wait_for("Showing everything\r");
    eventually("lines of both", DEADLINE, || (shown("app.1") > 0).then_some(()));
    quit(&workspace, &terminal);
}

#[test]
fn enter_marks_and_a_question_is_answered() {
    let (workspace, terminal) = at_a_terminal(TICKS);
    terminal.press(b"\r");
    terminal.tool.wait_for("────────── ");
    terminal.press(b"?");
    terminal.tool.wait_for("`1` app alone, `2` other alone, `0` everything, Enter marks");
    // Others are for nothing, and nothing that is pressed is shown.
    terminal.press(b"x");
    terminal.press(b"\x1b[15~");
    terminal.press(b"let this request be quick");
    // What is pressed together may arrive in one go, and is then not obeyed either.
    eventually("another answer", DEADLINE, || {
        terminal.press(b"?");
        (terminal.tool.count("Enter marks") > 1).then_some(())
    });
    assert_eq!(terminal.tool.count("Showing"), 0, "{}", terminal.tool.transcript());
    assert_eq!(terminal.tool.count("request"), 0, "{}", terminal.tool.transcript());
    quit(&workspace, &terminal);
}

#[test]
fn q_asks_and_the_second_one_kills() {
    let (workspace, terminal) =
        at_a_terminal(r#"app = { bin = "zoo", args = ["stubborn"], stop = { timeout = "10m" } }"#);
    terminal.tool.wait_for("app.1  | ready");
    terminal.press(b"q");
    terminal.tool.wait_for("Waiting");
    terminal.press(b"q");
    terminal.tool.ends_with(0);
    workspace.assert_nothing_alive();
}

#[test]
fn the_terminal_is_left_as_it_was() {
    let (workspace, terminal) = at_a_terminal(TICKS);
    assert!(!terminal.echoes());
    terminal.press(b"\x03");
    terminal.tool.ends_with(130);
    assert!(terminal.echoes());
    workspace.assert_nothing_alive();
}

#[test]
fn where_a_pager_reads_the_keys_are_the_pagers() {
    let workspace = formation(TICKS);
    let mut wrapper = Terminal::WRAPPER.to_vec();
    wrapper.extend(["sh", "-c", "\"$0\" \"$@\" | cat"]);
    let terminal = Terminal::open(workspace.command_under(&wrapper, DEV));
    terminal.tool.wait_for("| tick 3");
    assert!(terminal.echoes());
    assert_eq!(terminal.tool.count("Keys"), 0, "{}", terminal.tool.transcript());
    terminal.press(b"\x03");
    terminal.tool.finish();
    workspace.assert_nothing_alive();
}

#[test]
fn a_shell_takes_the_terminal_and_gives_it_back() {
    let (workspace, terminal) = in_a_shell();
    terminal.press(b"\"$TOOL\" formation dev --color=never\n");
    terminal.tool.wait_for("| tick 3");
    terminal.press(b"\x1a");
    terminal.tool.wait_for("Stopped");
    // The keys are the shell's.
    terminal.press(b"echo the shell $((6 * 7))\n");
    terminal.tool.wait_for("the shell 42");
    terminal.press(b"fg\n");
    eventually("keys", DEADLINE, || (!terminal.echoes()).then_some(()));
    terminal.press(b"\r");
    terminal.tool.wait_for("────────── ");
    terminal.press(b"\x1a");
    terminal.tool.wait_for_nth(2, "Stopped");
    // In the background it goes on, and takes no keys.
    terminal.press(b"bg\n");
    terminal.press(b"echo the shell $((7 * 7))\n");
    terminal.tool.wait_for("the shell 49");
    terminal.press(b"fg\n");
    terminal.tool.wait_for_nth(3, "formation dev --color=never");
    eventually("an answer", DEADLINE, || {
        terminal.press(b"?");
        (terminal.tool.count("Enter marks") > 0).then_some(())
    });
    terminal.press(b"q");
    terminal.tool.wait_for("Stopped everything");
    // Until its end what is typed is for the tool.
    eventually("end", DEADLINE, || workspace.find("formation dev").is_none().then_some(()));
    terminal.press(b"exit\n");
    terminal.tool.ends_with(0);
    workspace.assert_nothing_alive();
}
