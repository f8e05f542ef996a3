//! What else a build depends on: build scripts, versions, the lock file, where things are put.

use std::fs;
use std::process::Command;

use harness::{DEADLINE, eventually};

use crate::shop::{Shop, TYPES, source, touch};

/// A build script of `web`, in whose source `env!` finds what it has found.
const SCRIPT: &str = "fn main() {\n    let found = std::fs::read_dir(\"words\").unwrap().count();\n    \
                      println!(\"cargo::rerun-if-changed=words\");\n    \
                      println!(\"cargo::rustc-env=FOUND={found}\");\n}\n";

#[test]
fn a_file_in_a_directory_that_a_build_script_names_is_seen() {
    let shop = Shop::new();
    shop.workspace.write("web/words/one.txt", "one");
    shop.workspace.write("web/build.rs", SCRIPT);
    let main = "fn main() { shared::live(concat!(\"web found \", env!(\"FOUND\"))) }\n";
    shop.workspace.write("web/src/main.rs", main);
    let dev = shop.dev(&[]);
    dev.says("web found 1");
    shop.workspace.write("web/words/two.txt", "two");
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.says("web found 2");
    fs::remove_file(shop.path("web/words/one.txt")).unwrap();
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.says("web found 1");
    dev.end(&shop);
}

#[test]
fn a_build_script_that_names_nothing_reads_the_whole_package() {
    let shop = Shop::new();
    shop.workspace.write("web/build.rs", "fn main() {}\n");
    shop.workspace.write("web/README.md", "Read me.\n");
    let dev = shop.dev(&[]);
    let builds = shop.cargos("build");
    shop.workspace.write("web/README.md", "Read me again.\n");
    // It runs again, and makes the same.
    dev.settles("Up to date; web, worker unchanged");
    assert_eq!(shop.cargos("build") - builds, 1, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn a_version_that_is_told_is_that_of_the_manifest_there_and_back() {
    let shop = Shop::new();
    let main = "fn main() { shared::live(concat!(\"web \", env!(\"CARGO_PKG_VERSION\"))) }\n";
    shop.workspace.write("web/src/main.rs", main);
    let dev = shop.dev(&[]);
    let manifest = fs::read_to_string(shop.path("web/Cargo.toml")).unwrap();
    for (version, times) in [("0.0.1", 1), ("0.0.0", 2), ("0.0.1", 2)] {
        let text = manifest.replace("version = \"0.0.0\"", &format!("version = \"{version}\""));
        shop.workspace.write("web/Cargo.toml", &text);
        dev.says_again(times, &format!("web {version}"));
        dev.settled();
    }
    assert_eq!(dev.starts("worker"), 1, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn another_lock_file_starts_cargo() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let builds = shop.cargos("build");
    touch(&shop.path("Cargo.lock"));
    dev.settles("Up to date; web, worker unchanged");
    assert!(shop.cargos("build") > builds, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn wherever_cargo_puts_what_it_makes() {
    let host = Command::new("rustc").arg("-vV").output().unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let elsewhere = "[build]\nbuild-dir = \"made/{workspace-path-hash}\"\n";
    for (arguments, configuration) in
        [(&["--target", host][..], ""), (&[], elsewhere), (&["--target-dir", "../out"], "")]
    {
        let shop = Shop::new();
        shop.workspace.write(".cargo/config.toml", configuration);
        let dev = shop.dev(arguments);
        shop.write_own("web", 2);
        dev.settles("Rebuilt web, restarted web.1; worker unchanged");
        dev.says("web 2 1 1");
        shop.write_shared(1, 2);
        dev.settles("Rebuilt web, worker, restarted web.1 worker.1");
        dev.end(&shop);
    }
}

#[test]
fn who_saves_all_the_time_sees_results_all_the_same() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let mut own = 1;
    // Faster than anything is built, until two of these have run.
    eventually("new code", DEADLINE, || {
        own += 1;
        shop.write_own("web", own);
        (dev.starts("web") >= 3).then_some(())
    });
    dev.says(&format!("web {own} 1 1"));
    dev.end(&shop);
}

#[test]
fn in_the_middle_of_a_rebase_a_save_is_built() {
    let shop = Shop::with("", TYPES, "worker = {}");
    // What git has there while a person is asked to edit.
    for directory in [".git/rebase-merge", ".git/refs", ".git/objects"] {
        fs::create_dir_all(shop.path(directory)).unwrap();
    }
    shop.workspace.write(".git/HEAD", "ref: refs/heads/main\n");
    let dev = shop.dev(&[]);
    shop.workspace.write("web/src/main.rs", &source("web", 2));
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.end(&shop);
}
