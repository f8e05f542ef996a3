//! Before anything answers.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::client::{Client, get};
use crate::shop::Shop;

/// So long a request waits for somebody who may come.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

#[test]
fn who_comes_before_the_build_is_done_waits_for_it() {
    let shop = Shop::new("web = {}");
    let dev = shop.begin(&[]);
    dev.tool.wait_for("Compiling");
    let port = shop.port;
    let early = ["127.0.0.1", "::1"].map(|host| {
        thread::spawn(move || Client::connect(host, port).unwrap().get("/").unwrap().body)
    });
    for answer in early {
        assert_eq!(answer.join().unwrap(), "1");
    }
    let ready = dev.tool.wait_for("Ready web at ").text();
    assert!(ready.contains(&format!("http://127.0.0.1:{port}, after ")), "{ready}");
    shop.end(&dev);
}

#[test]
fn how_many_run_of_how_many_is_said_once_and_not_to_who_asked_for_it() {
    let shop = Shop::new("web = { quantity = 3 }");
    let dev = shop.dev(&[]);
    assert_eq!(dev.tool.count("Formation web 1 of 3; all with `--scale web=3`"), 1);
    let ready = dev.tool.wait_for("Ready web at ").text();
    assert_eq!(dev.tool.count("of 3"), 1, "{ready}\n{}", dev.tool.transcript());
    shop.end(&dev);
    let dev = shop.dev(&["--scale", "web=2"]);
    dev.tool.wait_for("Ready web at ");
    assert_eq!(dev.tool.count("Ready web"), 1, "{}", dev.tool.transcript());
    assert_eq!(dev.tool.count("of 3"), 0, "{}", dev.tool.transcript());
    shop.end(&dev);
}

#[test]
fn the_loopback_addresses_are_listened_at_and_no_others() {
    let shop = Shop::new("web = {}");
    let dev = shop.dev(&[]);
    // Whoever has the port at all addresses would be in the way of this.
    let elsewhere = TcpListener::bind(("127.0.0.2", shop.port));
    assert!(elsewhere.is_ok(), "{elsewhere:?}");
    shop.end(&dev);
}

#[test]
fn another_address_is_listened_at_on_request() {
    let shop = Shop::new("web = {}");
    let dev = shop.dev(&["--host", "127.0.0.2"]);
    for host in ["127.0.0.1", "127.0.0.2", "::1"] {
        let answer = Client::connect(host, shop.port).unwrap().get("/").unwrap();
        assert_eq!(answer.body, "1", "{host}");
    }
    shop.end(&dev);
    let all = shop.dev(&["--host", "0.0.0.0"]);
    for host in ["127.0.0.1", "127.0.0.3", "::1"] {
        let answer = Client::connect(host, shop.port).unwrap().get("/").unwrap();
        assert_eq!(answer.body, "1", "{host}");
    }
    shop.end(&all);
    // One that is listened at anyhow is not in its own way.
    let same = shop.dev(&["--host", "::1"]);
    assert_eq!(shop.version(), 1);
    shop.end(&same);
}

#[test]
fn a_stop_lets_nobody_wait() {
    let shop = Shop::new("web = { bin = \"web\", ready = { log = \"never said\" } }");
    let dev = shop.begin(&[]);
    dev.tool.wait_for("version 1 listens");
    let port = shop.port;
    let waiting = thread::spawn(move || get(port, "/"));
    dev.tool.signal(Signal::TERM);
    dev.tool.ends_with(143);
    assert!(waiting.join().unwrap().is_err());
    assert!(get(port, "/").is_err());
    shop.workspace.assert_nothing_alive();
}

#[test]
fn who_waits_in_vain_is_told_what_the_compiler_says() {
    let shop = Shop::new("web = {}");
    shop.break_code();
    let dev = shop.begin(&[]);
    dev.tool.wait_for("could not compile");
    let asked = Instant::now();
    let answer = shop.get("/").unwrap();
    assert!(asked.elapsed() < LONGEST_WAIT, "nobody waits for what does not come by itself");
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("web does not answer"), "{}", answer.body);
    assert!(answer.body.contains("error: expected expression, found `;`"), "{}", answer.body);
    shop.write_version(2);
    dev.tool.wait_for("Ready web at ");
    assert_eq!(shop.version(), 2);
    shop.end(&dev);
}

#[test]
fn who_waits_in_vain_is_told_the_last_words_of_the_process() {
    let shop = Shop::new("web = { restart = \"never\" }");
    shop.mark("broken");
    let dev = shop.begin(&[]);
    dev.tool.wait_for("Crashed web.1");
    let answer = shop.get("/").unwrap();
    assert_eq!(answer.status, 503);
    for words in ["Crashed web.1: exit code 3", "the last words of version 1"] {
        assert!(answer.body.contains(words), "{}", answer.body);
    }
    shop.end(&dev);
}
