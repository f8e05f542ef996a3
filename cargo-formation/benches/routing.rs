//! What the routing layer costs: `wrk` against a small server, directly and through a router in
//! one run, and ten thousand clients that wait.
//!
//! The server does next to nothing, so that the router's part is as large as it can be.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the environment and says what it found"
)]

mod ground;
#[path = "routing/parts.rs"]
mod parts;

use std::env;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use cargo_formation::formation::{InstanceName, ProcessName};
use cargo_formation::world::children::ChildId;
use cargo_formation::world::router::{Backend, Limits, News, Routers};
use ground::{median, verdict};
use parts::Part;

const ROUNDS: usize = 5;
const SECONDS: usize = 4;
/// Clients at once where it is about throughput.
const CLIENTS: usize = 64;
/// Clients that wait.
const WAITING: usize = 10_000;
/// The most that the router may add at the median, in milliseconds.
const GOAL_ADDED: f64 = 0.2;
/// The least of the direct throughput.
const GOAL_SHARE: f64 = 0.5;

fn main() {
    if parts::play(env::args().skip(1)) {
        return;
    }
    let server = Part::start("server", &[]);
    let direct = SocketAddr::from((Ipv4Addr::LOCALHOST, server.number()));
    let site = Site::new(direct.port());
    if Command::new("wrk").arg("--version").stdout(Stdio::null()).status().is_ok() {
        speed(direct, site.address);
    } else {
        println!("MISSING: wrk is not installed, so NOTHING IS MEASURED OF SPEED");
    }
    waiting(&site);
}

/// A router for one run.
struct Site {
    routers: Routers,
    name: ProcessName,
    address: SocketAddr,
    news: Receiver<News>,
}

impl Site {
    fn new(port: u16) -> Self {
        let (sender, news) = channel();
        let report = move |_, news| {
            if let News::Full(error) = &news {
                println!("connections to the run are given up: {error}");
            }
            let _ = sender.send(news);
        };
        let routers = Routers::start(Limits::default(), report).expect("a router");
        let name: ProcessName = "web".parse().expect("a name");
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let address = routers.listen(name.clone(), &[any]).expect("a port")[0];
        let instance = InstanceName { process: name.clone(), number: 1 };
        routers.route(&name, vec![Backend { run: ChildId(1), name: instance, port }]);
        Self { routers, name, address, news }
    }
}

/// What `wrk` saw.
struct Seen {
    /// Milliseconds until half of the requests were answered.
    latency: f64,
    /// Requests a second.
    rate: f64,
}

fn speed(direct: SocketAddr, routed: SocketAddr) {
    println!("{ROUNDS} rounds of {SECONDS} s for each: direct, routed");
    let (mut added, mut shares, mut anew) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let alone = [direct, routed].map(|address| wrk(address, 1, &[]).latency);
        let many = [direct, routed].map(|address| wrk(address, CLIENTS, &[]).rate);
        let close = ["-H", "Connection: close"];
        let new = [direct, routed].map(|address| wrk(address, CLIENTS, &close).rate);
        println!(
            "1 client {:.3} ms, {:.3} ms; {CLIENTS} clients {:.0}/s, {:.0}/s; \
             that connect for each request {:.0}/s, {:.0}/s",
            alone[0], alone[1], many[0], many[1], new[0], new[1]
        );
        added.push(alone[1] - alone[0]);
        shares.push(many[1] / many[0]);
        anew.push(new[1] / new[0]);
    }
    let (added, share, anew) = (median(added), median(shares), median(anew) * 100.0);
    verdict(added <= GOAL_ADDED, &format!("{added:.3} ms added at the median, of {GOAL_ADDED} ms"));
    let text = format!("{:.0} % of the throughput, of {:.0} %", share * 100.0, GOAL_SHARE * 100.0);
    verdict(share >= GOAL_SHARE, &text);
    println!("{anew:.0} % of the throughput with a connection for each request");
}

fn wrk(address: SocketAddr, clients: usize, more: &[&str]) -> Seen {
    let mut command = Command::new("wrk");
    command.args(["--latency", "-t1", &format!("-c{clients}"), &format!("-d{SECONDS}s")]);
    let output = command.args(more).arg(format!("http://{address}/")).output().expect("wrk");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains("Socket errors") && !text.contains("Non-2xx"), "{text}");
    let after = |word: &str| {
        let value = text.lines().find_map(|line| line.trim().strip_prefix(word));
        value.map(str::trim).map(str::to_owned).expect("a value")
    };
    Seen {
        latency: milliseconds(&after("50%")),
        rate: after("Requests/sec:").parse().expect("a rate"),
    }
}

/// `123.00us`, `1.20ms`, `1.00s`.
fn milliseconds(text: &str) -> f64 {
    let units = [("us", 1e-3), ("ms", 1.0), ("s", 1e3)];
    let value = units.iter().find_map(|(unit, factor)| {
        text.strip_suffix(unit)?.parse::<f64>().ok().map(|number| number * factor)
    });
    value.expect("a duration")
}

/// Clients that have had an answer and stay; then their run is not routed any more.
fn waiting(site: &Site) {
    let (memory, descriptors) = cost();
    let clients = Part::start("clients", &[site.address.to_string(), WAITING.to_string()]);
    assert_eq!(usize::from(clients.number()), WAITING, "all have had an answer");
    let (more_memory, more_descriptors) = cost();
    let (memory, descriptors) = (more_memory - memory, more_descriptors - descriptors);
    println!(
        "{WAITING} clients that wait: {:.1} MB ({:.0} bytes each) and {descriptors} descriptors more",
        memory / 1e6,
        memory / WAITING as f64
    );
    let began = Instant::now();
    site.routers.route(&site.name, Vec::new());
    let routed = began.elapsed();
    while !matches!(site.news.recv(), Ok(News::Idle(_)) | Err(_)) {}
    println!(
        "told in {routed:?} that there is another run, all had left after {:?}",
        began.elapsed()
    );
}

/// The memory and the descriptors of this process.
fn cost() -> (f64, usize) {
    let status = fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    (kibibytes * 1024.0, fs::read_dir("/proc/self/fd").expect("descriptors").count())
}
