//! The compose file and those who read it.

use std::ffi::OsStr;

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};
use serde_json::{Value, json};

use super::super::workspace::{Tool, Workspace};
use super::is_installed;

/// What somebody would write who wants to break a file.
const HOSTILE: &str = r##"[package.metadata.formation]
web = { quantity = 2, health = "/healthz", ports = { admin = true }, args = ["it's", 'say "hi"', "a b", "#x", "%d", '\', "", "$$HOME", "$${x}", "ü🚀", "a\nb", "\tc", "no", "1e3", "22:22", "- a", "a: b", "$PORT", "$MODE", "$TOKEN"] }
worker = { quantity = 3, resources = { cpu = 0.5, memory = "256MiB" }, stop = { signal = "INT", timeout = "1500ms" }, env = { A = "x $$y\n", MODE = "own" } }
clock = { bin = "worker", singleton = true, restart = "always" }
nightly = { bin = "worker", schedule = "0 3 * * *" }
an-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_YYYYYYYYYYYYYYYYYYYYYYYYYYYYY = "worker --long"
release = "web --migrate"

[package.metadata.formation.settings]
image = "registry.example.com:5000/the/shop"

[package.metadata.formation.settings.config]
TOKEN = { required = true, secret = true }
MODE = { default = "a$$b \"c\" #d" }
DSN = {}

[package.metadata.formation.settings.services.postgres]
command = "postgres"
port = 5432
image = "postgres:17"
env = { POSTGRES_PASSWORD = "$TOKEN" }
"##;

fn exported() -> Workspace {
    let shop = Workspace::shop(HOSTILE, &["web", "worker"]);
    shop.tool(&["export", "compose", "--output", "."]).run().ended(0);
    shop
}

#[test]
fn it_is_what_the_specification_says() {
    let shop = exported();
    if is_installed(&shop, "check-jsonschema", "nobody compares the file with the specification") {
        let words = ["--builtin-schema", "vendor.compose-spec", "compose.formation.yaml"];
        shop.program("check-jsonschema".as_ref()).args(&words).run().ended(0);
        shop.edit("compose.formation.yaml", "stop_signal", "stop_signel");
        let said = shop.program("check-jsonschema".as_ref()).args(&words).run();
        assert_ne!(said.code(), Some(0), "a key that does not exist is an error");
    }
}

/// Compose, of the second version or later, in one of its two forms.
fn engine(shop: &Workspace) -> Option<Tool<'_>> {
    let forms: [(&str, &[&str]); 2] = [("docker", &["compose"]), ("docker-compose", &[])];
    for (program, words) in forms {
        let found =
            shop.program("sh".as_ref()).args(&["-c", &format!("command -v {program}")]).run();
        if found.code() != Some(0) {
            continue;
        }
        let tool = || shop.program(OsStr::new(program)).args(words);
        let version = tool().args(&["version", "--short"]).run();
        if version.code() == Some(0) && !version.stdout.starts_with("1.") {
            return Some(tool().args(&["--file", "compose.formation.yaml"]));
        }
    }
    harness::skipped("there is no Compose of version 2, nobody reads the file");
    None
}

/// The services as Compose has them, with this environment. Compose writes a dollar twice.
fn services(shop: &Workspace, env: &[(&str, &str)]) -> Option<Value> {
    let engine = engine(shop)?.args(&["--profile", "*", "config", "--format", "json"]);
    let engine = env.iter().fold(engine, |engine, (name, value)| engine.env(name, value));
    let text = engine.run().ended(0).stdout.replace("$$", "$");
    Some(serde_json::from_str::<Value>(&text).unwrap()["services"].clone())
}

#[test]
fn every_argument_and_variable_arrives_through_compose() {
    let shop = exported();
    let Some(services) = services(&shop, &[("TOKEN", "se cret"), ("DSN", "d")]) else { return };
    let web = &services["web"];
    let words = json!([
        "web",
        "it's",
        "say \"hi\"",
        "a b",
        "#x",
        "%d",
        "\\",
        "",
        "$HOME",
        "${x}",
        "ü🚀",
        "a\nb",
        "\tc",
        "no",
        "1e3",
        "22:22",
        "- a",
        "a: b",
        "8080",
        "a$$b \"c\" #d",
        "se cret"
    ]);
    assert_eq!(web["command"], words);
    assert_eq!(web["environment"]["TOKEN"], "se cret");
    assert_eq!(web["environment"]["DSN"], "d");
    assert_eq!(web["environment"]["PORT_ADMIN"], "8081");
    assert_eq!(web["environment"]["FORMATION_POSTGRES_URL"], "tcp://postgres:5432");
    assert_eq!(web["image"], "registry.example.com:5000/the/shop:latest");
    let worker = &services["worker"];
    assert_eq!(worker["environment"]["A"], "x $y\n");
    assert_eq!(worker["environment"]["MODE"], "own");
    assert_eq!(worker["stop_grace_period"], "1.5s");
    assert_eq!(services["postgres"]["environment"]["POSTGRES_PASSWORD"], "se cret");
}

/// A table in which each default is also in the middle of a text.
fn with_defaults(texts: &[(String, String)]) -> String {
    let toml = |text: String| toml_edit::Value::from(text).to_string();
    let env = texts.iter().enumerate().map(|(number, (around, _))| {
        let around = around.replace('$', "$$");
        format!("env.M{number} = {}\n", toml(format!("{around}${{V{number}}}{around}")))
    });
    let defaults = texts.iter().enumerate().map(|(number, (_, default))| {
        format!("V{number} = {{ default = {} }}\n", toml(default.clone()))
    });
    let home = "[package.metadata.formation";
    let (env, defaults): (String, String) = (env.collect(), defaults.collect());
    format!("{home}.worker]\n{env}{home}.settings.config]\n{defaults}")
}

/// What a default may have in it, and what may be around it.
const DEFAULT: &str = "[-+?:$\\x01-\\x09\\x0b-\\x1f\\x7f-\u{9f}\u{feff}\u{fdd0}\u{fffe}\u{1fffe} \"'\\\\#%a_VM0é\u{2028}🚀]{0,9}";
const AROUND: &str =
    "[-+?:${}\\x01-\\x1f\\x7f-\u{9f}\u{feff}\u{fdd0}\u{ffff} \"'\\\\#%a_V0é\u{2028}]{0,9}";

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) })]
    #[test]
    fn every_default_arrives_through_compose(texts in vec((AROUND, DEFAULT), 1..50)) {
        let shop = Workspace::shop(&with_defaults(&texts), &["worker"]);
        shop.tool(&["export", "compose", "--output", "."]).run().ended(0);
        // Every third is said by who starts the engine.
        let said = |number: usize| number.is_multiple_of(3).then_some("s$${a}\n}");
        let names: Vec<String> = (0..texts.len()).map(|number| format!("V{number}")).collect();
        let env = names.iter().enumerate().filter_map(|(n, name)| Some((&**name, said(n)?)));
        let Some(services) = services(&shop, &env.collect::<Vec<_>>()) else { return Ok(()) };
        let environment = &services["worker"]["environment"];
        for (number, (around, default)) in texts.iter().enumerate() {
            let value = said(number).unwrap_or(default);
            prop_assert_eq!(&environment[format!("V{number}")], value);
            prop_assert_eq!(&environment[format!("M{number}")], &format!("{around}{value}{around}"));
        }
    }
}

