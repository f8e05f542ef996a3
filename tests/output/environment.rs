//! What a process finds in its environment: what was written, byte for byte.

use std::collections::BTreeMap;

use harness::{Tool, Workspace};

use crate::{beast, formation, said_by};

/// The variables of `app.1`, escaped as the zoo escapes them.
fn seen_by(tool: &Tool, prefix: &str) -> BTreeMap<String, String> {
    tool.ends_with(0);
    let lines = said_by(&tool.lines(), prefix);
    let lines = lines.into_iter().map(|line| String::from_utf8(line).unwrap());
    lines.map(|line| line.split_once('=').map(|(n, v)| (n.into(), v.into())).unwrap()).collect()
}

fn escaped(value: &str) -> String {
    value.as_bytes().escape_ascii().to_string()
}

fn check(workspace: &Workspace, shell: &[(&str, &str)], expected: &[(&str, &str)]) {
    let mut command = workspace.command(&["dev", "--no-watch"]);
    command.envs(shell.iter().copied());
    let tool = Tool::start(command);
    let seen = seen_by(&tool, "app.1  | ");
    for (name, value) in expected {
        assert_eq!(seen.get(*name), Some(&escaped(value)), "{name}\n{}", tool.transcript());
    }
}

#[test]
fn values_arrive_as_they_were_written_in_the_table() {
    let workspace = formation(
        r##"
        [package.metadata.formation.app]
        bin = "zoo"
        args = ["env"]
        [package.metadata.formation.app.env]
        PERCENT = "100%d %PATH% %%"
        QUOTES = """it's a "quote" `tick`"""
        LINES = "one\ntwo\n\nlast\n"
        EQUALS = "a=b==c="
        DOLLARS = "$$5 and $$HOME and $$$$"
        BLANKS = "  two before, two after  "
        HASH = "a #no comment"
        BACKSLASH = 'C:\new\table'
        EMPTY = ""
        UNICODE = "späte Größe 世界"
        "##,
    );
    let expected = [
        ("PERCENT", "100%d %PATH% %%"),
        ("QUOTES", "it's a \"quote\" `tick`"),
        ("LINES", "one\ntwo\n\nlast\n"),
        ("EQUALS", "a=b==c="),
        ("DOLLARS", "$5 and $HOME and $$"),
        ("BLANKS", "  two before, two after  "),
        ("HASH", "a #no comment"),
        ("BACKSLASH", "C:\\new\\table"),
        ("EMPTY", ""),
        ("UNICODE", "späte Größe 世界"),
    ];
    check(&workspace, &[], &expected);
}

#[test]
fn values_arrive_as_the_shell_had_them() {
    let workspace = formation(&beast("app", "env"));
    let value = "$HOME $$ ${X} %s 'single' \"double\" `tick` \\ a=b=\nnext\tlast ";
    check(&workspace, &[("AS_IT_IS", value)], &[("AS_IT_IS", value)]);
}

#[test]
fn values_arrive_as_they_were_written_in_the_file() {
    let workspace = formation(&beast("app", "env"));
    workspace.write(
        ".env",
        "SINGLE='$HOME %s \"double\" \\n a=b=' # a comment\n\
         DOUBLE=\"it's \\\"quoted\\\"\\nnext a=b\"\n\
         MANY='one\ntwo\n'\n\
         PLAIN=a=b%d\n\
         export EXPORTED=yes\n",
    );
    let expected = [
        ("SINGLE", "$HOME %s \"double\" \\n a=b="),
        ("DOUBLE", "it's \"quoted\"\nnext a=b"),
        ("MANY", "one\ntwo\n"),
        ("PLAIN", "a=b%d"),
        ("EXPORTED", "yes"),
    ];
    check(&workspace, &[], &expected);
}

#[test]
fn a_name_that_begins_with_another_is_another() {
    let workspace = formation(
        r#"
        [package.metadata.formation.app]
        bin = "zoo"
        args = ["env"]
        env = { FOO = "short", FOOBAR = "long", BOTH = "$FOO $FOOBAR ${FOO}BAR $FOO-BAR" }
        [package.metadata.formation.words]
        bin = "zoo"
        args = ["args", "$FOO", "$FOOBAR", "${FOO}BAR"]
        env = { FOO = "short", FOOBAR = "long" }
        "#,
    );
    let mut command = workspace.command(&["dev", "--no-watch"]);
    command.env_remove("FOO").env_remove("FOOBAR");
    let tool = Tool::start(command);
    let seen = seen_by(&tool, "app.1    | ");
    assert_eq!(seen["FOO"], "short");
    assert_eq!(seen["FOOBAR"], "long");
    assert_eq!(seen["BOTH"], "short long shortBAR short-BAR");
    let words = said_by(&tool.lines(), "words.1  | ");
    assert_eq!(words, [&b"short"[..], b"long", b"shortBAR"]);
}

#[test]
fn the_port_of_the_file_is_where_ports_start() {
    let ports = "web = { bin = \"zoo\", args = [\"env\"], route = false }\n\
                 api = { bin = \"zoo\", args = [\"env\"], port = true }\n";
    let workspace = formation(ports);
    // Whoever runs these tests beside us has other ports.
    let base = 24_000 + std::process::id() % 30 * 200;
    workspace.write(".env", &format!("PORT={base}\n"));
    let tool = workspace.dev(&["--scale", "api=2"]);
    for name in ["web.1", "api.1", "api.2"] {
        let seen = seen_by(&tool, &format!("{name}  | "));
        assert_eq!(seen["FORMATION_WEB_URL"], format!("http://127.0.0.1:{base}"));
        assert_eq!(seen["FORMATION_API_URL"], format!("http://127.0.0.1:{}", base + 100));
        assert_eq!(seen["PS"], name);
        // Where requests are routed, each run listens at a port of its own.
        let is_public = [base, base + 100].map(|port| port.to_string()).contains(&seen["PORT"]);
        assert_eq!(is_public, name == "web.1", "{name}: {}", seen["PORT"]);
    }
}
