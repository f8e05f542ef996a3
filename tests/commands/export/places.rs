//! Where exported files go, what is there already, and what the commands that are told make of it.

use std::fs;
use std::os::unix::fs::symlink;

use super::{read, shop};

#[test]
fn what_was_not_emitted_is_not_written_over() {
    let shop = shop();
    let theirs = ["Dockerfile", "Procfile", "deploy/kubernetes/service-web.yaml"];
    for path in theirs {
        shop.write(path, "mine\n");
    }
    let refuse = |words: &[&str], path: &str| {
        let said = shop.tool(words).run();
        said.ended(1).says(&format!(
            "error: `{path}` was not emitted, and nothing is written; `--force` writes over it"
        ));
        assert_eq!(read(&shop, path), "mine\n");
        let forced = [words, &["--force"]].concat();
        shop.tool(&forced).run().ended(0).says(&format!("Wrote {path}"));
    };
    let check = shop.tool(&["export", "dockerfile", "--check"]).run();
    check.ended(4).says("`cargo formation export dockerfile --output . --force`");
    let dry = shop.tool(&["export", "dockerfile", "--dry-run"]).run();
    dry.ended(0).says("Would not write Dockerfile without `--force`: it was not emitted");
    refuse(&["export", "dockerfile", "--output", "."], theirs[0]);
    refuse(&["procfile", "--output", "Procfile"], theirs[1]);
    refuse(&["export", "kubernetes", "--output", "deploy/kubernetes"], theirs[2]);
    // What is empty, and what was emitted, is nobody's.
    shop.write("Dockerfile", "");
    shop.tool(&["export", "dockerfile", "--output", "."]).run().ended(0);
    shop.edit("Cargo.toml", "worker = {", "mailer = { bin = \"worker\",");
    shop.tool(&["export", "dockerfile", "--output", "."]).run().ended(0);
}

#[test]
fn where_one_file_is_refused_none_is_written() {
    let shop = shop();
    shop.write("units/install.sh", "mine\n");
    let said = shop.tool(&["export", "systemd", "--output", "units"]).run();
    said.ended(1).says("`units/install.sh` was not emitted");
    assert_eq!(fs::read_dir(shop.path("units")).unwrap().count(), 1);
}

#[test]
fn nobody_waits_for_a_pipe() {
    let shop = shop();
    for (platform, file) in [("dockerfile", "Dockerfile"), ("fly", "fly.toml")] {
        shop.program("mkfifo".as_ref()).args(&[file]).run().ended(0);
        let says = format!("error: cannot use `{file}`: it is no file");
        shop.tool(&["export", platform, "--check"]).run().ended(1).says(&says);
        shop.tool(&["export", platform, "--dry-run"]).run().ended(1).says(&says);
        let says = format!("warning: for `{platform}`: cannot use `{file}`: it is no file");
        shop.tool(&["check", "--for", platform]).run().ended(0).says(&says);
    }
    shop.program("mkfifo".as_ref()).args(&["Procfile"]).run().ended(0);
    shop.tool(&["check", "--for", "heroku"]).run().ended(0);
    let checked = shop.tool(&["procfile", "--check"]).run();
    checked.ended(1).says("cannot use `Procfile`: it is no file");
}

#[test]
fn a_file_that_cannot_be_read_is_told_before_it_is_needed() {
    let shop = shop();
    shop.write("fly.toml", "app = \n");
    shop.write("app.json", "{\"name\": \"shop\", // mine\n}");
    let said = shop.tool(&["check", "--for", "all"]).run();
    said.ended(0).says("warning: for `fly`: cannot use `fly.toml`: ");
    said.says("warning: for `dokku`: cannot use `app.json`: it is no JSON: ");
}

#[test]
fn leftovers_are_looked_for_where_they_would_be() {
    let shop = shop();
    let export = ["export", "kubernetes", "--output", "k8s"];
    shop.tool(&export).run().ended(0);
    // What is exported of another workspace, and what lies there under another name.
    shop.write("k8s/other/deployment-mailer.yaml", &read(&shop, "k8s/deployment-worker.yaml"));
    symlink(".", shop.path("k8s/loop")).unwrap();
    shop.tool(&[&export[..], &["--check"]].concat()).run().ended(0).never_says("earlier export");
    shop.write("k8s/deployment-old.yaml", &read(&shop, "k8s/deployment-worker.yaml"));
    let stale = shop.tool(&[&export[..], &["--check"]].concat()).run();
    stale.ended(4).says("`k8s/deployment-old.yaml` is of an earlier export");
}

#[test]
fn what_is_to_be_typed_holds_where_one_is() {
    let shop = shop();
    fs::create_dir_all(shop.path("src/deep")).unwrap();
    let there = |words: &[&str]| shop.tool(words).dir(&shop.path("src/deep")).run();
    let root = fs::canonicalize(shop.root()).unwrap();
    let root = root.display();
    there(&["export", "dockerfile", "--check"]).ended(4).says(&format!(
        "`{root}/Dockerfile` does not exist; write it with `cargo formation export dockerfile \
         --output {root}`"
    ));
    there(&["export", "systemd"]).ended(2).says(&format!("--output {root}/deploy/systemd`"));
    there(&["export", "dockerfile", "--output", &root.to_string()]).ended(0);
    there(&["export", "dockerfile", "--check"]).ended(0);
}

#[test]
fn commands_name_the_files_where_they_are() {
    let shop = shop();
    let said = shop.tool(&["export", "systemd", "--output", "units"]).run();
    said.ended(0).says("`sudo sh units/install.sh target/release`");
    let said = shop.tool(&["export", "kubernetes", "--output", "k8s/"]).run();
    said.ended(0).says("`kubectl apply --kustomize k8s/").never_says("deploy/kubernetes");
    let said = shop.tool(&["export", "compose", "--output", "x.yaml"]).run();
    said.ended(0).says("`docker compose --file x.yaml up").never_says("compose.formation.yaml");
    let said = shop.tool(&["export", "compose", "--output", "."]).run();
    said.ended(0).says("--file ./compose.formation.yaml up");
}

#[test]
fn a_compose_file_is_where_it_builds() {
    let shop = shop();
    fs::create_dir_all(shop.path("deploy")).unwrap();
    for output in ["deploy", "deploy/x.yaml"] {
        let said = shop.tool(&["export", "compose", "--output", output]).run();
        said.ended(2).says("write it to the root of the workspace");
    }
    assert_eq!(fs::read_dir(shop.path("deploy")).unwrap().count(), 0);
    let said = shop.tool(&["export", "compose", "--output", "/dev/stdout"]).run();
    assert!(said.ended(0).stdout.contains("\nname: shop\n"), "{said}");
    said.says("`docker compose --file compose.formation.yaml up");
    let inside = shop.tool(&["export", "compose", "--output", ".."]).dir(&shop.path("src")).run();
    inside.ended(0);
    assert!(shop.path("compose.formation.yaml").exists());
}
