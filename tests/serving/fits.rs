//! Apps that do not do what they should, and are found out.

use std::thread;

use crate::client::get;
use crate::shop::Shop;

#[test]
fn who_ignores_its_port_is_told_where_it_listens_instead() {
    let shop = Shop::new("web = {}");
    let elsewhere = shop.port + 1;
    shop.workspace.write(".env", &format!("LISTEN_AT={elsewhere}\n"));
    let dev = shop.begin(&[]);
    let line = dev.tool.wait_for("Elsewhere web.1 listens at port ").text();
    assert!(line.contains(&elsewhere.to_string()) && line.contains("`route = false`"), "{line}");
    shop.end(&dev);
}

#[test]
fn without_a_route_it_has_its_address_itself() {
    let shop = Shop::new("web = { route = false }");
    let dev = shop.dev(&[]);
    assert_eq!(shop.version(), 1);
    shop.write_version(2);
    dev.settles("Rebuilt web");
    assert_eq!(shop.version(), 2);
    shop.end(&dev);
}

#[test]
fn two_that_want_one_address_are_found_out_and_one_stops_first_from_then_on() {
    let shop = Shop::new("web = { args = [] }");
    let only = shop.port + 1;
    shop.workspace.write(".env", &format!("ONLY={only}\n"));
    let dev = shop.dev(&[]);
    shop.write_version(2);
    let line = dev.tool.wait_for("Alone new code of web.1 found port ").text();
    assert!(line.contains(&only.to_string()) && line.contains("`overlap = false`"), "{line}");
    dev.settles("Rebuilt web");
    assert_eq!(shop.version(), 2);
    shop.write_version(3);
    dev.settles("Rebuilt web");
    assert_eq!(shop.version(), 3);
    assert_eq!(dev.tool.count("Alone"), 1, "{}", dev.tool.transcript());
    assert_eq!(dev.tool.count("Failed"), 0, "{}", dev.tool.transcript());
    shop.end(&dev);
}

#[test]
fn who_answers_badly_gets_no_requests_until_it_answers_well() {
    let health = "{ path = \"/health\", interval = \"100ms\" }";
    let shop = Shop::new(&format!("web = {{ health = {health} }}"));
    let dev = shop.dev(&[]);
    shop.mark("ill");
    let line = dev.tool.wait_for("Unwell web.1").text();
    assert!(line.contains("`/health` answers 500"), "{line}");
    let port = shop.port;
    let waiting = thread::spawn(move || get(port, "/").unwrap().body);
    shop.unmark("ill");
    dev.tool.wait_for("Well web.1");
    assert_eq!(waiting.join().unwrap(), "1");
    assert_eq!(dev.tool.count("Started web.1"), 1, "nobody was killed for it");
    shop.end(&dev);
}

#[test]
fn who_answers_and_dies_has_crashed_and_requests_wait() {
    let shop = Shop::new("web = {}");
    let dev = shop.dev(&[]);
    shop.mark("dies-early");
    shop.write_version(2);
    dev.tool.wait_for("Crashed web.1");
    shop.unmark("dies-early");
    assert_eq!(shop.version(), 2);
    shop.end(&dev);
}

#[test]
fn a_process_that_is_killed_is_replaced_and_requests_wait() {
    let shop = Shop::new("web = {}");
    let dev = shop.dev(&[]);
    let pid = dev.kill(&shop, "web.1");
    dev.tool.wait_for("Crashed web.1: SIGKILL");
    assert_eq!(shop.version(), 1);
    dev.next_after("web.1", pid);
    shop.end(&dev);
}
