//! New code takes the place of old.

use crate::client::Client;
use crate::shop::Shop;

#[test]
fn the_old_code_answers_until_the_new_code_is_up_and_then_no_more() {
    let shop = Shop::new("web = {}");
    let dev = shop.dev(&[]);
    let mut kept = Client::connect("127.0.0.1", shop.port).unwrap();
    assert_eq!(kept.get("/").unwrap().body, "1");
    for version in 2..5 {
        shop.write_version(version);
        dev.settles("Rebuilt web");
        assert_eq!(kept.get("/").unwrap().body, version.to_string(), "over the same connection");
        assert_eq!(shop.version(), version);
    }
    shop.end(&dev);
}

#[test]
fn what_is_under_way_is_finished_by_the_old_code() {
    let shop = Shop::new("web = {}");
    let dev = shop.dev(&[]);
    shop.mark("hold");
    let mut slow = Client::connect("127.0.0.1", shop.port).unwrap();
    slow.ask("/slow").unwrap();
    let mut body = Vec::new();
    slow.head().unwrap();
    slow.chunk(&mut body).unwrap();
    let mut echo = Client::connect("127.0.0.1", shop.port).unwrap();
    echo.ask("/upgrade").unwrap();
    assert_eq!(echo.head().unwrap().0, 101);
    let old = dev.latest("web.1");
    shop.write_version(2);
    dev.settles("Rebuilt web");
    assert_eq!(shop.version(), 2);
    assert_eq!(echo.echo("still here").unwrap(), "still here");
    shop.unmark("hold");
    while slow.chunk(&mut body).unwrap() {}
    let body = String::from_utf8(body).unwrap();
    assert!(body.lines().all(|line| line == "version 1"), "{body}");
    assert_eq!(slow.get("/").unwrap().body, "2", "and the next answer is that of the new code");
    // The drain ends, and with it the process and what has not ended by itself.
    assert!(echo.ends());
    dev.tool.wait_until("the end of the old code", |_| {
        shop.workspace.alive().iter().all(|process| process.pid != old).then_some(())
    });
    shop.end(&dev);
}

#[test]
fn new_code_that_dies_at_its_start_takes_nothing_down() {
    let shop = Shop::new("web = {}");
    let dev = shop.dev(&[]);
    shop.mark("broken");
    shop.write_version(2);
    dev.settles("Behind");
    dev.tool.wait_for("Failed new code of web.1");
    assert_eq!(shop.version(), 1);
    shop.unmark("broken");
    shop.write_version(3);
    dev.settles("Rebuilt web");
    assert_eq!(shop.version(), 3);
    shop.end(&dev);
}

#[test]
fn new_code_that_is_never_ready_takes_nothing_down() {
    let shop = Shop::new("web = { health = { path = \"/health\", startup = \"1s\" } }");
    let dev = shop.dev(&[]);
    shop.mark("ill");
    shop.write_version(2);
    dev.tool.wait_for(
        "Failed new code of web.1: it was not ready in time, `/health` at its `PORT` does not",
    );
    shop.unmark("ill");
    assert_eq!(shop.version(), 1);
    shop.end(&dev);
}

#[test]
fn a_broken_build_takes_nothing_down() {
    let shop = Shop::new("web = {}");
    let dev = shop.dev(&[]);
    shop.break_code();
    dev.tool.wait_for("could not compile");
    assert_eq!(shop.version(), 1);
    shop.end(&dev);
}

#[test]
fn who_stops_first_lets_others_wait_and_loses_nobody() {
    let shop = Shop::new("web = { overlap = false }");
    let dev = shop.dev(&[]);
    let mut kept = Client::connect("127.0.0.1", shop.port).unwrap();
    kept.get("/").unwrap();
    shop.write_version(2);
    dev.settles("Rebuilt web");
    assert_eq!(kept.get("/").unwrap().body, "2");
    shop.end(&dev);
}

#[test]
fn several_instances_take_turns_and_are_replaced_one_after_the_other() {
    let shop = Shop::new("web = { quantity = 2 }");
    let dev = shop.dev(&["--scale", "web=2"]);
    assert_eq!((shop.version(), shop.version()), (1, 1));
    shop.write_version(2);
    dev.settles("Rebuilt web");
    for _ in 0..4 {
        assert_eq!(shop.version(), 2);
    }
    shop.end(&dev);
}
