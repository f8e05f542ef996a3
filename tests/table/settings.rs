//! What belongs to the formation as a whole.

use cargo_formation::formation::{Port, Ready, Restart, ServiceSource, Settings};
use serde_json::json;
use snapbox::str;

use crate::fixture::{Fixture, shop};

const ALL: &str = r#"
app = "shop"
image = "ghcr.io:443/acme/shop"
base-port = 5000
env-file = "config/dev.env"
features = ["tls", "shop/metrics"]
default-features = false
profile = "fast"

[SETTINGS.config]
DATABASE_URL = { required = true, secret = true, description = "where the orders are" }
RUST_LOG = { default = "info" }

[SETTINGS.services]
redis = { command = "redis-server --port $PORT", port = true, restart = "always", image = "redis:7" }
db = { compose = "postgres", keep = true, port = 5432 }
assets = { command = ["npm", "run", "watch"], dir = "assets", ready = { log = "done" }, pty = true }

[SETTINGS.dev]
quantity = { web = 2, all = 1 }
exclude = ["clock"]
schedule = true

[SETTINGS.platform.fly]
region = "fra"
sizes = [1, 2.5]
nested = { on = true, since = 2024-01-01 }
"#;

fn settings(of: &str) -> Settings {
    let types = format!("web = {{}}\nclock = {{}}\n[{of}]\n");
    let text = types + &ALL.replace("SETTINGS", of);
    shop(&text).formation().settings
}

#[test]
fn every_setting_arrives() {
    let settings = settings("package.metadata.formation.settings");
    assert_eq!(settings.app.as_deref(), Some("shop"));
    assert_eq!(settings.image.as_deref(), Some("ghcr.io:443/acme/shop"));
    assert_eq!(settings.base_port, Some(5000));
    assert_eq!(settings.env_file, Some("config/dev.env".into()));
    assert_eq!(settings.features, ["tls", "shop/metrics"]);
    assert!(settings.no_default_features);
    assert_eq!(settings.profile.as_deref(), Some("fast"));
    let [database, log] = settings.config.as_slice() else { panic!("{:?}", settings.config) };
    assert!(database.required && database.secret && !log.required && !log.secret);
    assert_eq!((log.name.as_str(), log.default.as_deref()), ("RUST_LOG", Some("info")));
    assert_eq!(settings.dev.quantity.quantity(&"web".parse().unwrap()), Some(2));
    assert_eq!(settings.dev.quantity.quantity(&"clock".parse().unwrap()), Some(1));
    assert_eq!(settings.dev.exclude, ["clock".parse().unwrap()]);
    assert!(settings.dev.schedule);
    let fly = &settings.platforms[0];
    assert_eq!(fly.name, "fly");
    let expected = json!({
        "region": "fra", "sizes": [1, 2.5], "nested": { "on": true, "since": "2024-01-01" }
    });
    assert_eq!(fly.settings, expected);
}

#[test]
fn services_come_from_commands_and_compose_files() {
    let settings = settings("package.metadata.formation.settings");
    let [redis, db, assets] = settings.services.as_slice() else { panic!("three services") };
    let ServiceSource::Command { program, args } = &redis.source else {
        panic!("{:?}", redis.source)
    };
    let words: Vec<_> = [program].into_iter().chain(args).map(ToString::to_string).collect();
    assert_eq!(words, ["redis-server", "--port", "${PORT}"]);
    assert_eq!(
        (redis.port, redis.ready.clone(), redis.restart),
        (Port::Assigned, Ready::Tcp, Restart::Always)
    );
    assert_eq!(redis.image.as_deref(), Some("redis:7"));
    assert_eq!(db.source, ServiceSource::Compose { service: "postgres".into(), keep: true });
    assert_eq!(db.port, Port::Exact(5432));
    assert_eq!((assets.ready.clone(), assets.pty), (Ready::Log("done".into()), true));
}

#[test]
fn the_workspace_and_a_lone_package_say_the_same() {
    assert_eq!(
        settings("workspace.metadata.formation"),
        settings("package.metadata.formation.settings")
    );
}

fn check(text: &str, expected: impl snapbox::IntoData) {
    let text = format!(
        "[package.metadata.formation]\nweb = {{}}\nclock = {{ singleton = true }}\n\
         [workspace.metadata.formation]\n{text}\n"
    );
    Fixture::root_package("shop", &text, &["web", "clock"]).refuses(expected);
}

