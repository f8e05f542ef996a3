//! What a table that is right means.

use std::path::PathBuf;
use std::time::Duration;

use cargo_formation::formation::{
    Formation, Health, Port, ProcessType, Ready, Resources, Restart, Stop, StopSignal,
};

use crate::fixture::{Fixture, SHOP, process, shop};

fn names(formation: &Formation) -> Vec<String> {
    formation.processes.iter().map(|process| process.name.to_string()).collect()
}

fn args(process: &ProcessType) -> Vec<String> {
    process.args.iter().map(ToString::to_string).collect()
}

#[test]
fn defaults_follow_from_the_name_and_the_port() {
    let web = process("web = {}");
    assert_eq!(
        (web.port, web.ready.clone(), web.route, web.overlap),
        (Port::Assigned, Ready::Tcp, true, true)
    );
    assert_eq!(
        (web.quantity, web.drain, web.restart),
        (1, Duration::from_secs(5), Restart::OnFailure)
    );
    assert_eq!(web.stop, Stop { signal: StopSignal::Term, timeout: None });
    assert_eq!((web.binary.package.as_str(), web.binary.name.as_str()), ("shop", "web"));

    let worker = process("worker = {}");
    assert_eq!((worker.port, worker.ready, worker.overlap), (Port::None, Ready::Started, false));
    assert_eq!(process("web = { port = false }").port, Port::None);
}

#[test]
fn what_binds_the_public_port_or_is_alone_does_not_overlap() {
    assert!(!process("web = { route = false }").overlap);
    assert!(!process("web = { singleton = true }").overlap);
    assert!(process("worker = { overlap = true }").overlap);
}

