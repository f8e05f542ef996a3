//! What is said about the command line: all of it is here, so that it is read when it changes.
#![expect(clippy::unwrap_used, reason = "a tool that cannot be started should fail its test")]
#![expect(clippy::needless_raw_string_hashes, reason = "snapbox writes every snapshot with them")]

use std::process::Command;

use cargo_formation::formation::ExitCode;
use snapbox::{IntoData, assert_data_eq, str};

/// The exit code of the tool, and what it wrote to standard output and standard error.
fn tool(words: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-formation"));
    let output = command
        .arg("formation")
        .args(words)
        .env("NO_COLOR", "1")
        .env_remove("COLUMNS")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The help of a command, which `--help`, `-h` and `help` say alike, and which no line of is
/// too wide for a terminal.
fn check(command: &[&str], expected: impl IntoData) {
    let with = |flag| tool(&[command, &[flag]].concat());
    let (code, text, errors) = with("--help");
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert_eq!(with("-h").1, text, "one help, not two");
    assert_eq!(tool(&[&["help"], command].concat()).1, text);
    let wide = text.lines().find(|line| line.chars().count() > 100);
    assert_eq!(wide, None);
    assert_data_eq!(text, expected);
}

/// What is said of a command line that is wrong.
fn wrong(words: &[&str], expected: impl IntoData) {
    let (code, text, errors) = tool(words);
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert_data_eq!(errors, expected);
}

#[test]
fn help() {
    check(
        &[],
        str![[r#"
Build, run and supervise the process types of a Rust service

Usage: cargo formation [OPTIONS] <COMMAND>

Commands:
  new          Make a new workspace whose process types run, are tested and deploy
  init         Propose a table for this workspace, from its binaries and from what other tools run
  add          Add a process type: its binary, its test and its line in the table
  dev          Build the formation, run it and supervise it until you stop it
  logs         Show what processes wrote and the tool said, now and in earlier runs
  build        Build the formation and start nothing
  run          Run a process type, or any binary of the workspace, once
  test         Run a command beside a formation of its own, as tests want it
  check        Show everything that is wrong with the table and with what is around it
  list         List the process types and backing services, with what they run and their ports
  env          Print the environment that an instance of a process type, or a backing service, gets
  procfile     Print the Procfile, write it, or check the one that is there
  export       Export the formation to a platform: print its file, write it or all of them, or check
               those that are there
  ps           Show how each instance of the running formation is
  restart      Start instances again: new runs take over from the old ones
  stop         Stop instances until they are started; a save does not
  start        Start instances that were stopped, have ended, or wait after a crash
  scale        Change how many instances of which types run
  debug        Let a debugger halt instances without anybody being impatient, until you interrupt it
  wait         Wait until everything is up, or until what was saved is live
  attach       Attach this terminal to that of a run whose type has `pty = true`
  down         End the running formation, and wait until nothing of it is left
  completions  Print the completions for a shell
  man          Print the manual page, or write those of all commands
  help         Print this message or the help of the given subcommand(s)

Options:
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help
  -V, --version               Print version

Process types are declared in a Cargo.toml; each runs the binary of its name:

    [package.metadata.formation]
    web = {}
    worker = { quantity = 2 }
    release = "migrate --yes"

or, where the root has no package, in [workspace.metadata.formation.processes].

Exit codes:
    0      all went well
    1      something is wrong that has no code of its own
    2      the command line is wrong
    3      the table, or an environment file, is wrong
    4      `--check` found a file that is stale or missing
    5      a port is taken
    6      a formation runs in this workspace already
    7      a backing service did not come up
    8      no formation runs in this workspace
    101    the build failed, or cargo refused
    124    what `wait` waits for was not so in time
    126    a program cannot be run
    127    a program was not found
    128+N  ended by signal N

`run` exits as the process does, `test` as its command, `dev --exit-on-failure`
as the first that fails, and `dev --no-watch` as a `release` that fails.

"#]],
    );
}

#[test]
fn dev() {
    check(
        &["dev"],
        str![[r#"
Build the formation, run it and supervise it until you stop it

Usage: cargo formation dev [OPTIONS] [TYPE]...

Arguments:
  [TYPE]...  The process types to run, besides `release`; all of them if none is named

Options:
      --scale <TYPE=N,…>      How many instances of which types; `all=N` is for those not named
      --no-watch              Do not watch files
      --isolated              Run beside a formation that runs in this workspace already, on free
                              ports
      --exit-on-failure       Stop everything as soon as one process fails, and exit with its code
      --host <ADDRESS>        Let others than this machine reach the formation, too: at this
                              address, or at all of its addresses (`0.0.0.0`, `::`)
      --timestamps            Show the time of day before each line
      --raw                   Show lines that are JSON as they came; at a terminal they are rendered
                              for people
      --env-file <FILE>       Read this environment file, too; it wins over `.env.local` and `.env`
      --base-port <PORT>      The port where those of the formation start [default: 4000, unless the
                              table, or `PORT` in the shell or in `.env`, says otherwise]
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Cargo options:
  -r, --release              Build with the `release` profile
      --profile <NAME>       Build with this profile
  -F, --features <FEATURES>  Features to enable beside those of the table, separated by commas
      --all-features         Enable all features
      --no-default-features  Do not enable the `default` feature
      --target-dir <DIR>     The directory for everything that is built
      --target <TRIPLE>      Build for this target triple
  -j, --jobs <N>             The number of parallel jobs [default: the number of CPUs]
      --locked               Fail if Cargo.lock would have to change
      --offline              Do not access the network
      --frozen               The same as `--locked` and `--offline` together
      --config <KEY=VALUE>   Override a value of cargo's configuration; may be repeated

Examples:
    cargo formation dev                       the whole formation
    cargo formation dev web --scale web=2     two instances of `web`, besides `release`
    cargo formation dev --isolated            beside another one in this workspace
    cargo formation dev --host 0.0.0.0        for a phone in the same network, too

"#]],
    );
}

#[test]
fn build() {
    check(
        &["build"],
        str![[r#"
Build the formation and start nothing

Usage: cargo formation build [OPTIONS] [TYPE]...

Arguments:
  [TYPE]...  The process types to build; all of them if none is named

Options:
      --format <FORMAT>       How to print what was built [default: text] [possible values: text,
                              json]
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Cargo options:
  -r, --release              Build with the `release` profile
      --profile <NAME>       Build with this profile
  -F, --features <FEATURES>  Features to enable beside those of the table, separated by commas
      --all-features         Enable all features
      --no-default-features  Do not enable the `default` feature
      --target-dir <DIR>     The directory for everything that is built
      --target <TRIPLE>      Build for this target triple
  -j, --jobs <N>             The number of parallel jobs [default: the number of CPUs]
      --locked               Fail if Cargo.lock would have to change
      --offline              Do not access the network
      --frozen               The same as `--locked` and `--offline` together
      --config <KEY=VALUE>   Override a value of cargo's configuration; may be repeated

Examples:
    cargo formation build --release           what a release of the app contains
    cargo formation build web --format json   where its binary is, for a script

"#]],
    );
}

#[test]
fn run() {
    check(
        &["run"],
        str![[r#"
Run a process type, or any binary of the workspace, once

Usage: cargo formation run [OPTIONS] <TYPE> [-- <ARGS>...]

Arguments:
  <TYPE>     The process type, or a binary of the workspace
  [ARGS]...  Arguments for it, after those of the table

Options:
      --as <INSTANCE>         Take the place of this instance of the running formation until it ends
      --env-file <FILE>       Read this environment file, too; it wins over `.env.local` and `.env`
      --base-port <PORT>      The port where those of the formation start [default: 4000, unless the
                              table, or `PORT` in the shell or in `.env`, says otherwise]
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Cargo options:
  -r, --release              Build with the `release` profile
      --profile <NAME>       Build with this profile
  -F, --features <FEATURES>  Features to enable beside those of the table, separated by commas
      --all-features         Enable all features
      --no-default-features  Do not enable the `default` feature
      --target-dir <DIR>     The directory for everything that is built
      --target <TRIPLE>      Build for this target triple
  -j, --jobs <N>             The number of parallel jobs [default: the number of CPUs]
      --locked               Fail if Cargo.lock would have to change
      --offline              Do not access the network
      --frozen               The same as `--locked` and `--offline` together
      --config <KEY=VALUE>   Override a value of cargo's configuration; may be repeated

Examples:
    cargo formation run release               apply the migrations now
    cargo formation run worker -- --once      with other arguments than the table's
    cargo formation run web --as web.1        in the place of that instance, as under a debugger

"#]],
    );
}

#[test]
fn the_check_command() {
    check(
        &["check"],
        str![[r#"
Show everything that is wrong with the table and with what is around it

Usage: cargo formation check [OPTIONS]

Options:
      --for <PLATFORM>        Check also what an export would say: to one of its platforms, or a
                              reader of Procfiles as for `procfile`; or to `all` of them
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation check                     before a commit, and in CI
    cargo formation check --for all           what each platform would refuse or warn of

"#]],
    );
}

#[test]
fn list() {
    check(
        &["list"],
        str![[r#"
List the process types and backing services, with what they run and their ports

Usage: cargo formation list [OPTIONS]

Options:
      --format <FORMAT>       How to print it [default: text] [possible values: text, json]
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation list                      what there is, and at which ports
    cargo formation list --format json        the same for a script

"#]],
    );
}

#[test]
fn env() {
    check(
        &["env"],
        str![[r#"
Print the environment that an instance of a process type, or a backing service, gets

Usage: cargo formation env [OPTIONS] <NAME>

Arguments:
  <NAME>  The process type or backing service

Options:
      --format <FORMAT>       How to print it: as it is, quoted for an environment file or a shell,
                              or for programs [default: text] [possible values: text, dotenv, json]
      --changes               Print only what the formation adds to the shell's environment or
                              changes in it
      --env-file <FILE>       Read this environment file, too; it wins over `.env.local` and `.env`
      --base-port <PORT>      The port where those of the formation start [default: 4000, unless the
                              table, or `PORT` in the shell or in `.env`, says otherwise]
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation env web                   all that an instance of `web` sees
    cargo formation env web --changes         what is added, changed and taken away
    cargo formation env web --format dotenv > .env.web

"#]],
    );
}

#[test]
fn export() {
    check(
        &["export"],
        str![[r#"
Export the formation to a platform: print its file, write it or all of them, or check those that are
there

Usage: cargo formation export [OPTIONS] <PLATFORM>

Arguments:
  <PLATFORM>  Where the formation is to run [possible values: dockerfile, systemd, compose,
              app-json, dokku, fly, kubernetes]

Options:
  -o, --output <PATH>         Write to this file, or to this directory, not to standard output
      --check                 Write nothing; exit with 4 and show the difference if a file, at its
                              usual place or where `--output` says, is not what would be written
      --dry-run               Write nothing; say which files would be written
      --force                 Write also over files that were not emitted
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation export dockerfile --output .
    cargo formation export systemd --dry-run  which files would be written
    cargo formation export compose --check    in CI: fails if a file is stale

"#]],
    );
}

#[test]
fn procfile() {
    check(
        &["procfile"],
        str![[r#"
Print the Procfile, write it, or check the one that is there

Usage: cargo formation procfile [OPTIONS]

Options:
  -o, --output <FILE>         Write it to this file, not to standard output
      --check                 Write nothing; exit with 4 and show the difference if the file
                              (`Procfile`, or that of `--output`) is not what would be written
      --force                 Write also over a file that was not emitted
      --for <PLATFORM>        Who will read it: `heroku`, `dokku`, `scalingo`, `paketo`, `google`,
                              `railpack`, or `local` for foreman, honcho and their kin [default:
                              portable, which is safe for all]
      --bin-dir <DIR>         Where the binaries are when it is read; empty means in a directory of
                              `PATH` [default: where the platform has them]
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation procfile --output Procfile
    cargo formation procfile --check          in CI: fails if the file is stale
    cargo formation procfile --for heroku     as this one reader understands it

"#]],
    );
}

#[test]
fn init() {
    check(
        &["init"],
        str![[r#"
Propose a table for this workspace, from its binaries and from what other tools run

Usage: cargo formation init [OPTIONS]

Options:
  -y, --yes                   Write without asking
  -n, --dry-run               Show what would change, and write nothing
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation init                      show a table, and ask whether to write it
    cargo formation init --dry-run            only show it, and what cannot be taken over

"#]],
    );
}

#[test]
fn new() {
    check(
        &["new"],
        str![[r#"
Make a new workspace whose process types run, are tested and deploy

Usage: cargo formation new [OPTIONS] <PATH>

Arguments:
  <PATH>  Where to make it; the last part is the name of the package

Options:
      --types <KIND,…>        The process types it has [default: web,worker,clock,release] [possible
                              values: web, worker, clock, release]
      --db <DATABASE>         Where its state is: in a file, in a server, or nowhere [default:
                              sqlite] [possible values: sqlite, postgres, none]
      --vcs <VCS>             The version control it is under [default: git, unless it is made
                              inside of a repository] [possible values: git, none]
      --deploy <PLATFORM,…>   The platforms it is exported to, besides the image that it always has
                              [possible values: dockerfile, systemd, compose, app-json, dokku, fly,
                              kubernetes]
      --vscode                Write the files by which Visual Studio Code starts a debugger, too
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation new shop                  web, worker, clock and release over SQLite
    cargo formation new shop --db postgres --types web,release
    cargo formation new tools/poller --db none --types worker

"#]],
    );
}

#[test]
fn add() {
    check(
        &["add"],
        str![[r#"
Add a process type: its binary, its test and its line in the table

Usage: cargo formation add [OPTIONS] <KIND> [NAME]

Arguments:
  <KIND>  What it does [possible values: web, worker, clock, release]
  [NAME]  What it is called [default: as its kind]

Options:
  -p, --package <PACKAGE>     The package whose binary it is [default: the one here, or the only
                              one]
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation add worker mailer         `src/bin/mailer.rs`, a worker
    cargo formation add web admin --package shop

"#]],
    );
}

#[test]
fn ps() {
    check(
        &["ps"],
        str![[r#"
Show how each instance of the running formation is

Usage: cargo formation ps [OPTIONS]

Options:
      --format <FORMAT>       How to print it [default: text] [possible values: text, json]
  -w, --watch                 Look again every second
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation ps                        who runs, as which process, since when
    cargo formation ps --watch                and who does now
    cargo formation ps --format json | jq -r '.instances[] | select(.state == "ready").name'

"#]],
    );
}

#[test]
fn restart() {
    check(
        &["restart"],
        str![[r#"
Start instances again: new runs take over from the old ones

Usage: cargo formation restart [OPTIONS] <NAME>...

Arguments:
  <NAME>...  Process types (`web`), instances (`web.2`), backing services, or `all`

Options:
      --no-wait               Do not wait for what comes of it
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation restart web               all instances of `web`, one after the other
    cargo formation restart worker.2 clock
    cargo formation restart all               but those that were stopped

"#]],
    );
}

#[test]
fn stop() {
    check(
        &["stop"],
        str![[r#"
Stop instances until they are started; a save does not

Usage: cargo formation stop [OPTIONS] <NAME>...

Arguments:
  <NAME>...  Process types (`web`), instances (`web.2`), backing services, or `all`

Options:
      --no-wait               Do not wait for what comes of it
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation stop worker               until `start worker`, whatever is saved meanwhile
    cargo formation stop web.2

"#]],
    );
}

#[test]
fn start() {
    check(
        &["start"],
        str![[r#"
Start instances that were stopped, have ended, or wait after a crash

Usage: cargo formation start [OPTIONS] <NAME>...

Arguments:
  <NAME>...  Process types (`web`), instances (`web.2`), backing services, or `all`

Options:
      --no-wait               Do not wait for what comes of it
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation start worker              after `stop worker`, or after too many crashes
    cargo formation start nightly             what is scheduled, now

"#]],
    );
}

#[test]
fn scale() {
    check(
        &["scale"],
        str![[r#"
Change how many instances of which types run

Usage: cargo formation scale [OPTIONS] <TYPE=N>...

Arguments:
  <TYPE=N>...  How many, or how many more or fewer: `web=3`, `worker=+1`, `worker=-1`, `all=1`

Options:
      --no-wait               Do not wait for what comes of it
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation scale web=3 worker=+1     three of `web`, one `worker` more
    cargo formation scale all=1               one of each

"#]],
    );
}

#[test]
fn wait() {
    check(
        &["wait"],
        str![[r#"
Wait until everything is up, or until what was saved is live

Usage: cargo formation wait [OPTIONS]

Options:
      --ready                 Until everything that is wanted is up; the default
      --idle                  Until everything that was saved before is built and live, and nothing
                              is under way
      --timeout <DURATION>    Give up after this long, such as `30s` or `2m`, with exit code 124
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation wait --timeout 60s        until everything is up
    cargo formation wait --idle               until what was saved is live

"#]],
    );
}

#[test]
fn down() {
    check(
        &["down"],
        str![[r#"
End the running formation, and wait until nothing of it is left

Usage: cargo formation down [OPTIONS]

Options:
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation down                      from another terminal, or at the end of a script

"#]],
    );
}

#[test]
fn test() {
    check(
        &["test"],
        str![[r#"
Run a command beside a formation of its own, as tests want it

Usage: cargo formation test [OPTIONS] -- <COMMAND>...

Options:
      --scale <TYPE=N,…>      How many instances of which types; `all=N` is for those not named
      --env-file <FILE>       Read this environment file, too; it wins over `.env.local` and `.env`
      --base-port <PORT>      The port where those of the formation start [default: 4000, unless the
                              table, or `PORT` in the shell or in `.env`, says otherwise]
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Cargo options:
  -r, --release              Build with the `release` profile
      --profile <NAME>       Build with this profile
  -F, --features <FEATURES>  Features to enable beside those of the table, separated by commas
      --all-features         Enable all features
      --no-default-features  Do not enable the `default` feature
      --target-dir <DIR>     The directory for everything that is built
      --target <TRIPLE>      Build for this target triple
  -j, --jobs <N>             The number of parallel jobs [default: the number of CPUs]
      --locked               Fail if Cargo.lock would have to change
      --offline              Do not access the network
      --frozen               The same as `--locked` and `--offline` together
      --config <KEY=VALUE>   Override a value of cargo's configuration; may be repeated
  <COMMAND>...               The command, after `--`: it runs when everything is up, with
                             `FORMATION_<NAME>_URL` of everybody

Examples:
    cargo formation test -- cargo test --test api
    cargo formation test --scale worker=3 --env-file .env.test -- ./smoke.sh
    cargo formation test -- sh -c 'curl -f $FORMATION_WEB_URL/healthz'

"#]],
    );
}

#[test]
fn debug() {
    check(
        &["debug"],
        str![[r#"
Let a debugger halt instances without anybody being impatient, until you interrupt it

Usage: cargo formation debug [OPTIONS] <NAME>...

Arguments:
  <NAME>...  Process types (`web`), instances (`web.2`), backing services, or `all`

Options:
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation debug web                 while a debugger is attached to it

"#]],
    );
}

#[test]
fn completions() {
    check(
        &["completions"],
        str![[r#"
Print the completions for a shell

Usage: cargo formation completions [OPTIONS] <SHELL>

Arguments:
  <SHELL>  The shell [possible values: bash, zsh, fish]

Options:
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation completions bash > ~/.local/share/bash-completion/completions/cargo-formation
    cargo formation completions fish > ~/.config/fish/completions/cargo-formation.fish

"#]],
    );
}

#[test]
fn man() {
    check(
        &["man"],
        str![[r#"
Print the manual page, or write those of all commands

Usage: cargo formation man [OPTIONS]

Options:
  -o, --output <DIR>          Write a page for the tool and one for each command to this directory
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation man | man -l -            read it
    cargo formation man --output ~/.local/share/man/man1

"#]],
    );
}

#[test]
fn attach() {
    check(
        &["attach"],
        str![[r#"
Attach this terminal to that of a run whose type has `pty = true`

Usage: cargo formation attach [OPTIONS] <INSTANCE>

Arguments:
  <INSTANCE>  An instance (`web.2`), a backing service, or a process type with one instance

Options:
      --detach-key <KEYS>     What leaves it: a key, or several with commas between them, as
                              `ctrl-p,ctrl-q` [default: ctrl-/]
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation attach console            the only instance of `console`; Ctrl-/ detaches
    cargo formation attach web.2 --detach-key ctrl-p,ctrl-q

"#]],
    );
}

#[test]
fn every_exit_code_is_explained() {
    let (_, text, _) = tool(&["--help"]);
    for code in [
        ExitCode::SUCCESS,
        ExitCode::PROBLEM,
        ExitCode::USAGE,
        ExitCode::TABLE,
        ExitCode::STALE,
        ExitCode::PORT,
        ExitCode::RUNNING,
        ExitCode::SERVICE,
        ExitCode::BUILD,
        ExitCode::CANNOT_RUN,
        ExitCode::NOT_FOUND,
    ] {
        assert!(text.contains(&format!("\n    {:<5}  ", code.0)), "{code:?}");
    }
}

#[test]
fn the_version() {
    for flag in ["--version", "-V"] {
        let expected = format!("cargo formation {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!(tool(&[flag]), (Some(0), expected, String::new()));
    }
}

#[test]
fn a_command_that_is_missing_or_unknown() {
    wrong(
        &["frobnicate"],
        str![[r#"
error: unrecognized subcommand 'frobnicate'

Usage: cargo formation [OPTIONS] <COMMAND>

For more information, try '--help'.

"#]],
    );
    wrong(
        &["biuld"],
        str![[r#"
error: unrecognized subcommand 'biuld'

  tip: a similar subcommand exists: 'build'

Usage: cargo formation [OPTIONS] <COMMAND>

For more information, try '--help'.

"#]],
    );
    let (code, text, errors) = tool(&[]);
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert_eq!(errors, tool(&["--help"]).1, "whoever asks for nothing is helped");
}

#[test]
fn a_flag_that_is_wrong() {
    wrong(
        &["dev", "--watch"],
        str![[r#"
error: unexpected argument '--watch' found

  tip: a similar argument exists: '--no-watch'

Usage: cargo formation dev --no-watch [TYPE]...

For more information, try '--help'.

"#]],
    );
    wrong(
        &["dev", "--scale", "web"],
        str![[r#"
error: invalid value 'web' for '--scale <TYPE=N,…>': `web` has no quantity; write it as `web=2`

For more information, try '--help'.

"#]],
    );
    wrong(
        &["build", "--release", "--profile", "dist"],
        str![[r#"
error: the argument '--release' cannot be used with '--profile <NAME>'

Usage: cargo formation build --release [TYPE]...

For more information, try '--help'.

"#]],
    );
    wrong(
        &["list", "--format", "yaml"],
        str![[r#"
error: invalid value 'yaml' for '--format <FORMAT>'
  [possible values: text, json]

For more information, try '--help'.

"#]],
    );
    wrong(
        &["env", "web", "--base-port", "99999"],
        str![[r#"
error: invalid value '99999' for '--base-port <PORT>': 99999 is not in 1..=65535

For more information, try '--help'.

"#]],
    );
    wrong(
        &["procfile", "--for", "systemd"],
        str![[r#"
error: `systemd` is no known reader of Procfiles; there are `portable`, `heroku`, `dokku`, `scalingo`, `paketo`, `google`, `railpack`, `local`

"#]],
    );
    wrong(
        &["check", "--color", "sometimes"],
        str![[r#"
error: invalid value 'sometimes' for '--color <WHEN>'
  [possible values: auto, always, never]

For more information, try '--help'.

"#]],
    );
}

#[test]
fn logs() {
    check(
        &["logs"],
        str![[r#"
Show what processes wrote and the tool said, now and in earlier runs

Usage: cargo formation logs [OPTIONS] [TYPE|INSTANCE]...

Arguments:
  [TYPE|INSTANCE]...  Whose lines: process types, instances, backing services, or `formation` for
                      what the tool and cargo said; everybody's if nobody is named

Options:
  -f, --follow                Go on with what comes, until the formation ends
  -F, --forever               As `--follow`, and go on with the next formation of this workspace
                              when one has ended
  -n, --lines <N>             Only the last lines, so many; nothing that belongs together is cut
                              [default: all since `dev` was started last]
      --since <TIME>          Only what was written since: `10m`, `2h` or `3d` ago, `14:03`, or a
                              moment as RFC 3339 has it
      --grep <REGEX>          Only that in which this regular expression is found
      --level <LEVEL>         Only what is logged at this level or a worse one, and panics [possible
                              values: trace, debug, info, warn, error]
      --timestamps            Show date and time before each line
      --raw                   Show lines that are JSON as they came; at a terminal they are rendered
                              for people
      --format <FORMAT>       How to print it [default: text] [possible values: text, json]
      --manifest-path <PATH>  The Cargo.toml of the workspace, or of one of its members
      --color <WHEN>          When to use colours [default: auto] [possible values: auto, always,
                              never]
  -h, --help                  Print help

Examples:
    cargo formation logs web -n 50            the last 50 lines of all instances of `web`
    cargo formation logs -f --level warn      what is logged as a warning or worse, from now on
    cargo formation logs --since 10m --grep 'timed? ?out'
    cargo formation logs --format json -n 100 | jq .text

"#]],
    );
}

#[test]
fn an_argument_that_is_missing_wrong_or_too_much() {
    wrong(
        &["run"],
        str![[r#"
error: the following required arguments were not provided:
  <TYPE>

Usage: cargo formation run <TYPE> [-- <ARGS>...]

For more information, try '--help'.

"#]],
    );
    wrong(
        &["run", "web", "--port", "80"],
        str![[r#"
error: unexpected argument '--port' found

  tip: to pass '--port' as a value, use '-- --port'

Usage: cargo formation run <TYPE> [-- <ARGS>...]

For more information, try '--help'.

"#]],
    );
    wrong(
        &["env", "web", "worker"],
        str![[r#"
error: unexpected argument 'worker' found

Usage: cargo formation env [OPTIONS] <NAME>

For more information, try '--help'.

"#]],
    );
    wrong(
        &["build", "all"],
        str![[r#"
error: invalid value 'all' for '[TYPE]...': this word is reserved

For more information, try '--help'.

"#]],
    );
    wrong(
        &["build", "9"],
        str![[r#"
error: invalid value '9' for '[TYPE]...': a name starts with a letter, not with `9`

For more information, try '--help'.

"#]],
    );
}
