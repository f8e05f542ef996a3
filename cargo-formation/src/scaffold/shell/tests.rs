//! Lines as people write them, and what is made of them.

use super::command;
use crate::scaffold::reason::Reason;

/// What a line becomes: variables, a directory, words; or why nothing.
fn check(line: &str, expected: &str) {
    let said = match command(line) {
        Ok(command) => {
            let env = command.env.iter().map(|(name, value)| format!("{name}={value}"));
            let dir = command.dir.iter().map(|dir| format!("({})", dir.display()));
            let words = command.words.iter().map(|word| format!("[{word}]"));
            env.chain(dir).chain(words).collect::<Vec<_>>().join(" ")
        }
        Err(Reason::Shell(what)) => format!("shell: {what}"),
        Err(reason) => reason.to_string(),
    };
    assert_eq!(said, expected, "{line:?}");
}

#[test]
fn words_are_those_of_a_shell() {
    check("web --port 80", "[web] [--port] [80]");
    check(r#"  web 'a b' "c d"e\ f '' "#, "[web] [a b] [c de f] []");
    check(r#"web "\"\$x\\ \n" '\n'"#, r#"[web] ["$$x\ \n] [\n]"#);
    check("web # the rest is for people", "[web]");
    check("web a#b \\\n  c", "[web] [a#b] [c]");
    check("web ~/x ~ a~", "[web] [${HOME}/x] [${HOME}] [a~]");
    check("web https://x/?a=b", "[web] [https://x/?a=b]");
}

#[test]
fn variables_stay_variables() {
    check(
        "web --port $PORT -x${A}b '$A' \\$A 5$",
        "[web] [--port] [${PORT}] [-x${A}b] [$$A] [$$A] [5$$]",
    );
    check(r#"web "$A b" "$""#, "[web] [${A} b] [$$]");
    check("web ${PORT:-80}", "[web] [${PORT}]");
    check("web ${HOST:-a b}", "HOST=a b [web] [${HOST}]");
    check("HOST=x web ${HOST-y}", "HOST=x [web] [${HOST}]");
}

#[test]
fn what_stands_before_a_program_is_understood() {
    check("A=1 B='x y' exec env C=$D web", "A=1 B=x y C=${D} [web]");
    check("A=1 A=2 web A=3", "A=2 [web] [A=3]");
    check("A=* 'B'=1", "A=* [B=1]");
    check("cd web/front && A=1 npm run dev", "A=1 (web/front) [npm] [run] [dev]");
    check("A=1 sh -c 'cd x && B=2 exec web'", "B=2 A=1 (x) [web]");
    check("cargo build --release && A=1 target/release/web", "A=1 [target/release/web]");
    check("cd a && cargo build && cd b && web", "(a/b) [web]");
    check("cargo build", "[cargo] [build]");
    check("cd a && bash -c 'cd b && web'", "(a/b) [web]");
}

#[test]
fn what_only_a_shell_can_do_is_named() {
    check("web | tee log", "shell: |");
    check("web || true", "shell: ||");
    check("web && x", "shell: &&");
    check("web &", "shell: &");
    check("a; b", "shell: ;");
    check("web > log", "shell: >");
    check("web 2>&1", "shell: >");
    check("(web)", "shell: (");
    check("web $(pwd)", "shell: $(…)");
    check("web `pwd`", "shell: `");
    check("web \"`pwd`\"", "shell: `");
    check("web *.rs", "shell: *");
    check("web $$ ", "shell: $$");
    check("web $1", "shell: $1");
    check("web ${A:?gone}", "shell: ${A:?gone}");
    check("web ${A:-$B}", "shell: ${A:-$B}");
    check("export A=1", "shell: export");
    check("source .env && web", "shell: source");
    check("if x", "shell: if");
    check("sh -c 'a | b'", "shell: |");
    check("cd x", "shell: cd");
    check("cd $X && web", "its directory is a variable; the table wants a path");
}

#[test]
fn what_is_no_command_is_named() {
    check("", "there is no program");
    check("A=1", "there is no program");
    check("exec", "there is no program");
    check("# nothing", "there is no program");
    check("web 'a", "a quote is not closed");
    check("web \"a", "a quote is not closed");
    check("web ${A", "a quote is not closed");
    check("web \0", "a program can be given no NUL");
    assert_eq!(command("a\nb"), Err(Reason::Lines));
}
