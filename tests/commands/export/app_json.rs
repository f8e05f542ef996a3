//! app.json, for Heroku and for Dokku, and what becomes of one that is there.

use std::fs;

use serde_json::{Map, Value, json};

use super::super::workspace::Workspace;
use super::{is_installed, read};

/// Everything that either dialect has a word for, and what somebody would write who wants to
/// break a file.
const HOSTILE: &str = r##"[package.metadata.formation]
web = { quantity = 2, args = ["it's", 'say "hi"', "#x", '\', "$$HOME", "a\nb"], health = "/a?b=\"c\"&d=%20" }
background_worker = { bin = "worker", quantity = 3, resources = { cpu = 2, memory = "600MiB" }, stop = { signal = "INT", timeout = "1m" } }
clock = { bin = "worker", singleton = true }
nightly = { bin = "worker", schedule = "*/7 3-5 1,15 * mon" }
release = "web --migrate"

[package.metadata.formation.settings.config]
DATABASE_URL = { required = true, secret = true, description = "\"Postgres\"\n\u2028 ü" }
RUST_LOG = { default = "info,shop=debug" }
http_proxy = { }
"##;

/// Where a schema of Heroku's or Fly's is.
pub(super) fn schema(name: &str) -> String {
    format!("{}/../tests/commands/export/schemas/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn where_all_are_asked_a_file_of_one_who_reads_it_is_as_it_should_be() {
    let shop = Workspace::shop(
        "[package.metadata.formation]\nweb = { quantity = 2, health = \"/up\" }\n",
        &["web"],
    );
    let check = |platform: &str| shop.tool(&["check", "--for", platform]).run();
    let stale = "warning: for `app-json`: `app.json` is not what the table says now";
    shop.tool(&["export", "app-json", "--output", "."]).run().ended(0);
    check("all").ended(0).never_says("`app.json`");
    check("heroku").ended(0).never_says("`app.json`");
    check("dokku").ended(0).says("warning: for `dokku`: `app.json` is not what the table says now");
    shop.edit("Cargo.toml", "quantity = 2", "quantity = 3");
    check("heroku").ended(0).says(stale);
    check("all").ended(0).says(stale);
    shop.tool(&["export", "dokku", "--output", "."]).run().ended(0);
    check("dokku").ended(0).never_says("`app.json`");
    let refused = "`app.json` has `healthchecks`, with which Heroku takes nothing of it";
    check("heroku").ended(0).says(refused);
    shop.tool(&["export", "app-json", "--check"]).run().ended(0).says(refused);
    shop.tool(&["export", "dokku", "--check"]).run().ended(0).never_says(refused);
}

#[test]
fn heroku_knows_the_keys_of_its_schema() {
    let shop = Workspace::shop("[package.metadata.formation]\nweb = {}\n", &["web"]);
    let schema = fs::read_to_string(schema("heroku-app.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let keys = schema["properties"].as_object().unwrap().keys();
    let file: Map<String, Value> = keys.map(|key| (key.clone(), json!({}))).collect();
    shop.write("app.json", &Value::from(file).to_string());
    let said = shop.tool(&["check", "--for", "app-json"]).run();
    said.ended(0).never_says("takes nothing of it");
}

#[test]
fn herokus_schema_takes_it() {
    let shop = Workspace::shop(HOSTILE, &["web", "worker"]);
    let written = shop.tool(&["export", "app-json", "--output", "."]).run();
    written
        .ended(0)
        .says("warning: `background_worker` is asked to stop with `SIGTERM`: ")
        .says("warning: `background_worker` has 30 s to stop and no more: ")
        .says("`heroku ps:scale web=2 background_worker=3 clock=1`\n");
    if is_installed(&shop, "check-jsonschema", "nobody reads the app.json") {
        let check = |file: &str| {
            let schema = schema("heroku-app.schema.json");
            let args = ["--schemafile", &schema, file];
            shop.program("check-jsonschema".as_ref()).args(&args).run()
        };
        check("app.json").ended(0);
        // That the schema would notice.
        let text = read(&shop, "app.json").replace("\"quantity\"", "\"quantities\"");
        shop.write("wrong.json", &text);
        assert_ne!(check("wrong.json").code(), Some(0));
    }
}

#[test]
fn a_file_that_is_there_is_edited_where_the_table_says() {
    let shop = Workspace::shop(HOSTILE, &["web", "worker"]);
    let theirs = "{\"name\": \"my shop\",\n\n  \"formation\": {\"web\": {\"size\": \"basic\"}}}";
    shop.write("app.json", theirs);
    let stale = shop.tool(&["export", "dokku", "--check"]).run();
    stale.ended(4).says("error: `app.json` is stale; write it with `cargo formation export dokku");
    assert_eq!(read(&shop, "app.json"), theirs);
    shop.tool(&["export", "dokku", "--output", "."]).run().ended(0).says("Wrote app.json");
    let text = read(&shop, "app.json");
    for kept in ["\"name\": \"my shop\"", "\"size\": \"basic\"", "\"quantity\": 2", "\"cron\""] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    shop.tool(&["export", "dokku", "--check"]).run().ended(0);
    // What it says besides, and how it is laid out, is nobody's matter.
    let text = text.replace("  ", "\t").replace("my shop", "your shop");
    shop.write("app.json", &text);
    shop.tool(&["export", "dokku", "--check"]).run().ended(0);
    shop.tool(&["export", "dokku", "--output", "app.json"]).run().ended(0);
    assert_eq!(read(&shop, "app.json"), text);
    let printed = shop.tool(&["export", "dokku"]).run();
    assert_eq!(printed.ended(0).stdout, text, "what would be written");
}

#[test]
fn a_value_is_stale_once_it_is_secret() {
    let table = "[package.metadata.formation]\nweb = {}\n\n[package.metadata.formation.settings.config]\n\
                 DB = { default = \"postgres://u:SECRET@h\" }\n";
    for (platform, name) in [("app-json", "app.json"), ("dokku", "app.json"), ("fly", "fly.toml")] {
        let shop = Workspace::shop(table, &["web"]);
        let write = || shop.tool(&["export", platform, "--output", "."]).run();
        let check = || shop.tool(&["export", platform, "--check"]).run();
        write().ended(0);
        assert!(read(&shop, name).contains("SECRET"), "{name}");
        shop.edit(
            "Cargo.toml",
            "default = \"postgres://u:SECRET@h\"",
            "secret = true, required = true",
        );
        check().ended(4).says(&format!("error: `{name}` is stale"));
        write().ended(0);
        assert!(!read(&shop, name).contains("SECRET"), "{name}");
        check().ended(0);
    }
}

#[test]
fn a_file_that_is_not_understood_is_left_alone() {
    let shop = Workspace::shop(HOSTILE, &["web", "worker"]);
    let twice =
        "it has the key `env` for the second time at line 1 column 22; take one of the two out";
    for (theirs, why) in [
        ("{\n  // mine\n}\n", "it is no JSON: "),
        ("{\"env\":{\"A\":\"1\"},\"env\":{\"B\":\"2\"}}", twice),
    ] {
        shop.write("app.json", theirs);
        let written = shop.tool(&["export", "app-json", "--output", "."]).run();
        written.ended(1).says(&format!("error: cannot use `app.json`: {why}"));
        assert_eq!(read(&shop, "app.json"), theirs);
    }
}

#[test]
fn dokku_is_asked_for_both_of_its_files() {
    let shop = Workspace::shop("[package.metadata.formation]\nweb = {}\n", &["web"]);
    shop.write("app.json", "{ // mine\n}");
    shop.tool(&["check", "--for", "dokku"]).run().ended(0);
    shop.edit("Cargo.toml", "web = {}", "web = { args = [\"a // b\"] }");
    let checked = shop.tool(&["check", "--for", "dokku"]).run();
    assert!(checked.stderr.contains("for `dokku`: "), "{checked}");
}
