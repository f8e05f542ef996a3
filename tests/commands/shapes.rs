//! The shapes a workspace can have.

use super::workspace::{Said, Workspace, ZOO};

/// The lines of a table, as words.
fn rows(said: &Said) -> Vec<Vec<&str>> {
    said.ended(0).stdout.lines().map(|line| line.split_whitespace().collect()).collect()
}

/// The types of `build --format json`, by the binary that runs them, as `web,release=web`.
fn built(said: &Said) -> Vec<String> {
    let json = said.ended(0).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let row = |built: &serde_json::Value| {
        let types: Vec<String> = built["types"].as_array().unwrap().iter().map(text).collect();
        format!("{}={}/{}", types.join(","), text(&built["package"]), text(&built["binary"]))
    };
    json.as_array().unwrap().iter().map(row).collect()
}

#[test]
fn a_lone_package_is_a_formation() {
    let table = "[package.metadata.formation]\nweb = {}\nworker = { quantity = 3 }\n\
                 release = \"web --migrate\"\n";
    let shop = Workspace::shop(table, &["web", "worker", "other"]);
    let checked = "     Checked web, worker, release";
    let said = shop.tool(&["check"]).run();
    said.ended(0).says("`debug = \"line-tables-only\"` in `[profile.dev]`").says(checked);
    shop.edit("Cargo.toml", "[package.metadata", "[profile.dev]\ndebug = 1\n[package.metadata");
    shop.tool(&["check"]).run().refused(0, checked);
    let list = shop.tool(&["list"]).run();
    assert_eq!(
        rows(&list),
        [
            vec!["TYPE", "BINARY", "QUANTITY", "PORT"],
            vec!["web", "web", "1", "4000"],
            vec!["worker", "worker", "3", "-"],
            vec!["release", "web", "1", "-", "runs", "before", "the", "others"],
        ]
    );
    let build = shop.tool(&["build", "--format", "json"]).run();
    // One binary of two types is built, and listed, once; one of none is not built.
    assert_eq!(built(&build), ["web,release=shop/web", "worker=shop/worker"]);
    assert!(!shop.path("target/debug/other").exists());
    // From anywhere in the workspace, or from outside.
    let inside = shop.tool(&["check"]).dir(&shop.path("src/bin")).run();
    inside.refused(0, checked);
    let manifest = shop.path("Cargo.toml");
    let named = ["check", "--manifest-path", manifest.to_str().unwrap()];
    shop.tool(&named).dir("/".as_ref()).run().ended(0);
    let outside = shop.tool(&["check"]).dir("/".as_ref()).run();
    outside.refused(101, "error: could not find `Cargo.toml` in `/` or any parent directory");
}

#[test]
fn a_root_package_and_members_are_one_formation() {
    let shop = Workspace::new();
    let root = "[workspace]\nmembers = [\"z\", \"a\"]\nexclude = [\"tools\"]\n\
                [package.metadata.formation]\nweb = {}\n\
                [dependencies]\noutside = { path = \"../outside\" }\n";
    shop.package("", "shop", root, &["web"]);
    shop.package("z", "z", "[package.metadata.formation]\nworker = {}\n", &["worker"]);
    shop.package(
        "a",
        "a",
        "[package.metadata.formation]\nclock = { singleton = true }\n",
        &["clock"],
    );
    // A table of a package that is no member counts as little as its binaries.
    let none = "[package.metadata.formation]\nbroken = { nonsense = 1 }\n";
    shop.package("tools", "tools", none, &["tool"]);
    shop.package("../outside", "outside", none, &["web"]);
    shop.write("../outside/src/lib.rs", "pub fn f() {}\n");
    let list = shop.tool(&["list"]).run();
    // The root package first, then the members as cargo has them.
    let names: Vec<_> = rows(&list).iter().skip(1).map(|row| row[..2].join("=")).collect();
    assert_eq!(names, ["web=shop/web", "worker=z/worker", "clock=a/clock"]);
    let build = shop.tool(&["build", "--format", "json"]).dir(&shop.path("a")).run();
    assert_eq!(built(&build), ["clock=a/clock", "web=shop/web", "worker=z/worker"]);
    let some = shop.tool(&["build", "--format", "json", "clock"]).run();
    assert_eq!(built(&some), ["clock=a/clock"]);
    shop.tool(&["run", "tool"]).run().ended(2).says("`tool` is neither");
}

