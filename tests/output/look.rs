//! How lines look to a program, and in columns.

use harness::{Stream, Tool};

use crate::{beast, formation};

fn is_escaped(tool: &Tool, stream: Stream) -> bool {
    tool.text(stream).contains('\x1b')
}

#[test]
fn a_pipe_gets_no_colours_unless_forced() {
    let workspace = formation(&beast("app", "burst 2"));
    let check = |variables: &[(&str, &str)], coloured: bool| {
        let mut command = workspace.command(&["dev", "--no-watch"]);
        command.envs(variables.iter().copied());
        let tool = Tool::start(command);
        tool.ends_with(0);
        for stream in [Stream::Out, Stream::Err] {
            let is_coloured = is_escaped(&tool, stream);
            assert_eq!(is_coloured, coloured, "{variables:?} {stream:?}\n{}", tool.transcript());
        }
    };
    check(&[("TERM", "xterm")], false);
    check(&[("CLICOLOR_FORCE", "1")], true);
    check(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false);
}

#[test]
fn forced_colours_are_on_the_name_only() {
    let workspace = formation(&beast("app", "burst 1"));
    let mut command = workspace.command(&["dev", "--no-watch"]);
    command.env("CLICOLOR_FORCE", "1");
    let tool = Tool::start(command);
    tool.ends_with(0);
    assert_eq!(tool.text(Stream::Out), "\x1b[36mapp.1  |\x1b[0m 0\n");
}

#[test]
fn names_of_every_length_line_up_whatever_is_said() {
    let names: Vec<String> = (0..14).map(|n| format!("p{}", "x".repeat(n))).collect();
    let types: Vec<String> =
        names.iter().map(|name| beast(name, "tail e\u{301}\u{4e16}\u{1f980}")).collect();
    let workspace = formation(&types.concat());
    let tool = workspace.dev(&["--scale", "p=10"]);
    tool.ends_with(0);
    let mut lines: Vec<String> = tool.text(Stream::Out).lines().map(str::to_owned).collect();
    lines.sort_unstable();
    let rest = names[1..].iter().map(|name| format!("{name}.1"));
    let all = (1..=10).map(|n| format!("p.{n}")).chain(rest);
    let mut expected: Vec<String> =
        all.map(|name| format!("{name:<16}  | e\u{301}\u{4e16}\u{1f980}")).collect();
    expected.sort_unstable();
    assert_eq!(lines, expected);
}
