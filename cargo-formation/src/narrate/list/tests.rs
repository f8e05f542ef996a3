//! The lists, as they look.
#![expect(clippy::needless_raw_string_hashes, reason = "snapbox writes every snapshot with them")]

use snapbox::{assert_data_eq, str};

use super::{Ports, json, text};
use crate::formation::{Formation, ProcessType, ServiceSource};
use crate::manifest::{BinaryTarget, Manifest, Package, Workspace, read};

fn formation(types: &str) -> Formation {
    let text = format!("[workspace.metadata.formation.processes]\n{types}");
    let package = |name: &str, binaries: &[&str]| Package {
        name: name.into(),
        manifest: 0,
        binaries: binaries
            .iter()
            .map(|&name| BinaryTarget {
                name: name.into(),
                source: "main.rs".into(),
                required_features: Vec::new(),
            })
            .collect(),
    };
    let workspace = Workspace {
        root: "/ws".into(),
        manifests: vec![Manifest { path: "/ws/Cargo.toml".into(), text }],
        root_manifest: 0,
        local: None,
        packages: vec![
            package("shop", &["web", "worker", "clock", "migrate"]),
            package("mail", &["mailer"]),
        ],
    };
    read(&workspace).formation.unwrap()
}

const SHOP: &str = r#"web = { quantity = 2, ports = { admin = true } }
worker = "worker --queue $QUEUE"
clock = { singleton = true }
nightly = { bin = "worker", schedule = "0 3 * * *" }
release = "migrate --yes"
"#;

const PORTS: Ports<'_> = Ports {
    processes: &[Some(4000), None, None, None, None],
    services: &[Some(4500), Some(5432), None, Some(4800)],
};

/// Every way of starting a service and of waiting for it.
const SERVICES: &str = r#"[workspace.metadata.formation.services]
redis = { command = "redis-server --port $PORT --name 'the queue'", port = true }
db = { compose = "postgres", port = 5432, ready = { http = "/up" } }
assets = { command = ["npm", "run", "dev", ""], ready = { log = "ready in" } }
mail = { command = "mailpit", port = true, ready = "notify" }
"#;

#[test]
fn columns_are_aligned_and_what_is_special_is_said() {
    assert_data_eq!(
        text(&formation(SHOP), PORTS),
        str![[r#"
TYPE     BINARY   QUANTITY  PORT
web      web             2  4000
worker   worker          1     -
clock    clock           1     -  singleton
nightly  worker          1     -  at 0 3 * * * (UTC)
release  migrate         1     -  runs before the others

"#]]
    );
}

#[test]
fn packages_are_shown_when_there_are_several() {
    let formation = formation("web = {}\nmail = \"mailer\"");
    assert_data_eq!(
        text(&formation, PORTS),
        str![[r#"
TYPE  BINARY       QUANTITY  PORT
web   shop/web            1  4000
mail  mail/mailer         1     -

"#]]
    );
}

#[test]
fn scripts_get_every_fact_under_a_stable_key() {
    let mut formation = formation(SHOP);
    formation.processes.truncate(2);
    let shown = serde_json::to_string_pretty(&json(&formation, PORTS)).unwrap();
    assert_data_eq!(
        shown,
        str![[r#"
{
  "app": null,
  "processes": [
    {
      "type": "web",
      "package": "shop",
      "binary": "web",
      "args": [],
      "quantity": 2,
      "port": 4000,
      "ports": [
        "admin"
      ],
      "release": false,
      "singleton": false,
      "schedule": null
    },
    {
      "type": "worker",
      "package": "shop",
      "binary": "worker",
      "args": [
        "--queue",
        "${QUEUE}"
      ],
      "quantity": 1,
      "port": null,
      "ports": [],
      "release": false,
      "singleton": false,
      "schedule": null
    }
  ],
  "services": []
}
"#]]
    );
}

#[test]
fn services_follow_with_what_starts_them() {
    let mut formation = formation(&format!("web = {{}}\n{SERVICES}"));
    formation.settings.services[3].source = ServiceSource::Elsewhere;
    assert_data_eq!(
        text(&formation, PORTS),
        str![[r#"
TYPE  BINARY  QUANTITY  PORT
web   web            1  4000

SERVICE  STARTED BY                                      PORT  READY
redis    redis-server --port ${PORT} --name 'the queue'  4500  tcp
db       compose: postgres                               5432  http /up
assets   npm run dev ''                                     -  log "ready in"
mail     yourself                                        4800  -

"#]]
    );
    let shown = json(&formation, PORTS);
    let services = serde_json::to_string_pretty(&shown["services"]).unwrap();
    assert_data_eq!(
        services,
        str![[r#"
[
  {
    "service": "redis",
    "command": [
      "redis-server",
      "--port",
      "${PORT}",
      "--name",
      "the queue"
    ],
    "compose": null,
    "port": 4500,
    "ready": "tcp",
    "awaits": null
  },
  {
    "service": "db",
    "command": null,
    "compose": "postgres",
    "port": 5432,
    "ready": "http",
    "awaits": "/up"
  },
  {
    "service": "assets",
    "command": [
      "npm",
      "run",
      "dev",
      ""
    ],
    "compose": null,
    "port": null,
    "ready": "log",
    "awaits": "ready in"
  },
  {
    "service": "mail",
    "command": null,
    "compose": null,
    "port": 4800,
    "ready": "notify",
    "awaits": null
  }
]
"#]]
    );
}

#[test]
fn an_empty_formation_is_a_heading() {
    let none: Vec<ProcessType> = Vec::new();
    let formation = Formation { processes: none, ..Formation::default() };
    assert_eq!(text(&formation, Ports::default()), "TYPE  BINARY  QUANTITY  PORT\n");
}
