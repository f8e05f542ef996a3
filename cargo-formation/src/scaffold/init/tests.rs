//! What is proposed for which workspace.

mod anything;
mod ground;

use snapbox::str;

use self::ground::Site;

#[test]
fn a_lone_package_is_proposed_its_binaries_web_first() {
    Site::lone("shop", &["clock", "migrate", "shop-server", "worker"]).proposes(str![[r#"
--- Cargo.toml
[package.metadata.formation]
web = { bin = "shop-server" }
clock = {}
release = { bin = "migrate" }
worker = {}

"#]]);
}

#[test]
fn a_lone_binary_is_web_where_it_uses_what_serves() {
    Site::lone("shop", &["shop"]).proposes(str![[r#"
--- Cargo.toml
[package.metadata.formation]
shop = {}

"#]]);
    Site::lone("shop", &["shop"]).depending("axum = \"0.8\"").proposes(str![[r#"
--- Cargo.toml
[package.metadata.formation]
web = { bin = "shop" }

"#]]);
}

#[test]
fn names_that_mean_something_are_not_given_to_two() {
    Site::lone("shop", &["a-server", "b-server", "migrate", "migrations"]).proposes(str![[r#"
--- Cargo.toml
[package.metadata.formation]
a-server = {}
b-server = {}
migrate = {}
migrations = {}

"#]]);
}

#[test]
fn binaries_that_cannot_be_types_are_told() {
    Site::lone("shop", &["all", "9p", "web", "w_x", "w-x"]).proposes(str![[r#"
--- Cargo.toml
[package.metadata.formation]
web = {}
w_x = {}
the binary `all` of package `shop` is not proposed: it cannot be a name: this word is reserved
the binary `9p` of package `shop` is not proposed: it cannot be a name: a name starts with a letter, not with `9`
the binary `w-x` of package `shop` is not proposed: `w_x` makes the same variables

"#]]);
}

#[test]
fn several_packages_are_declared_in_the_root_manifest() {
    let site = Site::workspace(&[("api", &["web", "tool"]), ("jobs", &["worker", "tool"])]);
    site.proposes(str![[r#"
--- Cargo.toml
[workspace.metadata.formation.processes]
web = {}
worker = {}
the binary `tool` of package `api` is not proposed: cargo would write its binary `tool` and that of another package, which is built for `worker`, to one file
the binary `tool` of package `jobs` is not proposed: cargo would write its binary `tool` and that of another package, which is built for `web`, to one file

"#]]);
}

#[test]
fn a_procfile_says_what_runs_and_in_which_order() {
    Site::lone("shop", &["migrate", "server", "tool", "worker"])
        .file("Procfile", "worker: ./target/release/worker\nweb: bin/server --port $PORT\nadmin: /app/target/release/server --port=$PORT\nrelease: migrate\n")
        .proposes(str![[r#"
--- Cargo.toml
[package.metadata.formation]
worker = {}
web = { bin = "server", args = ["--port", "$PORT"] }
admin = { bin = "server", args = ["--port=$PORT"], port = true }
release = { bin = "migrate" }
nothing that was found runs `tool`; `cargo formation run` knows every binary

"#]]);
}

#[test]
fn cargo_run_is_understood_as_cargo_does() {
    let lines = "a: cargo run --bin web -- --x 'y z'\n\
                 b: cargo run -p jobs\n\
                 c: cargo +nightly run --release --bin=tool --features x,y arg $PORT\n\
                 d: cargo r -qp jobs -- -v\n\
                 e: cargo run\n\
                 f: cargo run --example demo\n\
                 g: cargo test\n\
                 h: cargo run --package nobody\n\
                 i: cargo run --bin wbe\n\
                 j: cd jobs && cargo run\n\
                 k: cargo run --manifest-path jobs/Cargo.toml --quiet --target-dir /x\n\
                 l: cargo build && target/debug/web\n";
    let site = Site::workspace(&[("api", &["web", "tool"]), ("jobs", &["worker"])]);
    site.file("Procfile", lines).proposes(str![[r#"
--- Cargo.toml
[workspace.metadata.formation.processes]
a = { bin = "web", args = ["--x", "y z"] }
b = { bin = "worker" }
c = { bin = "tool", args = ["arg", "$PORT"], port = true }
d = { bin = "worker", args = ["-v"] }
j = { bin = "worker", dir = "jobs" }
k = { bin = "worker" }
l = { bin = "web" }
Procfile:3: `c` is taken over without `+nightly`, `--release`, `--features x,y`
Procfile:5: `e` is not taken over: `cargo run` does not say which binary of `web`, `tool`, `worker` it runs
Procfile:6: `f` is not taken over: an example is no part of what is deployed
Procfile:7: `g` is not taken over: `cargo test` runs no process type
Procfile:8: `h` is not taken over: the workspace has no package `nobody`
Procfile:9: `i` is not taken over: the workspace has no binary target `wbe`; did you mean `web`?
Procfile:11: `k` is taken over without `--target-dir /x`

"#]]);
}

#[test]
fn watchers_are_taken_off() {
    let lines = "a: cargo watch -x 'run --bin web -- --x'\n\
                 b: cargo watch -q -w src -x check -x 'run -p shop --bin web'\n\
                 c: watchexec -r -e rs -- cargo run --bin web\n\
                 d: watchexec -r cargo run --bin worker\n\
                 e: cargo watch -s 'RUST_LOG=debug cargo run --bin worker'\n\
                 f: cargo watch -x test\n\
                 g: cargo watch -s 'a | b'\n\
                 h: bacon run\n\
                 i: systemfd --no-pid -s http::3000 -- cargo watch -x run\n\
                 j: cargo watch --exec=run\n\
                 k: cargo-watch -x 'run --bin worker'\n\
                 l: watchexec -- npm start\n";
    Site::lone("shop", &["web", "worker"]).file("Procfile.dev", lines).proposes(str![[r#"
--- Cargo.toml
[package.metadata.formation]
a = { bin = "web", args = ["--x"] }
b = { bin = "web" }
c = { bin = "web" }
d = { bin = "worker" }
e = { bin = "worker" }
k = { bin = "worker" }
Procfile.dev:6: `f` is not taken over: `cargo test` runs no process type
Procfile.dev:7: `g` is not taken over: `|` needs a shell, and none is involved; put it into a program of its own
Procfile.dev:8: `h` is not taken over: what `bacon` starts is not understood; write that (`dev` watches by itself)
Procfile.dev:9: `i` is not taken over: it hands over a socket: write what it starts, and add `socket = true` to the table
Procfile.dev:10: `j` is not taken over: `cargo run` does not say which binary of `web`, `worker` it runs
Procfile.dev:12: `l` is not taken over: what `watchexec` starts is not understood; write that (`dev` watches by itself)

"#]]);
}

#[test]
fn whatever_else_runs_is_a_backing_service() {
    let lines = "web: web\n\
                 ui: cd ui && PORT=3000 npm run dev\n\
                 css: npx tailwindcss -i 'in put.css' --watch\n\
                 redis: redis-server --port $PORT\n\
                 jobs: bundle exec sidekiq\n\
                 db: docker compose up -d postgres\n\
                 both: docker-compose up mail s3\n\
                 whole: docker compose up\n\
                 release: diesel migration run\n\
                 script: scripts/web\n\
                 nested: dotenv -f x cargo run --bin web\n\
                 tini: tini -- ./target/release/web\n\
                 gone: cd nowhere && npm start\n\
                 out: cd ../other && npm start\n";
    Site::lone("shop", &["web"]).missing("nowhere").file("Procfile", lines).proposes(str![[r#"
--- Cargo.toml
[package.metadata.formation]
web = {}
[package.metadata.formation.settings.services]
ui = { command = "npm run dev", dir = "ui", port = 3000 }
css = { command = ["npx", "tailwindcss", "-i", "in put.css", "--watch"] }
redis = { command = "redis-server --port $PORT", port = true }
jobs = { command = "bundle exec sidekiq" }
db = { compose = "postgres" }
mail = { compose = "mail" }
s3 = { compose = "s3" }
script = { command = "scripts/web" }
Procfile:2: `ui` runs no binary of the workspace: it becomes a backing service, for development only
Procfile:3: `css` runs no binary of the workspace: it becomes a backing service, for development only
Procfile:4: `redis` runs no binary of the workspace: it becomes a backing service, for development only
Procfile:5: `jobs` runs no binary of the workspace: it becomes a backing service, for development only
Procfile:8: `whole` is not taken over: it names no service of the compose file; each is a backing service: `{ compose = "…" }`
Procfile:9: `release` is not taken over: `release` runs a binary of the workspace once, before the others start; this is none
Procfile:10: `script` runs no binary of the workspace: it becomes a backing service, for development only
Procfile:11: `nested` is not taken over: what `dotenv` starts is not understood; write that (`dev` watches by itself)
Procfile:12: `tini` is not taken over: what `tini` starts is not understood; write that (`dev` watches by itself)
Procfile:13: `gone` is not taken over: there is no directory `nowhere`
Procfile:14: `out` is not taken over: the directory `../other` is not inside of the workspace

"#]]);
}

#[test]
fn variables_that_are_the_tools_are_not_taken_over() {
    let lines = "web: PORT=3000 HOST=0.0.0.0 web\n\
                 worker: PORT=3000 PS=x FORMATION_A=1 worker\n\
                 clock: PORT=4100 clock --host ${HOST:-localhost} ${PORT:-1}\n\
                 release: PORT=1 migrate\n";
    Site::lone("shop", &["clock", "migrate", "web", "worker"]).file("Procfile", lines).proposes(
        str![[r#"
--- Cargo.toml
[package.metadata.formation]
web = { port = 3000, env = { HOST = "0.0.0.0" } }
worker = {}
clock = { args = ["--host", "$HOST", "$PORT"], port = true, env = { HOST = "localhost" } }
release = { bin = "migrate" }
Procfile:2: `worker` is taken over without `PORT=3000`, `PS=x`, `FORMATION_A=1`
Procfile:3: `clock` is taken over without `PORT=4100`
Procfile:4: `release` is taken over without `PORT=1`

"#]],
    );
}

#[test]
fn the_first_file_wins_and_others_add() {
    Site::lone("shop", &["web", "worker"])
        .file("Procfile", "web: target/release/web --all\nweb: x\nworker: worker\n")
        .file("Procfile.dev", "web: cargo run --bin web\nworker: cargo watch -x 'run --bin worker'\n")
        .file("mprocs.yaml", "procs:\n  web: x\n  ui: {cmd: [npm, start], cwd: ui, autostart: false}\n")
        .file("process-compose.yaml", "processes:\n  worker: {command: worker, replicas: 2}\n  redis: {command: redis-server, replicas: 3, is_tty: true}\n")
        .proposes(str![[r#"
--- Cargo.toml
[package.metadata.formation]
web = { args = ["--all"] }
worker = {}
[package.metadata.formation.settings.services]
ui = { command = "npm start", dir = "ui" }
redis = { command = "redis-server", pty = true }
Procfile:2: `web` is not taken over: the name stands at Procfile:1 already
Procfile.dev:1: `web` is taken over from Procfile:1, which says something else
mprocs.yaml:2: `web` is taken over from Procfile:1, which says something else
mprocs.yaml:3: `ui` is taken over without `autostart`
process-compose.yaml:3: `redis` is taken over without `quantity 3`

"#]]);
}

#[test]
fn what_cannot_be_is_said_line_by_line() {
    let lines = "# a comment\n\
                 all: web\n\
                 w.b: web\n\
                 a_b: web\n\
                 a-b: web\n\
                 pipe: web | tee log\n\
                 back: web &\n\
                 nonsense\n\
                 gone: target/release/gone\n\
                 demo: ./target/debug/examples/demo\n";
    Site::lone("shop", &["web"]).file("Procfile", lines).proposes(str![[r#"
--- Cargo.toml
[package.metadata.formation]
a_b = { bin = "web" }
Procfile:2: `all` is not taken over: it cannot be a name: this word is reserved
Procfile:3: `w.b` is not taken over: it cannot be a name: `.` cannot stand in a name; letters, digits, `_` and `-` can
Procfile:5: `a-b` is not taken over: `a_b` makes the same variables
Procfile:6: `pipe` is not taken over: `|` needs a shell, and none is involved; put it into a program of its own
Procfile:7: `back` is not taken over: `&` needs a shell, and none is involved; put it into a program of its own
Procfile:8: this line is no `name: command`
Procfile:9: `gone` is not taken over: the workspace has no binary target `gone`
Procfile:10: `demo` is not taken over: an example is no part of what is deployed

"#]]);
}

#[test]
fn two_binaries_of_one_name_are_never_chosen_together() {
    let lines = "a: web\nb: cargo run -p two --bin web\nc: cargo run -p one --bin web\nd: cargo run -p one --bin x\n";
    Site::workspace(&[("one", &["web", "x"]), ("two", &["web"])])
        .file("Procfile", lines)
        .proposes(str![[r#"
--- Cargo.toml
[workspace.metadata.formation.processes]
b = { bin = "web", package = "two" }
Procfile:1: `a` is not taken over: the packages `one`, `two` have a binary target `web` each; say which, in the table: `package = "…"`
Procfile:3: `c` is not taken over: cargo would write its binary `web` and that of another package, which is built for `b`, to one file
Procfile:4: `d` is not taken over: cargo would write its binary `x` and that of another package, which is built for `b`, to one file
nothing that was found runs `web`, `x`; `cargo formation run` knows every binary

"#]]);
}

#[test]
fn what_is_declared_stays_and_the_rest_is_added_beside_it() {
    let table =
        "[package.metadata.formation]\nweb = \"server\" # ours\nrelease.bin = \"migrate\"\n";
    let shop = || Site::lone("shop", &["migrate", "server", "worker"]).declaring(table);
    shop().proposes(str![[r#"
--- Cargo.toml
worker = {}

"#]]);
    shop().file("Procfile", "web: x\nworker: worker\nui: npm start\n").proposes(str![[r#"
--- Cargo.toml
worker = {}
[package.metadata.formation.settings.services]
ui = { command = "npm start" }
Procfile:3: `ui` runs no binary of the workspace: it becomes a backing service, for development only

"#]]);
    let members: &[(&str, &[&str])] = &[("api", &["web"]), ("jobs", &["worker", "tool"])];
    let in_member = "[package.metadata.formation]\nworker = {}\n";
    Site::workspace(members).declaring_in("jobs", in_member).proposes(str![[r#"
--- Cargo.toml
[workspace.metadata.formation.processes]
web = {}
--- jobs/Cargo.toml
tool = {}

"#]]);
    let root = "[workspace.metadata.formation.processes]\nworker = {}\n";
    Site::workspace(members).declaring(root).proposes(str![[r#"
--- Cargo.toml
web = {}
tool = {}

"#]]);
}

#[test]
fn settings_stay_where_they_are() {
    let lines = "web: web\nredis: redis-server\nmail: mailpit\n";
    let settings = "[package.metadata.formation.settings.services]\nmail = { command = \"x\" }\n";
    Site::lone("shop", &["web"]).declaring(settings).file("Procfile", lines).proposes(str![[r#"
--- Cargo.toml
[package.metadata.formation]
web = {}
redis = { command = "redis-server" }
Procfile:2: `redis` runs no binary of the workspace: it becomes a backing service, for development only

"#]]);
    let settings = "[workspace]\n[package.metadata.formation.settings]\napp = \"shop\"\n";
    Site::lone("shop", &["web"]).declaring(settings).file("Procfile", lines).proposes(str![[r#"
--- Cargo.toml
[package.metadata.formation]
web = {}
[package.metadata.formation.settings.services]
redis = { command = "redis-server" }
mail = { command = "mailpit" }
Procfile:2: `redis` runs no binary of the workspace: it becomes a backing service, for development only
Procfile:3: `mail` runs no binary of the workspace: it becomes a backing service, for development only

"#]]);
    let settings = "[workspace.metadata.formation]\nbase-port = 5000\n";
    Site::lone("shop", &["web"]).declaring(settings).file("Procfile", lines).proposes(str![[r#"
--- Cargo.toml
[package.metadata.formation]
web = {}
[workspace.metadata.formation.services]
redis = { command = "redis-server" }
mail = { command = "mailpit" }
Procfile:2: `redis` runs no binary of the workspace: it becomes a backing service, for development only
Procfile:3: `mail` runs no binary of the workspace: it becomes a backing service, for development only

"#]]);
}

#[test]
fn a_binary_is_better_than_a_script_of_another_file() {
    Site::lone("shop", &["web", "jobs"])
        .file("Procfile", "web: ./start.sh\njobs: ./jobs.sh\nrelease: ./release.sh\n")
        .file(
            "Procfile.dev",
            "web: cargo run --bin web\njobs: ./other.sh\nrelease: web --migrate\n",
        )
        .proposes(str![[r#"
--- Cargo.toml
[package.metadata.formation]
web = {}
release = { bin = "web", args = ["--migrate"] }
[package.metadata.formation.settings.services]
jobs = { command = "./jobs.sh" }
Procfile:1: `web` is taken over from Procfile.dev:1, which says something else
Procfile:2: `jobs` runs no binary of the workspace: it becomes a backing service, for development only
Procfile:3: `release` is taken over from Procfile.dev:3, which says something else
Procfile.dev:2: `jobs` is taken over from Procfile:2, which says something else
nothing that was found runs `jobs`; `cargo formation run` knows every binary

"#]]);
}
