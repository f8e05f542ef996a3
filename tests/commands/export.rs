//! What is exported: where it goes, what is said of it, and that its real readers take it.

#[path = "export/app_json.rs"]
mod app_json;
#[path = "export/asking.rs"]
mod asking;
#[path = "export/compose.rs"]
mod compose;
#[path = "export/dockerfile.rs"]
mod dockerfile;
#[path = "export/fly.rs"]
mod fly;
#[path = "export/kubernetes.rs"]
mod kubernetes;
#[path = "export/places.rs"]
mod places;
#[path = "export/systemd.rs"]
mod systemd;

use super::workspace::Workspace;

const TABLE: &str = "[package.metadata.formation]\nweb = {}\nworker = { quantity = 2 }\n\
                     release = \"web --migrate\"\n";

fn shop() -> Workspace {
    Workspace::shop(TABLE, &["web", "worker"])
}

fn read(shop: &Workspace, path: &str) -> String {
    std::fs::read_to_string(shop.path(path)).unwrap()
}

/// Whether there is such a program. That a test is skipped is said where nothing hides it.
fn is_installed(shop: &Workspace, program: &str, why: &str) -> bool {
    let script = format!("command -v {program}");
    let found = shop.program("sh".as_ref()).args(&["-c", &script]).run().code() == Some(0);
    if !found {
        harness::skipped(&format!("`{program}` is not installed, {why}"));
    }
    found
}

#[test]
fn one_file_is_printed_written_and_checked() {
    let shop = shop();
    let printed = shop.tool(&["export", "dockerfile"]).run();
    let text = printed.ended(0).stdout.clone();
    assert!(text.starts_with("# Emitted by `cargo formation export dockerfile` "), "{text}");
    printed.says("   Not in it how `worker` runs: `docker run --init --rm shop worker`\n");
    let dry = shop.tool(&["export", "dockerfile", "--dry-run"]).run();
    dry.ended(0).says(" Would write Dockerfile, which is new\n Would write .dockerignore");
    assert!(!shop.path("Dockerfile").exists());
    let missing = shop.tool(&["export", "dockerfile", "--check"]).run();
    missing.ended(4).says(
        "error: `Dockerfile` does not exist; write it with \
         `cargo formation export dockerfile --output .`",
    );
    shop.tool(&["export", "dockerfile", "--output", "."]).run().ended(0).says("Wrote Dockerfile");
    assert_eq!(read(&shop, "Dockerfile"), text);
    let checked = shop.tool(&["export", "dockerfile", "--check"]).run();
    checked.refused(0, "     Checked Dockerfile");
    shop.edit("Cargo.toml", "worker = { quantity = 2 }", "");
    let stale = shop.tool(&["export", "dockerfile", "--check"]).run();
    stale.ended(4).says("error: `Dockerfile` is stale; write it with");
    assert!(stale.stdout.contains("-    cargo build"), "{stale}");
    assert_eq!(read(&shop, "Dockerfile"), text, "nothing is written");
    let dry = shop.tool(&["export", "dockerfile", "--dry-run"]).run();
    dry.ended(0).says("Would change Dockerfile\n  Would keep .dockerignore, which is yours");
    let outdated = shop.tool(&["check", "--for", "dockerfile"]).run();
    outdated
        .ended(0)
        .says("warning: for `dockerfile`: `Dockerfile` is not what the table says now");
}

#[test]
fn a_file_goes_where_somebody_says() {
    let shop = shop();
    let to = |path: &str| shop.tool(&["export", "dockerfile", "--output", path]).run();
    to("web.Dockerfile").ended(0).says("Wrote web.Dockerfile");
    to("deploy/").ended(0).says("Wrote deploy/Dockerfile");
    to("deploy").ended(0);
    assert_eq!(read(&shop, "web.Dockerfile"), read(&shop, "deploy/Dockerfile"));
    assert!(!shop.path("deploy/.dockerignore").exists(), "it counts in the root only");
    assert!(shop.path(".dockerignore").exists());
    to("no/where").ended(1).says("error: cannot use `no/where`: ");
    let remedy = shop.tool(&["export", "dockerfile", "--check", "--output", "a b"]).run();
    remedy.ended(4).says("write it with `cargo formation export dockerfile --output 'a b'`");
    let both = shop.tool(&["export", "dockerfile", "--check", "--dry-run"]).run();
    both.ended(2).says("cannot be used with");
}

#[test]
fn what_is_somebodys_own_stays() {
    let shop = shop();
    shop.write(".dockerignore", "mine\n");
    let written = shop.tool(&["export", "dockerfile", "--output", "."]).run();
    written.ended(0).says("        Kept .dockerignore, which is yours");
    assert_eq!(read(&shop, ".dockerignore"), "mine\n");
    // A Dockerfile that was not emitted is no matter of `check`.
    shop.write("Dockerfile", "FROM scratch\n");
    let checked = shop.tool(&["check", "--for", "dockerfile"]).run();
    checked.ended(0).never_says("`Dockerfile`");
}

#[test]
fn everybody_is_asked_whether_he_could_run_it() {
    let shop = shop();
    let all = shop.tool(&["check", "--for", "all"]).run();
    // What they do with every `release` is said to who emits.
    all.ended(0).never_says("warning");
    let emitted = shop.tool(&["procfile", "--for", "railpack"]).run();
    emitted.ended(0).says("warning: `release` is left out");
    shop.edit("Cargo.toml", "web = {}", "web = { stop = { timeout = \"60s\" } }");
    let all = shop.tool(&["check", "--for", "all"]).run();
    all.ended(0).says("warning: for `");
    let one = shop.tool(&["check", "--for", "heroku"]).run();
    one.ended(0).says("warning: for `heroku`: `web` is killed 30 s after it was asked to stop");
    shop.edit("Cargo.toml", "web = {", "api_v1 = { bin = \"web\",");
    let refused = shop.tool(&["check", "--for", "scalingo"]).run();
    refused.ended(1).says("error: for `scalingo`: `api_v1` is no name for Scalingo");
    let unknown = shop.tool(&["check", "--for", "mars"]).run();
    unknown.ended(2).says("error: `mars` is no known platform; there are `dockerfile`");
}

#[test]
fn nothing_of_one_developers_own_is_exported() {
    let shop = shop();
    let before = shop.tool(&["export", "dockerfile"]).run();
    shop.write(
        "formation.local.toml",
        "[dev]\nexclude = [\"worker\"]\n[services]\nx = { command = \"x\" }\n",
    );
    let after = shop.tool(&["export", "dockerfile"]).run();
    assert_eq!(after.ended(0).stdout, before.ended(0).stdout);
}
