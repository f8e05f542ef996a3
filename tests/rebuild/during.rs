//! Saves while something else is under way.

use std::fs;
use std::time::Duration;

use harness::{DEADLINE, eventually};
use rustix::process::Signal;

use crate::shop::{Shop, TYPES, touch};

#[test]
fn an_error_that_is_mended_while_it_is_built_needs_no_further_save() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let held = shop.hold("web");
    shop.break_own("web");
    held.wait(&dev);
    shop.write_own("web", 2);
    held.release();
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.says("web 2 1 1");
    dev.end(&shop);
}

#[test]
fn two_saves_during_a_build_are_one_more_build() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let before = shop.cargos("build");
    // Cargo itself is at work: the first save cancels it, the second finds the next one.
    let held = shop.hold("web");
    shop.write_own("web", 2);
    held.wait(&dev);
    shop.write_own("web", 3);
    held.wait(&dev);
    shop.write_own("web", 4);
    held.wait(&dev);
    held.release();
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.says("web 4 1 1");
    assert_eq!(dev.starts("web"), 2, "{}", dev.tool.transcript());
    assert_eq!(shop.cargos("build") - before, 3, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn data_that_is_written_after_a_cancelled_build_is_no_reason_to_build() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let before = shop.cargos("build");
    let held = shop.hold("web");
    shop.write_own("web", 2);
    held.wait(&dev);
    shop.write_own("web", 3);
    held.wait(&dev);
    shop.workspace.write("web/data.json", "{}\n");
    held.release();
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.says("web 3 1 1");
    assert_eq!(shop.cargos("build") - before, 2, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn what_cancelled_compilers_leave_is_removed() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let left = ["rustcAbC123", "part.abc-cgu.0.rcgu.o"];
    let left = || left.iter().filter(|name| shop.path("target/debug/deps").join(name).exists());
    let held = shop.hold("web");
    shop.write_own("web", 2);
    held.wait(&dev);
    assert_eq!(left().count(), 2);
    shop.write_own("web", 3);
    held.wait(&dev);
    held.release();
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    eventually("removal", DEADLINE, || (left().count() == 0).then_some(()));
    let held = shop.hold("web");
    shop.write_own("web", 4);
    held.wait(&dev);
    assert_eq!(left().count(), 2);
    dev.end(&shop);
    assert_eq!(left().count(), 0);
}

#[test]
fn a_target_directory_that_is_removed_during_a_build_needs_no_further_save() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let before = shop.cargos("build");
    let held = shop.hold("web");
    shop.write_own("web", 2);
    held.wait(&dev);
    fs::remove_dir_all(shop.path("target")).unwrap();
    held.release();
    dev.tool.wait_for("Repeating the build: the target directory was removed meanwhile");
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.says("web 2 1 1");
    assert_eq!(shop.cargos("build") - before, 2, "{}", dev.tool.transcript());
    // What is wrong with the code is not repeated.
    shop.break_own("web");
    dev.tool.wait_for("mismatched types");
    shop.wait_for_end_of_cargo();
    shop.write_own("web", 3);
    dev.says("web 3 1 1");
    assert_eq!(dev.tool.count("Repeating"), 1, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn a_target_directory_that_is_removed_again_and_again_is_not_built_in_for_ever() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let before = shop.cargos("build");
    let held = shop.hold("web");
    shop.write_own("web", 2);
    held.wait(&dev);
    fs::remove_dir_all(shop.path("target")).unwrap();
    // The one that repeats it needs the library anew.
    let library = shop.hold("shared");
    held.release();
    library.wait(&dev);
    fs::remove_dir_all(shop.path("target")).unwrap();
    library.release();
    dev.tool.wait_for_nth(2, "error: could not compile");
    shop.wait_for_end_of_cargo();
    assert_eq!(shop.cargos("build") - before, 2, "{}", dev.tool.transcript());
    shop.write_own("web", 3);
    dev.says("web 3 1 1");
    assert_eq!(dev.tool.count("Repeating"), 1, "{}", dev.tool.transcript());
    dev.end(&shop);
}

/// A process that asks for its stop to be allowed: it says so, and ends when `held` is let go.
fn reluctant(own: u32, gate: &str) -> String {
    let script = format!(
        "trap 'echo stopping {own}; while [ -e {gate} ]; do sleep 0.01; done; exit 0' TERM\n\
         echo \"worker {own} in process $$\"\nwhile :; do sleep 0.01; done"
    );
    format!(
        "use std::os::unix::process::CommandExt;\n\
         fn main() {{ panic!(\"{{}}\", std::process::Command::new(\"sh\").arg(\"-c\").arg({script:?}).exec()) }}\n"
    )
}

#[test]
fn a_save_while_the_old_process_stops_is_one_new_process() {
    let shop = Shop::with("", TYPES, "worker = { stop = { timeout = \"10m\" } }");
    let gate = shop.workspace.beside("gates/stop");
    let gate = gate.to_str().unwrap();
    shop.workspace.write("worker/src/main.rs", &reluctant(1, gate));
    let dev = shop.dev(&[]);
    let held = shop.hold("stop");
    shop.workspace.write("worker/src/main.rs", &reluctant(2, gate));
    dev.tool.wait_for("| stopping 1");
    let builds = shop.cargos("build");
    shop.workspace.write("worker/src/main.rs", &reluctant(3, gate));
    eventually("another build", DEADLINE, || (shop.cargos("build") > builds).then_some(()));
    shop.wait_for_end_of_cargo();
    held.release();
    dev.settles("Rebuilt worker, restarted worker.1; web unchanged");
    dev.says("worker 3");
    assert_eq!(dev.starts("worker"), 2, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn who_crashes_during_a_build_comes_back_as_it_was() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let old = dev.says("web 1 1 1");
    let held = shop.hold("web");
    shop.write_own("web", 2);
    held.wait(&dev);
    shop.process(old).signal(Signal::KILL);
    dev.tool.wait_for("Crashed web.1: SIGKILL; starts again in 100ms");
    dev.tool.wait_for_nth(2, "| web 1 1 1 in process ");
    held.release();
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.says("web 2 1 1");
    dev.end(&shop);
}

#[test]
fn a_save_ends_the_delay_of_who_goes_on_crashing() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    shop.workspace.write("worker/src/main.rs", "fn main() { std::process::exit(3) }\n");
    // The next one would be in a minute and a half, added up.
    dev.tool.wait_for("Crashed worker.1: exit code 3; starts again in 1.6s");
    shop.write_own("worker", 2);
    dev.says("worker 2 1 0");
    assert_eq!(dev.tool.count("starts again in 3.2s"), 0, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn another_cargo_is_waited_for() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    dev.knows_what_is_read(&shop);
    let held = shop.hold("another");
    let mut another = shop.other_cargo_that_waits();
    held.wait(&dev);
    shop.write_own("worker", 2);
    dev.tool.wait_for("(it builds in the same target directory)");
    held.release();
    assert!(another.wait().unwrap().success());
    dev.tool.wait_for("Waited ");
    dev.tool.wait_for(" for another cargo), restarted worker.1; web unchanged");
    dev.end(&shop);
}

#[test]
fn a_signal_is_heard_while_another_cargo_is_waited_for() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    dev.knows_what_is_read(&shop);
    let held = shop.hold("another");
    let mut another = shop.other_cargo_that_waits();
    held.wait(&dev);
    shop.write_own("worker", 2);
    dev.tool.wait_for("(it builds in the same target directory)");
    dev.tool.signal(Signal::INT);
    dev.tool.ends_with(130);
    held.release();
    assert!(another.wait().unwrap().success());
    shop.workspace.assert_nothing_alive();
}

#[test]
fn a_signal_during_a_rebuild_leaves_nothing() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let shop = Shop::new();
        let dev = shop.dev(&[]);
        let held = shop.hold("web");
        shop.write_own("web", 2);
        held.wait(&dev);
        dev.tool.signal(signal);
        dev.tool.finish();
        shop.workspace.assert_nothing_alive();
    }
}

#[test]
fn a_signal_while_cargo_is_asked_leaves_nothing() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let shop = Shop::new();
        let dev = shop.dev(&[]);
        let held = shop.hold("cargo-metadata");
        touch(&shop.path("web/Cargo.toml"));
        held.wait(&dev);
        dev.tool.signal(signal);
        dev.tool.finish();
        shop.workspace.assert_nothing_alive();
    }
}

#[test]
fn nothing_outlives_a_tool_that_was_killed_while_it_asked_cargo() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let held = shop.hold("cargo-metadata");
    touch(&shop.path("web/Cargo.toml"));
    held.wait(&dev);
    dev.tool.signal(Signal::KILL);
    shop.workspace.assert_nothing_alive_within(Duration::from_secs(2));
}
