//! What one developer lays over the settings.

use cargo_formation::formation::{DevSettings, Formation, Port, ServiceSource};
use cargo_formation::plan::service_ports;
use snapbox::str;

use crate::fixture::{Fixture, shop};

/// Three types and three services, of which the second has a port of its own.
const SHOP: &str = r#"web = {}
worker = {}
clock = {}

[package.metadata.formation.settings.dev]
quantity = { web = 2, worker = 3 }
exclude = ["clock"]

[package.metadata.formation.settings.services]
redis = { command = "redis-server --port $PORT", port = true, env = { A = "b" } }
db = { compose = "postgres", port = 5432 }
assets = { command = "npm run dev", port = true }
"#;

fn with(local: &str) -> Fixture {
    shop(SHOP).local(local)
}

fn dev(local: &str) -> (String, Vec<String>) {
    let DevSettings { quantity, exclude, schedule: _ } = with(local).formation().settings.dev;
    let quantity = ["web", "worker", "clock"].map(|name| {
        let name = name.parse().expect("a name");
        quantity.quantity(&name).map_or("-".to_owned(), |quantity| quantity.to_string())
    });
    (quantity.join(" "), exclude.iter().map(ToString::to_string).collect())
}

/// What is started for each service, and where it is reached.
fn services(formation: &Formation) -> Vec<String> {
    let ports = service_ports(formation, 4000);
    let services = formation.settings.services.iter().zip(ports);
    services
        .map(|(service, port)| {
            let start = match &service.source {
                ServiceSource::Command { program, .. } => program.to_string(),
                ServiceSource::Compose { service, .. } => format!("compose {service}"),
                ServiceSource::Elsewhere => "elsewhere".to_owned(),
            };
            format!("{} {start} {}", service.name, port.map_or(0, u32::from))
        })
        .collect()
}

#[test]
fn an_empty_file_says_nothing() {
    for nothing in ["", "# mine\n", "dev = {}\nservices = {}\n", "\u{feff}[dev]\n"] {
        assert_eq!(with(nothing).formation(), shop(SHOP).formation(), "{nothing}");
    }
}

