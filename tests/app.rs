//! The example app under load, run by the tool, while its processes are killed at random:
//! every check that was enqueued is recorded exactly once, and nothing is stuck. And every platform takes it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

#[path = "app/chance.rs"]
mod chance;
#[path = "app/victims.rs"]
mod victims;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use harness::{DEADLINE, Site, Tool, Workspace, eventually, request};
use rustix::process::Signal;
use serde_json::{Value, json};

use self::chance::Chance;
use self::victims::{choose, kill};

/// How many processes are killed.
const KILLS: usize = 100;

/// Who may be killed.
const VICTIMS: [&str; 6] = ["web.1", "web.2", "worker.1", "worker.2", "worker.3", "clock.1"];

/// How many monitors there are beside the one of the app itself, each due every second.
const MONITORS: usize = 30;

/// So many checks are always under way, so that most kills interrupt some.
const UNDER_WAY: usize = 8;

#[test]
fn a_hundred_kills_lose_no_check_and_double_none() {
    let seed = chance::seed();
    // Shown where the test fails.
    println!("CHANCE_SEED={seed}");
    let mut chance = Chance::new(seed);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let workspace = Workspace::existing(env!("CARGO_BIN_EXE_cargo-formation"), root);
    let site = Site::holding(UNDER_WAY);

    let tool = dev(&workspace, &["--scale", "web=2,worker=3"]);
    let web = web(&tool);
    watch(&web, site.url());
    site.wait_for(MONITORS);
    for _ in 0..KILLS {
        let name = choose(&VICTIMS, &tool, &mut chance);
        kill(name, &workspace, &tool);
        // A few checks later, or a little, if nobody is left to make any.
        site.reaches(site.visits() + chance.below(12), Duration::from_millis(300));
    }
    assert_eq!(tool.count("Crashed "), KILLS, "somebody failed unasked\n{}", tool.transcript());
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    let performed = site.visits();
    site.release();

    // Nobody enqueues any more, and what was begun is finished.
    let tool = dev(&workspace, &["web", "worker"]);
    let web = self::web(&tool);
    eventually("end of the queue", DEADLINE, || (depth(&web)["open"] == 0).then_some(()));
    let enqueued = depth(&web)["enqueued"].as_u64().unwrap();
    let recorded = recorded(&web);
    println!(
        "{enqueued} enqueued, {} recorded; the site was asked {performed} times, {} in the end",
        recorded.len(),
        site.visits()
    );
    // Each is its own by (monitor, moment); so if they are as many, they are the same.
    assert_eq!(recorded.iter().collect::<BTreeSet<_>>().len(), recorded.len());
    assert_eq!(u64::try_from(recorded.len()).unwrap(), enqueued, "CHANCE_SEED={seed}");
    let of_site = recorded.iter().filter(|(name, _)| name.starts_with('m')).count();
    assert!(site.visits() > of_site, "no check was interrupted, so nothing was tested");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn no_platform_has_anything_against_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let workspace = Workspace::existing(env!("CARGO_BIN_EXE_cargo-formation"), root);
    let output = workspace.command(&["check", "--for", "all"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && !said.contains("warning"), "{said}");
}

/// `dev` of the repository itself, built where the tests are, over a database of its own.
fn dev(workspace: &Workspace, arguments: &[&str]) -> Tool {
    let mut command = workspace.command(&["dev", "--no-watch", "--isolated"]);
    command.args(arguments);
    let tool = Path::new(env!("CARGO_BIN_EXE_cargo-formation"));
    command.env("CARGO_TARGET_DIR", tool.ancestors().nth(2).unwrap());
    let database = workspace.beside("data/uptime.db");
    command.env("DATABASE_URL", format!("sqlite:{}", database.display()));
    command.env_remove("HOST").env_remove("RUST_LOG").env_remove("FORMATION_WEB_URL");
    Tool::start(command)
}

/// Where `web` is reached, whichever of its runs answers, once it is up.
fn web(tool: &Tool) -> String {
    let line = tool.build_and_wait_for("Ready web at ").text();
    line.split([' ', ',']).find(|word| word.starts_with("http://")).unwrap().to_owned()
}

fn watch(web: &str, site: &str) {
    for number in 0..MONITORS {
        let monitor = json!({ "name": format!("m{number}"), "url": site, "every": 1 });
        let answer = request("POST", &format!("{web}/api/monitors"), &monitor.to_string());
        assert_eq!(answer.unwrap().0, 201);
    }
}

fn get(web: &str, path: &str) -> Value {
    let (status, body) = request("GET", &format!("{web}{path}"), "").unwrap();
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

fn depth(web: &str) -> Value {
    get(web, "/api/queue")
}

/// Every check that was recorded: its monitor, and when it was due.
fn recorded(web: &str) -> Vec<(String, i64)> {
    let monitors = get(web, "/api/monitors");
    let names = monitors.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap());
    let checks = names.flat_map(|name| {
        let path = format!("/api/monitors/{}/checks?limit=10000", name.replace(' ', "%20"));
        let checks = get(web, &path);
        let due = |check: &Value| (name.to_owned(), check["due"].as_i64().unwrap());
        checks.as_array().unwrap().iter().map(due).collect::<Vec<_>>()
    });
    checks.collect()
}
