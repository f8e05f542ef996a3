//! What is said of the formation stands where the table says it, and what `check --for` says of a
//! file names the command that writes it again.

use super::super::workspace::Workspace;
use super::{read, shop};

#[test]
fn what_is_said_of_the_table_stands_there() {
    let shop = shop();
    shop.edit("Cargo.toml", "web = {}", "web = { stop = { timeout = \"60s\" } }");
    let said = shop.tool(&["check", "--for", "heroku"]).run();
    said.ended(0).says(
        "warning: for `heroku`: `web` is killed 30 s after it was asked to stop, which Heroku \
         lets nobody change\n --> Cargo.toml:7:28\n  |\n\
         7 | web = { stop = { timeout = \"60s\" } }\n  |                            ^^^^^\n",
    );
    let emitted = shop.tool(&["procfile", "--for", "heroku"]).run();
    emitted.ended(0).says("nobody change\n --> Cargo.toml:7:28\n  |\n7 | web = {");
    shop.edit("Cargo.toml", "worker = {", "work_er = { bin = \"worker\",");
    let said = shop.tool(&["check", "--for", "scalingo"]).run();
    said.ended(1).says(
        "error: for `scalingo`: `work_er` is no name for Scalingo: a name is letters and digits \
         only\n --> Cargo.toml:8:1\n  |\n\
         8 | work_er = { bin = \"worker\", quantity = 2 }\n  | ^^^^^^^\n",
    );
}

#[test]
fn a_member_of_a_workspace_is_shown_as_well_as_its_settings() {
    let shop = Workspace::new();
    let root = "[workspace]\nmembers = [\"web\"]\nresolver = \"3\"\n\n\
                [workspace.metadata.formation]\napp = \"printer\"\n\
                [workspace.metadata.formation.platform.fly]\nregion = \"ams\"\n";
    shop.write("Cargo.toml", root);
    let types =
        "[package.metadata.formation]\nweb = { schedule = \"0 3 29W * *\", port = false }\n";
    shop.package("web", "web", types, &["web"]);
    let systemd = shop.tool(&["check", "--for", "systemd"]).run();
    systemd.ended(1).says(
        "error: for `systemd`: the app's name `printer` means something to systemd: it is a \
         target that the machine needs; say another as `app` in the settings\n \
         --> Cargo.toml:6:7\n  |\n6 | app = \"printer\"\n  |       ^^^^^^^^^\n",
    );
    let kubernetes = shop.tool(&["check", "--for", "kubernetes"]).run();
    kubernetes.ended(1).says(
        "`W`, which is the nearest weekday\n --> web/Cargo.toml:7:20\n  |\n\
         7 | web = { schedule = \"0 3 29W * *\", port = false }\n  |                    ^^^^^^^^^^^^^",
    );
    shop.edit("web/Cargo.toml", "schedule = \"0 3 29W * *\", ", "");
    let fly = shop.tool(&["check", "--for", "fly"]).run();
    fly.ended(1).says("`platform.fly.region`: ").says("8 | region = \"ams\"\n  |          ^^^^^\n");
}

#[test]
fn a_procfile_says_how_it_is_compared() {
    let shop = shop();
    let check = |reader: &str| shop.tool(&["check", "--for", reader]).run();
    check("all").ended(0).never_says("Procfile");
    let flags = ["--output", "Procfile", "--for", "heroku", "--bin-dir", "/app bin"];
    shop.tool(&["procfile"]).args(&flags).run().ended(0);
    let text = read(&shop, "Procfile");
    assert!(text.starts_with(
        "# Emitted by `cargo formation procfile --for heroku --bin-dir '/app bin'` from \
         Cargo.toml, to be changed there.\n"
    ));
    for reader in ["all", "heroku"] {
        check(reader).ended(0).never_says("`Procfile`");
    }
    shop.edit("Cargo.toml", "--migrate", "--migrate --yes");
    let stale = "`Procfile` is not what the table says now; write it with `cargo formation procfile \
                 --for heroku --bin-dir '/app bin' --output Procfile`\n";
    check("all").ended(0).says(&format!("warning: for `portable`: {stale}"));
    check("heroku").ended(0).says(&format!("warning: for `heroku`: {stale}"));
    // It is nobody else's.
    check("google").ended(0).never_says("Procfile` is not");
    // What it says does what it says.
    let words = "procfile --for heroku --output Procfile --bin-dir".split(' ');
    let words: Vec<&str> = words.chain(["/app bin"]).collect();
    shop.tool(&words).run().ended(0);
    check("all").ended(0).never_says("`Procfile`");
    // One for everybody is also everybody's.
    shop.tool(&["procfile", "--output", "Procfile"]).run().ended(0);
    shop.edit("Cargo.toml", "--yes", "--all");
    check("google").ended(0).says("for `google`: `Procfile` is not what the table says now");
    // That of somebody else is as it should be.
    shop.write("Procfile", "web: bin/start\n");
    check("all").ended(0).never_says("`Procfile`");
}

#[test]
fn a_procfile_that_cannot_be_emitted_any_more_is_stale() {
    let shop = shop();
    shop.tool(&["procfile", "--output", "Procfile", "--for", "scalingo"]).run().ended(0);
    shop.edit("Cargo.toml", "worker = {", "work_er = { bin = \"worker\",");
    let said = shop.tool(&["check", "--for", "all"]).run();
    said.ended(0).says("warning: for `portable`: `Procfile` is not what the table says now");
}

#[test]
fn every_emitted_file_is_compared_and_none_is_left() {
    let shop = shop();
    let export = || shop.tool(&["export", "systemd", "--output", "deploy/systemd"]).run();
    std::fs::create_dir_all(shop.path("deploy")).unwrap();
    export().ended(0);
    let check = || shop.tool(&["check", "--for", "systemd"]).run();
    check().ended(0).never_says("warning");
    shop.edit("deploy/systemd/install.sh", "app=shop", "app=shop2");
    check().ended(0).says(
        "warning: for `systemd`: `deploy/systemd/install.sh` is not what the table says now; write \
         it with `cargo formation export systemd --output deploy/systemd`",
    );
    shop.edit("Cargo.toml", "worker = { quantity = 2 }", "");
    export().ended(0);
    check().ended(0).says(
        "warning: for `systemd`: `deploy/systemd/shop-worker@.service` is of an earlier export, and \
         nobody needs it now; remove it",
    );
}
