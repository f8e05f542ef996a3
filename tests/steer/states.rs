//! Every command in every state, from two terminals at once.
//!
//! For each pair of commands there is a process type, and all of them are brought into one
//! state. Then the pairs are asked for, everything that held them is let go, and at rest each
//! is as one of the two orders says. (`killed` lasts for as long as the kernel takes; it comes
//! by in [`crate::crowd`].)

use std::thread;

use harness::{DEADLINE, Workspace, eventually};
use serde_json::Value;

use crate::client::Client;
use crate::stage::{Stage, formation, lines};

/// What is asked for of the only instance of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    Restart,
    Stop,
    Start,
    /// Two of them.
    Scale,
}

const ALL: [Ask; 4] = [Ask::Restart, Ask::Stop, Ask::Start, Ask::Scale];

impl Ask {
    fn of(self, process: &str) -> String {
        match self {
            Self::Restart => format!(r#"{{"command":"restart","names":["{process}.1"]}}"#),
            Self::Stop => format!(r#"{{"command":"stop","names":["{process}.1"]}}"#),
            Self::Start => format!(r#"{{"command":"start","names":["{process}.1"]}}"#),
            Self::Scale => format!(r#"{{"command":"scale","quantities":["{process}=2"]}}"#),
        }
    }

    /// Whether an instance is held after this, if it was before.
    fn holds(self, before: bool) -> bool {
        match self {
            Self::Restart | Self::Start => false,
            Self::Stop => true,
            Self::Scale => before,
        }
    }
}

/// A type, and what is asked of it at once.
struct Pair {
    process: String,
    asks: [Ask; 2],
}

fn pairs() -> Vec<Pair> {
    let all = ALL.iter().flat_map(|one| ALL.iter().map(|other| [*one, *other]));
    let pair = |(number, asks)| Pair { process: format!("p{number}"), asks };
    all.enumerate().map(pair).collect()
}

/// The table with a type for each pair, each with these keys.
fn table(keys: &str) -> String {
    let types = pairs().into_iter().map(|pair| format!("{} = {{ {keys} }}\n", pair.process));
    types.collect()
}

/// Whether somebody has stopped the instances before anything is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Free,
    Held,
}

/// Wait until every pair is in this state, ask, let go, and look what has become of all, where
/// an instance that may run comes to `end`.
#[track_caller]
fn check(stage: &Stage, first: &str, before: Before, end: &str, let_go: impl FnOnce()) {
    everybody_is(stage, first);
    let clients = ask_all(stage);
    let mut up = stage.asks(r#"{"command":"wait","until":"ready"}"#);
    stage.ps();
    let_go();
    let mut asked = pairs().into_iter().zip(clients).collect::<Vec<_>>();
    for (pair, clients) in &mut asked {
        for (ask, client) in pair.asks.iter().zip(clients) {
            is_plausible(stage, *ask, &client.only_answer());
        }
    }
    up.only_answer();
    // What takes until then is not said to anybody.
    eventually("what was asked for", DEADLINE, || {
        let seen = stage.ps();
        let is = |name: String, wanted: &[&str]| {
            let mut of = seen.iter().filter(|seen| seen.name == name);
            let found = of.next().map_or("", |seen| &seen.state);
            of.next().is_none() && wanted.contains(&found)
        };
        let good = pairs().into_iter().all(|Pair { process, asks: [one, other] }| {
            let held = before == Before::Held;
            let outcomes = [other.holds(one.holds(held)), one.holds(other.holds(held))];
            let wanted = outcomes.map(|held| if held { "stopped" } else { end });
            let second = if [one, other].contains(&Ask::Scale) { end } else { "" };
            is(format!("{process}.1"), &wanted) && is(format!("{process}.2"), &[second])
        });
        good.then_some(())
    });
    stage.comes_to_rest();
}

/// Wait until the instances of all pairs are in this state.
#[track_caller]
fn everybody_is(stage: &Stage, wanted: &str) {
    let every = pairs();
    let mut last = Vec::new();
    let reached = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        eventually(wanted, DEADLINE, || {
            last = lines(&stage.status());
            let is = |pair: &Pair| {
                let name = format!("{}.1", pair.process);
                last.iter().any(|seen| seen.name == name && seen.state == wanted)
            };
            every.iter().all(is).then_some(())
        });
    }));
    assert!(reached.is_ok(), "not everybody is {wanted}: {last:?}\n{}", stage.dev.transcript());
}

/// Ask for both of each pair, from two terminals at once.
fn ask_all(stage: &Stage) -> Vec<[Client; 2]> {
    let socket = stage.socket();
    let terminals = [0, 1].map(|terminal| {
        let socket = socket.clone();
        thread::spawn(move || {
            let ask = |pair: Pair| {
                let mut client = Client::connect(&socket).unwrap();
                client.ask(&pair.asks[terminal].of(&pair.process));
                client
            };
            pairs().into_iter().map(ask).collect::<Vec<_>>()
        })
    });
    let [ones, others] = terminals.map(|terminal| terminal.join().unwrap());
    ones.into_iter().zip(others).map(|(one, other)| [one, other]).collect()
}

/// An answer is of a kind that this can be answered with, and what it says of processes is so.
#[track_caller]
fn is_plausible(stage: &Stage, ask: Ask, answer: &Value) {
    let kind = answer["kind"].as_str().unwrap();
    assert!(["done", "failed"].contains(&kind), "{ask:?}: {answer}\n{}", stage.dev.transcript());
    for became in answer["became"].as_array().unwrap() {
        let (name, outcome) = (became["name"].as_str().unwrap(), &became["outcome"]);
        if ask == Ask::Stop {
            assert!(["stopped", "overtaken"].iter().any(|word| outcome == word), "{answer}");
        }
        if let Some(pid) = became["pid"].as_u64() {
            stage.dev.wait_for(&format!("Started {name} (process {pid})"));
        }
    }
}

const HELD_BUILD: &str = "fn main() {\n    \
    println!(\"cargo:rerun-if-changed=build.rs\");\n    \
    while std::path::Path::new(\"hold\").exists() {\n        \
        std::thread::sleep(std::time::Duration::from_millis(10));\n    }\n}\n";

#[test]
fn waiting() {
    let service = "[package.metadata.formation.settings.services.first]\n\
                   command = \"sh -c 'until test -e go; do sleep 0.01; done; echo up; exec sleep 7030'\"\n\
                   ready = { log = \"up\" }\n";
    let types = table(r#"bin = "zoo", args = ["idle"]"#) + service;
    let stage = Stage::open(&types, &["--no-watch"]);
    check(&stage, "waiting", Before::Free, "ready", || stage.mark("go"));
    stage.end();
}

#[test]
fn building() {
    let workspace = formation(&table(r#"bin = "zoo", args = ["idle"]"#));
    workspace.write("build.rs", HELD_BUILD);
    workspace.write("hold", "");
    let stage = Stage::in_workspace(workspace, &[]);
    check(&stage, "building", Before::Free, "ready", || stage.unmark("hold"));
    stage.end();
}

#[test]
fn not_built() {
    let workspace = formation(&table(r#"bin = "zoo", args = ["idle"]"#));
    workspace.write("build.rs", "fn main() { panic!() }\n");
    let stage = Stage::in_workspace(workspace, &[]);
    let mend = || stage.workspace.write("build.rs", "fn main() {}\n");
    check(&stage, "not-built", Before::Free, "ready", mend);
    stage.end();
}

#[test]
fn starting() {
    let types = table(r#"bin = "zoo", args = ["until", "go"], ready = { log = "ready" }"#);
    let stage = Stage::open(&types, &["--no-watch"]);
    check(&stage, "starting", Before::Free, "ready", || stage.mark("go"));
    stage.end();
}

#[test]
fn ready() {
    let stage = Stage::open(&table(r#"bin = "zoo", args = ["polite"]"#), &["--no-watch"]);
    check(&stage, "ready", Before::Free, "ready", || ());
    stage.end();
}

#[test]
fn stopping() {
    let types = table(r#"bin = "zoo", args = ["stubborn"], stop = { timeout = "10m" }"#);
    let stage = Stage::open(&types, &["--no-watch"]);
    everybody_is(&stage, "ready");
    // That is said when the signals are ignored.
    stage.dev.wait_for_nth(pairs().len(), "| ready");
    stage.do_(&["stop", "--no-wait", "all"]);
    everybody_is(&stage, "stopping");
    let old = stage.animals();
    check(&stage, "stopping", Before::Held, "ready", || kill(&stage.workspace, &old));
    // And once more, to the end.
    stage.dev.wait_for_nth(stage.animals().len() + pairs().len(), "| ready");
    let down = stage.begin(&["down"]);
    stage.dev.wait_for("Stopping everything");
    kill(&stage.workspace, &stage.animals());
    down.ends_with(0);
    stage.has_ended();
}

fn kill(workspace: &Workspace, pids: &[u32]) {
    let alive = workspace.alive().into_iter();
    let groups = alive.filter(|process| pids.contains(&process.group));
    groups.for_each(|process| process.signal(rustix::process::Signal::KILL));
}

#[test]
fn backoff() {
    let stage = Stage::open(&table(r#"bin = "zoo", args = ["unless", "go", "3"]"#), &[]);
    stage.dev.wait_for("starts again in 1.6s");
    check(&stage, "backoff", Before::Free, "ready", || stage.mark("go"));
    stage.end();
}

#[test]
fn stopped() {
    let stage = Stage::open(&table(r#"bin = "zoo", args = ["polite"]"#), &["--no-watch"]);
    everybody_is(&stage, "ready");
    stage.do_(&["stop", "all"]);
    check(&stage, "stopped", Before::Held, "ready", || ());
    stage.end();
}

#[test]
fn finished() {
    let keeper = "keeper = { bin = \"zoo\", args = [\"idle\"] }\n";
    let types = table(r#"bin = "zoo", args = ["exit", "0"]"#) + keeper;
    let stage = Stage::open(&types, &["--no-watch"]);
    check(&stage, "finished", Before::Free, "finished", || ());
    stage.end();
}

#[test]
fn failed() {
    let keeper = "keeper = { bin = \"zoo\", args = [\"idle\"] }\n";
    let types = table(r#"bin = "zoo", args = ["exit", "3"], restart = "never""#) + keeper;
    let stage = Stage::open(&types, &["--no-watch"]);
    check(&stage, "failed", Before::Free, "failed", || ());
    stage.end();
}

/// A formation of servers, whose health is bad while the file `ill` is there.
fn servers(health: &str) -> Workspace {
    let workspace = formation(&table(&format!(r#"bin = "web", port = true, health = {health}"#)));
    workspace.write("src/bin/web.rs", include_str!("../serving/app.rs"));
    workspace.write("src/bin/version/mod.rs", "pub(crate) const VERSION: u64 = 1;\n");
    workspace
}

#[test]
fn unwell() {
    let workspace =
        servers(r#"{ path = "/health", startup = "1s", interval = "100ms", timeout = "5s" }"#);
    let stage = Stage::in_workspace(workspace, &["--isolated"]);
    everybody_is(&stage, "ready");
    stage.mark("ill");
    everybody_is(&stage, "unwell");
    check(&stage, "unwell", Before::Free, "ready", || stage.unmark("ill"));
    stage.end();
}

#[test]
fn late() {
    let workspace = servers(r#"{ path = "/health", startup = "500ms", interval = "100ms" }"#);
    workspace.write("ill", "");
    let stage = Stage::in_workspace(workspace, &["--isolated"]);
    check(&stage, "late", Before::Free, "ready", || stage.unmark("ill"));
    stage.end();
}

#[test]
fn draining() {
    let workspace = formation(&table(r#"bin = "web", port = true, drain = "10m""#));
    workspace.write("src/bin/web.rs", include_str!("../serving/app.rs"));
    workspace.write("src/bin/version/mod.rs", "pub(crate) const VERSION: u64 = 1;\n");
    let stage = Stage::in_workspace(workspace, &["--isolated"]);
    everybody_is(&stage, "ready");
    stage.mark("hold");
    let requests = requests(&stage);
    stage.do_(&["restart", "all"]);
    check(&stage, "draining", Before::Free, "ready", || stage.unmark("hold"));
    drop(requests);
    stage.end();
}

/// A request to each type that takes for as long as the file `hold` is there.
fn requests(stage: &Stage) -> Vec<std::net::TcpStream> {
    let status = stage.status();
    let types = status["types"].as_array().unwrap().iter();
    let begin = |process: &Value| {
        use std::io::{Read, Write};
        let host = process["url"].as_str().unwrap().strip_prefix("http://").unwrap();
        let mut stream = std::net::TcpStream::connect(host).unwrap();
        write!(stream, "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        stream.read_exact(&mut [0; 12]).unwrap();
        let mut rest = stream.try_clone().unwrap();
        thread::spawn(move || std::io::copy(&mut rest, &mut std::io::sink()).ok());
        stream
    };
    types.map(begin).collect()
}

#[test]
fn no_state_at_all() {
    let workspace = formation(&table(r#"bin = "zoo", args = ["idle"]"#));
    let commands = ["ps", "restart all", "stop p0", "start p0.1", "scale p0=2", "wait", "down"];
    for words in commands.map(|words| words.split(' ').collect::<Vec<_>>()) {
        let nobody = crate::stage::said(&harness::Tool::start(workspace.command(&words)));
        assert_eq!(nobody.code, 8, "{words:?}: {}", nobody.err);
        assert!(nobody.err.contains("no formation runs in `"), "{}", nobody.err);
    }
}
