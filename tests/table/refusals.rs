//! What is said of one process type that is wrong.

use cargo_formation::narrate::Paint;
use snapbox::{assert_data_eq, str};

use crate::fixture::{Fixture, SHOP, check};

#[test]
fn a_binary_that_does_not_exist() {
    check(
        "wroker = { quantity = 3 }",
        str![[r#"
error: no binary target named `wroker` in package `shop`
 --> Cargo.toml:2:1
  |
2 | wroker = { quantity = 3 }
  | ^^^^^^ a process type runs the binary of its name
  |
  = note: the binary targets of `shop`: `web`, `worker`, `clock`, `migrate`, `release`
  = help: a binary target with a similar name exists: `worker`

"#]],
    );
    check(
        "mail = { bin = \"mailer\" }",
        str![[r#"
error: no binary target named `mailer` in package `shop`
 --> Cargo.toml:2:16
  |
2 | mail = { bin = "mailer" }
  |                ^^^^^^^^ no such binary target
  |
  = note: the binary targets of `shop`: `web`, `worker`, `clock`, `migrate`, `release`
  = help: say which binary it runs: `bin = "…"`

"#]],
    );
    check(
        "mail = \"clokc --tick\"",
        str![[r#"
error: no binary target named `clokc` in package `shop`
 --> Cargo.toml:2:8
  |
2 | mail = "clokc --tick"
  |        ^^^^^^^^^^^^^^ no such binary target
  |
  = note: the binary targets of `shop`: `web`, `worker`, `clock`, `migrate`, `release`
  = help: a binary target with a similar name exists: `clock`

"#]],
    );
}

#[test]
fn an_unknown_key() {
    check(
        "web = { quantitiy = 2, replicas = 2, Port = true, colour = \"red\" }",
        str![[r#"
error: unknown key `quantitiy`
 --> Cargo.toml:2:9
  |
2 | web = { quantitiy = 2, replicas = 2, Port = true, colour = "red" }
  |         ^^^^^^^^^
  |
  = help: did you mean `quantity`?

error: unknown key `replicas`
 --> Cargo.toml:2:24
  |
2 | web = { quantitiy = 2, replicas = 2, Port = true, colour = "red" }
  |                        ^^^^^^^^
  |
  = help: did you mean `quantity`?

error: unknown key `Port`
 --> Cargo.toml:2:38
  |
2 | web = { quantitiy = 2, replicas = 2, Port = true, colour = "red" }
  |                                      ^^^^
  |
  = help: did you mean `port`?

error: unknown key `colour`
 --> Cargo.toml:2:51
  |
2 | web = { quantitiy = 2, replicas = 2, Port = true, colour = "red" }
  |                                                   ^^^^^^
  |
  = note: the keys of this table: `bin`, `args`, `dir`, `quantity`, `port`, `ports`, `health`, `ready`, `route`, `overlap`, `drain`, `socket`, `stop`, `restart`, `singleton`, `schedule`, `env`, `watch`, `inputs`, `rerun`, `cargo-env`, `pty`, `resources`

"#]],
    );
}

#[test]
fn values_of_the_wrong_type() {
    check(
        r#"web = { quantity = "2", port = "8080", health = true, env = { A = 1, B = [] }, args = 1 }
worker = true
clock = { singleton = 1, drain = 1.5, watch = [1, "ok"], stop = "INT", resources = { memory = 512 } }"#,
        str![[r#"
error: `quantity` must be a whole number from 0 to 100, not a string
 --> Cargo.toml:2:20
  |
2 | web = { quantity = "2", port = "8080", health = true, env = { A = 1, B = [] }, args = 1 }
  |                    ^^^
  |
  = help: remove the quotes

error: `port` must be `true` or a port number, not a string
 --> Cargo.toml:2:32
  |
2 | web = { quantity = "2", port = "8080", health = true, env = { A = 1, B = [] }, args = 1 }
  |                                ^^^^^^
  |
  = help: remove the quotes

error: `health` must be a path, or a table, as `{ path = "/healthz" }`, not a boolean
 --> Cargo.toml:2:49
  |
2 | web = { quantity = "2", port = "8080", health = true, env = { A = 1, B = [] }, args = 1 }
  |                                                 ^^^^

error: `A` must be a string, not a number
 --> Cargo.toml:2:67
  |
2 | web = { quantity = "2", port = "8080", health = true, env = { A = 1, B = [] }, args = 1 }
  |                                                                   ^
  |
  = help: write `"1"`

error: `B` must be a string, not an array
 --> Cargo.toml:2:74
  |
2 | web = { quantity = "2", port = "8080", health = true, env = { A = 1, B = [] }, args = 1 }
  |                                                                          ^^

error: `args` must be an array of strings, or a string, not a number
 --> Cargo.toml:2:87
  |
2 | web = { quantity = "2", port = "8080", health = true, env = { A = 1, B = [] }, args = 1 }
  |                                                                                       ^

error: `worker` must be a table, or a binary and its arguments as one string, not a boolean
 --> Cargo.toml:3:10
  |
3 | worker = true
  |          ^^^^

error: `singleton` must be `true` or `false`, not a number
 --> Cargo.toml:4:23
  |
4 | clock = { singleton = 1, drain = 1.5, watch = [1, "ok"], stop = "INT", resources = { memory = 512 } }
  |                       ^

error: `drain` must be a length of time, as `"5s"`, not a fraction
 --> Cargo.toml:4:34
  |
4 | clock = { singleton = 1, drain = 1.5, watch = [1, "ok"], stop = "INT", resources = { memory = 512 } }
  |                                  ^^^

error: `watch` must be an array of strings
 --> Cargo.toml:4:48
  |
4 | clock = { singleton = 1, drain = 1.5, watch = [1, "ok"], stop = "INT", resources = { memory = 512 } }
  |                                                ^ not a string

error: `stop` must be a table, as `{ signal = "INT", timeout = "20s" }`, not a string
 --> Cargo.toml:4:65
  |
4 | clock = { singleton = 1, drain = 1.5, watch = [1, "ok"], stop = "INT", resources = { memory = 512 } }
  |                                                                 ^^^^^

error: `memory` must be a size, as `"512MiB"`, not a number
 --> Cargo.toml:4:95
  |
4 | clock = { singleton = 1, drain = 1.5, watch = [1, "ok"], stop = "INT", resources = { memory = 512 } }
  |                                                                                               ^^^

"#]],
    );
}

#[test]
fn values_that_mean_nothing() {
    check(
        r#"web = { quantity = 101, port = 70000, health = "up", ready = "htpp", restart = "On-Failure" }
worker = { drain = "5 days", stop = { signal = "KILL" }, args = "--x '", env = { PORT = "1", "A B" = "" } }
clock = { schedule = "* * * * * *", resources = { memory = "512M", cpu = "many" } }
migrate = { schedule = "61 * * * *", ports = { admin = false, a-b = true, a_b = true }, args = ["5$"] }"#,
        str![[r#"
error: invalid `quantity`: expected a whole number from 0 to 100
 --> Cargo.toml:2:20
  |
2 | web = { quantity = 101, port = 70000, health = "up", ready = "htpp", restart = "On-Failure" }
  |                    ^^^

error: invalid `port`: a port is a number from 1 to 65535
 --> Cargo.toml:2:32
  |
2 | web = { quantity = 101, port = 70000, health = "up", ready = "htpp", restart = "On-Failure" }
  |                                ^^^^^

error: invalid `health`: a path starts with `/`
 --> Cargo.toml:2:48
  |
2 | web = { quantity = 101, port = 70000, health = "up", ready = "htpp", restart = "On-Failure" }
  |                                                ^^^^
  |
  = help: write "/up"

error: invalid `ready`: expected one of `http`, `tcp`, `notify`, `started`
 --> Cargo.toml:2:62
  |
2 | web = { quantity = 101, port = 70000, health = "up", ready = "htpp", restart = "On-Failure" }
  |                                                              ^^^^^^
  |
  = help: did you mean `http`?

error: invalid `restart`: expected one of `always`, `on-failure`, `never`
 --> Cargo.toml:2:80
  |
2 | web = { quantity = 101, port = 70000, health = "up", ready = "htpp", restart = "On-Failure" }
  |                                                                                ^^^^^^^^^^^^
  |
  = help: did you mean `on-failure`?

error: invalid `drain`: `days` is no unit of time; use `ms`, `s`, `m` or `h`
 --> Cargo.toml:3:20
  |
3 | worker = { drain = "5 days", stop = { signal = "KILL" }, args = "--x '", env = { PORT = "1", "A B" = "" } }
  |                    ^^^^^^^^

error: invalid `signal`: expected one of `TERM`, `INT`, `QUIT`, `HUP`, `USR1`, `USR2`
 --> Cargo.toml:3:48
  |
3 | worker = { drain = "5 days", stop = { signal = "KILL" }, args = "--x '", env = { PORT = "1", "A B" = "" } }
  |                                                ^^^^^^

error: invalid `args`: a quote is not closed
 --> Cargo.toml:3:65
  |
3 | worker = { drain = "5 days", stop = { signal = "KILL" }, args = "--x '", env = { PORT = "1", "A B" = "" } }
  |                                                                 ^^^^^^^

error: the variable `PORT` cannot be set
 --> Cargo.toml:3:82
  |
3 | worker = { drain = "5 days", stop = { signal = "KILL" }, args = "--x '", env = { PORT = "1", "A B" = "" } }
  |                                                                                  ^^^^ this one is always set by `cargo formation`
  |
  = help: say `port = 8080` for a port of your choice

error: `A B` cannot be the name of a variable
 --> Cargo.toml:3:94
  |
3 | worker = { drain = "5 days", stop = { signal = "KILL" }, args = "--x '", env = { PORT = "1", "A B" = "" } }
  |                                                                                              ^^^^^ expected letters, digits and `_`, no digit first

error: invalid `schedule`: a schedule has five fields, this one has 6
 --> Cargo.toml:4:22
  |
4 | clock = { schedule = "* * * * * *", resources = { memory = "512M", cpu = "many" } }
  |                      ^^^^^^^^^^^^^
  |
  = help: minute, hour, day, month, weekday: "*/5 * * * *" is every five minutes

error: invalid `memory`: expected a whole number and one of `KiB`, `MiB`, `GiB`, `kB`, `MB`, `GB`
 --> Cargo.toml:4:60
  |
4 | clock = { schedule = "* * * * * *", resources = { memory = "512M", cpu = "many" } }
  |                                                            ^^^^^^
  |
  = help: write it as "512MiB"

error: invalid `cpu`: expected a number of cores with at most three decimals, as `0.5`
 --> Cargo.toml:4:74
  |
4 | clock = { schedule = "* * * * * *", resources = { memory = "512M", cpu = "many" } }
  |                                                                          ^^^^^^

error: invalid `schedule`: number out of bounds
 --> Cargo.toml:5:24
  |
5 | migrate = { schedule = "61 * * * *", ports = { admin = false, a-b = true, a_b = true }, args = ["5$"] }
  |                        ^^^^^^^^^^^^

error: invalid `admin`: an extra port is `true` or a number
 --> Cargo.toml:5:56
  |
5 | migrate = { schedule = "61 * * * *", ports = { admin = false, a-b = true, a_b = true }, args = ["5$"] }
  |                                                        ^^^^^

error: `a-b` and `a_b` are one port
 --> Cargo.toml:5:75
  |
5 | migrate = { schedule = "61 * * * *", ports = { admin = false, a-b = true, a_b = true }, args = ["5$"] }
  |                                                               ---         ^^^ this is `PORT_A_B` too
  |                                                               |
  |                                                               this is `PORT_A_B`

error: invalid `args`: `$` is not followed by the name of a variable; write `$$` for a dollar
 --> Cargo.toml:5:97
  |
5 | migrate = { schedule = "61 * * * *", ports = { admin = false, a-b = true, a_b = true }, args = ["5$"] }
  |                                                                                                 ^^^^

"#]],
    );
}

#[test]
fn paths_stay_inside_the_workspace() {
    check(
        "web = { dir = \"/srv\" }\nworker = { dir = \"a/../../b\", watch = [\"../x\", \"\"] }",
        str![[r#"
error: invalid `dir`: this path is absolute
 --> Cargo.toml:2:15
  |
2 | web = { dir = "/srv" }
  |               ^^^^^^
  |
  = help: paths of the table are relative to the workspace root and stay inside

error: invalid `dir`: this path leaves the workspace
 --> Cargo.toml:3:18
  |
3 | worker = { dir = "a/../../b", watch = ["../x", ""] }
  |                  ^^^^^^^^^^^
  |
  = help: paths of the table are relative to the workspace root and stay inside

error: invalid `watch`: this path leaves the workspace
 --> Cargo.toml:3:40
  |
3 | worker = { dir = "a/../../b", watch = ["../x", ""] }
  |                                        ^^^^^^

error: invalid `watch`: this glob is empty
 --> Cargo.toml:3:48
  |
3 | worker = { dir = "a/../../b", watch = ["../x", ""] }
  |                                                ^^

"#]],
    );
}

#[test]
fn names_that_cannot_be() {
    check(
        "\"mail.in\" = { bin = \"web\", quantity = true }\nall = { bin = \"worker\" }",
        str![[r#"
error: `mail.in` cannot be a name: `.` cannot stand in a name; letters, digits, `_` and `-` can
 --> Cargo.toml:2:1
  |
2 | "mail.in" = { bin = "web", quantity = true }
  | ^^^^^^^^^
  |
  = help: a valid name would be `mail-in`

error: `quantity` must be a whole number from 0 to 100, not a boolean
 --> Cargo.toml:2:39
  |
2 | "mail.in" = { bin = "web", quantity = true }
  |                                       ^^^^

error: `all` cannot be a name: this word is reserved
 --> Cargo.toml:3:1
  |
3 | all = { bin = "worker" }
  | ^^^

"#]],
    );
}

#[test]
fn habits_of_the_shell() {
    check(
        r#"web = "cargo run --bin web"
worker = "RUST_LOG=debug worker"
clock = "./target/debug/clock"
migrate = "migrate && web"
release = """#,
        str![[r#"
error: invalid `web`: `cargo` is not the name of a binary target
 --> Cargo.toml:2:7
  |
2 | web = "cargo run --bin web"
  |       ^^^^^^^^^^^^^^^^^^^^^
  |
  = help: name the binary itself; it is built before it runs

error: invalid `worker`: `RUST_LOG=debug` is not the name of a binary target
 --> Cargo.toml:3:10
  |
3 | worker = "RUST_LOG=debug worker"
  |          ^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: set variables with `env`: `{ env = { NAME = "value" } }`

error: invalid `clock`: `./target/debug/clock` is not the name of a binary target
 --> Cargo.toml:4:9
  |
4 | clock = "./target/debug/clock"
  |         ^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: name the binary target, not a file

error: invalid `migrate`: `&&` would need a shell, and none is involved
 --> Cargo.toml:5:11
  |
5 | migrate = "migrate && web"
  |           ^^^^^^^^^^^^^^^^
  |
  = help: put this into the program, or into a program of its own

error: invalid `release`: the name of a binary is missing
 --> Cargo.toml:6:11
  |
6 | release = ""
  |           ^^

"#]],
    );
}

#[test]
fn a_package_of_its_own() {
    check(
        "web = { package = \"shop\" }",
        str![[r#"
error: `package` belongs to the table of the workspace
 --> Cargo.toml:2:9
  |
2 | web = { package = "shop" }
  |         ^^^^^^^ a type of this table runs a binary of this package
  |
  = help: remove it, or declare the type in the other package

"#]],
    );
}

#[test]
fn text_that_is_not_toml() {
    check(
        "web = {\nworker = }",
        str![[r#"
error: this manifest is not valid TOML
 --> Cargo.toml:3:10
  |
3 | worker = }
  |          ^ invalid literal string, expected `'`

"#]],
    );
    check(
        "web = {}\nweb = {}",
        str![[r#"
error: this manifest is not valid TOML
 --> Cargo.toml:3:1
  |
3 | web = {}
  | ^^^ duplicate key

"#]],
    );
}

#[test]
fn columns_count_letters_and_line_endings_do_not() {
    let text = "[package]\r\nname = \"shop\" # größer\r\n\r\n[package.metadata.formation]\r\n\
                worker = { env = { NAME = \"größe 日本\" }, quantitiy = 2 }\r\n";
    Fixture::root_package("shop", text, &SHOP).refuses(str![[r#"
error: unknown key `quantitiy`
 --> Cargo.toml:5:41
  |
5 | worker = { env = { NAME = "größe 日本" }, quantitiy = 2 }
  |                                           ^^^^^^^^^
  |
  = help: did you mean `quantity`?

"#]]);
}

#[test]
fn colour_is_there_when_it_is_asked_for() {
    let fixture = crate::fixture::shop("wroker = {}");
    let coloured = fixture.rendered(Paint::Coloured);
    assert!(coloured.contains("\u{1b}["));
    assert_data_eq!(anstream_free(&coloured), fixture.rendered(Paint::Plain));
}

/// The text without escape sequences.
fn anstream_free(text: &str) -> String {
    let mut pieces = text.split('\u{1b}');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('m').map_or("", |(_, rest)| rest))
}
