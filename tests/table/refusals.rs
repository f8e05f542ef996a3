//! What is said of one process type that is wrong.

use cargo_formation::narrate::problem::Style;
use snapbox::{assert_data_eq, str};

use crate::fixture::{Fixture, SHOP, check};

#[test]
fn a_binary_that_does_not_exist() {
    check("wroker = { quantity = 3 }", str![[r#"
error: no binary target named `wroker` in package `shop`
 --> Cargo.toml:2:1
  |
2 | wroker = { quantity = 3 }
  | ^^^^^^ a process type runs the binary of its name
  |
  = note: the binary targets of `shop` are `web`, `worker`, `clock`, `migrate`, `release`
  = help: a binary target with a similar name exists: `worker`

"#]]);
    check("mail = { bin = \"mailer\" }", str![[r#"
error: no binary target named `mailer` in package `shop`
 --> Cargo.toml:2:16
  |
2 | mail = { bin = "mailer" }
  |                ^^^^^^^^ no such binary target
  |
  = note: the binary targets of `shop` are `web`, `worker`, `clock`, `migrate`, `release`
  = help: say which binary it runs: `bin = "…"`

"#]]);
    check("mail = \"clokc --tick\"", str![[r#"
error: no binary target named `clokc` in package `shop`
 --> Cargo.toml:2:8
  |
2 | mail = "clokc --tick"
  |        ^^^^^^^^^^^^^^ no such binary target
  |
  = note: the binary targets of `shop` are `web`, `worker`, `clock`, `migrate`, `release`
  = help: a binary target with a similar name exists: `clock`

"#]]);
}

#[test]
fn an_unknown_key() {
    check("web = { quantitiy = 2, replicas = 2, Port = true, colour = \"red\" }", str![[r#"
error: unknown key `quantitiy`
 --> Cargo.toml:2:9
  |
2 | web = { quantitiy = 2, replicas = 2, Port = true, colour = "red" }
  |         ^^^^^^^^^ not a key of this table
  |
  = help: did you mean `quantity`?

error: unknown key `replicas`
 --> Cargo.toml:2:24
  |
2 | web = { quantitiy = 2, replicas = 2, Port = true, colour = "red" }
  |                        ^^^^^^^^ not a key of this table
  |
  = help: did you mean `quantity`?

error: unknown key `Port`
 --> Cargo.toml:2:38
  |
2 | web = { quantitiy = 2, replicas = 2, Port = true, colour = "red" }
  |                                      ^^^^ not a key of this table
  |
  = help: did you mean `port`?

error: unknown key `colour`
 --> Cargo.toml:2:51
  |
2 | web = { quantitiy = 2, replicas = 2, Port = true, colour = "red" }
  |                                                   ^^^^^^ not a key of this table
  |
  = note: the keys are `package`, `bin`, `args`, `dir`, `quantity`, `port`, `ports`, `health`, `ready`, `route`, `overlap`, `drain`, `socket`, `stop`, `restart`, `singleton`, `schedule`, `env`, `watch`, `inputs`, `rerun`, `cargo-env`, `pty`, `resources`

"#]]);
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
  |                    ^^^ expected a whole number from 0 to 100

error: `port` must be `true` or a port number, not a string
 --> Cargo.toml:2:32
  |
2 | web = { quantity = "2", port = "8080", health = true, env = { A = 1, B = [] }, args = 1 }
  |                                ^^^^^^ expected `true` or a port number

error: `health` must be a path, or a table, as `{ path = "/healthz" }`, not `true` or `false`
 --> Cargo.toml:2:49
  |
2 | web = { quantity = "2", port = "8080", health = true, env = { A = 1, B = [] }, args = 1 }
  |                                                 ^^^^ expected a path, or a table, as `{ path = "/healthz" }`

error: `A` must be a string, not a number
 --> Cargo.toml:2:67
  |
2 | web = { quantity = "2", port = "8080", health = true, env = { A = 1, B = [] }, args = 1 }
  |                                                                   ^ expected a string
  |
  = help: write "1"

error: `B` must be a string, not an array
 --> Cargo.toml:2:74
  |
2 | web = { quantity = "2", port = "8080", health = true, env = { A = 1, B = [] }, args = 1 }
  |                                                                          ^^ expected a string

error: `args` must be an array of strings, or a string, not a number
 --> Cargo.toml:2:87
  |
2 | web = { quantity = "2", port = "8080", health = true, env = { A = 1, B = [] }, args = 1 }
  |                                                                                       ^ expected an array of strings, or a string

error: `worker` must be a table, or a binary and its arguments as one string, not `true` or `false`
 --> Cargo.toml:3:10
  |
3 | worker = true
  |          ^^^^ expected a table, or a binary and its arguments as one string

error: `singleton` must be `true` or `false`, not a number
 --> Cargo.toml:4:23
  |
4 | clock = { singleton = 1, drain = 1.5, watch = [1, "ok"], stop = "INT", resources = { memory = 512 } }
  |                       ^ expected `true` or `false`

error: `drain` must be a length of time, as `"5s"`, not a fraction
 --> Cargo.toml:4:34
  |
4 | clock = { singleton = 1, drain = 1.5, watch = [1, "ok"], stop = "INT", resources = { memory = 512 } }
  |                                  ^^^ expected a length of time, as `"5s"`

error: `watch` must be an array of strings
 --> Cargo.toml:4:48
  |
4 | clock = { singleton = 1, drain = 1.5, watch = [1, "ok"], stop = "INT", resources = { memory = 512 } }
  |                                                ^ expected a string

error: `stop` must be a table, as `{ signal = "INT", timeout = "20s" }`, not a string
 --> Cargo.toml:4:65
  |
4 | clock = { singleton = 1, drain = 1.5, watch = [1, "ok"], stop = "INT", resources = { memory = 512 } }
  |                                                                 ^^^^^ expected a table, as `{ signal = "INT", timeout = "20s" }`

error: `memory` must be a size, as `"512MiB"`, not a number
 --> Cargo.toml:4:95
  |
4 | clock = { singleton = 1, drain = 1.5, watch = [1, "ok"], stop = "INT", resources = { memory = 512 } }
  |                                                                                               ^^^ expected a size, as `"512MiB"`

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
error: `quantity` is not valid
 --> Cargo.toml:2:20
  |
2 | web = { quantity = 101, port = 70000, health = "up", ready = "htpp", restart = "On-Failure" }
  |                    ^^^ expected a whole number from 0 to 100

error: `port` is not valid
 --> Cargo.toml:2:32
  |
2 | web = { quantity = 101, port = 70000, health = "up", ready = "htpp", restart = "On-Failure" }
  |                                ^^^^^ a port is a number from 1 to 65535

error: `health` is not valid
 --> Cargo.toml:2:48
  |
2 | web = { quantity = 101, port = 70000, health = "up", ready = "htpp", restart = "On-Failure" }
  |                                                ^^^^ a path starts with `/`
  |
  = help: write "/up"

error: `ready` is not valid
 --> Cargo.toml:2:62
  |
2 | web = { quantity = 101, port = 70000, health = "up", ready = "htpp", restart = "On-Failure" }
  |                                                              ^^^^^^ expected one of `http`, `tcp`, `notify`, `started`
  |
  = help: did you mean `http`?

error: `restart` is not valid
 --> Cargo.toml:2:80
  |
2 | web = { quantity = 101, port = 70000, health = "up", ready = "htpp", restart = "On-Failure" }
  |                                                                                ^^^^^^^^^^^^ expected one of `always`, `on-failure`, `never`
  |
  = help: did you mean `on-failure`?

error: `drain` is not valid
 --> Cargo.toml:3:20
  |
3 | worker = { drain = "5 days", stop = { signal = "KILL" }, args = "--x '", env = { PORT = "1", "A B" = "" } }
  |                    ^^^^^^^^ `days` is no unit of time; use `ms`, `s`, `m` or `h`

error: `signal` is not valid
 --> Cargo.toml:3:48
  |
3 | worker = { drain = "5 days", stop = { signal = "KILL" }, args = "--x '", env = { PORT = "1", "A B" = "" } }
  |                                                ^^^^^^ expected one of `TERM`, `INT`, `QUIT`, `HUP`, `USR1`, `USR2`

error: `args` is not valid
 --> Cargo.toml:3:65
  |
3 | worker = { drain = "5 days", stop = { signal = "KILL" }, args = "--x '", env = { PORT = "1", "A B" = "" } }
  |                                                                 ^^^^^^^ a quote is not closed

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
  |                                                                                              ^^^^^ expected letters, digits and `_`

error: `schedule` is not valid
 --> Cargo.toml:4:22
  |
4 | clock = { schedule = "* * * * * *", resources = { memory = "512M", cpu = "many" } }
  |                      ^^^^^^^^^^^^^ a schedule has five fields, this one has 6
  |
  = help: minute, hour, day, month, weekday: "*/5 * * * *" is every five minutes

error: `memory` is not valid
 --> Cargo.toml:4:60
  |
4 | clock = { schedule = "* * * * * *", resources = { memory = "512M", cpu = "many" } }
  |                                                            ^^^^^^ expected a whole number and one of `KiB`, `MiB`, `GiB`, `kB`, `MB`, `GB`
  |
  = help: write it as "512MiB"

error: `cpu` is not valid
 --> Cargo.toml:4:74
  |
4 | clock = { schedule = "* * * * * *", resources = { memory = "512M", cpu = "many" } }
  |                                                                          ^^^^^^ expected a number of cores with at most three decimals, as `0.5`

error: `schedule` is not valid
 --> Cargo.toml:5:24
  |
5 | migrate = { schedule = "61 * * * *", ports = { admin = false, a-b = true, a_b = true }, args = ["5$"] }
  |                        ^^^^^^^^^^^^ Component error: Number out of bounds.

error: `admin` is not valid
 --> Cargo.toml:5:56
  |
5 | migrate = { schedule = "61 * * * *", ports = { admin = false, a-b = true, a_b = true }, args = ["5$"] }
  |                                                        ^^^^^ an extra port is `true` or a number

error: `a-b` and `a_b` are one port
 --> Cargo.toml:5:75
  |
5 | migrate = { schedule = "61 * * * *", ports = { admin = false, a-b = true, a_b = true }, args = ["5$"] }
  |                                                               ---         ^^^ this is `PORT_A_B` too
  |                                                               |
  |                                                               this is `PORT_A_B`

error: `args` is not valid
 --> Cargo.toml:5:97
  |
5 | migrate = { schedule = "61 * * * *", ports = { admin = false, a-b = true, a_b = true }, args = ["5$"] }
  |                                                                                                 ^^^^ `$` is not followed by the name of a variable; write `$$` for a dollar

"#]],
    );
}

#[test]
fn paths_stay_inside_the_workspace() {
    check(
        "web = { dir = \"/srv\" }\nworker = { dir = \"a/../../b\", watch = [\"../x\", \"\"] }",
        str![[r#"
error: `dir` is not valid
 --> Cargo.toml:2:15
  |
2 | web = { dir = "/srv" }
  |               ^^^^^^ this path is absolute
  |
  = help: paths of the table are relative to the workspace root and stay inside

error: `dir` is not valid
 --> Cargo.toml:3:18
  |
3 | worker = { dir = "a/../../b", watch = ["../x", ""] }
  |                  ^^^^^^^^^^^ this path leaves the workspace
  |
  = help: paths of the table are relative to the workspace root and stay inside

error: `watch` is not valid
 --> Cargo.toml:3:40
  |
3 | worker = { dir = "a/../../b", watch = ["../x", ""] }
  |                                        ^^^^^^ this path leaves the workspace

error: `watch` is not valid
 --> Cargo.toml:3:48
  |
3 | worker = { dir = "a/../../b", watch = ["../x", ""] }
  |                                                ^^ this glob is empty

"#]],
    );
}

#[test]
fn names_that_cannot_be() {
    check("\"mail.in\" = { bin = \"web\", quantity = true }\nall = { bin = \"worker\" }", str![[r#"
error: `mail.in` cannot be a name
 --> Cargo.toml:2:1
  |
2 | "mail.in" = { bin = "web", quantity = true }
  | ^^^^^^^^^ `.` cannot stand in a name; letters, digits, `_` and `-` can

error: `quantity` must be a whole number from 0 to 100, not `true` or `false`
 --> Cargo.toml:2:39
  |
2 | "mail.in" = { bin = "web", quantity = true }
  |                                       ^^^^ expected a whole number from 0 to 100

error: `all` cannot be a name
 --> Cargo.toml:3:1
  |
3 | all = { bin = "worker" }
  | ^^^ this word is reserved

"#]]);
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
error: `web` is not valid
 --> Cargo.toml:2:7
  |
2 | web = "cargo run --bin web"
  |       ^^^^^^^^^^^^^^^^^^^^^ `cargo` is not the name of a binary target
  |
  = help: name the binary itself; it is built before it runs

error: `worker` is not valid
 --> Cargo.toml:3:10
  |
3 | worker = "RUST_LOG=debug worker"
  |          ^^^^^^^^^^^^^^^^^^^^^^^ `RUST_LOG=debug` is not the name of a binary target
  |
  = help: set variables with `env`: `{ env = { NAME = "value" } }`

error: `clock` is not valid
 --> Cargo.toml:4:9
  |
4 | clock = "./target/debug/clock"
  |         ^^^^^^^^^^^^^^^^^^^^^^ `./target/debug/clock` is not the name of a binary target
  |
  = help: name the binary target, not a file

error: `migrate` is not valid
 --> Cargo.toml:5:11
  |
5 | migrate = "migrate && web"
  |           ^^^^^^^^^^^^^^^^ `&&` would need a shell, and none is involved
  |
  = help: put this into the program, or into a program of its own

error: `release` is not valid
 --> Cargo.toml:6:11
  |
6 | release = ""
  |           ^^ the name of a binary is missing

"#]],
    );
}

#[test]
fn a_package_of_its_own() {
    check("web = { package = \"shop\" }", str![[r#"
error: `package` belongs to the table of the workspace
 --> Cargo.toml:2:9
  |
2 | web = { package = "shop" }
  |         ^^^^^^^ a type of this table runs a binary of this package
  |
  = help: remove it, or declare the type in the other package

"#]]);
}

#[test]
fn text_that_is_not_toml() {
    check("web = {\nworker = }", str![[r#"
error: this manifest is not valid TOML
 --> Cargo.toml:3:10
  |
3 | worker = }
  |          ^ invalid literal string, expected `'`

"#]]);
    check("web = {}\nweb = {}", str![[r#"
error: this manifest is not valid TOML
 --> Cargo.toml:3:1
  |
3 | web = {}
  | ^^^ duplicate key

"#]]);
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
  |                                           ^^^^^^^^^ not a key of this table
  |
  = help: did you mean `quantity`?

"#]]);
}

#[test]
fn colour_is_there_when_it_is_asked_for() {
    let fixture = crate::fixture::shop("wroker = {}");
    let coloured = fixture.rendered(Style::Coloured);
    assert!(coloured.contains("\u{1b}["));
    assert_data_eq!(anstream_free(&coloured), fixture.rendered(Style::Plain));
}

/// The text without escape sequences.
fn anstream_free(text: &str) -> String {
    let mut pieces = text.split('\u{1b}');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('m').map_or("", |(_, rest)| rest))
}
