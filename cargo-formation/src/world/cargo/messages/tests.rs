//! What cargo writes for programs.

use std::collections::BTreeMap;

use super::{BuildNews, Level, name_in_id, read_messages};
use crate::narrate::build::{Target, TargetKind};
use crate::world::cargo::Seen;

const WEB: &str = r#""package_id":"path+file:///shop/crates/web#0.1.0","manifest_path":"/shop/crates/web/Cargo.toml","target":{"kind":["bin"],"crate_types":["bin"],"name":"web","src_path":"/shop/crates/web/src/main.rs","edition":"2024","doc":true,"doctest":false,"test":true}"#;
const CORE: &str = r#""package_id":"path+file:///shop/core#shop-core@0.1.0","manifest_path":"/shop/core/Cargo.toml","target":{"kind":["lib"],"crate_types":["lib"],"name":"shop_core","src_path":"/shop/core/src/lib.rs","edition":"2024","doc":true,"doctest":true,"test":true}"#;

fn artifact(of: &str, executable: &str, fresh: bool) -> String {
    format!(
        r#"{{"reason":"compiler-artifact",{of},"profile":{{"opt_level":"0","debuginfo":2,"debug_assertions":true,"overflow_checks":true,"test":false}},"features":[],"filenames":[],"executable":{executable},"fresh":{fresh}}}"#
    )
}

fn message(of: &str, level: &str, rendered: &str) -> String {
    format!(
        r#"{{"reason":"compiler-message",{of},"message":{{"$message_type":"diagnostic","message":"short","code":null,"level":"{level}","spans":[],"children":[],"rendered":"{rendered}"}}}}"#
    )
}

/// What builds with one memory report, each line of the output in a line.
fn check(builds: &[&[String]]) -> Vec<Vec<BuildNews>> {
    let names =
        BTreeMap::from([("path+file:///shop/crates/web#0.1.0".to_owned(), "shop-web".to_owned())]);
    let mut seen = Seen::default();
    let report = |lines: &&[String]| {
        let mut news = Vec::new();
        let stdout = lines.join("\n");
        read_messages(stdout.as_bytes(), &names, &mut seen, |item| news.push(item)).unwrap();
        news
    };
    builds.iter().map(report).collect()
}

fn web() -> Target {
    Target { package: "shop-web".into(), name: "web".into(), kind: TargetKind::Binary }
}

fn core() -> Target {
    Target { package: "shop-core".into(), name: "shop_core".into(), kind: TargetKind::Library }
}

fn diagnostic(target: Target, level: Level, rendered: &str) -> BuildNews {
    BuildNews::Diagnostic { target, level, rendered: rendered.to_owned() }
}

#[test]
fn a_build_is_reported_in_the_words_of_the_formation() {
    let script = CORE.replace("\"lib\"", "\"custom-build\"");
    let build = [
        artifact(&script, "null", false),
        message(CORE, "warning", "unused"),
        artifact(CORE, "null", false),
        "a macro prints".to_owned(),
        r#"{"reason":"something-new"}"#.to_owned(),
        artifact(WEB, r#""/shop/target/debug/web""#, true),
        r#"{"reason":"build-finished","success":true}"#.to_owned(),
    ];
    assert_eq!(
        check(&[&build]),
        [[
            diagnostic(core(), Level::Warning, "unused"),
            BuildNews::Output("a macro prints".into()),
            BuildNews::Artifact {
                package: "shop-web".into(),
                binary: "web".into(),
                path: "/shop/target/debug/web".into(),
                fresh: true,
            },
            BuildNews::Finished { success: true },
        ]]
    );
}

#[test]
fn errors_are_repeated_and_warnings_are_not() {
    let build = [
        message(CORE, "warning", "unused"),
        artifact(CORE, "null", true),
        message(WEB, "error", "mismatched"),
        message(WEB, "error: internal compiler error", "oh no"),
        message(WEB, "failure-note", "more"),
    ];
    let errors = [
        diagnostic(web(), Level::Error, "mismatched"),
        diagnostic(web(), Level::Error, "oh no"),
        diagnostic(web(), Level::Reading, "more"),
    ];
    let reported = check(&[&build, &build]);
    assert_eq!(reported[0][1..], errors);
    assert_eq!(reported[1], errors);
}

#[test]
fn every_error_counts_also_one_that_reads_like_another_and_no_sum_of_them_does() {
    let sum = message(WEB, "error", "error: aborting").replace("short", "aborting due to 2 others");
    let wrong = message(WEB, "error", "wrong");
    let build = [wrong.clone(), wrong, sum];
    let news = [diagnostic(web(), Level::Error, "wrong"), BuildNews::Again { target: web() }];
    assert_eq!(check(&[&build]), [news]);
}

#[test]
fn what_was_not_compiled_is_not_forgotten() {
    let warning = message(CORE, "warning", "unused");
    let said = [warning.clone(), artifact(CORE, "null", false)];
    let silent = [artifact(CORE, "null", true)];
    let compiled = [artifact(CORE, "null", false)];
    assert_eq!(check(&[&said, &silent, &said])[2], []);
    assert_eq!(check(&[&said, &compiled, &said])[2].len(), 1);
}

#[test]
fn bytes_that_are_no_text_lose_their_line_only() {
    let mut news = Vec::new();
    let stdout: &[u8] = b"\xff\xfe\n{\"reason\":\"build-finished\",\"success\":false}\n";
    let names = BTreeMap::new();
    read_messages(stdout, &names, &mut Seen::default(), |item| news.push(item)).unwrap();
    assert_eq!(news, [BuildNews::Finished { success: false }]);
}

#[test]
fn every_package_id_has_a_name() {
    for (id, name) in [
        ("path+file:///shop/crates/web#0.1.0", "web"),
        ("path+file:///shop/crates/web#shop-web@0.1.0", "shop-web"),
        ("registry+https://github.com/rust-lang/crates.io-index#serde@1.0.1", "serde"),
        ("git+https://example.com/tool?branch=main#1.0.0", "tool"),
        ("git+https://example.com/tool?branch=a/b#1.0.0", "tool"),
        ("strange", "strange"),
    ] {
        assert_eq!(name_in_id(id), name);
    }
}
