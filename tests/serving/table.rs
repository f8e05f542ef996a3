//! The table changes how a type is reached, while it is.

use harness::{DEADLINE, eventually};

use crate::client::Client;
use crate::shop::Shop;

/// Another line for `web` in the table.
fn edit(shop: &Shop, old: &str, new: &str) {
    let path = shop.workspace.root().join("Cargo.toml");
    let manifest = std::fs::read_to_string(path).unwrap();
    assert!(manifest.contains(old), "{manifest}");
    shop.workspace.write("Cargo.toml", &manifest.replace(old, new));
}

#[test]
fn a_port_that_a_leaving_run_holds_is_listened_at_when_it_is_gone() {
    let own = "web = { route = false }";
    let routed = "web = { drain = \"100ms\" }";
    let socket = "web = { socket = true, ready = \"started\" }";
    let shop = Shop::new(own);
    let dev = shop.dev(&[]);
    let mut starts = 1;
    for (old, new) in [(own, routed), (routed, own), (own, routed), (routed, socket)] {
        edit(&shop, old, new);
        starts += 1;
        dev.tool.wait_for_nth(starts, "Started web.1");
        if new != socket {
            // The app does not know what to do with a socket.
            eventually("an answer", DEADLINE, || shop.get("/").ok().filter(|it| it.body == "1"));
        }
    }
    shop.end(&dev);
}

#[test]
fn what_is_under_way_at_an_address_that_moves_is_finished() {
    let (here, there) = ("web = {}".to_owned(), |port: u16| format!("web = {{ port = {port} }}"));
    let shop = Shop::new(&here);
    let dev = shop.dev(&[]);
    shop.mark("hold");
    let mut slow = Client::connect("127.0.0.1", shop.port).unwrap();
    slow.ask("/slow").unwrap();
    slow.head().unwrap();
    let mut body = Vec::new();
    slow.chunk(&mut body).unwrap();
    edit(&shop, &here, &there(shop.port + 1));
    dev.tool.wait_for("   Restarted ");
    shop.unmark("hold");
    while slow.chunk(&mut body).unwrap() {}
    assert_eq!(crate::client::get(shop.port + 1, "/").unwrap().body, "1");
    shop.end(&dev);
}

#[test]
fn a_health_path_that_is_added_is_asked() {
    let shop = Shop::new("web = {}");
    let dev = shop.dev(&[]);
    edit(&shop, "web = {}", "web = { health = { path = \"/health\", interval = \"100ms\" } }");
    dev.tool.wait_for("   Restarted ");
    shop.mark("ill");
    dev.tool.wait_for("Unwell web.1");
    shop.end(&dev);
}
