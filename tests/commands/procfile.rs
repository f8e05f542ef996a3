//! The Procfile, and those who read it.

use std::io::Write;

use rustix::process::Signal;

use super::workspace::Workspace;

/// `says` prints its arguments and stays, because the readers end everything when one type ends.
const TYPES: &str = r##"[package.metadata.formation]
web = "zoo listen"
worker = { bin = "says", args = ["it's $$5", 'say "hi"', "a b", "$NAME", "#x", "%d", '\', ""] }
clock = "zoo ticks 100"
"##;

const SAYS: &str = r##"fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    println!("{words:?}");
    loop { std::thread::park() }
}
"##;

/// What `says` says.
const WORDS: &str =
    r##"["it's $5", "say \"hi\"", "a b", "from the environment", "#x", "%d", "\\", ""]"##;

#[test]
fn it_is_printed_written_and_checked() {
    let table = "[package.metadata.formation]\nweb = {}\nworker = \"worker --all\"\n";
    let shop = Workspace::shop(table, &["web", "worker"]);
    let printed = shop.tool(&["procfile"]).run();
    let text = "# Emitted by `cargo formation procfile` from Cargo.toml, to be changed there.\n\
                web: ./target/release/web\nworker: ./target/release/worker --all\n";
    assert_eq!(printed.ended(0).stdout, text);
    assert_eq!(printed.stderr, "");
    let missing = shop.tool(&["procfile", "--check"]).run();
    missing.ended(4).says(
        "error: `Procfile` does not exist; write it with \
         `cargo formation procfile --output Procfile`",
    );
    assert!(missing.stdout.contains("+web: ./target/release/web\n"), "{missing}");
    let written = shop.tool(&["procfile", "--output", "Procfile"]).run();
    written.refused(0, "       Wrote Procfile");
    assert_eq!(std::fs::read_to_string(shop.path("Procfile")).unwrap(), text);
    shop.tool(&["procfile", "--check"]).run().refused(0, "     Checked Procfile");
    // Of the same length and at the same second: only the text tells.
    shop.edit("Cargo.toml", "--all", "--any");
    let stale = shop.tool(&["procfile", "--check"]).run();
    stale.ended(4).says(
        "error: `Procfile` is stale; write it with `cargo formation procfile --output Procfile`",
    );
    assert!(stale.stdout.contains("-worker: ./target/release/worker --all\n"), "{stale}");
    assert!(stale.stdout.contains("+worker: ./target/release/worker --any\n"), "{stale}");
    assert_eq!(std::fs::read_to_string(shop.path("Procfile")).unwrap(), text, "nothing is written");
    // What is said to type is what was typed, and does what it says.
    std::fs::create_dir(shop.path("the deploy")).unwrap();
    let flags = ["--output", "the deploy/Procfile", "--for", "heroku", "--bin-dir", "/app bin"];
    let other = shop.tool(&["procfile", "--check"]).args(&flags).run();
    other.ended(4).says(
        "write it with `cargo formation procfile --output 'the deploy/Procfile' --for heroku \
         --bin-dir '/app bin'`",
    );
    shop.tool(&["procfile"]).args(&flags).run().ended(0);
    shop.tool(&["procfile", "--check"]).args(&flags).run().ended(0);
    let nowhere = shop.tool(&["procfile", "--output", "no/where"]).run();
    nowhere.ended(1).says("error: cannot use `no/where`: ");
}

#[test]
fn every_reader_is_known_and_told_apart() {
    let table = "[package.metadata.formation]\nweb = {}\nrelease = \"web --migrate\"\n";
    let shop = Workspace::shop(table, &["web"]);
    let lines = |reader: &str| -> Vec<String> {
        let said = shop.tool(&["procfile", "--for", reader]).run();
        said.ended(0).stdout.lines().skip(1).map(str::to_owned).collect()
    };
    let usual = ["web: ./target/release/web", "release: ./target/release/web --migrate"];
    for reader in ["portable", "heroku", "dokku"] {
        assert_eq!(lines(reader), usual, "{reader}");
    }
    let scalingo = ["web: ./target/release/web", "postdeploy: ./target/release/web --migrate"];
    assert_eq!(lines("scalingo"), scalingo);
    assert_eq!(lines("paketo")[0], "web: web");
    assert_eq!(lines("railpack"), ["web: ./bin/web"]);
    assert_eq!(lines("google")[0], usual[0]);
    for reader in ["local", "foreman", "honcho", "nf", "overmind", "hivemind", "goreman"] {
        assert_eq!(lines(reader), usual[..1], "{reader}");
    }
    let unknown = shop.tool(&["procfile", "--for", "systemd"]).run();
    unknown.ended(2).says("`systemd` is no known reader of Procfiles; there are `portable`");
    let bare = shop.tool(&["procfile", "--for", "heroku", "--bin-dir="]).run();
    assert!(bare.ended(0).stdout.contains("\nweb: web\n"), "{bare}");
}

/// A workspace with the Procfile that was emitted, built.
fn emitted(reader: &str) -> Workspace {
    let shop = Workspace::zoo(&format!("{TYPES}\n[profile.release]\nopt-level = 0\n"));
    shop.write("src/bin/says.rs", SAYS);
    shop.tool(&["build", "--release"]).run().ended(0);
    let words = ["procfile", "--output", "Procfile", "--for", reader];
    shop.tool(&words).run().ended(0);
    shop
}

/// Whether there is such a program. That a test is skipped is said where nothing hides it.
fn is_installed(shop: &Workspace, program: &str) -> bool {
    let script = format!("{program} version || {program} --version");
    let found = shop.program("sh".as_ref()).args(&["-c", &script]).run().code() == Some(0);
    if !found {
        let text = format!("SKIPPED: `{program}` is not installed, nobody reads the Procfile\n");
        std::io::stderr().write_all(text.as_bytes()).unwrap();
    }
    found
}

/// The real reader runs every type of the file, and the arguments arrive as they are.
fn run_by(reader: &str, shop: &Workspace) {
    if !is_installed(shop, reader) {
        return;
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    drop(listener);
    let tool = shop.program(reader.as_ref()).args(&["start"]).env("PORT", &port);
    let tool = tool.env("NAME", "from the environment").env("PYTHONUNBUFFERED", "1");
    let mut running = tool.start();
    let mut ahead = vec![("web.1", "listening on "), ("worker.1", WORDS), ("clock.1", "tick ")];
    while !ahead.is_empty() {
        let line = running.wait_for(".1");
        ahead.retain(|(process, says)| !(line.contains(process) && line.contains(says)));
    }
    running.signal(Signal::TERM);
    running.end();
}

/// One after the other, so that the workspace is built once.
#[test]
fn those_who_run_it_in_development_do_so_unmodified() {
    let shop = emitted("local");
    for reader in ["foreman", "honcho", "nf"] {
        run_by(reader, &shop);
    }
}

#[test]
fn who_would_start_release_beside_the_others_is_named() {
    let table = "[package.metadata.formation]\nweb = {}\nrelease = \"web --migrate\"\n";
    let shop = Workspace::shop(table, &["web"]);
    let printed = shop.tool(&["procfile"]).run();
    assert!(printed.ended(0).stdout.ends_with("release: ./target/release/web --migrate\n"));
    let warned = "warning: `release` is a type like any other to foreman and its kin: run it \
                  before the others\n";
    assert_eq!(printed.stderr, warned);
}

#[test]
fn a_pipe_stays_a_pipe() {
    let shop = Workspace::shop("[package.metadata.formation]\nweb = {}\n", &["web"]);
    let pipe = shop.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe).unwrap()
    });
    shop.tool(&["procfile", "--output", "pipe"]).run().ended(0);
    assert!(reader.join().unwrap().ends_with("web: ./target/release/web\n"));
    assert!(std::os::unix::fs::FileTypeExt::is_fifo(&pipe.metadata().unwrap().file_type()));
}

