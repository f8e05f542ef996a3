//! A terminal that many processes share: none of them may erase what others wrote.

use harness::{Terminal, Tool};

use crate::{beast, formation};

/// What is on a terminal when everything has ended, from the first line of a process on.
fn shown(types: &str, variables: &[(&str, &str)]) -> String {
    let workspace = formation(types);
    let mut command = workspace.command_under(Terminal::WRAPPER, &["dev", "--no-watch"]);
    command.env("TERM", "xterm").envs(variables.iter().copied());
    let terminal = Terminal::open(command);
    terminal.tool.ends_with(0);
    text(&terminal.tool)
}

/// Everything that was written, without the return before each end of a line.
fn text(tool: &Tool) -> String {
    let lines = tool.lines();
    let texts = lines.iter().map(|line| line.text().trim_end_matches('\r').to_owned() + "\n");
    texts.collect::<Vec<String>>().concat()
}

/// The lines of `app.1`, in colours.
fn of_app(shown: &str) -> Vec<&str> {
    shown.lines().filter_map(|line| line.strip_prefix("\x1b[36mapp.1  |\x1b[0m ")).collect()
}

#[test]
fn colours_pass_and_nothing_that_moves_or_erases() {
    let shown = shown(&beast("app", "clear"), &[]);
    let expected = ["before", "after", "\x1b[31mred and never reset\x1b[0m", "", "last"];
    assert_eq!(of_app(&shown), expected, "{shown:?}");
    for wild in ["\x1b[2J", "\x1b[H", "\x1b[5A", "\x1b[?1049h", "\x1b]0"] {
        assert!(!shown.contains(wild), "{wild:?} in {shown:?}");
    }
}

#[test]
fn a_progress_bar_of_a_process_is_one_line_in_the_end() {
    let shown = shown(&beast("app", "progress"), &[]);
    assert_eq!(of_app(&shown), ["progress 100 %", "done"], "{shown:?}");
}

#[test]
fn a_terminal_that_wants_no_colours_gets_none() {
    let shown = shown(&beast("app", "burst 2"), &[("NO_COLOR", "1")]);
    assert!(shown.contains("\napp.1  | 0\napp.1  | 1\n"), "{shown:?}");
    // Cargo's progress bar is erased, which is no colour.
    let rest = shown.replace("\x1b[K", "");
    assert!(!rest.contains('\x1b'), "{rest:?}");
}

#[test]
fn a_dumb_terminal_gets_nothing_but_text() {
    let shown = shown(&beast("app", "burst 2"), &[("TERM", "dumb")]);
    assert!(shown.contains("\napp.1  | 0\napp.1  | 1\n"), "{shown:?}");
    assert!(!shown.contains('\x1b'), "{shown:?}");
}
