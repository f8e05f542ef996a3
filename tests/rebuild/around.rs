//! What is not simply a source in the workspace: other places, other cargos, git, and
//! processes that write where it is looked.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::shop::{Shop, TYPES, shared, source};

/// The source of `web` that says the first line of this file.
fn including(path: &str) -> String {
    format!("fn main() {{ shared::live(&format!(\"web {{}}\", include_str!({path:?}).trim())) }}\n")
}

#[test]
fn a_text_outside_of_the_workspace_is_watched_if_it_is_built_in() {
    let shop = Shop::new();
    let text = shop.workspace.beside("outside/word.txt");
    fs::create_dir(text.parent().unwrap()).unwrap();
    fs::write(&text, "first\n").unwrap();
    shop.workspace.write("web/src/main.rs", &including("../../../outside/word.txt"));
    let dev = shop.dev(&[]);
    dev.says("web first");
    fs::write(&text, "second\n").unwrap();
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.says("web second");
    dev.end(&shop);
}

#[test]
fn a_text_that_is_built_in_later_is_watched_from_then_on() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let text = shop.workspace.beside("outside/word.txt");
    fs::create_dir(text.parent().unwrap()).unwrap();
    fs::write(&text, "first\n").unwrap();
    let held = shop.hold("web");
    shop.workspace.write("web/src/main.rs", &including("../../../outside/word.txt"));
    held.wait(&dev);
    // Nobody looks there yet.
    fs::write(&text, "second\n").unwrap();
    held.release();
    dev.says("web second");
    dev.settled();
    fs::write(&text, "third\n").unwrap();
    dev.says("web third");
    dev.end(&shop);
}

#[test]
fn a_text_that_is_built_in_for_the_first_time_and_edited_before_that_build_is_over() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let text = shop.workspace.beside("outside/word.txt");
    fs::create_dir(text.parent().unwrap()).unwrap();
    fs::write(&text, "first\n").unwrap();
    let held = shop.hold("worker");
    shop.write_own("worker", 2);
    shop.workspace.write("web/src/main.rs", &including("../../../outside/word.txt"));
    dev.says("web first");
    held.wait(&dev);
    // It has been read, and nobody looks there yet.
    fs::write(&text, "second\n").unwrap();
    held.release();
    dev.says("web second");
    dev.end(&shop);
}

#[test]
fn a_library_outside_of_the_workspace_is_watched() {
    let shop = Shop::new();
    let outside = shop.workspace.beside("outside");
    fs::rename(shop.path("shared"), &outside).unwrap();
    for manifest in ["Cargo.toml", "web/Cargo.toml", "worker/Cargo.toml"] {
        let text = fs::read_to_string(shop.path(manifest)).unwrap();
        let text = text.replace("\"../shared\"", "\"../../outside\"").replace("\"shared\", ", "");
        shop.workspace.write(manifest, &text);
    }
    let dev = shop.dev(&[]);
    fs::write(outside.join("src/lib.rs"), shared(1, 2)).unwrap();
    dev.settles("Rebuilt web, worker, restarted web.1 worker.1");
    dev.says("web 1 2 1");
    dev.says("worker 1 2 0");
    dev.end(&shop);
}

#[test]
fn a_package_behind_a_link_is_watched() {
    let shop = Shop::new();
    let real = shop.workspace.beside("real");
    fs::rename(shop.path("worker"), &real).unwrap();
    symlink(&real, shop.path("worker")).unwrap();
    let dev = shop.dev(&[]);
    // By the one path and by the other.
    shop.write_own("worker", 2);
    dev.settles("Rebuilt worker, restarted worker.1; web unchanged");
    fs::write(real.join("src/main.rs"), source("worker", 3)).unwrap();
    dev.settles("Rebuilt worker, restarted worker.1; web unchanged");
    dev.says("worker 3 1 0");
    dev.end(&shop);
}

#[test]
fn a_target_directory_between_the_sources_is_not_watched() {
    for place in ["web/src/made", "web/target", "."] {
        let shop = Shop::new();
        let dev = shop.dev(&["--target-dir", place]);
        for own in 2..5 {
            shop.write_own("web", own);
            dev.settles("Rebuilt web, restarted web.1; worker unchanged");
        }
        dev.says("web 4 1 1");
        assert_eq!(shop.cargos("build"), 4, "{place}\n{}", dev.tool.transcript());
        dev.end(&shop);
    }
}

#[test]
fn a_package_that_is_removed_and_made_anew_goes_on() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let worker = dev.says("worker 1 1 0");
    let manifest = fs::read_to_string(shop.path("worker/Cargo.toml")).unwrap();
    fs::remove_dir_all(shop.path("worker")).unwrap();
    dev.tool.wait_for("Keeping the formation as it was");
    shop.process(worker);
    shop.workspace.write("worker/Cargo.toml", &manifest);
    shop.write_own("worker", 2);
    dev.says("worker 2 1 0");
    assert_eq!(dev.starts("web"), 1, "{}", dev.tool.transcript());
    dev.settled();
    // And it is still looked at.
    shop.write_own("worker", 3);
    dev.says("worker 3 1 0");
    dev.end(&shop);
}

