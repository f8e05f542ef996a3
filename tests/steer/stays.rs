//! What was asked for stays so: through saves, restarts of all, keys and crashes.

use harness::{Stream, Terminal, Tool};
use rustix::process::Signal;

use crate::stage::{Stage, formation, idle_types};

const OTHER: &str =
    "fn main() { loop { std::thread::sleep(std::time::Duration::from_secs(7)); } }\n";

#[test]
fn who_was_stopped_is_not_revived_by_a_save() {
    let workspace =
        formation("site = { bin = \"other\" }\nworker = { bin = \"other\", quantity = 2 }");
    workspace.write("src/bin/other.rs", OTHER);
    let stage = Stage::in_workspace(workspace, &["--scale", "worker=2"]);
    stage.pid("worker.2");
    let site = stage.pid("site.1");
    let stopped = stage.do_(&["stop", "worker"]);
    assert!(stopped.err.contains("worker.1, worker.2"), "{}", stopped.err);
    stage.workspace.write("src/bin/other.rs", &OTHER.replace('7', "8"));
    stage.do_(&["wait", "--idle"]);
    assert_ne!(stage.pid("site.1"), site);
    stage.workspace.append("Cargo.toml", "# Nothing.");
    stage.do_(&["wait", "--idle"]);
    assert_eq!(stage.states("worker.1"), ["stopped"]);
    assert_eq!(stage.dev.count("Started worker.2"), 1, "{}", stage.dev.transcript());
    // It runs what was saved meanwhile.
    let started = stage.do_(&["start", "worker.2"]);
    assert!(started.err.contains("worker.2 (process "), "{}", started.err);
    assert_eq!(stage.states("worker.1"), ["stopped"]);
    let build = |name: &str| {
        let status = stage.status();
        let mut of = status["instances"].as_array().unwrap().iter();
        of.find(|of| of["name"] == name).unwrap()["build"].as_str().unwrap().to_owned()
    };
    assert_eq!(build("worker.2"), build("site.1"));
    stage.comes_to_rest();
    stage.end();
}

#[test]
fn who_was_stopped_is_left_alone_by_a_restart_of_all() {
    let stage = Stage::open(&idle_types(&["site", "worker"]), &["--no-watch"]);
    let site = stage.pid("site.1");
    stage.pid("worker.1");
    stage.do_(&["stop", "worker.1"]);
    stage.do_(&["restart", "all"]);
    assert_ne!(stage.pid("site.1"), site);
    assert_eq!(stage.states("worker.1"), ["stopped"]);
    stage.do_(&["restart", "worker"]);
    stage.pid("worker.1");
    stage.do_(&["stop", "all"]);
    for name in ["site.1", "worker.1"] {
        assert_eq!(stage.states(name), ["stopped"]);
    }
    // It goes on without anybody.
    stage.do_(&["wait"]);
    stage.do_(&["start", "all"]);
    stage.pid("site.1");
    stage.pid("worker.1");
    stage.end();
}

#[test]
fn who_was_stopped_is_left_alone_by_a_key() {
    let workspace = formation(&idle_types(&["site", "worker"]));
    let words = ["dev", "--no-watch", "--color=never"];
    let terminal = Terminal::open(workspace.command_under(Terminal::WRAPPER, &words));
    let Terminal { ref tool, .. } = terminal;
    tool.wait_for("worker.1  | ready");
    tool.wait_for("site.1    | ready");
    let steer = |words: &[&str]| {
        let client = Tool::start(workspace.command(words));
        client.ends_with(0);
        client.text(Stream::Out)
    };
    steer(&["stop", "worker"]);
    terminal.press(b"r");
    tool.wait_for_nth(2, "site.1    | ready");
    let seen = steer(&["ps"]);
    let line = seen.lines().find(|line| line.starts_with("worker.1")).unwrap();
    assert!(line.contains("stopped"), "{seen}");
    assert_eq!(tool.count("Started worker.1"), 1, "{}", tool.transcript());
    terminal.press(b"q");
    tool.ends_with(0);
    workspace.assert_nothing_alive();
}

