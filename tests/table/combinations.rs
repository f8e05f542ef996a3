//! Keys that cannot stand together.

use snapbox::str;

use crate::fixture::{check, shop};

#[test]
fn a_singleton_is_one_and_alone() {
    check(
        "clock = { singleton = true, quantity = 2, overlap = true }",
        str![[r#"
error: `singleton` and `quantity = 2` exclude each other
 --> Cargo.toml:2:29
  |
2 | clock = { singleton = true, quantity = 2, overlap = true }
  |           ---------         ^^^^^^^^ more than one
  |           |
  |           beside `singleton`
  |
  = help: remove one of them; without `quantity` there is one

error: `singleton` and `overlap = true` exclude each other
 --> Cargo.toml:2:43
  |
2 | clock = { singleton = true, quantity = 2, overlap = true }
  |           --------- beside `singleton`    ^^^^^^^ two would run at the same time
  |
  = help: remove `overlap`; a singleton is replaced one by one

"#]],
    );
}

#[test]
fn who_binds_the_public_port_is_one() {
    check(
        "web = { route = false, quantity = 2, overlap = true }",
        str![[r#"
error: `route = false` and `quantity = 2` exclude each other
 --> Cargo.toml:2:24
  |
2 | web = { route = false, quantity = 2, overlap = true }
  |         -----          ^^^^^^^^ only one process can listen on the public port
  |         |
  |         beside `route = false`
  |
  = help: remove one of them

error: `route = false` and `overlap = true` exclude each other
 --> Cargo.toml:2:38
  |
2 | web = { route = false, quantity = 2, overlap = true }
  |         ----- beside `route = false` ^^^^^^^ only one process can listen on the public port
  |
  = help: remove one of them

"#]],
    );
}

#[test]
fn what_needs_a_port_says_so() {
    check(
        "worker = { health = \"/up\", socket = true, route = false }\nclock = { ready = \"tcp\" }",
        str![[r#"
error: `health` needs a port, and `worker` has none
 --> Cargo.toml:2:12
  |
2 | worker = { health = "/up", socket = true, route = false }
  |            ^^^^^^ there is no port to use
  |
  = help: add `port = true`

error: `socket` needs a port, and `worker` has none
 --> Cargo.toml:2:28
  |
2 | worker = { health = "/up", socket = true, route = false }
  |                            ^^^^^^ there is no port to use
  |
  = help: add `port = true`

error: `route` needs a port, and `worker` has none
 --> Cargo.toml:2:43
  |
2 | worker = { health = "/up", socket = true, route = false }
  |                                           ^^^^^ there is no port to use
  |
  = help: add `port = true`

error: `ready = "tcp"` needs a port, and `clock` has none
 --> Cargo.toml:3:11
  |
3 | clock = { ready = "tcp" }
  |           ^^^^^ there is no port to use
  |
  = help: add `port = true`

"#]],
    );
    check(
        "web = { port = false, health = \"/up\" }",
        str![[r#"
error: `health` needs a port, and `web` has none
 --> Cargo.toml:2:23
  |
2 | web = { port = false, health = "/up" }
  |                       ^^^^^^ there is no port to use
  |
  = help: add `port = true`

"#]],
    );
}

#[test]
fn http_readiness_needs_a_path_and_a_port() {
    check(
        "web = { ready = \"http\" }",
        str![[r#"
error: `ready = "http"` needs `health`
 --> Cargo.toml:2:9
  |
2 | web = { ready = "http" }
  |         ^^^^^ there is no path to ask for
  |
  = help: add `health = "/healthz"`, or use `ready = "tcp"`

"#]],
    );
    check(
        "clock = { ready = { http = \"/up\" } }",
        str![[r#"
error: `ready = { http = … }` needs a port, and `clock` has none
 --> Cargo.toml:2:11
  |
2 | clock = { ready = { http = "/up" } }
  |           ^^^^^ there is no port to use
  |
  = help: add `port = true`

"#]],
    );
}

#[test]
fn release_runs_once_and_others_do_not_rerun() {
    check(
        "release = { port = true, quantity = 1, schedule = \"@daily\", restart = \"always\" }\nweb = { rerun = true }",
        str![[r#"
error: `release` cannot have `port`
 --> Cargo.toml:2:13
  |
2 | release = { port = true, quantity = 1, schedule = "@daily", restart = "always" }
  |             ^^^^ it runs once, before the others start
  |
  = help: remove it, or give the process type another name

error: `release` cannot have `quantity`
 --> Cargo.toml:2:26
  |
2 | release = { port = true, quantity = 1, schedule = "@daily", restart = "always" }
  |                          ^^^^^^^^ it runs once, before the others start
  |
  = help: remove it, or give the process type another name

error: invalid `schedule`: a schedule has five fields, this one has 1
 --> Cargo.toml:2:51
  |
2 | release = { port = true, quantity = 1, schedule = "@daily", restart = "always" }
  |                                                   ^^^^^^^^
  |
  = help: minute, hour, day, month, weekday: "*/5 * * * *" is every five minutes

error: `release` cannot have `restart = "always"`
 --> Cargo.toml:2:61
  |
2 | release = { port = true, quantity = 1, schedule = "@daily", restart = "always" }
  |                                                             ^^^^^^^ it runs once, before the others start
  |
  = help: remove it, or give the process type another name

error: `rerun` is for the process type `release` only
 --> Cargo.toml:3:9
  |
3 | web = { rerun = true }
  |         ^^^^^ other types are restarted when their binary changes
  |
  = help: remove it

"#]],
    );
    check(
        "release = { port = true, quantity = 1, schedule = \"0 0 * * *\", ports = { a = 1 } }",
        str![[r#"
error: `release` cannot have `port`
 --> Cargo.toml:2:13
  |
2 | release = { port = true, quantity = 1, schedule = "0 0 * * *", ports = { a = 1 } }
  |             ^^^^ it runs once, before the others start
  |
  = help: remove it, or give the process type another name

error: `release` cannot have `quantity`
 --> Cargo.toml:2:26
  |
2 | release = { port = true, quantity = 1, schedule = "0 0 * * *", ports = { a = 1 } }
  |                          ^^^^^^^^ it runs once, before the others start
  |
  = help: remove it, or give the process type another name

error: `release` cannot have `schedule`
 --> Cargo.toml:2:40
  |
2 | release = { port = true, quantity = 1, schedule = "0 0 * * *", ports = { a = 1 } }
  |                                        ^^^^^^^^ it runs once, before the others start
  |
  = help: remove it, or give the process type another name

error: `release` cannot have `ports`
 --> Cargo.toml:2:64
  |
2 | release = { port = true, quantity = 1, schedule = "0 0 * * *", ports = { a = 1 } }
  |                                                                ^^^^^ it runs once, before the others start
  |
  = help: remove it, or give the process type another name

"#]],
    );
}

#[test]
fn what_runs_by_the_clock_is_one_run() {
    check(
        "clock = { schedule = \"0 3 * * *\", singleton = true, quantity = 2, port = true, restart = \"always\" }",
        str![[r#"
error: `schedule` and `singleton` exclude each other
 --> Cargo.toml:2:35
  |
2 | clock = { schedule = "0 3 * * *", singleton = true, quantity = 2, port = true, restart = "always" }
  |           --------                ^^^^^^^^^ what runs by the clock is one run that ends
  |           |
  |           beside `schedule`
  |
  = help: remove one of them

error: `singleton` and `quantity = 2` exclude each other
 --> Cargo.toml:2:53
  |
2 | clock = { schedule = "0 3 * * *", singleton = true, quantity = 2, port = true, restart = "always" }
  |                                   ---------         ^^^^^^^^ more than one
  |                                   |
  |                                   beside `singleton`
  |
  = help: remove one of them; without `quantity` there is one

error: `schedule` and `quantity = 2` exclude each other
 --> Cargo.toml:2:53
  |
2 | clock = { schedule = "0 3 * * *", singleton = true, quantity = 2, port = true, restart = "always" }
  |           -------- beside `schedule`                ^^^^^^^^ what runs by the clock is one run that ends
  |
  = help: remove one of them

error: `schedule` and `port` exclude each other
 --> Cargo.toml:2:67
  |
2 | clock = { schedule = "0 3 * * *", singleton = true, quantity = 2, port = true, restart = "always" }
  |           -------- beside `schedule`                              ^^^^ nobody can reach what runs only by the clock
  |
  = help: remove one of them

error: `schedule` and `restart = "always"` exclude each other
 --> Cargo.toml:2:80
  |
2 | clock = { schedule = "0 3 * * *", singleton = true, quantity = 2, port = true, restart = "always" }
  |           -------- beside `schedule`                                           ^^^^^^^ what runs by the clock is one run that ends
  |
  = help: remove one of them

"#]],
    );
    check(
        "clock = { schedule = \"0 3 * * *\", quantity = 0 }",
        str![[r#"
error: `schedule` and `quantity = 0` exclude each other
 --> Cargo.toml:2:35
  |
2 | clock = { schedule = "0 3 * * *", quantity = 0 }
  |           --------                ^^^^^^^^ what runs by the clock is one run that ends
  |           |
  |           beside `schedule`
  |
  = help: remove one of them

"#]],
    );
    check(
        "web = { schedule = \"0 3 * * *\" }",
        str![[r#"
error: `schedule` and `port` exclude each other
 --> Cargo.toml:2:1
  |
2 | web = { schedule = "0 3 * * *" }
  | ^^^     -------- beside `schedule`
  | |
  | the type called `web` has a port
  |
  = help: add `port = false`, or give the process type another name

"#]],
    );
}

#[test]
fn what_is_wrong_already_breaks_no_further_rule() {
    let problems = |types: &str| shop(types).read().problems.len();
    assert_eq!(problems("worker = { port = \"yes\", health = \"/up\" }"), 1);
    assert_eq!(problems("web = { health = 1, ready = \"http\" }"), 1);
    assert_eq!(problems("clock = { singleton = true, quantity = \"2\" }"), 1);
    assert_eq!(problems("mail = { bin = 1 }"), 1);
}

#[test]
fn names_that_make_one_variable() {
    check(
        "a-b = \"web\"\na_b = \"worker\"",
        str![[r#"
error: the names `a-b` and `a_b` are too alike
 --> Cargo.toml:3:1
  |
2 | a-b = "web"
  | --- its variables begin with `FORMATION_A_B_`
3 | a_b = "worker"
  | ^^^ this name too
  |
  = help: give one of them another name

"#]],
    );
    check(
        "Web = \"web\"\nweb = {}",
        str![[r#"
error: the names `Web` and `web` are too alike
 --> Cargo.toml:3:1
  |
2 | Web = "web"
  | --- its variables begin with `FORMATION_WEB_`
3 | web = {}
  | ^^^ this name too
  |
  = help: give one of them another name

"#]],
    );
}

#[test]
fn exact_ports_are_given_once() {
    check(
        "web = { port = 8080, ports = { admin = 9000 } }\nworker = { port = 8080 }\n\
         settings.services.db = { compose = \"db\", port = 9000 }",
        str![[r#"
error: port 8080 is given twice
 --> Cargo.toml:3:12
  |
2 | web = { port = 8080, ports = { admin = 9000 } }
  |         ---- first given here
3 | worker = { port = 8080 }
  |            ^^^^ given again here
  |
  = help: choose another, or write `true` and let the formation choose

error: port 9000 is given twice
 --> Cargo.toml:4:42
  |
2 | web = { port = 8080, ports = { admin = 9000 } }
  |                                ----- first given here
3 | worker = { port = 8080 }
4 | settings.services.db = { compose = "db", port = 9000 }
  |                                          ^^^^ given again here
  |
  = help: choose another, or write `true` and let the formation choose

"#]],
    );
}
