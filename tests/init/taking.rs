//! What is taken over, from which workspace.

use harness::Tool;
use snapbox::{IntoData, assert_data_eq, str};

use super::site::{MANIFEST, Site};

#[test]
fn a_package_with_a_procfile_keeps_its_manifest_and_gets_a_table() {
    let site = Site::shop(&["migrate", "shop-server", "worker"])
        .file("Procfile", "web: ./target/release/shop-server --port $PORT\r\nrelease: ./target/release/migrate --yes\r\nworker: RUST_LOG=debug ./target/release/worker --queue 'a b'\r\n")
        .file("Procfile.dev", "web: cargo watch -x 'run --bin shop-server'\ndb: docker compose up postgres\nui: cd ui && npm run dev -- --port $PORT\nlogs: tail -f log | grep x\n")
        .file("ui/package.json", "{}");
    let said = site.adopts();
    assert_data_eq!(
        said.stdout,
        str![[r#"
--- Cargo.toml (as it is)
+++ Cargo.toml (as it should be)
@@ -4,5 +4,14 @@
 version = "0.1.0"
 edition = "2024"
 
+[package.metadata.formation]
+web = { bin = "shop-server", args = ["--port", "$PORT"] }
+release = { bin = "migrate", args = ["--yes"] }
+worker = { args = ["--queue", "a b"], env = { RUST_LOG = "debug" } }
+
+[package.metadata.formation.settings.services]
+db = { compose = "postgres" }
+ui = { command = "npm run dev -- --port $PORT", dir = "ui", port = true }
+
 # none yet
 [dependencies]

"#]]
        .raw()
    );
    assert_data_eq!(said.stderr, str![[r#"
warning: Procfile.dev:1: `web` is taken over from Procfile:1, which says something else
warning: Procfile.dev:4: `logs` is not taken over: `|` needs a shell, and none is involved; put it into a program of its own
       Wrote Cargo.toml
    Declared web, release, worker, db, ui
        Note `cargo formation dev` runs it; `cargo formation check` looks at what is around it

"#]].raw());
    let text = site.text("Cargo.toml");
    let kept: Vec<&str> = text.lines().filter(|line| MANIFEST.contains(line)).collect();
    assert_eq!(kept.len(), MANIFEST.lines().count() + 2, "{text}");
    let listed = site.run(&["list"]);
    assert_data_eq!(
        listed.stdout,
        str![[r#"
TYPE     BINARY       QUANTITY  PORT
web      shop-server         1  4000
release  migrate             1     -  runs before the others
worker   worker              1     -

SERVICE  STARTED BY                     PORT  READY
db       compose: postgres                 -  started
ui       npm run dev -- --port ${PORT}  4400  tcp

"#]]
        .raw()
    );
}

#[test]
fn a_virtual_workspace_gets_one_table_in_its_root() {
    let site = Site::empty()
        .file("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\n    \"api\", # first\n    \"jobs\",\n]\n")
        .member("api", &["web"])
        .member("jobs", &["worker", "migrate"])
        .file("mprocs.yaml", "procs:\n  web: cargo run -p api\n  worker:\n    cmd: [cargo, run, --bin, worker, --, --all]\n    env: {LEVEL: 3}\n    cwd: <CONFIG_DIR>/jobs\n    autorestart: true\n  redis:\n    shell: redis-server --port $PORT\n");
    let said = site.adopts();
    assert_data_eq!(
        said.stdout,
        str![[r#"
--- Cargo.toml (as it is)
+++ Cargo.toml (as it should be)
@@ -4,3 +4,10 @@
     "api", # first
     "jobs",
 ]
+
+[workspace.metadata.formation.processes]
+web = {}
+worker = { args = ["--all"], dir = "jobs", env = { LEVEL = "3" } }
+
+[workspace.metadata.formation.services]
+redis = { command = "redis-server --port $PORT", port = true }

"#]]
        .raw()
    );
    assert_data_eq!(
        said.stderr,
        str![[r#"
warning: mprocs.yaml:3: `worker` is taken over without `autorestart`
        Note nothing that was found runs `migrate`; `cargo formation run` knows every binary
       Wrote Cargo.toml
    Declared web, worker, redis
        Note `cargo formation dev` runs it; `cargo formation check` looks at what is around it

"#]]
        .raw()
    );
}

#[test]
fn a_root_package_with_members_is_one_formation() {
    let manifest = format!("{MANIFEST}\n[workspace]\nmembers = [\"jobs\"]\n");
    let site = Site::shop(&["web"])
        .file("Cargo.toml", &manifest)
        .member("jobs", &["worker"])
        .file("process-compose.yaml", "version: '0.5'\nprocesses:\n  web:\n    command: cargo run\n    readiness_probe: {http_get: {path: /}}\n  worker:\n    command: cargo run\n    working_dir: jobs\n    replicas: 3\n");
    let said = site.adopts();
    assert_data_eq!(
        said.stdout,
        str![[r#"
--- Cargo.toml (as it is)
+++ Cargo.toml (as it should be)
@@ -9,3 +9,7 @@
 
 [workspace]
 members = ["jobs"]
+
+[workspace.metadata.formation.processes]
+web = {}
+worker = { quantity = 3, dir = "jobs" }

"#]]
        .raw()
    );
    assert_data_eq!(
        said.stderr,
        str![[r#"
warning: process-compose.yaml:3: `web` is taken over without `readiness_probe`
       Wrote Cargo.toml
    Declared web, worker
        Note `cargo formation dev` runs it; `cargo formation check` looks at what is around it

"#]]
        .raw()
    );
}

#[test]
fn without_any_file_the_binaries_are_proposed() {
    let site = Site::shop(&["migrate", "shop-server", "worker"]);
    assert_data_eq!(
        site.adopts().stdout,
        str![[r#"
--- Cargo.toml (as it is)
+++ Cargo.toml (as it should be)
@@ -4,5 +4,10 @@
 version = "0.1.0"
 edition = "2024"
 
+[package.metadata.formation]
+web = { bin = "shop-server" }
+release = { bin = "migrate" }
+worker = {}
+
 # none yet
 [dependencies]

"#]]
        .raw()
    );
    // A new binary is proposed, and what is there stays as somebody has made it.
    let edited =
        site.text("Cargo.toml").replace("worker = {}", "worker = { quantity = 3 } # three");
    let site = site.file("Cargo.toml", &edited).file("src/bin/clock.rs", "fn main() {}\n");
    assert_data_eq!(
        site.adopts().stdout,
        str![[r#"
--- Cargo.toml (as it is)
+++ Cargo.toml (as it should be)
@@ -8,6 +8,7 @@
 web = { bin = "shop-server" }
 release = { bin = "migrate" }
 worker = { quantity = 3 } # three
+clock = {}
 
 # none yet
 [dependencies]

"#]]
        .raw()
    );
    assert!(site.text("Cargo.toml").contains("worker = { quantity = 3 } # three\nclock = {}\n"));
}

#[test]
fn a_manifest_of_another_system_keeps_its_ends_of_lines_and_its_mark() {
    let manifest = format!("\u{feff}{}", MANIFEST.replace('\n', "\r\n"));
    let site =
        Site::shop(&["web"]).file("Cargo.toml", &manifest).file("Procfile", "\u{feff}web: web\r\n");
    site.adopts();
    let text = site.text("Cargo.toml");
    assert!(text.starts_with('\u{feff}'), "{text:?}");
    assert!(!text.replace("\r\n", "").contains(['\n', '\r']), "{text:?}");
}

#[test]
fn it_is_the_workspace_that_counts_and_not_where_one_is() {
    let site = Site::shop(&["web"]).file("Procfile", "web: web --all\n");
    let mut command = site.command(&["init", "--yes"]);
    command.current_dir(site.0.root().join("src/bin"));
    Tool::start(command).ends_with(0);
    assert!(site.text("Cargo.toml").contains("web = { args = [\"--all\"] }\n"));
    let site = Site::shop(&["web"]);
    let path = site.0.root().join("Cargo.toml");
    let mut command = site.command(&["init", "--yes", "--manifest-path", path.to_str().unwrap()]);
    command.current_dir("/");
    Tool::start(command).ends_with(0);
    assert!(site.text("Cargo.toml").contains("web = {}\n"));
}

#[test]
fn two_at_once_are_one_table() {
    let site = Site::shop(&["web", "worker"]);
    let both = [(); 2].map(|()| Tool::start(site.command(&["init", "--yes"])));
    let codes = both.map(|tool| tool.finish().0);
    // Who comes late finds it changed, or there.
    assert!(codes.contains(&0) && codes.iter().all(|code| [0, 1].contains(code)), "{codes:?}");
    let text = site.text("Cargo.toml");
    assert_eq!(text.matches("web = {}\nworker = {}\n").count(), 1, "{text}");
    assert_eq!(site.run(&["check"]).code, 0);
}