#[test]
fn a_workspace_that_is_moved_away_is_told_and_goes_on_when_it_is_back() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let (root, aside) = (shop.workspace.root(), shop.workspace.beside("aside"));
    fs::rename(&root, &aside).unwrap();
    dev.tool.wait_for(&format!("`{}` is gone, and its `Cargo.toml` with it", root.display()));
    dev.tool.wait_for("Keeping the formation as it was");
    assert_eq!(dev.tool.count("EOF"), 0, "{}", dev.tool.transcript());
    fs::rename(&aside, &root).unwrap();
    shop.write_own("web", 2);
    dev.says("web 2 1 1");
    assert_eq!(dev.starts("worker"), 1, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn what_another_cargo_has_built_is_news_too() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let held = shop.hold("cargo-build");
    shop.write_own("web", 2);
    held.wait(&dev);
    shop.run_cargo(&["build"]);
    held.release();
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.says("web 2 1 1");
    dev.end(&shop);
}

#[test]
fn what_another_cargo_has_put_in_the_place_of_a_binary_does_not_run() {
    let shop = Shop::new();
    shop.workspace.append("web/Cargo.toml", "[features]\nother = []\n");
    let text = "fn main() { shared::live(if cfg!(feature = \"other\") { \"web b\" } else { \"web a\" }) }\n";
    shop.workspace.write("web/src/main.rs", text);
    let dev = shop.dev(&[]);
    let web = dev.says("web a");
    shop.run_cargo(&["build", "-p", "web", "--features", "other"]);
    shop.process(web).signal(Signal::KILL);
    dev.tool.wait_for_nth(2, "| web a in process ");
    assert_eq!(dev.tool.count("| web b"), 0, "{}", dev.tool.transcript());
    dev.end(&shop);
}

