//! Many clients of every kind, while code changes, breaks and is killed.

use std::env;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use harness::{DEADLINE, Tool, eventually};

use crate::client::{Answer, Client};
use crate::shop::{Dev, Shop};

/// How many edits; every fifth is one that does not compile, and between them processes are
/// killed. `SERVING_EDITS` in the environment says another number.
const EDITS: u64 = 5;

/// What one client does, at this port.
type Kind = fn(u16, &Shared) -> io::Result<()>;

/// What all clients know.
#[derive(Default)]
struct Shared {
    /// The version that was said to run.
    announced: AtomicU64,
    over: AtomicBool,
    answers: AtomicU64,
    stale: Mutex<Vec<String>>,
    failed: Mutex<Vec<(Instant, Instant, String)>>,
    /// Where the version is asked for, and something longer.
    paths: (&'static str, &'static str),
}

/// The example app is larger; so it is edited less often.
const EDITS_OF_THE_EXAMPLE: u64 = 2;

#[test]
fn no_request_fails_but_in_a_process_that_is_killed_and_none_is_answered_by_old_code() {
    println!("{}", edit_under_load(&Shop::new("web = { quantity = 2 }"), EDITS));
}

#[test]
fn the_example_app_loses_no_request_either() {
    println!("{}", edit_under_load(&Shop::example(), EDITS_OF_THE_EXAMPLE));
}

/// How often there are to be other quantities while everybody asks.
const STEPS: usize = 20;

#[test]
fn no_request_is_lost_while_it_is_scaled() {
    let shop = Shop::new("web = { quantity = 2 }");
    let dev = shop.dev(&["--scale", "web=2"]);
    let shared = Arc::new(Shared { paths: shop.paths(), ..Shared::default() });
    let clients = clients(shop.port, &shared);
    let steps = ["web=4", "web=-2", "web=1", "web=+2", "web=2"];
    for step in steps.iter().cycle().take(STEPS) {
        let before = shared.answers.load(Ordering::SeqCst);
        let scale = Tool::start(shop.workspace.command(&["scale", step]));
        assert_eq!(scale.finish().0, 0, "{}\n{}", scale.transcript(), dev.tool.transcript());
        eventually("answers", DEADLINE, || {
            (shared.answers.load(Ordering::SeqCst) > before).then_some(())
        });
    }
    shared.over.store(true, Ordering::SeqCst);
    for client in clients {
        client.join().unwrap();
    }
    let failed = shared.failed.lock().unwrap();
    assert!(failed.is_empty(), "{failed:?}\n{}", dev.tool.transcript());
    println!("{STEPS} steps: {} answers", shared.answers.load(Ordering::SeqCst));
    shop.end(&dev);
}

/// What came of it, in words.
fn edit_under_load(shop: &Shop, usually: u64) -> String {
    let edits = env::var("SERVING_EDITS").ok().and_then(|edits| edits.parse().ok());
    let edits = edits.unwrap_or(usually);
    let dev = shop.dev(&["--scale", "web=2"]);
    let shared = Arc::new(Shared { paths: shop.paths(), ..Shared::default() });
    shared.announced.store(1, Ordering::SeqCst);
    let began = Instant::now();
    let clients = clients(shop.port, &shared);
    let kills = edit_and_kill(shop, &dev, &shared, edits);
    shared.over.store(true, Ordering::SeqCst);
    for client in clients {
        client.join().unwrap();
    }
    let (answers, took) = (shared.answers.load(Ordering::SeqCst), began.elapsed());
    let rate = u128::from(answers) * 1_000 / took.as_millis();
    assert_eq!(*shared.stale.lock().unwrap(), [""; 0], "{}", dev.tool.transcript());
    let in_a_killed_process = |begin: &Instant, end: &Instant| {
        kills.iter().any(|(killed, noticed)| begin < noticed && end > killed)
    };
    let failed = shared.failed.lock().unwrap();
    let (killed, failed): (Vec<_>, Vec<_>) =
        failed.iter().partition(|(begin, end, _)| in_a_killed_process(begin, end));
    let (kills, killed) = (kills.len(), killed.len());
    let summary = format!(
        "{edits} edits, {kills} kills: {answers} answers, {rate} a second; {killed} requests \
         were under way in a process that was killed"
    );
    assert!(failed.is_empty(), "{failed:?}\n{}", dev.tool.transcript());
    shop.end(&dev);
    summary
}

/// When each process was killed, and when that was noticed.
fn edit_and_kill(shop: &Shop, dev: &Dev, shared: &Shared, edits: u64) -> Vec<(Instant, Instant)> {
    let mut kills = Vec::new();
    for edit in 1..=edits {
        let version = edit + 1;
        if edit % 5 == 0 {
            let broken = dev.tool.count("could not compile");
            shop.break_code();
            dev.tool.wait_for_nth(broken + 1, "could not compile");
        }
        shop.write_version(version);
        dev.settles("Rebuilt ");
        shared.announced.store(version, Ordering::SeqCst);
        if edit % 5 < 2 {
            let crashes = dev.tool.count("Crashed web.1");
            let killed = Instant::now();
            dev.kill(shop, "web.1");
            dev.tool.wait_for_nth(crashes + 1, "Crashed web.1");
            kills.push((killed, Instant::now()));
        }
    }
    kills
}

fn clients(port: u16, shared: &Arc<Shared>) -> Vec<JoinHandle<()>> {
    let kinds: [(usize, Kind); 3] = [(3, new_connections), (3, kept_connection), (2, downloads)];
    let mut clients = Vec::new();
    for (count, kind) in kinds {
        for _ in 0..count {
            let shared = Arc::clone(shared);
            clients.push(thread::spawn(move || {
                while !shared.over.load(Ordering::SeqCst) {
                    let begin = Instant::now();
                    if let Err(error) = kind(port, &shared) {
                        let failure = (begin, Instant::now(), error.to_string());
                        shared.failed.lock().unwrap().push(failure);
                    }
                }
            }));
        }
    }
    clients
}

fn new_connections(port: u16, shared: &Shared) -> io::Result<()> {
    shared.ask(&mut Client::connect("127.0.0.1", port)?, shared.paths.0)
}

fn kept_connection(port: u16, shared: &Shared) -> io::Result<()> {
    let mut client = Client::connect("::1", port)?;
    while !shared.over.load(Ordering::SeqCst) {
        let begin = Instant::now();
        if let Err(error) = shared.ask(&mut client, shared.paths.0) {
            shared.failed.lock().unwrap().push((begin, Instant::now(), error.to_string()));
            return Ok(());
        }
    }
    Ok(())
}

fn downloads(port: u16, shared: &Shared) -> io::Result<()> {
    shared.ask(&mut Client::connect("127.0.0.1", port)?, shared.paths.1)
}

impl Shared {
    /// Ask, and see that the answer is whole and not that of old code.
    fn ask(&self, client: &mut Client, path: &str) -> io::Result<()> {
        let announced = self.announced.load(Ordering::SeqCst);
        let Answer { status, body } = client.get(path)?;
        if status != 200 {
            return Err(io::Error::other(format!("{status}: {body}")));
        }
        // A page has no version.
        if let Ok(version) = body.trim_end_matches(['x', '\n']).parse::<u64>()
            && version < announced
        {
            let stale = format!("{path}: {version} was answered after {announced} was said to run");
            self.stale.lock().unwrap().push(stale);
        }
        self.answers.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}
