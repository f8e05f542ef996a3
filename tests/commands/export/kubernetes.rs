//! The kustomization, and that Kubernetes' own tools take it.

use std::fs;

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};
use serde_json::Value;

use super::super::workspace::Workspace;
use super::{is_installed, read};

/// Everything that Kubernetes has a word for, and what somebody would write who wants to break a
/// file.
const HOSTILE: &str = r##"[package.metadata.formation]
web = { quantity = 2, ports = { admin = true }, args = ["it's", 'say "hi"', "a b", "#x", "%d", '\', "", "$$HOME", "$$(HOME)", "ü", "a\nb", "\tc", "- x: y", "$PORT", "${DATABASE_URL}"], health = "/a?b=\"c\"" }
background_worker = { bin = "worker", quantity = 3, resources = { cpu = 2, memory = "600MiB" }, env = { A = "x y\n#: $FORMATION_WEB_URL", B = "yes", C = "0x1f" } }
a234567890123456789012345678901234567890123456789012345678 = { bin = "worker", singleton = true }
nightly = { bin = "worker", schedule = "*/7 3-5 1,15 * mon" }
release = "web --migrate"

[package.metadata.formation.settings]
image = "registry.example.com/shop"

[package.metadata.formation.settings.config]
DATABASE_URL = { required = true, secret = true, description = "Postgres" }
RUST_LOG = { default = "info,shop=debug" }
FLAG = { default = "true" }
TEXT = { default = "a\nb: 'c'\t\"d\" \u2028" }
"##;

/// The versions whose schemas are tried: the oldest that has `sleep`, and a newer one.
const VERSIONS: [&str; 2] = ["1.30", "1.34"];

fn exported() -> Workspace {
    let shop = Workspace::shop(HOSTILE, &["web", "worker"]);
    let written = shop.tool(&["export", "kubernetes", "--output", "k8s"]).run();
    written.ended(0).says(
        "warning: `background_worker` is called `background-worker` on Kubernetes, which has no \
         such name",
    );
    shop
}

/// The paths of the files, but for the list of them.
fn objects(shop: &Workspace) -> Vec<String> {
    let files = fs::read_dir(shop.path("k8s")).unwrap();
    let mut names: Vec<String> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names.retain(|name| name != "kustomization.yaml");
    names.into_iter().map(|name| format!("k8s/{name}")).collect()
}

#[test]
fn its_schemas_take_every_object() {
    let shop = exported();
    let paths = objects(&shop);
    assert_eq!(paths.len(), 7, "{paths:?}");
    if !is_installed(&shop, "kubernetes-validate", "nobody reads the objects") {
        return;
    }
    let validate = |version: &str, paths: &[&str]| {
        let args = [&["-k", version, "--strict"], paths].concat();
        shop.program("kubernetes-validate".as_ref()).args(&args).run()
    };
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    for version in VERSIONS {
        validate(version, &paths).ended(0);
    }
    // That the schema would notice.
    let text = read(&shop, "k8s/deployment-web.yaml").replace("startupProbe:", "startProbe:");
    shop.write("wrong.yaml", &text);
    assert_ne!(validate(VERSIONS[0], &["wrong.yaml"]).code(), Some(0));
}

#[test]
fn kustomize_puts_a_tag_to_it() {
    let shop = exported();
    if !is_installed(&shop, "kubectl", "nobody reads the kustomization") {
        return;
    }
    shop.write(
        "production/kustomization.yaml",
        "resources: [../k8s]\nnamespace: shop\nimages: [{ name: registry.example.com/shop, newTag: v2 }]\n",
    );
    let built = shop.program("kubectl".as_ref()).args(&["kustomize", "production"]).run();
    let text = &built.ended(0).stdout;
    assert_eq!(text.matches("kind: Deployment").count(), 3, "{text}");
    assert_eq!(text.matches("image: registry.example.com/shop:v2").count(), 5, "{text}");
    // What Kubernetes expands, it leaves alone.
    for arg in ["- $$HOME\n", "- $$(HOME)\n", "- $(PORT)\n"] {
        assert!(text.contains(arg), "{arg}: {text}");
    }
    let only = shop.program("kubectl".as_ref()).args(&["kustomize", "k8s"]).run();
    assert_eq!(only.ended(0).stdout.matches("formation/stage: release").count(), 2);
}

#[test]
fn several_files_are_written_and_checked() {
    let shop = exported();
    let printed = shop.tool(&["export", "kubernetes"]).run();
    printed.ended(2).says(
        "error: Kubernetes is 8 files, too many for standard output; write them with \
         `cargo formation export kubernetes --output deploy/kubernetes`",
    );
    let check = || shop.tool(&["export", "kubernetes", "--check", "--output", "k8s"]).run();
    check().ended(0);
    shop.edit("Cargo.toml", "singleton = true", "quantity = 0");
    check().ended(4).says("is stale; write it with");
    shop.edit("Cargo.toml", "nightly = ", "hourly = ");
    check().ended(4).says("`k8s/cronjob-nightly.yaml` is of an earlier export");
}

#[test]
fn a_name_that_is_too_long_is_refused() {
    let shop = Workspace::shop(HOSTILE, &["web", "worker"]);
    shop.edit("Cargo.toml", "a23456789", "a2345678912");
    let refused = shop.tool(&["check", "--for", "kubernetes"]).run();
    refused.ended(1).says(
        "which Kubernetes refuses: it has 65 characters, and 63 are allowed; give it another name",
    );
}

/// A table with each of these in an argument, in a variable, and in a default.
fn with_texts(texts: &[String]) -> String {
    let toml = |text: &str| toml_edit::Value::from(text).to_string();
    let escaped: Vec<String> = texts.iter().map(|text| toml(&text.replace('$', "$$"))).collect();
    let args = format!("args = [{}]\n", escaped.join(", "));
    let env = escaped.iter().enumerate().map(|(number, text)| format!("env.E{number} = {text}\n"));
    let defaults = texts.iter().enumerate();
    let defaults =
        defaults.map(|(number, text)| format!("D{number} = {{ default = {} }}\n", toml(text)));
    let home = "[package.metadata.formation";
    let (env, defaults): (String, String) = (env.collect(), defaults.collect());
    format!("{home}.worker]\n{args}{env}{home}.settings.config]\n{defaults}")
}

/// What kustomize makes of the objects, as kubectl reads it.
fn built(shop: &Workspace) -> Vec<Value> {
    let built = shop.program("kubectl".as_ref()).args(&["kustomize", "k8s"]).run();
    shop.write("built.yaml", &built.ended(0).stdout);
    // Any command that reads, asks no cluster, and writes JSON.
    let words = ["annotate", "--local", "--filename", "built.yaml", "--output", "json", "a=b"];
    let read = shop.program("kubectl".as_ref()).args(&words).run();
    let objects = serde_json::Deserializer::from_str(&read.ended(0).stdout).into_iter();
    objects.map(Result::unwrap).collect()
}

/// All that is not refused: controls but for C1, and code points that are no characters, too.
const ANYTHING: &str = "[a$()\"'\\\\#:{}%\\-\\[ \\x01-\\x1f\u{a0}\u{2028}\u{2029}\u{feff}\u{fdd0}\u{fffd}\u{1fffe}\u{10ffff}🚀]{0,9}";

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) })]
    #[test]
    fn every_text_arrives_through_kustomize(texts in vec(ANYTHING, 1..50)) {
        let shop = Workspace::shop(&with_texts(&texts), &["worker"]);
        shop.tool(&["export", "kubernetes", "--output", "k8s"]).run().ended(0);
        if !is_installed(&shop, "kubectl", "nobody reads the objects") {
            return Ok(());
        }
        let objects = built(&shop);
        let of = |kind: &str| objects.iter().find(|object| object["kind"] == kind).unwrap();
        let config = &of("ConfigMap")["data"];
        let container = &of("Deployment")["spec"]["template"]["spec"]["containers"][0];
        let env = container["env"].as_array().unwrap();
        for (number, text) in texts.iter().enumerate() {
            // What Kubernetes expands, it leaves alone.
            let escaped = text.replace('$', "$$");
            let name = format!("E{number}");
            let variable = env.iter().find(|variable| variable["name"] == *name).unwrap();
            prop_assert_eq!(&container["args"][number], &escaped);
            prop_assert_eq!(&variable["value"], &escaped);
            prop_assert_eq!(&config[format!("D{number}")], text);
        }
    }
}