#[test]
fn a_stop_between_the_old_run_and_the_new_one_wins() {
    let types = "app = { bin = \"zoo\", args = [\"slow-stop\", \"500\"] }\n";
    let stage = Stage::open(&(types.to_owned() + &idle_types(&["keeper"])), &["--no-watch"]);
    stage.dev.wait_for("app.1     | ready");
    let mut restart = stage.asks(r#"{"command":"restart","names":["app"]}"#);
    stage.dev.wait_for("app.1     | stopping");
    let mut stop = stage.asks(r#"{"command":"stop","names":["app"]}"#);
    let overtaken = restart.only_answer();
    assert_eq!(overtaken["became"][0]["outcome"], "overtaken", "{overtaken}");
    assert_eq!(overtaken["kind"], "failed");
    assert_eq!(stop.only_answer()["became"][0]["outcome"], "stopped");
    assert_eq!(stage.states("app.1"), ["stopped"]);
    assert_eq!(stage.dev.count("Started app.1"), 1, "{}", stage.dev.transcript());
    stage.comes_to_rest();
    stage.end();
}

#[test]
fn a_stop_during_a_backoff_wins() {
    let stage = Stage::open("app = { bin = \"zoo\", args = [\"unless\", \"go\", \"3\"] }", &[]);
    stage.dev.wait_for("starts again in 800ms");
    stage.do_(&["stop", "app"]);
    assert_eq!(stage.states("app.1"), ["stopped"]);
    let starts = stage.dev.count("Started app.1");
    let revived = stage.dev.reaches(std::time::Duration::from_millis(1_500), |lines| {
        let started = lines.iter().filter(|line| line.text().contains("Started app.1"));
        started.count() > starts
    });
    assert!(!revived, "{}", stage.dev.transcript());
    stage.mark("go");
    stage.do_(&["start", "app"]);
    stage.pid("app.1");
    stage.end();
}

#[test]
fn a_restart_of_the_only_one_is_not_the_end() {
    for flags in [&["--no-watch"][..], &["--no-watch", "--exit-on-failure"]] {
        // It ends badly when it is asked to stop.
        let stage = Stage::open(&idle_types(&["app"]), flags);
        let mut pid = stage.pid("app.1");
        for words in [&["restart", "app"][..], &["restart", "all"], &["restart", "app.1"]] {
            let said = stage.do_(words);
            let now = stage.pid("app.1");
            assert!(said.err.contains(&format!("app.1 (process {now})")), "{}", said.err);
            assert_ne!(now, pid);
            pid = now;
        }
        stage.comes_to_rest();
        stage.end();
    }
}

#[test]
fn a_service_is_stopped_and_started_like_the_others() {
    let services = "[package.metadata.formation.settings.services.first]\n\
                    command = \"sh -c 'echo up; exec sleep 7032'\"\nready = { log = \"up\" }\n";
    let stage = Stage::open(&(idle_types(&["app"]) + services), &["--no-watch"]);
    let app = stage.pid("app.1");
    let pid = stage.pid("first");
    stage.do_(&["stop", "first"]);
    assert_eq!(stage.states("first"), ["stopped"]);
    assert!(stage.workspace.exactly("sleep 7032").is_none());
    stage.do_(&["restart", "all"]);
    assert_eq!(stage.states("first"), ["stopped"]);
    stage.do_(&["start", "first"]);
    let second = stage.pid("first");
    assert_ne!(second, pid);
    stage.do_(&["restart", "first"]);
    assert_ne!(stage.pid("first"), second);
    stage.workspace.wait_for_process("sleep 7032").signal(Signal::KILL);
    stage.dev.wait_for("Crashed first");
    stage.dev.wait_for_nth(4, "Started first");
    stage.pid("first");
    assert_ne!(stage.pid("app.1"), app);
    stage.comes_to_rest();
    stage.end();
}

#[test]
fn a_service_that_is_not_up_is_not_ready() {
    let services = "[package.metadata.formation.settings.services.first]\n\
                    command = \"sh -c 'test ! -e gone || exit 3; echo up; exec sleep 7033'\"\n\
                    ready = { log = \"up\" }\nrestart = \"never\"\n";
    let stage = Stage::open(&(idle_types(&["app"]) + services), &["--no-watch"]);
    stage.pid("app.1");
    stage.pid("first");
    stage.mark("gone");
    assert_eq!(stage.steer(&["restart", "first"]).code, 1);
    stage.is("first", "failed");
    for until in ["--ready", "--idle"] {
        let said = stage.steer(&["wait", until]);
        assert_eq!(said.code, 1, "{until}: {said:?}");
        assert!(said.err.contains("first"), "{}", said.err);
    }
    stage.unmark("gone");
    stage.do_(&["start", "first"]);
    stage.do_(&["wait"]);
    stage.end();
}

#[test]
fn who_is_not_waited_for_is_asked_all_the_same() {
    let stage = Stage::open(&idle_types(&["app"]), &["--no-watch"]);
    let pid = stage.pid("app.1");
    stage.do_(&["restart", "--no-wait", "app"]);
    stage.dev.wait_for_nth(2, "Started app.1");
    assert_ne!(stage.pid("app.1"), pid);
    stage.do_(&["stop", "--no-wait", "app"]);
    stage.is("app.1", "stopped");
    stage.do_(&["start", "--no-wait", "app"]);
    stage.pid("app.1");
    stage.do_(&["scale", "--no-wait", "app=2"]);
    stage.pid("app.2");
    // What cannot be is refused, also where nobody waits for what comes of it.
    for words in ["restart --no-wait app.3", "stop --no-wait app.3", "start --no-wait nobody"] {
        let refused = stage.steer(&words.split(' ').collect::<Vec<_>>());
        assert_eq!(refused.code, 2, "{words}: {refused:?}");
    }
    stage.end();
}

#[test]
fn a_reader_that_does_not_read_keeps_nobody_from_steering() {
    let workspace = formation(
        "app = { bin = \"zoo\", args = [\"flood\", \"100000000\", \"80\"] }\n\
                               calm = { bin = \"zoo\", args = [\"idle\"] }",
    );
    // Whoever has the other end of the pipe does not look.
    let mut command = workspace.command(&["dev", "--no-watch"]);
    let (reader, writer) = std::io::pipe().unwrap();
    command.stdout(writer).stderr(std::process::Stdio::piped());
    let stage = Stage::of(workspace, Tool::start_uncaptured(command));
    let pid = stage.pid("calm.1");
    stage.do_(&["restart", "calm"]);
    assert_ne!(stage.pid("calm.1"), pid);
    stage.do_(&["stop", "app"]);
    stage.do_(&["scale", "calm=2"]);
    stage.end();
    drop(reader);
}
