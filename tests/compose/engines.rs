//! Which engine it is, and that there is none.

use rustix::process::Signal;

use crate::Engines;

#[test]
fn without_an_engine_it_is_said_what_is_missing() {
    let engines = Engines::new(&[]);
    let tool = engines.start("stop");
    tool.ends_with(127);
    tool.wait_for("cannot run `db`: nothing is installed that reads compose files; install");
    assert_eq!(tool.lines().len(), 1, "{}", tool.transcript());
}

#[test]
fn a_docker_without_its_plugin_is_named() {
    let engines = Engines::docker().does("version", "echo 'unknown command' >&2; exit 1");
    let tool = engines.start("stop");
    tool.ends_with(127);
    tool.wait_for("`docker` is installed, and cannot read compose files; install the plugin");
    assert_eq!(engines.calls(), ["docker version"]);
    assert_eq!(tool.lines().len(), 1, "{}", tool.transcript());
}

#[test]
fn the_first_engine_that_works_is_taken() {
    let all = ["docker", "docker-compose", "podman", "podman-compose"];
    for (number, name) in all.into_iter().enumerate() {
        let engines = all[..number].iter().fold(Engines::new(&all), |engines, broken| {
            engines.does(&format!("{broken}.version"), "exit 125")
        });
        let tool = engines.start("stop");
        tool.wait_for("a line of the log");
        tool.signal(Signal::TERM);
        tool.ends_with(0);
        let deeds = engines.deeds();
        assert!(deeds.iter().all(|deed| deed.split(' ').next() == Some(name)), "{deeds:?}");
        assert_eq!(deeds.len(), 4, "{deeds:?}");
    }
}

#[test]
fn an_engine_is_no_part_of_the_run() {
    let engines = Engines::docker();
    let tool = engines.start("stop");
    tool.wait_for("a line of the log");
    tool.signal(Signal::TERM);
    tool.ends_with(0);
    let calls = engines.calls();
    assert!(calls.len() > 5, "{calls:?}");
    assert!(!calls.iter().any(|call| call.contains("TAGGED")), "{calls:?}");
    assert!(!calls.iter().any(|call| call.contains("NOTIFYING")), "{calls:?}");
}