#[test]
fn ready_follows_from_health_unless_it_is_said() {
    let web = process(r#"web = { health = "/up" }"#);
    let (startup, interval, timeout) = (30, 5, 2);
    let health = |path: &str, startup| Health {
        path: path.into(),
        startup: Duration::from_secs(startup),
        interval: Duration::from_secs(interval),
        timeout: Duration::from_secs(timeout),
    };
    assert_eq!((web.health, web.ready), (Some(health("/up", startup)), Ready::Http("/up".into())));
    let web = process(r#"web = { health = { path = "/", startup = "2m" }, ready = "tcp" }"#);
    assert_eq!((web.health, web.ready), (Some(health("/", 120)), Ready::Tcp));
    let worker = process(r#"worker = { ready = { log = "consuming" } }"#);
    assert_eq!(worker.ready, Ready::Log("consuming".into()));
    assert_eq!(process(r#"worker = { ready = "notify" }"#).ready, Ready::Notify);
}

#[test]
fn every_key_arrives() {
    let worker = process(
        r#"
        [package.metadata.formation.worker]
        bin = "migrate"
        args = ["--port", "$PORT", "100$$"]
        dir = "crates/worker"
        quantity = 3
        port = 8080
        ports = { admin = true, metrics = 9090 }
        drain = 20
        socket = true
        stop = { signal = "SIGINT", timeout = "1m" }
        restart = "always"
        env = { B = "x", A = "${PORT}/y" }
        watch = ["templates/**", "!templates/*.swp"]
        inputs = ".sqlx"
        cargo-env = true
        pty = true
        resources = { memory = "512MiB", cpu = 0.5 }
        "#,
    );
    assert_eq!(worker.binary.name, "migrate");
    assert_eq!(args(&worker), ["--port", "${PORT}", "100$$"]);
    assert_eq!(worker.dir, Some(PathBuf::from("crates/worker")));
    assert_eq!((worker.quantity, worker.port), (3, Port::Exact(8080)));
    let extra: Vec<_> = worker.extra_ports.iter().map(|e| (e.name.as_str(), e.port)).collect();
    assert_eq!(extra, [("admin", Port::Assigned), ("metrics", Port::Exact(9090))]);
    assert_eq!((worker.drain, worker.socket), (Duration::from_secs(20), true));
    let minute = Some(Duration::from_mins(1));
    assert_eq!(worker.stop, Stop { signal: StopSignal::Int, timeout: minute });
    assert_eq!(worker.restart, Restart::Always);
    let env: Vec<_> = worker.env.iter().map(|(k, v)| (k.as_str(), v.to_string())).collect();
    assert_eq!(env, [("B", "x".into()), ("A", "${PORT}/y".into())]);
    assert_eq!(worker.watch, ["templates/**", "!templates/*.swp"]);
    assert_eq!(worker.inputs, [".sqlx"]);
    assert!(worker.cargo_env && worker.pty);
    assert_eq!(worker.resources, Resources { memory: Some(512 << 20), cpu: Some(500) });
}

#[test]
fn release_reruns_and_clocks_are_scheduled() {
    assert!(process("release = { rerun = true }").rerun);
    let clock = process(r#"clock = { schedule = "*/5 8-18 * * MON-FRI" }"#);
    assert_eq!(clock.schedule.as_deref(), Some("*/5 8-18 * * MON-FRI"));
}

#[test]
fn the_short_form_is_split_as_a_shell_would() {
    let release = process(r#"release = "migrate --yes --note 'two words' $DATABASE_URL""#);
    assert_eq!(release.binary.name, "migrate");
    assert_eq!(args(&release), ["--yes", "--note", "two words", "${DATABASE_URL}"]);
    let worker = process(r#"worker = { args = "--queue 'a b'" }"#);
    assert_eq!(args(&worker), ["--queue", "a b"]);
}

#[test]
fn every_form_of_a_toml_table_means_the_same() {
    let inline = shop("web = { quantity = 2, health = \"/up\" }\nworker = {}").formation();
    let dotted = shop("web.quantity = 2\nworker = {}\nweb.health = \"/up\"").formation();
    let tables = shop(
        "[package.metadata.formation.web]\nquantity = 2\nhealth = \"/up\"\n\
         [package.metadata.formation.worker]",
    );
    let deep =
        "package.metadata.formation = { web = { quantity = 2, health = \"/up\" }, worker = {} }";
    let deep = Fixture::root_package("shop", deep, &SHOP);
    assert_eq!(dotted, inline);
    assert_eq!(tables.formation(), inline);
    assert_eq!(deep.formation(), inline);
    let windows = "[package.metadata.formation]\r\nweb = { quantity = 2, health = \"/up\" }\r\nworker = {}\r\n";
    assert_eq!(Fixture::root_package("shop", windows, &SHOP).formation(), inline);
}

#[test]
fn declaration_order_is_kept() {
    let formation = shop("worker = {}\nclock = {}\nweb = {}").formation();
    assert_eq!(names(&formation), ["worker", "clock", "web"]);
}

#[test]
fn several_types_can_run_one_binary() {
    let formation = shop(
        r#"fast = "worker --fast"
slow = { bin = "worker", args = "--slow" }"#,
    )
    .formation();
    let binaries: Vec<_> = formation.processes.iter().map(|p| p.binary.name.as_str()).collect();
    assert_eq!(binaries, ["worker", "worker"]);
}

#[test]
fn a_binary_brings_the_features_it_needs() {
    let text = "[package.metadata.formation]\nadmin = {}";
    let fixture = Fixture::root_package("shop", text, &[]).binary_with_features("admin", &["tls"]);
    assert_eq!(fixture.formation().processes[0].binary.required_features, ["tls"]);
}

#[test]
fn ready_may_ask_another_path_than_health() {
    let ready = |keys: &str| process(&format!("web = {{ {keys} }}")).ready;
    assert_eq!(ready("health = \"/up\", ready = \"http\""), Ready::Http("/up".into()));
    assert_eq!(
        ready("health = \"/up\", ready = { http = \"/ready\" }"),
        Ready::Http("/ready".into())
    );
    assert_eq!(ready("ready = { http = \"/ready\" }"), Ready::Http("/ready".into()));
}