/// Git, in a repository that nobody's configuration has a say in.
#[track_caller]
fn git(root: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]);
    command.args(arguments).current_dir(root);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_checkout_of_many_files_is_one_build() {
    const MODULES: u32 = 300;
    let shop = Shop::new();
    let root = shop.workspace.root();
    let write = |word: u32| {
        for number in 0..MODULES {
            let text = format!("pub fn number() -> u32 {{ {} }}\n", word + number);
            shop.workspace.write(format!("shared/src/m{number}.rs"), &text);
        }
        let modules: Vec<_> = (0..MODULES).map(|number| format!("pub mod m{number};\n")).collect();
        let all = format!("m0::number() + m{}::number()", MODULES - 1);
        let library =
            shared(1, 1).replace("of_all() -> u32 { 1 }", &format!("of_all() -> u32 {{ {all} }}"));
        shop.workspace.write("shared/src/lib.rs", &(modules.concat() + &library));
    };
    // And nine times as many that nothing is built from.
    let files = 9 * MODULES;
    let fill = |word: &str| {
        for number in 0..files {
            shop.workspace.write(format!("shared/data/{number}.txt"), word);
        }
    };
    fill("old");
    shop.workspace.write(".gitignore", "/target\n");
    // One file in the middle takes as long as the test wants.
    shop.workspace.write(".gitattributes", "m150.rs filter=slow\n");
    git(&root, &["init", "--quiet", "--initial-branch", "old"]);
    let gate = shop.workspace.beside("gates/checkout");
    let filter = format!(
        "if [ -e {0} ]; then : >{0}.arrived; fi; while [ -e {0} ]; do sleep 0.01; done; cat",
        gate.display()
    );
    git(&root, &["config", "filter.slow.smudge", &filter]);
    git(&root, &["config", "filter.slow.clean", "cat"]);
    write(0);
    git(&root, &["add", "."]);
    git(&root, &["commit", "--quiet", "-m", "old"]);
    git(&root, &["checkout", "--quiet", "-b", "new"]);
    write(1);
    fill("new");
    git(&root, &["commit", "--quiet", "-a", "-m", "new"]);
    let dev = shop.dev(&[]);
    dev.says(&format!("worker 1 {} 0", MODULES + 1));
    let builds = shop.cargos("build");
    let held = shop.hold("checkout");
    std::thread::scope(|scope| {
        let checkout = scope.spawn(|| git(&root, &["checkout", "--quiet", "old"]));
        held.wait(&dev);
        assert!(root.join(".git/index.lock").exists());
        held.release();
        checkout.join().unwrap();
    });
    dev.settles("Rebuilt web, worker, restarted web.1 worker.1");
    dev.says(&format!("worker 1 {} 0", MODULES - 1));
    assert_eq!(shop.cargos("build") - builds, 1, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn a_part_of_an_edit_that_git_takes_back_is_built() {
    let shop = Shop::new();
    let root = shop.workspace.root();
    // Far enough from each other to be two parts of one edit.
    let write = |number: u32| {
        let between = "// Between them.\n".repeat(20);
        let main = "fn main() { shared::live(&format!(\"web {FIRST} {SECOND}\")) }";
        let text = format!(
            "{main}\nconst FIRST: u32 = {number};\n{between}const SECOND: u32 = {number};\n"
        );
        shop.workspace.write("web/src/main.rs", &text);
    };
    shop.workspace.write(".gitignore", "/target\n");
    write(1);
    git(&root, &["init", "--quiet"]);
    git(&root, &["add", "."]);
    git(&root, &["commit", "--quiet", "-m", "old"]);
    write(2);
    let dev = shop.dev(&[]);
    dev.says("web 2 2");
    let mut command = Command::new("git");
    command.args(["checkout", "-p"]).current_dir(&root).env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut checkout = command.spawn().unwrap();
    checkout.stdin.take().unwrap().write_all(b"y\nn\n").unwrap();
    assert!(checkout.wait().unwrap().success());
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.says("web 1 2");
    dev.end(&shop);
}

/// A `web` that writes its number to these files at its start.
fn writer(files: &[&str], own: u32) -> String {
    let writes: Vec<_> = files
        .iter()
        .map(|file| format!("std::fs::write({file:?}, std::process::id().to_string()).unwrap();"))
        .collect();
    format!("fn main() {{ {} shared::live(\"web {own}\") }}\n", writes.concat())
}

#[test]
fn a_process_that_writes_between_its_sources_makes_no_loop() {
    let shop = Shop::new();
    shop.workspace.write(".gitignore", "/target\nignored\n");
    fs::create_dir(shop.path(".git")).unwrap();
    let files =
        ["web/src/ignored", "web/src/state.json", "web/data.txt", "worker/src/x.txt", "top.txt"];
    shop.workspace.write("web/src/main.rs", &writer(&files, 1));
    let dev = shop.dev(&[]);
    let save = |own: u32| {
        shop.workspace.write("web/src/main.rs", &writer(&files, own));
        dev.settles("Rebuilt web, restarted web.1; worker unchanged");
        dev.says(&format!("web {own}"));
    };
    // What the first build has read is not known before it is over: until then, a file beside
    // the sources may be one.
    shop.workspace.write("web/src/main.rs", &writer(&files, 2));
    dev.says("web 2");
    dev.comes_to_rest("the start");
    let builds = shop.cargos("build");
    (3..6).for_each(save);
    assert_eq!(shop.cargos("build") - builds, 3, "{}", dev.tool.transcript());
    assert_eq!(dev.starts("web"), 5, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn a_process_that_writes_a_source_as_it_was_makes_no_loop() {
    let shop = Shop::with("", TYPES, "worker = {}");
    let text = "pub const NOTHING: () = ();\n";
    shop.workspace.write("web/src/made.rs", text);
    let source = |own: u32| {
        format!(
            "mod made;\nfn main() {{ let () = made::NOTHING; \
             std::fs::write(\"web/src/made.rs\", {text:?}).unwrap(); shared::live(\"web {own}\") }}\n"
        )
    };
    shop.workspace.write("web/src/main.rs", &source(1));
    let dev = shop.dev(&[]);
    shop.workspace.write("web/src/main.rs", &source(2));
    dev.says("web 2");
    shop.workspace.write("web/src/main.rs", &source(3));
    dev.says("web 3");
    assert_eq!(dev.starts("web"), 3, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn a_process_that_writes_another_source_at_each_start_is_named() {
    let shop = Shop::new();
    shop.workspace.write("web/src/made.rs", "pub const N: u32 = 0;\n");
    // Written whole and closed, as a generator does.
    let main = "mod made;\nfn main() { let text = format!(\"pub const N: u32 = {};\\n\", made::N + 1);\n\
                std::fs::write(\"web/src/made.rs\", text).unwrap();\n\
                shared::live(&format!(\"web {}\", made::N)) }\n";
    shop.workspace.write("web/src/main.rs", main);
    let dev = shop.begin(&[]);
    dev.tool.wait_for("web/src/made.rs` has changed right after a start, many times in a row");
    assert_eq!(dev.starts("worker"), 1, "{}", dev.tool.transcript());
    // It is told, and not decided: everything goes on.
    shop.workspace.write("web/src/main.rs", &source("web", 2));
    dev.says("web 2 1 1");
    assert_eq!(dev.tool.count("many times in a row"), 1);
    dev.end(&shop);
}