#[test]
fn what_is_required_and_missing_is_named_by_compose() {
    let shop = exported();
    let Some(engine) = engine(&shop) else { return };
    let said = engine.args(&["config", "--quiet"]).run();
    assert_ne!(said.code(), Some(0), "{said}");
    said.says("set TOKEN");
}

#[test]
fn a_file_of_somebodys_own_includes_it() {
    let shop = exported();
    shop.write(
        "compose.yaml",
        "# Mine.\ninclude:\n  - compose.formation.yaml\nservices:\n  proxy:\n    image: caddy\n",
    );
    let before = std::fs::read_to_string(shop.path("compose.yaml")).unwrap();
    shop.tool(&["export", "compose", "--output", "."]).run().ended(0);
    assert_eq!(std::fs::read_to_string(shop.path("compose.yaml")).unwrap(), before);
    if engine(&shop).is_none() {
        return;
    }
    // Without `--file` it finds `compose.yaml`.
    let docker = shop.program("sh".as_ref()).args(&[
        "-c",
        "if docker compose version >/dev/null 2>&1; then docker compose config --services; \
         else docker-compose config --services; fi",
    ]);
    let said = docker.env("TOKEN", "x").run();
    for service in ["proxy", "web", "worker", "clock", "release", "postgres"] {
        assert!(said.ended(0).stdout.lines().any(|line| line == service), "{service}: {said}");
    }
}

#[test]
fn a_file_that_is_all_ours_has_our_line_ends() {
    let table = "[package.metadata.formation]\nweb = {}\n";
    let shop = Workspace::shop(table, &["web"]);
    let export = |flags: &[&str]| shop.tool(&["export", "compose"]).args(flags).run();
    export(&["--output", "."]).ended(0);
    let text = std::fs::read_to_string(shop.path("compose.formation.yaml")).unwrap();
    shop.write("compose.formation.yaml", &text.replace('\n', "\r\n"));
    export(&["--check"]).ended(4).says("error: `compose.formation.yaml` is stale");
    export(&["--output", "."]).ended(0);
    let again = std::fs::read_to_string(shop.path("compose.formation.yaml")).unwrap();
    assert_eq!(again, text);
}