#[test]
fn a_virtual_workspace_may_hold_all_types() {
    let shop = Workspace::new();
    shop.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"site\", \"jobs\"]\n\
         [workspace.metadata.formation.processes]\nweb = { package = \"site\" }\n\
         worker = \"mailer --fast\"\n",
    );
    shop.package("site", "site", "", &["web"]);
    shop.package("jobs", "jobs", "", &["mailer"]);
    let build = shop.tool(&["build", "--format", "json"]).run();
    assert_eq!(built(&build), ["worker=jobs/mailer", "web=site/web"]);
    let run = shop.tool(&["run", "worker"]).run();
    assert_eq!(run.ended(0).stdout, "I am mailer of jobs\n");
}

#[test]
fn a_binary_may_lie_anywhere_and_need_features() {
    let shop = Workspace::new();
    let table = format!(
        "[package.metadata.formation]\nweb = \"beast args from-the-table\"\nadmin = {{}}\n\
         [features]\nadmin-ui = []\n\
         [[bin]]\nname = \"beast\"\npath = {ZOO:?}\n\
         [[bin]]\nname = \"admin\"\npath = \"src/admin.rs\"\nrequired-features = [\"admin-ui\"]\n"
    );
    shop.package("", "shop", &table, &[]);
    shop.write(
        "src/admin.rs",
        "fn main() { println!(\"admin-ui: {}\", cfg!(feature = \"admin-ui\")); }\n",
    );
    let run = shop.tool(&["run", "admin"]).run();
    assert_eq!(run.ended(0).stdout, "admin-ui: true\n");
    let run = shop.tool(&["run", "web"]).run();
    assert_eq!(run.ended(0).stdout, "from-the-table\n");
}

#[test]
fn two_binaries_of_one_name_are_refused_with_both_places() {
    let shop = Workspace::new();
    shop.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"a\", \"b\"]\n");
    shop.package("a", "a", "[package.metadata.formation]\nweb = {}\n", &["web"]);
    shop.package("b", "b", "[package.metadata.formation]\nadmin = { bin = \"web\" }\n", &["web"]);
    for words in [&["check"][..], &["build"], &["list"], &["dev", "--no-watch"], &["run", "web"]] {
        let said = shop.tool(words).run();
        said.ended(3).says("a/Cargo.toml:").says("b/Cargo.toml:");
        assert_eq!(said.stdout, "");
    }
    assert!(!shop.path("target").exists(), "nothing was built");
}

#[test]
fn a_binary_that_was_removed_is_an_error_and_never_the_stale_file() {
    let table = "[package.metadata.formation]\nweb = {}\nworker = {}\n";
    let shop = Workspace::shop(table, &["web", "worker"]);
    shop.tool(&["build"]).run().ended(0);
    std::fs::remove_file(shop.path("src/bin/worker.rs")).unwrap();
    assert!(shop.path("target/debug/worker").exists(), "cargo leaves it there");
    for words in [&["check"][..], &["build"], &["run", "worker"], &["procfile"]] {
        let said = shop.tool(words).run();
        said.ended(3).says("worker").says("Cargo.toml:8");
        assert_eq!(said.stdout, "");
    }
}

#[test]
fn fifty_binaries_are_one_build() {
    let names: Vec<String> = (0..50).map(|number| format!("type-{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let types = names.join(" = {}\n") + " = {}\n";
    let shop = Workspace::shop(&format!("[package.metadata.formation]\n{types}"), &names);
    let build = shop.tool(&["build"]).run();
    build.ended(0);
    assert_eq!(build.stdout.lines().count(), 51, "{build}");
    assert_eq!(build.stderr.matches("Compiling").count(), 1, "{build}");
    let run = shop.tool(&["run", "type-49"]).run();
    assert_eq!(run.ended(0).stdout, "I am type-49 of shop\n");
}

#[test]
fn a_workspace_without_a_table_is_told_how_to_begin() {
    let shop = Workspace::shop("", &["web", "worker"]);
    for words in [&["check"][..], &["build"], &["list"], &["procfile"], &["env", "web"]] {
        let said = shop.tool(words).run();
        said.ended(3).says("[package.metadata.formation]");
    }
}

#[test]
fn a_table_of_a_package_where_there_is_none_is_named() {
    let shop = Workspace::new();
    shop.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"web\"]\n[package.metadata.formation]\nweb = {}\n",
    );
    shop.package("web", "web", "", &["web"]);
    let advice = "which has no package; write `[workspace.metadata.formation.processes]`";
    for dir in [".", "web"] {
        shop.tool(&["check"]).dir(&shop.path(dir)).run().ended(101).says(advice);
    }
    shop.tool(&["check", "--manifest-path", "Cargo.toml"]).run().ended(101).says(advice);
    shop.edit("Cargo.toml", "package.metadata.formation", "workspace.metadata.formation.processes");
    shop.tool(&["check"]).run().ended(0);
}
