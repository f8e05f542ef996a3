//! Who restarts: only who has changed, and only if it is built.

use crate::shop::{Shop, TYPES, shared, touch};

#[test]
fn a_touch_restarts_nobody() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    touch(&shop.path("shared/src/lib.rs"));
    dev.settles("Up to date; web, worker unchanged");
    assert_eq!((dev.starts("web"), dev.starts("worker")), (1, 1));
    dev.end(&shop);
}

#[test]
fn a_comment_in_a_library_restarts_nobody() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let text = format!("{}// Nothing else.\n", shared(1, 1));
    shop.workspace.write("shared/src/lib.rs", &text);
    dev.settles("Up to date; web, worker unchanged");
    assert_eq!((dev.starts("web"), dev.starts("worker")), (1, 1));
    dev.end(&shop);
}

#[test]
fn only_who_uses_what_was_edited_restarts() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let web = dev.says("web 1 1 1");
    let worker = dev.says("worker 1 1 0");
    shop.write_shared(2, 1);
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    assert_ne!(dev.says("web 1 1 2"), web);
    assert_eq!(dev.starts("worker"), 1);
    shop.write_shared(2, 2);
    dev.settles("Rebuilt web, worker, restarted web.1 worker.1");
    dev.says("web 1 2 2");
    assert_ne!(dev.says("worker 1 2 0"), worker);
    dev.end(&shop);
}

#[test]
fn an_error_in_one_does_not_keep_another_from_its_new_code() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let web = dev.says("web 1 1 1");
    let held = shop.hold("cargo-build");
    shop.break_own("web");
    held.wait(&dev);
    shop.write_own("worker", 2);
    // The cargo of the first save is cancelled, or this is one change.
    held.release();
    dev.says("worker 2 1 0");
    dev.settles("Rebuilt worker, restarted worker.1; web unchanged");
    assert_eq!(dev.tool.count("mismatched types"), 1, "{}", dev.tool.transcript());
    assert_eq!(dev.starts("web"), 1);
    shop.process(web);
    shop.write_own("web", 2);
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.says("web 2 1 1");
    dev.end(&shop);
}

#[test]
fn an_error_is_shown_once_and_the_old_code_stays() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    shop.break_own("web");
    dev.tool.wait_for("mismatched types");
    shop.write_own("web", 1);
    dev.settles("Up to date; web, worker unchanged");
    assert_eq!(dev.tool.count("mismatched types"), 1, "{}", dev.tool.transcript());
    assert_eq!((dev.starts("web"), dev.starts("worker")), (1, 1));
    dev.end(&shop);
}

#[test]
fn who_waits_for_release_is_behind_and_never_up_to_date() {
    let release = "worker = {}\nrelease = { bin = \"release\", rerun = true }";
    let shop = Shop::with("", TYPES, release);
    let ends_with = |code: u32| {
        let text = format!("fn main() {{ std::process::exit({code}) }}\n");
        shop.workspace.write("worker/src/bin/release.rs", &text);
    };
    ends_with(0);
    let dev = shop.dev(&[]);
    ends_with(7);
    dev.tool.wait_for("Failed release: exit code 7");
    shop.write_own("web", 2);
    dev.tool.wait_for("Behind after ");
    dev.tool.wait_for(": web.1 still runs what it ran before; worker unchanged");
    assert_eq!(dev.starts("web"), 1, "{}", dev.tool.transcript());
    ends_with(0);
    dev.says("web 2 1 1");
    dev.tool.wait_for(", restarted web.1; worker unchanged");
    dev.end(&shop);
}

#[test]
fn what_crashes_at_its_start_is_down_and_the_others_are_behind() {
    let shop = Shop::with("", TYPES, "worker = {}");
    let dev = shop.dev(&["--scale", "worker=3"]);
    dev.tool.wait_for("Started worker.3");
    shop.workspace.write("worker/src/main.rs", "fn main() { std::process::exit(9) }\n");
    // How many were started before the first has crashed depends.
    dev.tool.wait_for(" down; web unchanged");
    assert_eq!(dev.tool.count("Up to date"), 0, "{}", dev.tool.transcript());
    shop.write_own("worker", 2);
    dev.tool.wait_for_nth(3, "| worker 2 1 0 in process ");
    dev.end(&shop);
}