#[test]
fn development_is_laid_over_key_by_key() {
    let owned = |quantity: &str, exclude: &[&str]| {
        (quantity.to_owned(), exclude.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(dev("[dev]\nquantity.web = 1"), owned("1 3 -", &["clock"]));
    assert_eq!(dev("dev.quantity = { all = 4 }"), owned("2 3 4", &["clock"]));
    assert_eq!(dev("dev.exclude = []"), owned("2 3 -", &[]));
    assert_eq!(dev("dev.exclude = [\"web\"]"), owned("2 3 -", &["web"]));
}

#[test]
fn whoever_wants_keeps_the_times_of_what_is_scheduled() {
    let is_kept = |shared: &str, local: &str| {
        let shop = shop(&SHOP.replace("exclude = [\"clock\"]", shared));
        shop.local(local).formation().settings.dev.schedule
    };
    assert!(!is_kept("", ""));
    assert!(is_kept("schedule = true", "dev.quantity.web = 1"));
    assert!(is_kept("", "dev.schedule = true"));
    assert!(!is_kept("schedule = true", "dev.schedule = false"));
}

#[test]
fn a_service_stands_in_for_the_whole_of_its_namesake() {
    let formation = with("services.redis = { command = \"valkey-server\" }").formation();
    assert_eq!(
        services(&formation),
        ["redis valkey-server 0", "db compose postgres 5432", "assets npm 4500"]
    );
    assert_eq!(formation.settings.services[0].env, [], "not that of the other");
}

#[test]
fn no_port_moves_but_that_of_who_says_so() {
    let formation = with(
        "[services]\nmail = { command = \"mailpit\", port = true }\n\
         redis = { command = \"valkey-server\", port = 6379 }\nassets = false\n",
    )
    .formation();
    assert_eq!(
        services(&formation),
        [
            "redis valkey-server 6379",
            "db compose postgres 5432",
            "assets elsewhere 4500",
            "mail mailpit 4600"
        ]
    );
    assert_eq!(formation.settings.services[2].port, Port::Assigned);
}

#[test]
fn a_workspace_without_settings_has_room_for_ones_own() {
    let formation = shop("web = {}")
        .local("services.db = { command = \"postgres\", port = 5432 }\ndev.quantity.web = 2")
        .formation();
    assert_eq!(services(&formation), ["db postgres 5432"]);
}

#[test]
fn it_is_checked_together_with_the_manifests() {
    let shop = shop(&SHOP.replace("clock = {}", "clock = { prot = true }"));
    shop.local(
        r#"app = "mine"
servces = {}

[dev]
quantity = { wep = 2 }
only = ["web"]

[services]
redis = true
asets = false
db = { compose = "mine", port = true }
web = { command = "x" }
"d.b" = false
mail = { command = "mailpit", port = 5432 }
"#,
    )
    .refuses(str![[r#"
error: unknown key `prot`
 --> Cargo.toml:4:11
  |
4 | clock = { prot = true }
  |           ^^^^
  |
  = help: did you mean `port`?

error: unknown key `app`
 --> formation.local.toml:1:1
  |
1 | app = "mine"
  | ^^^
  |
  = help: only `dev` and `services` stand in this file; what everybody has stands in `Cargo.toml`

error: unknown key `servces`
 --> formation.local.toml:2:1
  |
2 | servces = {}
  | ^^^^^^^
  |
  = help: did you mean `services`?

error: there is no process type `wep`
 --> formation.local.toml:5:14
  |
5 | quantity = { wep = 2 }
  |              ^^^
  |
  = help: did you mean `web`?

error: unknown key `only`
 --> formation.local.toml:6:1
  |
6 | only = ["web"]
  | ^^^^
  |
  = note: the keys of this table: `quantity`, `exclude`, `schedule`

error: invalid `redis`: expected a table, or `false` if you have your own
 --> formation.local.toml:9:9
  |
9 | redis = true
  |         ^^^^
  |
  = help: remove the line; the service is started anyway

error: there is no backing service `asets`
  --> formation.local.toml:10:1
   |
10 | asets = false
   | ^^^^^
   |
   = help: did you mean `assets`?

error: the port of a compose service must be a number
  --> formation.local.toml:11:26
   |
11 | db = { compose = "mine", port = true }
   |                          ^^^^ the compose file chooses it
   |
   = help: write the port that the compose file publishes

error: the name `web` is declared twice
  --> formation.local.toml:12:1
   |
12 | web = { command = "x" }
   | ^^^ a backing service again
   |
  ::: Cargo.toml:2:1
   |
 2 | web = {}
   | --- first a process type here
   |
   = help: all the tables of a workspace make one formation: give one of them another name

error: `d.b` cannot be a name: `.` cannot stand in a name; letters, digits, `_` and `-` can
  --> formation.local.toml:13:1
   |
13 | "d.b" = false
   | ^^^^^
   |
   = help: a valid name would be `d-b`

"#]]);
    with("services = false\ndev = 1").refuses(str![[r#"
error: `services` must be a table of backing services, not a boolean
 --> formation.local.toml:1:12
  |
1 | services = false
  |            ^^^^^

error: `dev` must be a table, as `{ quantity = { web = 2 } }`, not a number
 --> formation.local.toml:2:7
  |
2 | dev = 1
  |       ^

"#]]);
}

#[test]
fn a_file_that_is_no_toml_is_shown_as_one() {
    with("services = {\n").refuses(str![[r#"
error: this file is not valid TOML
 --> formation.local.toml:1:13
  |
1 | services = {
  |             ^ unclosed inline table, expected `}`

"#]]);
}

#[test]
fn nothing_can_be_left_where_nothing_is_declared() {
    shop("web = {}").local("services.db = false").refuses(str![[r#"
error: there is no backing service `db`
 --> formation.local.toml:1:10
  |
1 | services.db = false
  |          ^^
  |
  = note: the settings declare none

"#]]);
}
