//! What cargo itself writes about builds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{build_script, dep_info, with_real_paths};
use crate::plan::watch::{BuildScript, Knowledge};

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn package(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{rest}\n")
}

/// Build the workspace in `root`; whether that succeeded.
fn build(root: &Path) -> bool {
    let cargo = Path::new(env!("CARGO"));
    let mut command = Command::new(cargo);
    command.args(["build", "--offline", "--quiet", "--keep-going"]).current_dir(root);
    command.env_clear().env("CARGO_HOME", root.join(".cargo-home"));
    // A linker is somewhere there, `rustc` beside cargo.
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", cargo.parent().unwrap().display());
    command.env("PATH", path).stdin(Stdio::null()).stderr(Stdio::null());
    command.status().unwrap().success()
}

/// The directory for the output of the build script of a package.
fn out_dir(root: &Path, package: &str) -> PathBuf {
    let entries = fs::read_dir(root.join("target/debug/build")).unwrap();
    let mut found = entries.map(|entry| entry.unwrap().path().join("out"));
    let of =
        |out: &PathBuf| out.to_str().unwrap().contains(&format!("/{package}-")) && out.is_dir();
    found.find(of).unwrap()
}

#[test]
fn everything_that_a_build_read_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    let app = root.join("app");
    let dependency = "[dependencies]\nfar = { path = \"../../far away\" }";
    write(&app, "Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"web\", \"old\"]\n");
    write(&app, "web/Cargo.toml", &package("web", dependency));
    write(&app, "web/build.rs", "fn main() { println!(\"cargo::rerun-if-changed=proto\"); }");
    write(&app, "web/proto/a.proto", "");
    write(
        &app,
        "web/src/main.rs",
        "mod page; fn main() { print!(\"{}{}\", far::X, include_str!(\"../../schema.sql\")); }",
    );
    write(&app, "web/src/page.rs", "");
    write(&app, "schema.sql", "");
    write(&app, "old/Cargo.toml", &package("old", ""));
    write(&app, "old/build.rs", "fn main() {}");
    write(&app, "old/src/main.rs", "fn main() {}");
    write(&root, "far away/Cargo.toml", &package("far", "[workspace]"));
    write(&root, "far away/src/lib.rs", "pub const X: u8 = 1;");
    assert!(build(&app));

    let artifacts = [app.join("target/debug/web"), app.join("target/debug/old")];
    let found = dep_info(&artifacts, Knowledge::Complete);
    assert_eq!(found.knowledge, Knowledge::Complete);
    let paths: Vec<String> = found
        .inputs
        .iter()
        .map(|path| path.strip_prefix(&root).unwrap().display().to_string())
        .collect();
    assert_eq!(
        paths,
        [
            "app/old/build.rs",
            "app/old/src/main.rs",
            "app/schema.sql",
            "app/web/build.rs",
            "app/web/proto",
            "app/web/src/main.rs",
            "app/web/src/page.rs",
            "far away/src/lib.rs",
        ]
    );
    assert_eq!(build_script(&out_dir(&app, "web")), BuildScript::Declares);
    assert_eq!(build_script(&out_dir(&app, "old")), BuildScript::ReadsAnything);

    // A build that fails leaves what the last good one said.
    write(&app, "web/src/page.rs", "mod missing;");
    assert!(!build(&app));
    assert_eq!(dep_info(&artifacts, Knowledge::Partial).inputs, found.inputs);
}

#[test]
fn without_dep_info_nothing_is_known() {
    let directory = tempfile::tempdir().unwrap();
    let web = directory.path().join("web");
    assert_eq!(dep_info(&[], Knowledge::Complete).knowledge, Knowledge::Partial);
    for text in [None, Some(&b"no rule"[..]), Some(b"\xff\xfe: \x00"), Some(b"web: src/main.rs")] {
        if let Some(text) = text {
            fs::write(web.with_extension("d"), text).unwrap();
        }
        let found = dep_info(std::slice::from_ref(&web), Knowledge::Complete);
        assert_eq!((found.knowledge, found.inputs.len()), (Knowledge::Partial, 0), "{text:?}");
    }
    fs::write(web.with_extension("d"), "/t/web: /w/a.rs\n").unwrap();
    let found = dep_info(std::slice::from_ref(&web), Knowledge::Complete);
    assert_eq!((found.knowledge, found.inputs.len()), (Knowledge::Complete, 1));
}

#[test]
fn what_a_script_said() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("out");
    assert_eq!(build_script(&out), BuildScript::ReadsAnything);
    let cases = [
        ("", BuildScript::ReadsAnything),
        ("cargo:rustc-cfg=a\nnot cargo:rerun-if-changed=x\n", BuildScript::ReadsAnything),
        ("cargo:rerun-if-changed=x\n", BuildScript::Declares),
        ("warning\ncargo::rerun-if-env-changed=X", BuildScript::Declares),
    ];
    for (said, expected) in cases {
        write(directory.path(), "output", said);
        assert_eq!(build_script(&out), expected, "{said:?}");
    }
}

#[test]
fn detours_are_resolved_by_the_file_system() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    write(&root, "real/deep/a.rs", "");
    write(&root, "real/b.sql", "");
    std::os::unix::fs::symlink("real/deep", root.join("src")).unwrap();
    let text = format!("/t/web: {0}/src/../b.sql {0}/gone/../c.sql\n", root.display());
    fs::write(root.join("web.d"), text).unwrap();
    let found = dep_info(&[root.join("web")], Knowledge::Complete);
    assert!(found.inputs.contains(&root.join("real/b.sql")), "{found:?}");
}

#[test]
fn a_directory_has_its_real_path_beside_it() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    fs::create_dir(root.join("fast")).unwrap();
    std::os::unix::fs::symlink("fast", root.join("target")).unwrap();
    let (target, gone) = (root.join("target"), root.join("gone"));
    let paths = with_real_paths(&[&target, &gone]);
    assert_eq!(paths, [root.join("fast"), gone, target]);
}
