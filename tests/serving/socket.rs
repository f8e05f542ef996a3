//! Runs that are handed the socket.

use std::env;
use std::process::Command;
use std::thread;

use harness::skipped;

use crate::client::{Client, get};
use crate::shop::Shop;

/// Reads the descriptor by the protocol, without help.
const BY_HAND: &str = r#"
pub(crate) fn listener() -> std::net::TcpListener {
    use std::os::fd::FromRawFd as _;
    let pid = std::env::var("LISTEN_PID").unwrap();
    assert_eq!(pid, std::process::id().to_string());
    assert_eq!(std::env::var("LISTEN_FDS").unwrap(), "1");
    unsafe { std::net::TcpListener::from_raw_fd(3) }
}
"#;

/// Leaves that to the crate that most servers use.
const BY_CRATE: &str = r#"
pub(crate) fn listener() -> std::net::TcpListener {
    listenfd::ListenFd::from_env().take_tcp_listener(0).unwrap().unwrap()
}
"#;

/// A shop whose server gets its socket in this way.
fn shop(table: &str, listener: &str) -> Shop {
    let shop = Shop::new(table);
    let path = shop.workspace.root().join("src/bin/web.rs");
    let server = std::fs::read_to_string(path).unwrap();
    let (head, rest) = server.split_once("    let port = env::var").unwrap();
    let (_, tail) = rest.split_once("))?;\n").unwrap();
    let server = format!("{head}    let listener = version::listener();\n{tail}");
    shop.workspace.write(
        "src/bin/web.rs",
        &server.replace(
            "use std::net::{TcpListener, ",
            "#[allow(unused)]\nuse std::net::{TcpListener, ",
        ),
    );
    write(&shop, 1, listener);
    shop
}

fn write(shop: &Shop, version: u64, listener: &str) {
    let text = format!("pub(crate) const VERSION: u64 = {version};\n{listener}");
    shop.workspace.write("src/bin/version/mod.rs", &text);
}

#[test]
fn who_comes_between_two_runs_waits_in_the_queue_of_the_socket() {
    let shop = shop("web = { socket = true, health = \"/health\" }", BY_HAND);
    let port = shop.port;
    let dev = shop.begin(&[]);
    dev.tool.wait_for("Compiling");
    let early = thread::spawn(move || get(port, "/").unwrap().body);
    assert_eq!(early.join().unwrap(), "1");
    dev.kill(&shop, "web.1");
    dev.tool.wait_for("Crashed web.1");
    assert_eq!(shop.version(), 1);
    write(&shop, 2, BY_HAND);
    dev.settles("Rebuilt web");
    assert_eq!(shop.version(), 2);
    shop.end(&dev);
}

#[test]
fn several_instances_share_it() {
    let shop = shop("web = { socket = true, quantity = 2 }", BY_HAND);
    let dev = shop.dev(&["--scale", "web=2"]);
    let mut first = Client::connect("127.0.0.1", shop.port).unwrap();
    let mut second = Client::connect("127.0.0.1", shop.port).unwrap();
    assert_eq!(first.get("/").unwrap().body, "1");
    assert_eq!(second.get("/").unwrap().body, "1");
    write(&shop, 2, BY_HAND);
    dev.settles("Rebuilt web");
    assert_eq!(shop.version(), 2);
    shop.end(&dev);
}

#[test]
fn who_says_that_it_is_up_starts_beside_the_old_one() {
    let ready = "ready = { log = \"listens\" }";
    let shop = shop(&format!("web = {{ socket = true, {ready} }}"), BY_HAND);
    let dev = shop.dev(&[]);
    shop.mark("broken");
    write(&shop, 2, BY_HAND);
    dev.settles("Behind");
    assert_eq!(dev.tool.count("Failed new code of web.1"), 1);
    assert_eq!(shop.version(), 1);
    shop.unmark("broken");
    write(&shop, 3, BY_HAND);
    dev.settles("Rebuilt web");
    assert_eq!(shop.version(), 3);
    shop.end(&dev);
}

#[test]
fn the_crate_that_servers_use_understands_it() {
    let shop = shop("web = { socket = true }", BY_CRATE);
    shop.workspace.append("Cargo.toml", "[dependencies]\nlistenfd = \"1.0.2\"");
    let mut cargo = Command::new(env::var("CARGO").unwrap());
    let fetched = cargo.arg("fetch").current_dir(shop.workspace.root()).output().unwrap();
    if !fetched.status.success() {
        let why = String::from_utf8_lossy(&fetched.stderr).into_owned();
        return skipped(&format!("the crate `listenfd` cannot be had: {}", why.trim_end()));
    }
    let dev = shop.dev(&[]);
    assert_eq!(shop.version(), 1);
    shop.end(&dev);
}
