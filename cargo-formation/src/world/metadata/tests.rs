//! What cargo says about workspaces that are written for it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::plan::watch::BuildScript;

use super::{Answer, MetadataError, Question, Said, ask};

/// A directory with these files; sources that do not matter are empty programs.
fn workspace(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn package(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{rest}\n")
}

fn question(dir: &Path, flags: &[&str]) -> Question {
    let cargo = Path::new(env!("CARGO"));
    let env = [
        // The `rustc` that cargo asks lies beside it.
        ("PATH", cargo.parent().unwrap().to_owned()),
        ("CARGO_HOME", dir.join(".cargo-home")),
    ];
    Question {
        cargo: cargo.to_owned(),
        dir: dir.to_owned(),
        manifest_path: None,
        flags: flags.iter().map(|&flag| flag.to_owned()).collect(),
        env: env.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
    }
}

fn answer(dir: &Path) -> Answer {
    ask(&question(dir, &["--offline"])).unwrap()
}

/// Every package with its manifest and its binaries.
fn shown(answer: &Answer) -> Vec<String> {
    let workspace = &answer.workspace;
    let shown = workspace.packages.iter().map(|package| {
        let binaries = package.binaries.iter().map(|binary| binary.name.as_str());
        let binaries: Vec<_> = binaries.collect();
        format!("{} {} {}", package.name, workspace.shown(package.manifest), binaries.join(","))
    });
    shown.collect()
}

const MAIN: &str = "fn main() {}";

#[test]
fn members_come_in_cargos_order_and_strangers_do_not() {
    let root = "[workspace]\nresolver = \"2\"\nmembers = [\"zed\", \"api\"]\nexclude = [\"old\"]\n";
    let zed = package("zed", "[dependencies]\noutside = { path = \"../../outside\" }");
    let dir = workspace(&[
        ("ws/Cargo.toml", root),
        ("ws/zed/Cargo.toml", &zed),
        ("ws/zed/src/main.rs", MAIN),
        ("ws/zed/examples/demo.rs", MAIN),
        ("ws/api/Cargo.toml", &package("api", "")),
        ("ws/api/src/bin/web.rs", MAIN),
        ("ws/api/src/bin/worker.rs", MAIN),
        ("ws/old/Cargo.toml", &package("old", "")),
        ("ws/old/src/main.rs", MAIN),
        ("outside/Cargo.toml", &package("outside", "[workspace]")),
        ("outside/src/lib.rs", ""),
        ("outside/src/main.rs", MAIN),
    ]);
    let answer = answer(&dir.path().join("ws"));
    assert_eq!(shown(&answer), ["zed zed/Cargo.toml zed", "api api/Cargo.toml web,worker"]);
    assert_eq!(answer.workspace.manifests[0].text, root);
    assert_eq!(answer.target_directory, answer.workspace.root.join("target"));
}

#[test]
fn a_root_package_shares_the_manifest_of_the_workspace() {
    let bin = "[[bin]]\nname = \"server\"\npath = \"app/server.rs\"\nrequired-features = [\"tls\"]\n\
               [features]\ntls = []\n[workspace]\n";
    let dir = workspace(&[("Cargo.toml", &package("shop", bin)), ("app/server.rs", MAIN)]);
    let answer = answer(dir.path());
    assert_eq!(shown(&answer), ["shop Cargo.toml server"]);
    assert_eq!(answer.workspace.manifests.len(), 1);
    let server = &answer.workspace.packages[0].binaries[0];
    assert_eq!(server.required_features, ["tls"]);
    assert_eq!(server.source, answer.workspace.root.join("app/server.rs"));
}

#[test]
fn a_binary_is_built_from_what_its_package_needs_outside_of_tests() {
    let root =
        "[workspace]\nresolver = \"2\"\nmembers = [\"app\", \"core\", \"codegen\", \"fixtures\"]\n";
    let app = package(
        "app",
        "[dependencies]\ncore = { path = \"../core\", package = \"shop-core\" }\n\
         [dev-dependencies]\nfixtures = { path = \"../fixtures\" }",
    );
    let core = package("shop-core", "[build-dependencies]\ncodegen = { path = \"../codegen\" }");
    let dir = workspace(&[
        ("Cargo.toml", root),
        ("app/Cargo.toml", &app),
        ("app/src/main.rs", MAIN),
        ("core/Cargo.toml", &core),
        ("core/build.rs", MAIN),
        ("core/src/lib.rs", ""),
        ("codegen/Cargo.toml", &package("codegen", "")),
        ("codegen/src/lib.rs", ""),
        ("fixtures/Cargo.toml", &package("fixtures", "")),
        ("fixtures/src/lib.rs", ""),
    ]);
    let built_from = answer(dir.path()).built_from;
    let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(built_from["app"], set(&["app", "shop-core", "codegen"]));
    assert_eq!(built_from["fixtures"], set(&["fixtures"]));
}

#[test]
fn local_packages_have_directories_and_some_have_scripts() {
    let core = "[dependencies]\ncore = { path = \"../core\" }\n[workspace]";
    let dir = workspace(&[
        ("app/Cargo.toml", &package("app", core)),
        ("app/src/main.rs", MAIN),
        ("core/Cargo.toml", &package("core", "build = \"make.rs\"")),
        ("core/make.rs", MAIN),
        ("core/src/lib.rs", ""),
    ]);
    let answer = answer(&dir.path().join("app"));
    let known = |name: &str| answer.local.iter().find(|package| package.name == name).unwrap();
    assert_eq!(known("app").script, BuildScript::None);
    assert_eq!(known("core").script, BuildScript::ReadsAnything);
    assert!(known("core").directory.ends_with("core"));
}

#[test]
fn a_refusal_is_cargos() {
    let dir = workspace(&[("Cargo.toml", "[package\n")]);
    let refusal = ask(&question(dir.path(), &["--offline"])).unwrap_err();
    assert!(matches!(refusal, MetadataError::Refused { said: Said::Something, .. }), "{refusal}");
    assert!(refusal.to_string().contains("101"), "{refusal}");

    let mut missing = question(dir.path(), &[]);
    missing.cargo = "/nowhere/cargo".into();
    assert!(matches!(ask(&missing), Err(MetadataError::Start { .. })));
}

#[test]
fn a_manifest_can_be_named_from_elsewhere() {
    let dir = workspace(&[("a/Cargo.toml", &package("a", "")), ("a/src/main.rs", MAIN)]);
    let mut question = question(dir.path(), &["--offline"]);
    question.manifest_path = Some("a/Cargo.toml".into());
    assert_eq!(shown(&ask(&question).unwrap()), ["a Cargo.toml a"]);
}
