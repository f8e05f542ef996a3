//! Several packages, one formation.

use cargo_formation::manifest::Declaration;
use snapbox::str;

use crate::fixture::{Fixture, shop};

const MEMBERS: &str = "[workspace]\nmembers = [\"*\"]\n";

fn types(fixture: &Fixture) -> Vec<String> {
    let formation = fixture.formation();
    let shown = formation.processes.iter();
    shown.map(|p| format!("{}={}/{}", p.name, p.binary.package, p.binary.name)).collect()
}

#[test]
fn the_root_package_comes_first_then_the_workspace_then_the_members() {
    let root = "[package.metadata.formation]\nweb = {}\n\
                [workspace.metadata.formation.processes]\nclock = {}\n";
    let fixture = Fixture::root_package("shop", root, &["web"])
        .member("b", "[package.metadata.formation]\nworker = {}", &["worker"])
        .member("a", "[package.metadata.formation]\nmail = \"mailer\"", &["mailer", "clock"])
        .member("lib", "[package]\nname = \"lib\"", &[]);
    assert_eq!(
        types(&fixture),
        ["web=shop/web", "clock=a/clock", "worker=b/worker", "mail=a/mailer"]
    );
}

#[test]
fn a_virtual_workspace_may_hold_all_types() {
    let root = "[workspace.metadata.formation.processes]\n\
                web = { package = \"b\" }\nmail = \"mailer --now\"\n";
    let fixture =
        Fixture::virtual_root(root).member("a", "", &["mailer"]).member("b", "", &["web"]);
    assert_eq!(types(&fixture), ["web=b/web", "mail=a/mailer"]);
}

#[test]
fn packages_that_are_not_built_may_have_any_binaries() {
    let fixture = Fixture::virtual_root(MEMBERS)
        .member("a", "[package.metadata.formation]\nweb = {}", &["web"])
        .member("b", "[package]\nname = \"b\"", &["web"]);
    assert_eq!(types(&fixture), ["web=a/web"]);
}

