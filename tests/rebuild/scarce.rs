//! Where the system gives less than elsewhere: few watches, and a first process that waits for
//! nobody.

use harness::{DEADLINE, eventually, skipped, works};
use rustix::process::Signal;

use crate::shop::Shop;

#[test]
fn without_enough_watches_every_save_is_seen_all_the_same() {
    // The kernel's own limit, of a user namespace: see `namespaces(7)`.
    let few = "echo 3 >/proc/sys/user/max_inotify_watches && exec \"$@\"";
    let wrapper = ["unshare", "--user", "--map-root-user", "sh", "-c", few, "sh"];
    if !works(&wrapper) {
        return skipped("this user may not make a user namespace with a limit of its own");
    }
    let shop = Shop::new();
    let dev = shop.begin_under(&wrapper, &[]);
    dev.tool.wait_for(
        "some changes are noticed late: the limit of watched directories is reached; raise it \
         with `sysctl fs.inotify.max_user_watches=524288`",
    );
    dev.says("web 1 1 1");
    dev.says("worker 1 1 0");
    shop.wait_for_end_of_cargo();
    for own in 2..5 {
        for name in ["web", "worker"] {
            shop.write_own(name, own);
            dev.tool.wait_for(&format!("| {name} {own} "));
        }
    }
    assert_eq!(dev.tool.count("noticed late"), 1, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn under_a_first_process_that_waits_for_nobody_everything_goes_on() {
    let own = ["unshare", "--pid", "--fork", "--mount-proc"];
    if !works(&own) {
        return skipped("this user may not make a namespace for process ids");
    }
    // What loses its parent stays as it is when it ends, and so does the tool itself.
    let first = ["sh", "-c", "\"$@\" & exec sleep 7060", "sh"];
    let shop = Shop::new();
    let dev = shop.begin_under(&[&own[..], &first].concat(), &[]);
    dev.tool.wait_for("| web 1 1 1");
    dev.tool.wait_for("| worker 1 1 0");
    shop.wait_for_end_of_cargo();
    // A compiler that is cancelled loses its parent.
    let held = shop.hold("web");
    shop.write_own("web", 2);
    held.wait(&dev);
    shop.write_own("web", 3);
    held.wait(&dev);
    held.release();
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.tool.wait_for("| web 3 1 1");
    assert_eq!(dev.starts("web"), 2, "{}", dev.tool.transcript());
    let tool = shop
        .workspace
        .alive()
        .into_iter()
        .find(|found| found.command.ends_with("dev") && !found.command.contains("unshare"));
    tool.unwrap().signal(Signal::TERM);
    dev.tool.wait_for("Stopped everything");
    let first = shop.workspace.wait_for_process("sleep 7060");
    eventually("that nobody else lives", DEADLINE, || {
        let alive = shop.workspace.alive();
        let is_other =
            |command: &str| !command.contains("unshare") && !command.starts_with("sleep 7060");
        (!alive.iter().any(|process| is_other(&process.command))).then_some(())
    });
    first.signal(Signal::KILL);
    dev.tool.finish();
    shop.workspace.assert_nothing_alive();
}