#[test]
fn settings_are_checked() {
    check(
        "base_port = 5000\nprofile = true\nimage = \"acme/shop:latest\"\nenv-file = \"/etc/env\"\nbase-port = 70000",
        str![[r#"
error: unknown key `base_port`
 --> Cargo.toml:5:1
  |
5 | base_port = 5000
  | ^^^^^^^^^
  |
  = help: did you mean `base-port`?

error: `profile` must be a string, not a boolean
 --> Cargo.toml:6:11
  |
6 | profile = true
  |           ^^^^

error: invalid `image`: expected the name of an image without a tag or digest
 --> Cargo.toml:7:9
  |
7 | image = "acme/shop:latest"
  |         ^^^^^^^^^^^^^^^^^^
  |
  = help: write "acme/shop"

error: invalid `env-file`: this path is absolute
 --> Cargo.toml:8:12
  |
8 | env-file = "/etc/env"
  |            ^^^^^^^^^^
  |
  = help: paths of the table are relative to the workspace root and stay inside

error: invalid `base-port`: expected a whole number from 1 to 65535
 --> Cargo.toml:9:13
  |
9 | base-port = 70000
  |             ^^^^^

"#]],
    );
}

#[test]
fn the_last_range_of_ports_fits() {
    check(
        "base-port = 65400",
        str![[r#"
error: 2 process types do not fit above `base-port = 65400`
 --> Cargo.toml:5:1
  |
5 | base-port = 65400
  | ^^^^^^^^^ the last range would end at 65599
  |
  = help: each process type owns a range of 100 ports: choose a smaller base

"#]],
    );
}

#[test]
fn development_names_types_that_exist() {
    check(
        "dev = { quantity = { wep = 2, clock = 2, web = 101 }, exclude = [\"worker\", 1], only = 1 }",
        str![[r#"
error: there is no process type `wep`
 --> Cargo.toml:5:22
  |
5 | dev = { quantity = { wep = 2, clock = 2, web = 101 }, exclude = ["worker", 1], only = 1 }
  |                      ^^^
  |
  = help: did you mean `web`?

error: `singleton` and a quantity of 2 exclude each other
 --> Cargo.toml:5:31
  |
3 | clock = { singleton = true }
  |           --------- there is never more than one
4 | [workspace.metadata.formation]
5 | dev = { quantity = { wep = 2, clock = 2, web = 101 }, exclude = ["worker", 1], only = 1 }
  |                               ^^^^^ asks for 2 in development

error: invalid `web`: expected a whole number from 0 to 100
 --> Cargo.toml:5:48
  |
5 | dev = { quantity = { wep = 2, clock = 2, web = 101 }, exclude = ["worker", 1], only = 1 }
  |                                                ^^^

error: `exclude` must be an array of strings
 --> Cargo.toml:5:76
  |
5 | dev = { quantity = { wep = 2, clock = 2, web = 101 }, exclude = ["worker", 1], only = 1 }
  |                                                                            ^ not a string

error: unknown key `only`
 --> Cargo.toml:5:80
  |
5 | dev = { quantity = { wep = 2, clock = 2, web = 101 }, exclude = ["worker", 1], only = 1 }
  |                                                                                ^^^^
  |
  = note: the keys of this table: `quantity`, `exclude`, `schedule`

"#]],
    );
    check(
        "dev = { quantity = { wep = 2, clock = 2 }, exclude = [\"worker\"] }",
        str![[r#"
error: there is no process type `wep`
 --> Cargo.toml:5:22
  |
5 | dev = { quantity = { wep = 2, clock = 2 }, exclude = ["worker"] }
  |                      ^^^
  |
  = help: did you mean `web`?

error: `singleton` and a quantity of 2 exclude each other
 --> Cargo.toml:5:31
  |
3 | clock = { singleton = true }
  |           --------- there is never more than one
4 | [workspace.metadata.formation]
5 | dev = { quantity = { wep = 2, clock = 2 }, exclude = ["worker"] }
  |                               ^^^^^ asks for 2 in development

error: there is no process type `worker`
 --> Cargo.toml:5:55
  |
5 | dev = { quantity = { wep = 2, clock = 2 }, exclude = ["worker"] }
  |                                                       ^^^^^^^^
  |
  = note: the process types: `web`, `clock`

"#]],
    );
}

#[test]
fn secrets_do_not_stand_in_the_manifest() {
    check(
        "config.TOKEN = { secret = true, default = \"hunter2\" }\nconfig.PORT = {}\nconfig.\"A-B\" = {}",
        str![[r#"
error: the secret `TOKEN` has a default
 --> Cargo.toml:5:33
  |
5 | config.TOKEN = { secret = true, default = "hunter2" }
  |                  ------         ^^^^^^^ a secret value does not belong into the manifest
  |                  |
  |                  it is declared a secret here
  |
  = help: put the value for development into `.env.local`

error: the variable `PORT` cannot be set
 --> Cargo.toml:6:8
  |
6 | config.PORT = {}
  |        ^^^^ this one is always set by `cargo formation`
  |
  = help: say `port = 8080` for a port of your choice

error: `A-B` cannot be the name of a variable
 --> Cargo.toml:7:8
  |
7 | config."A-B" = {}
  |        ^^^^^ expected letters, digits and `_`, no digit first

"#]],
    );
}

#[test]
fn a_secret_has_no_value_in_what_is_emitted() {
    let table = |service: &str| {
        format!(
            "[package.metadata.formation]\nweb = {{ env = {{ DB = \"hunter2\", KEY = \"a:$OTHER@b\" }} }}\n\
             [package.metadata.formation.settings]\nconfig = {{ DB = {{ secret = true }}, \
             KEY = {{ secret = true }}, OPEN = {{}} }}\n\
             services.db = {{ command = \"x\", env = {{ KEY = \"x\", OPEN = \"1\" }}{service} }}\n"
        )
    };
    let shop = |service: &str| Fixture::root_package("shop", &table(service), &["web"]);
    shop(", image = \"db\"").refuses(str![[r#"
error: the secret `DB` has a value in `env` of `web`
 --> Cargo.toml:2:17
  |
2 | web = { env = { DB = "hunter2", KEY = "a:$OTHER@b" } }
  |                 ^^ a secret value does not belong into the manifest
3 | [package.metadata.formation.settings]
4 | config = { DB = { secret = true }, KEY = { secret = true }, OPEN = {} }
  |                   ------ it is declared a secret here
  |
  = help: put the value for development into `.env.local`; what is made of other variables may stand here: `"postgres://$USER:$PASSWORD@db"`

error: the secret `KEY` has a value in `env` of `db`
 --> Cargo.toml:5:40
  |
4 | config = { DB = { secret = true }, KEY = { secret = true }, OPEN = {} }
  |                                            ------ it is declared a secret here
5 | services.db = { command = "x", env = { KEY = "x", OPEN = "1" }, image = "db" }
  |                                        ^^^ a secret value does not belong into the manifest
  |
  = help: put the value for development into `.env.local`; what is made of other variables may stand here: `"postgres://$USER:$PASSWORD@db"`

"#]]);
    // What is not emitted is nobody else's.
    let of_the_service = |fixture: &Fixture| fixture.read().problems.len() - 1;
    assert_eq!(of_the_service(&shop("")), 0);
    let own = "[services]\ndb = { command = \"x\", env = { KEY = \"x\" }, image = \"db\" }\n";
    assert_eq!(of_the_service(&shop(", image = \"db\"").local(own)), 0);
}

#[test]
fn services_are_checked() {
    check(
        r#"[workspace.metadata.formation.services]
web = { command = "nginx" }
redis = "redis-server"
none = {}
both = { command = "x", compose = "y" }
db = { compose = "postgres", port = true, env = { A = "b" } }
kept = { command = "x", keep = true, ready = "tcp" }
asked = { command = "x", ready = "http" }
shell = { command = "a && b" }
worker = { command = 1 }
clock = { command = 1 }"#,
        str![[r#"
error: the name `web` is declared twice
 --> Cargo.toml:6:1
  |
2 | web = {}
  | --- first a process type here
...
6 | web = { command = "nginx" }
  | ^^^ a backing service again
  |
  = help: all the tables of a workspace make one formation: give one of them another name

error: `redis` must be a table, as `{ command = "redis-server --port $PORT" }`, not a string
 --> Cargo.toml:7:9
  |
7 | redis = "redis-server"
  |         ^^^^^^^^^^^^^^
  |
  = help: write `{ command = "redis-server" }`

error: the backing service `none` has neither `command` nor `compose`
 --> Cargo.toml:8:1
  |
8 | none = {}
  | ^^^^ nothing starts it
  |
  = help: add `command = "…"`, or `compose = "name of a service in the compose file"`

error: `both` has two sources
 --> Cargo.toml:9:25
  |
9 | both = { command = "x", compose = "y" }
  |          -------        ^^^^^^^ a compose file starts it
  |          |
  |          a command starts it

error: the port of a compose service must be a number
  --> Cargo.toml:10:30
   |
10 | db = { compose = "postgres", port = true, env = { A = "b" } }
   |                              ^^^^ the compose file chooses it
   |
   = help: write the port that the compose file publishes

error: `env` and `compose` exclude each other
  --> Cargo.toml:10:43
   |
10 | db = { compose = "postgres", port = true, env = { A = "b" } }
   |                                           ^^^ the compose file says this

error: `keep` is for services of a compose file
  --> Cargo.toml:11:25
   |
11 | kept = { command = "x", keep = true, ready = "tcp" }
   |                         ^^^^ a command ends with the formation

error: `ready = "tcp"` needs a port
  --> Cargo.toml:11:38
   |
11 | kept = { command = "x", keep = true, ready = "tcp" }
   |                                      ^^^^^ nothing to connect to
   |
   = help: add `port = true`

error: `ready = "http"` needs a port
  --> Cargo.toml:12:26
   |
12 | asked = { command = "x", ready = "http" }
   |                          ^^^^^ nothing to connect to
   |
   = help: add `port = true`

error: invalid `command`: `&&` would need a shell, and none is involved
  --> Cargo.toml:13:21
   |
13 | shell = { command = "a && b" }
   |                     ^^^^^^^^
   |
   = help: put this into the program, or into a program of its own

error: `command` must be an array of strings, or a string, not a number
  --> Cargo.toml:14:22
   |
14 | worker = { command = 1 }
   |                      ^

error: the name `clock` is declared twice
  --> Cargo.toml:15:1
   |
 3 | clock = { singleton = true }
   | ----- first a process type here
...
15 | clock = { command = 1 }
   | ^^^^^ a backing service again
   |
   = help: all the tables of a workspace make one formation: give one of them another name

error: `command` must be an array of strings, or a string, not a number
  --> Cargo.toml:15:21
   |
15 | clock = { command = 1 }
   |                     ^

"#]],
    );
}

#[test]
fn a_type_among_the_settings_and_a_setting_among_the_types_find_home() {
    check(
        "worker = { quantity = 2 }",
        str![[r#"
error: unknown key `worker`
 --> Cargo.toml:5:1
  |
5 | worker = { quantity = 2 }
  | ^^^^^^
  |
  = help: process types belong to `[workspace.metadata.formation.processes]`

"#]],
    );
    crate::fixture::check(
        "web = {}\nbase-port = 5000\napp = { name = 1 }",
        str![[r#"
error: `base-port` is a setting, not a process type
 --> Cargo.toml:3:1
  |
3 | base-port = 5000
  | ^^^^^^^^^ each key of this table is a process type
  |
  = help: settings belong to `[workspace.metadata.formation]`, or to `[package.metadata.formation.settings]` of a lone package

error: `app` is a setting, not a process type
 --> Cargo.toml:4:1
  |
4 | app = { name = 1 }
  | ^^^ each key of this table is a process type
  |
  = help: settings belong to `[workspace.metadata.formation]`, or to `[package.metadata.formation.settings]` of a lone package

"#]],
    );
}

#[test]
fn settings_among_the_settings_find_home() {
    check(
        "settings.services.redis = { command = \"redis-server\" }",
        str![[r#"
error: unknown key `settings`
 --> Cargo.toml:5:1
  |
5 | settings.services.redis = { command = "redis-server" }
  | ^^^^^^^^
  |
  = help: this table is the settings: write the keys into `[workspace.metadata.formation]` itself; only a lone package has a key `settings`, in `[package.metadata.formation]`

"#]],
    );
}

#[test]
fn what_no_program_and_no_engine_can_be_given_is_refused() {
    check(
        r#"[workspace.metadata.formation.services]
line = { command = "x", ready = { log = "up\nand away" } }
nul = { command = "x", ready = { log = "a\u0000" } }
option = { compose = "--help" }
words = { compose = "data base" }
argument = { command = ["x", "a\u0000"] }
variable = { command = "x", env = { A = "a\u0000" } }
[workspace.metadata.formation.config]
DEFAULT = { default = "a\u0000" }"#,
        str![[r#"
error: invalid `log`: no line of output has an end of line or a NUL in it
 --> Cargo.toml:6:41
  |
6 | line = { command = "x", ready = { log = "up/nand away" } }
  |                                         ^^^^^^^^^^^^^^
  |
  = help: write a part of one line

error: invalid `log`: no line of output has an end of line or a NUL in it
 --> Cargo.toml:7:40
  |
7 | nul = { command = "x", ready = { log = "a/u0000" } }
  |                                        ^^^^^^^^^
  |
  = help: write a part of one line

error: invalid `compose`: expected the name of a service in the compose file
 --> Cargo.toml:8:22
  |
8 | option = { compose = "--help" }
  |                      ^^^^^^^^

error: invalid `compose`: expected the name of a service in the compose file
 --> Cargo.toml:9:21
  |
9 | words = { compose = "data base" }
  |                     ^^^^^^^^^^^

error: invalid `command`: a program can be given no NUL
  --> Cargo.toml:10:30
   |
10 | argument = { command = ["x", "a/u0000"] }
   |                              ^^^^^^^^^

error: invalid `A`: a program can be given no NUL
  --> Cargo.toml:11:41
   |
11 | variable = { command = "x", env = { A = "a/u0000" } }
   |                                         ^^^^^^^^^

error: invalid `default`: a program can be given no NUL
  --> Cargo.toml:13:23
   |
13 | DEFAULT = { default = "a/u0000" }
   |                       ^^^^^^^^^

"#]],
    );
}

#[test]
fn types_that_are_all_in_the_wrong_place_are_not_said_to_be_missing() {
    let root = "[workspace]\nmembers = [\"app\"]\n\n[workspace.metadata.formation]\nweb = {}\n";
    let app = "[package]\nname = \"app\"\n";
    Fixture::virtual_root(root).member("app", app, &["web"]).refuses(str![[r#"
error: unknown key `web`
 --> Cargo.toml:5:1
  |
5 | web = {}
  | ^^^
  |
  = help: process types belong to `[workspace.metadata.formation.processes]`

"#]]);
}

#[test]
fn a_service_is_asked_at_any_path() {
    let ready = |service: &str| {
        let text = format!("web = {{}}\nsettings.services.db = {{ {service} }}");
        shop(&text).formation().settings.services.remove(0).ready
    };
    let of = |ready_key: &str| ready(&format!("command = \"x\", port = true, ready = {ready_key}"));
    assert_eq!(of("\"http\""), Ready::Http("/".into()));
    assert_eq!(of("{ http = \"/health\" }"), Ready::Http("/health".into()));
    assert_eq!(of("\"started\""), Ready::Started);
    assert_eq!(ready("compose = \"db\", port = 5432"), Ready::Tcp);
    assert_eq!(ready("compose = \"db\", ready = { log = \"up\" }"), Ready::Log("up".into()));
}

#[test]
fn how_a_service_becomes_ready_is_checked() {
    check(
        r#"[workspace.metadata.formation.services]
slash = { command = "x", port = true, ready = { http = "health" } }
neither = { command = "x", port = true, ready = {} }
both = { command = "x", port = true, ready = { http = "/", log = "up" } }
path = { command = "x", ready = { http = "/" } }
wrong = { command = "x", port = "no", ready = "http" }
inside = { compose = "db", ready = "tcp" }
silent = { compose = "db", ready = "notify" }
nothing = { command = [""] }"#,
        str![[r#"
error: invalid `http`: a path starts with `/`
 --> Cargo.toml:6:56
  |
6 | slash = { command = "x", port = true, ready = { http = "health" } }
  |                                                        ^^^^^^^^
  |
  = help: write "/health"

error: invalid `ready`: it names neither a `log` text nor an `http` path
 --> Cargo.toml:7:49
  |
7 | neither = { command = "x", port = true, ready = {} }
  |                                                 ^^

error: `log` and `http` exclude each other
 --> Cargo.toml:8:48
  |
8 | both = { command = "x", port = true, ready = { http = "/", log = "up" } }
  |                                                ^^^^        --- waits for a line of output
  |                                                |
  |                                                waits for an answer

error: `ready = { http = … }` needs a port
 --> Cargo.toml:9:25
  |
9 | path = { command = "x", ready = { http = "/" } }
  |                         ^^^^^ nothing to connect to
  |
  = help: add `port = true`

error: `port` must be `true` or a port number, not a string
  --> Cargo.toml:10:33
   |
10 | wrong = { command = "x", port = "no", ready = "http" }
   |                                 ^^^^

error: `ready = "tcp"` needs a port
  --> Cargo.toml:11:28
   |
11 | inside = { compose = "db", ready = "tcp" }
   |                            ^^^^^ nothing to connect to
   |
   = help: add `port`, the number that the compose file publishes

error: `ready = "notify"` and `compose` exclude each other
  --> Cargo.toml:12:28
   |
12 | silent = { compose = "db", ready = "notify" }
   |                            ^^^^^ nothing in a container reaches the socket
   |
   = help: use `port`, or `ready = { log = "text" }`

error: invalid `command`: there is no program
  --> Cargo.toml:13:23
   |
13 | nothing = { command = [""] }
   |                       ^^^^

"#]],
    );
}