#[test]
fn a_result_that_cannot_be_written_is_no_success() {
    let shop = Workspace::shop("[package.metadata.formation]\nweb = {}\n", &["web"]);
    for words in [&["procfile"][..], &["list"], &["env", "web"]] {
        let mut tool = shop.tool(words);
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let said = tool.command.stdout(full).output().unwrap();
        let stderr = String::from_utf8_lossy(&said.stderr);
        assert_eq!(said.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("cannot write the result"), "{stderr}");
    }
}

#[test]
fn nothing_of_one_developers_own_is_emitted() {
    let types = "[package.metadata.formation]\nweb = { quantity = 2 }\nworker = {}\n\
                 [package.metadata.formation.settings.services]\ndb = { command = \"postgres\" }\n";
    let shop = Workspace::shop(types, &["web", "worker"]);
    let emitted = shop.tool(&["procfile"]).run();
    emitted.ended(0);
    let own = "[dev]\nquantity = { web = 0, worker = 9 }\nexclude = [\"worker\"]\n\
               [services]\ndb = false\nmail = { command = \"mailpit\" }\n";
    for local in [own, "dev = 1\n", "no toml"] {
        shop.write("formation.local.toml", local);
        let again = shop.tool(&["procfile"]).run();
        assert_eq!(again.ended(0).stdout, emitted.stdout, "{local}");
        assert_eq!(again.stderr, emitted.stderr, "{local}");
    }
    shop.tool(&["list"]).run().ended(3).says("error: this file is not valid TOML");
}
