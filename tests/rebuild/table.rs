//! Another table while the formation runs.

use std::fs;

use harness::{DEADLINE, Stream};

use crate::shop::{Shop, source};

/// Change a text of a file, which has to be there.
#[track_caller]
fn replace(shop: &Shop, file: &str, old: &str, new: &str) {
    let text = fs::read_to_string(shop.path(file)).unwrap();
    assert!(text.contains(old), "{text}");
    shop.workspace.write(file, &text.replace(old, new));
}

#[test]
fn a_type_appears_changes_and_vanishes() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    dev.knows_what_is_read(&shop);
    shop.workspace.write("worker/src/bin/clock.rs", &source("clock", 1));
    dev.settles("Up to date; web, worker unchanged");
    replace(&shop, "worker/Cargo.toml", "worker = {}", "worker = {}\nclock = {}");
    dev.settles("Changed: started clock.1; web, worker unchanged");
    dev.says("clock 1 1 0");
    shop.workspace.write("worker/src/bin/clock.rs", &source("clock", 2));
    dev.settles("Rebuilt clock, restarted clock.1; web, worker unchanged");
    let clock = dev.says("clock 2 1 0");
    replace(&shop, "worker/Cargo.toml", "\nclock = {}", "");
    harness::eventually("end of the clock", DEADLINE, || {
        shop.workspace.alive().iter().all(|process| process.pid != clock).then_some(())
    });
    dev.settles("Changed: stopped clock.1; web, worker unchanged");
    assert_eq!((dev.starts("web"), dev.starts("worker")), (1, 1), "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn a_type_that_leaves_and_is_deaf_has_left_when_it_is_gone() {
    let shop = Shop::new();
    let script = "trap '' TERM; echo \"clock is deaf in process $$\"; while :; do sleep 0.05; done";
    let clock = format!(
        "use std::os::unix::process::CommandExt;\n\
         fn main() {{ panic!(\"{{}}\", std::process::Command::new(\"sh\").arg(\"-c\").arg({script:?}).exec()) }}\n"
    );
    shop.workspace.write("worker/src/bin/clock.rs", &clock);
    let with = "worker = {}\nclock = { stop = { timeout = \"1s\" } }";
    replace(&shop, "worker/Cargo.toml", "worker = {}", with);
    let dev = shop.dev(&[]);
    let clock = dev.says("clock is deaf");
    replace(&shop, "worker/Cargo.toml", with, "worker = {}");
    dev.settles("Changed: stopped clock.1; web, worker unchanged");
    assert!(shop.workspace.alive().iter().all(|process| process.pid != clock));
    let lines = dev.tool.text(Stream::Err);
    assert!(lines.find("Killed clock.1") < lines.find("Changed"), "{lines}");
    dev.end(&shop);
}

#[test]
fn a_type_with_another_name_is_another() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let worker = dev.says("worker 1 1 0");
    replace(&shop, "worker/Cargo.toml", "worker = {}", "jobs = { bin = \"worker\" }");
    dev.tool.wait_for("jobs.1  ");
    dev.settled();
    assert_ne!(dev.says_again(2, "worker 1 1 0"), worker);
    assert!(shop.workspace.alive().iter().all(|process| process.pid != worker));
    assert_eq!(dev.starts("web"), 1, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn other_arguments_restart_who_has_them() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    replace(&shop, "worker/Cargo.toml", "worker = {}", "worker = { args = [\"twice\"] }");
    dev.settles("Restarted: worker.1; web unchanged");
    dev.end(&shop);
}

#[test]
fn a_table_that_is_not_understood_changes_nothing() {
    let problems = [
        ("worker = {}", "worker = {}\n\"", "expected `=`"),
        ("worker = {}", "worker = { quantity = \"many\" }", "quantity"),
        ("worker = {}", "worker = {}\nclock = {}", "clock"),
    ];
    for (old, new, word) in problems {
        let shop = Shop::new();
        let dev = shop.dev(&[]);
        let (web, worker) = (dev.says("web 1 1 1"), dev.says("worker 1 1 0"));
        replace(&shop, "worker/Cargo.toml", old, new);
        dev.tool.wait_for("Keeping the formation as it was");
        let shown = dev.tool.text(Stream::Err);
        let mut errors: Vec<&str> =
            shown.lines().filter(|line| line.starts_with("error")).collect();
        assert!(errors.iter().any(|error| error.contains(word)), "{errors:?}");
        errors.sort_unstable();
        errors.dedup();
        assert_eq!(dev.tool.count("error"), errors.len(), "{new}\n{shown}");
        replace(&shop, "worker/Cargo.toml", new, old);
        dev.settles("Up to date; web, worker unchanged");
        assert_eq!(dev.tool.count("Keeping"), 1, "{new}\n{}", dev.tool.transcript());
        shop.process(web);
        shop.process(worker);
        assert_eq!((dev.starts("web"), dev.starts("worker")), (1, 1));
        dev.end(&shop);
    }
}

#[test]
fn a_table_that_changes_while_it_is_read_is_read_once_more() {
    let shop = Shop::with("", "web = { port = false, watch = [\"mark.txt\"] }", "worker = {}");
    let dev = shop.dev(&[]);
    let gate = shop.hold("cargo-metadata");
    replace(&shop, "worker/Cargo.toml", "worker = {}", "worker = { args = [\"once\"] }");
    gate.wait(&dev);
    shop.workspace.write("formation.local.toml", "[dev]\nquantity = { worker = 2 }\n");
    // Whoever looks at this has looked at what was written before it.
    shop.workspace.write("mark.txt", "");
    dev.says_again(2, "web 1 1 1");
    gate.release();
    dev.tool.wait_for("Started worker.2 ");
    assert_eq!(shop.cargos("metadata"), 3, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn the_code_is_built_after_a_table_was_mended() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    replace(&shop, "worker/Cargo.toml", "worker = {}", "worker = {");
    dev.tool.wait_for("Keeping the formation as it was");
    shop.write_own("worker", 2);
    replace(&shop, "worker/Cargo.toml", "worker = {", "worker = {}");
    dev.says("worker 2 1 0");
    assert_eq!(dev.starts("web"), 1, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn what_one_developer_says_is_followed() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let file = "formation.local.toml";
    shop.workspace.write(file, "[dev]\nquantity = { worker = 3 }\n");
    dev.tool.wait_for("| worker 1 1 0");
    dev.tool.wait_for("Started worker.3 ");
    assert_eq!(dev.settled(), "Changed: started worker.2 worker.3; web unchanged");
    shop.workspace.write(file, "[services]\ncache = { command = [\"sleep\", \"7030\"] }\n");
    shop.workspace.wait_for_process("sleep 7030");
    dev.settles("Changed: stopped worker.2 worker.3; web unchanged");
    fs::remove_file(shop.path(file)).unwrap();
    shop.workspace.wait_for_end_of("sleep 7030");
    dev.settles("Up to date; web, worker unchanged");
    assert_eq!(dev.starts("web"), 1, "{}", dev.tool.transcript());
    assert_eq!(dev.starts("worker"), 3, "{}", dev.tool.transcript());
    dev.end(&shop);
}