#[test]
fn a_name_of_two_binaries_needs_its_package() {
    let root = "[workspace.metadata.formation.processes]\nweb = {}\nmail = { package = \"c\" }\n\
                work = { package = \"a\" }\n";
    let fixture = Fixture::virtual_root(root).member("a", "", &["web"]);
    fixture.member("b", "", &["web"]).refuses(str![[r#"
error: several packages have a binary target `web`
 --> Cargo.toml:2:1
  |
2 | web = {}
  | ^^^ which of them is meant?
  |
  = note: it exists in the packages `a`, `b`
  = help: add `package = "a"`

error: there is no package `c` in this workspace
 --> Cargo.toml:3:20
  |
3 | mail = { package = "c" }
  |                    ^^^ not a member of the workspace
  |
  = note: the members: `a`, `b`

error: no binary target named `work` in package `a`
 --> Cargo.toml:4:1
  |
4 | work = { package = "a" }
  | ^^^^ a process type runs the binary of its name
  |
  = note: the binary targets of `a`: `web`
  = help: say which binary it runs: `bin = "…"`

"#]]);
}

#[test]
fn a_name_is_declared_once() {
    Fixture::virtual_root(MEMBERS)
        .member("a", "[package.metadata.formation]\nweb = {}", &["web"])
        .member(
            "b",
            "[package]\nname = \"b\"\n\n[package.metadata.formation]\nweb = \"server\"",
            &["server"],
        )
        .refuses(str![[r#"
error: the name `web` is declared twice
 --> b/Cargo.toml:5:1
  |
5 | web = "server"
  | ^^^ a process type again
  |
 ::: a/Cargo.toml:2:1
  |
2 | web = {}
  | --- first a process type here
  |
  = help: all the tables of a workspace make one formation: give one of them another name

"#]]);
}

#[test]
fn types_and_services_share_their_names() {
    shop("web = {}\nsettings.services.web = { command = \"nginx\" }").refuses(str![[r#"
error: the name `web` is declared twice
 --> Cargo.toml:3:19
  |
2 | web = {}
  | --- first a process type here
3 | settings.services.web = { command = "nginx" }
  |                   ^^^ a backing service again
  |
  = help: all the tables of a workspace make one formation: give one of them another name

"#]]);
}

#[test]
fn packages_that_are_built_together_have_no_binary_of_one_name() {
    let root = Fixture::virtual_root(MEMBERS).member(
        "a",
        "[package.metadata.formation]\nweb = \"server\"",
        &["server"],
    );
    root.member("b", "[package.metadata.formation]\nadmin = \"server\"", &["server"]).refuses(
        str![[r#"
error: packages `a` and `b` both have a binary `server`
 --> a/Cargo.toml:2:1
  |
2 | web = "server"
  | ^^^ `server` of package `a` runs here
  |
 ::: b/Cargo.toml:2:1
  |
2 | admin = "server"
  | ----- `server` of package `b` runs here
  |
  = note: cargo would write both to one file, and the last one would win
  = help: rename one of the two binary targets

"#]],
    );
    // Cargo builds the second `server` too, although no type runs it.
    Fixture::virtual_root(MEMBERS)
        .member("a", "[package.metadata.formation]\nweb = \"server\"", &["server"])
        .member("b", "[package.metadata.formation]\nworker = {}", &["server", "worker"])
        .refuses(str![[r#"
error: packages `a` and `b` both have a binary `server`
 --> a/Cargo.toml:2:1
  |
2 | web = "server"
  | ^^^ `server` of package `a` runs here
  |
 ::: b/Cargo.toml:2:1
  |
2 | worker = {}
  | ------ package `b` is built for this type and has a `server` too
  |
  = note: cargo would write both to one file, and the last one would win
  = help: rename one of the two binary targets

"#]]);
}

#[test]
fn a_binary_of_another_member_is_pointed_at() {
    Fixture::virtual_root(MEMBERS)
        .member("a", "[package.metadata.formation]\nworker = {}", &["web"])
        .member("b", "[package]\nname = \"b\"", &["worker"])
        .refuses(str![[r#"
error: no binary target named `worker` in package `a`
 --> a/Cargo.toml:2:1
  |
2 | worker = {}
  | ^^^^^^ a process type runs the binary of its name
  |
  = note: the binary targets of `a`: `web`
  = help: package `b` has it: declare this process type in `b/Cargo.toml`

"#]]);
}

#[test]
fn settings_have_one_place() {
    let root = "[package.metadata.formation]\nweb = {}\nsettings = { app = \"a\" }\n\
                [workspace.metadata.formation]\napp = \"b\"\n";
    Fixture::root_package("shop", root, &["web"])
        .member("a", "[package.metadata.formation]\nsettings.app = \"c\"", &[])
        .refuses(str![[r#"
error: the settings of the formation are in two places
 --> Cargo.toml:4:21
  |
3 | settings = { app = "a" }
  | -------- so has its root package
4 | [workspace.metadata.formation]
  |                     ^^^^^^^^^ the workspace has settings
  |
  = help: keep those of the workspace

error: the settings of a workspace are not those of a member
 --> a/Cargo.toml:2:1
  |
2 | settings.app = "c"
  | ^^^^^^^^ this package is a member of a workspace
  |
  = help: move them to `[workspace.metadata.formation]` in the root manifest

"#]]);
}

#[test]
fn problems_of_all_manifests_come_in_one_run() {
    Fixture::virtual_root("[workspace.metadata.formation]\napp = 1\n")
        .member("a", "[package.metadata.formation]\nweb = { port = \"x\" }", &["web"])
        .member("b", "[package.metadata.formation\nweb = {}", &["web"])
        .member("c", "[package.metadata.formation]\nworker = { quantity = -1 }", &["worker"])
        .refuses(str![[r#"
error: `app` must be a string, not a number
 --> Cargo.toml:2:7
  |
2 | app = 1
  |       ^

error: `port` must be `true` or a port number, not a string
 --> a/Cargo.toml:2:16
  |
2 | web = { port = "x" }
  |                ^^^

error: this manifest is not valid TOML
 --> b/Cargo.toml:1:28
  |
1 | [package.metadata.formation
  |                            ^ unclosed table, expected `]`

error: invalid `quantity`: expected a whole number from 0 to 100
 --> c/Cargo.toml:2:23
  |
2 | worker = { quantity = -1 }
  |                       ^^

"#]]);
}

#[test]
fn nothing_declared_is_met_with_an_offer() {
    let lone =
        Fixture::root_package("shop", "[package]\nname = \"shop\"\n", &["web", "worker", "all"]);
    assert_eq!(lone.read().declaration, Declaration::Absent);
    lone.refuses(str![[r#"
error: no formation is declared in this workspace
 |
 = help: let `cargo formation init` write it, or add this to `Cargo.toml`, and keep what is to run

         [package.metadata.formation]
         web = {}
         worker = {}

"#]]);
    let several =
        Fixture::virtual_root(MEMBERS).member("a", "", &["web", "mail"]).member("b", "", &["web"]);
    several.refuses(str![[r#"
error: no formation is declared in this workspace
 |
 = help: let `cargo formation init` write it, or add this to `Cargo.toml`, and keep what is to run

         [workspace.metadata.formation.processes]
         web = { package = "a" }
         mail = {}

"#]]);
    // What `init` proposes: what can only be `web` or `release` is, and `web` stands first.
    Fixture::root_package("shop", "[package]\nname = \"shop\"\n", &["migrate", "server", "9p"])
        .refuses(str![[r#"
error: no formation is declared in this workspace
 |
 = help: let `cargo formation init` write it, or add this to `Cargo.toml`, and keep what is to run

         [package.metadata.formation]
         web = { bin = "server" }
         release = { bin = "migrate" }

"#]]);
    let (jobs, pages) = (["migrate", "tool"], ["api-server", "tool"]);
    let both = Fixture::virtual_root(MEMBERS).member("a", "", &jobs).member("b", "", &pages);
    both.refuses(str![[r#"
error: no formation is declared in this workspace
 |
 = help: let `cargo formation init` write it, or add this to `Cargo.toml`, and keep what is to run

         [workspace.metadata.formation.processes]
         web = { bin = "api-server" }
         release = { bin = "migrate" }
         tool = { package = "a" }

"#]]);
    Fixture::root_package("lib", "[package]\nname = \"lib\"\n", &[]).refuses(str![[r#"
error: no formation is declared in this workspace
 |
 = help: a process type runs a binary target; write one, as `src/bin/web.rs`

"#]]);
}

#[test]
fn an_empty_table_is_not_a_formation() {
    let empty = Fixture::root_package("shop", "[package.metadata.formation]\n", &["web"]);
    assert_eq!(empty.read().declaration, Declaration::Empty);
    empty.refuses(str![[r#"
error: this formation has no process types
 --> Cargo.toml:1:19
  |
1 | [package.metadata.formation]
  |                   ^^^^^^^^^ no process types here
  |
  = help: let `cargo formation init` write it, or add this to `Cargo.toml`, and keep what is to run

          [package.metadata.formation]
          web = {}

"#]]);
    let only_settings = "[workspace.metadata.formation]\napp = \"shop\"\n";
    Fixture::root_package("shop", only_settings, &["web"]).refuses(str![[r#"
error: this formation has no process types
 --> Cargo.toml:1:21
  |
1 | [workspace.metadata.formation]
  |                     ^^^^^^^^^ no process types here
  |
  = help: let `cargo formation init` write it, or add this to `Cargo.toml`, and keep what is to run

          [package.metadata.formation]
          web = {}

"#]]);
}

#[test]
fn fifty_binaries_are_listed_in_short() {
    let names: Vec<_> = (1..=50).map(|number| format!("job-{number:02}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let all = names.join(" = {}\n") + " = {}\n";
    let fifty = |types: &str| {
        Fixture::root_package("jobs", &format!("[package.metadata.formation]\n{types}"), &names)
    };
    assert_eq!(types(&fifty(&all)).len(), 50);
    fifty("web = {}").refuses(str![[r#"
error: no binary target named `web` in package `jobs`
 --> Cargo.toml:2:1
  |
2 | web = {}
  | ^^^ a process type runs the binary of its name
  |
  = note: the binary targets of `jobs`: `job-01`, `job-02`, `job-03`, `job-04`, `job-05`, `job-06`, `job-07`, `job-08`, `job-09`, `job-10`, `job-11`, `job-12` and 38 more
  = help: say which binary it runs: `bin = "…"`

"#]]);
}
