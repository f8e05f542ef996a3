//! Changes that are none of cargo's: the environment, and what a process type watches itself.

use std::fs;

use harness::{DEADLINE, eventually};

use crate::shop::{Shop, TYPES, touch};

/// A source that says a variable, too.
fn telling(name: &str, variable: &str) -> String {
    format!(
        "fn main() {{ shared::live(&format!(\"{name} {{}}\", \
         std::env::var({variable:?}).unwrap_or_default())) }}\n"
    )
}

/// Both types say the variable `WORD`.
fn shop() -> Shop {
    let shop = Shop::new();
    for name in ["web", "worker"] {
        shop.workspace.write(format!("{name}/src/main.rs"), &telling(name, "WORD"));
    }
    shop
}

#[test]
fn an_environment_file_restarts_without_cargo() {
    let shop = shop();
    let dev = shop.dev(&[]);
    for (file, word) in [(".env", "one"), (".env", "two"), (".env.local", "three")] {
        shop.workspace.write(file, &format!("WORD={word}\n"));
        dev.settles("Restarted: web.1 worker.1");
        dev.says(&format!("web {word}"));
        dev.says(&format!("worker {word}"));
    }
    assert_eq!(shop.cargos("build"), 1, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn an_environment_file_that_says_the_same_restarts_nobody() {
    let shop = shop();
    shop.workspace.write(".env", "WORD=one\n");
    let dev = shop.dev(&[]);
    shop.workspace.write(".env", "# A word.\nWORD='one'\n");
    dev.settles("Up to date; web, worker unchanged");
    assert_eq!((dev.starts("web"), dev.starts("worker")), (1, 1));
    assert_eq!(shop.cargos("build"), 1, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn only_whose_environment_is_another_restarts() {
    // The value of `worker` hides behind its table, until `.env` says one that is over it.
    let shop = shop();
    let manifest = fs::read_to_string(shop.path("worker/Cargo.toml")).unwrap();
    let manifest = manifest.replace("worker = {}", "worker = { env = { WORD = \"one\" } }");
    shop.workspace.write("worker/Cargo.toml", &manifest);
    let dev = shop.dev(&[]);
    let worker = dev.says("worker one");
    shop.workspace.write(".env", "WORD=one\n");
    dev.settles("Restarted: web.1; worker unchanged");
    dev.says("web one");
    assert_eq!(dev.says("worker one"), worker);
    dev.end(&shop);
}

#[test]
fn a_glob_of_one_type_restarts_that_type_alone() {
    let shop = Shop::with("", "web = { port = false, watch = [\"texts/**\"] }", "worker = {}");
    let dev = shop.dev(&[]);
    let web = dev.says("web 1 1 1");
    shop.workspace.write("texts/deep/a.html", "a");
    dev.settles("Restarted: web.1; worker unchanged");
    assert_ne!(dev.says_again(2, "web 1 1 1"), web);
    shop.workspace.write("texts/deep/a.html", "b");
    dev.settles("Restarted: web.1; worker unchanged");
    assert_eq!(shop.cargos("build"), 1, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn what_cargo_cannot_see_is_built_if_it_is_named() {
    let shop = Shop::with("", TYPES, "worker = { inputs = [\"words.txt\"] }");
    // A macro that reads a file and tells nobody.
    let package = "[package]\nname = \"words\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
                   [lib]\nproc-macro = true\n";
    shop.workspace.write("words/Cargo.toml", package);
    let library = "#[proc_macro]\npub fn words(_: proc_macro::TokenStream) -> proc_macro::TokenStream {\n    \
                   let text = std::fs::read_to_string(\"words.txt\").unwrap();\n    \
                   format!(\"{text:?}\").parse().unwrap()\n}\n";
    shop.workspace.write("words/src/lib.rs", library);
    shop.workspace.append("worker/Cargo.toml", "[dependencies.words]\npath = \"../words\"\n");
    let root = fs::read_to_string(shop.path("Cargo.toml")).unwrap();
    shop.workspace.write("Cargo.toml", &root.replace("\"shared\",", "\"shared\", \"words\","));
    shop.workspace.write("words.txt", "one");
    let main = "fn main() { shared::live(&format!(\"worker {}\", words::words!())) }\n";
    shop.workspace.write("worker/src/main.rs", main);
    let dev = shop.dev(&[]);
    dev.says("worker one");
    shop.workspace.write("words.txt", "two");
    dev.says("worker two");
    assert_eq!(dev.starts("web"), 1, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn a_directory_by_the_name_of_an_environment_file_is_told() {
    let shop = shop();
    let dev = shop.dev(&[]);
    fs::create_dir(shop.path(".env")).unwrap();
    dev.tool.wait_for(&format!("cannot read `{}`: it is a directory", shop.path(".env").display()));
    dev.tool.wait_for("Keeping the formation as it was");
    fs::remove_dir(shop.path(".env")).unwrap();
    dev.settles("Up to date; web, worker unchanged");
    shop.workspace.write(".env", "WORD=one\n");
    dev.settles("Restarted: web.1 worker.1");
    assert_eq!(dev.tool.count("it is a directory"), 1, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn a_broken_environment_file_changes_nothing() {
    let shop = shop();
    shop.workspace.write(".env", "WORD=one\n");
    let dev = shop.dev(&[]);
    shop.workspace.write(".env", "WORD='one\n");
    dev.tool.wait_for("Keeping the formation as it was");
    // What is not understood is not up to date, whatever cargo says.
    touch(&shop.path("web/src/main.rs"));
    eventually("a build", DEADLINE, || (shop.cargos("build") > 1).then_some(()));
    shop.wait_for_end_of_cargo();
    shop.workspace.write(".env", "WORD=two\n");
    dev.settles("Restarted: web.1 worker.1");
    dev.says("web two");
    dev.end(&shop);
}
