//! What is written into a compose file, and whether its readers read the same.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::{prop_assert_eq, proptest};
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::emit::sample::{formation, shop};
use crate::emit::{App, Exported, Platform, export};
use crate::formation::{
    BackingService, ConfigItem, ExtraPort, Formation, Health, Port, Ready, Resources, Restart,
    ServiceSource, Stop, StopSignal, Template,
};

fn exported(formation: &Formation) -> Exported {
    export(Platform::Compose, &shop(formation)).unwrap()
}

fn text(formation: &Formation) -> String {
    exported(formation).files[0].text.clone()
}

/// The services, as a reader of YAML has them.
fn services(formation: &Formation) -> Value {
    let text = text(formation);
    let document: Value = serde_saphyr::from_str(&text).unwrap();
    document["services"].clone()
}

fn refusals(formation: &Formation) -> Vec<String> {
    let refusals = export(Platform::Compose, &shop(formation)).unwrap_err();
    refusals.iter().map(ToString::to_string).collect()
}

fn sample() -> Formation {
    let mut formation = formation(&["web: --listen 0.0.0.0:$PORT", "worker", "release: --yes"]);
    formation.processes[0].quantity = 2;
    formation.processes[1].quantity = 3;
    formation.processes[2].binary.name = "migrate".into();
    formation
}

fn item(name: &str) -> ConfigItem {
    ConfigItem {
        name: name.into(),
        required: false,
        secret: false,
        default: None,
        description: None,
    }
}

fn backing(name: &str, image: Option<&str>, port: Port) -> BackingService {
    BackingService {
        name: name.parse().unwrap(),
        source: ServiceSource::Elsewhere,
        dir: None,
        env: Vec::new(),
        port,
        ready: Ready::Tcp,
        stop: Stop { signal: StopSignal::Int, timeout: None },
        restart: Restart::OnFailure,
        pty: false,
        image: image.map(str::to_owned),
    }
}

#[test]
fn everybody_waits_for_release_and_has_ports_of_his_own() {
    assert_data_eq!(
        text(&sample()),
        str![[r##"
# Emitted by `cargo formation export compose` from Cargo.toml, to be changed there.
name: shop
services:
  web:
    image: "shop:${TAG:-latest}"
    build:
      context: "."
    command:
      - web
      - "--listen"
      - "0.0.0.0:8080"
    environment:
      FORMATION_PROCESS: web
      PORT: "8080"
      FORMATION_WEB_URL: "http://web:8080"
    ports:
      - target: 8080
        published: "4000-4001"
        host_ip: "127.0.0.1"
    depends_on:
      release:
        condition: service_completed_successfully
    init: true
    restart: unless-stopped
    stop_signal: SIGTERM
    stop_grace_period: "30s"
    cap_drop:
      - ALL
    security_opt:
      - "no-new-privileges:true"
    deploy:
      replicas: 2
  worker:
    image: "shop:${TAG:-latest}"
    build:
      context: "."
    command:
      - worker
    environment:
      FORMATION_PROCESS: worker
      FORMATION_WEB_URL: "http://web:8080"
    depends_on:
      release:
        condition: service_completed_successfully
    init: true
    restart: unless-stopped
    stop_signal: SIGTERM
    stop_grace_period: "30s"
    cap_drop:
      - ALL
    security_opt:
      - "no-new-privileges:true"
    deploy:
      replicas: 3
  release:
    image: "shop:${TAG:-latest}"
    build:
      context: "."
    command:
      - migrate
      - "--yes"
    environment:
      FORMATION_PROCESS: release
      FORMATION_WEB_URL: "http://web:8080"
    init: true
    restart: "no"
    stop_signal: SIGTERM
    stop_grace_period: "30s"
    cap_drop:
      - ALL
    security_opt:
      - "no-new-privileges:true"
    deploy:
      replicas: 1

"##]]
    );
}

#[test]
fn what_the_app_needs_comes_from_outside_and_no_secret_is_written() {
    let mut formation = sample();
    formation.settings.config = vec![
        ConfigItem { required: true, secret: true, ..item("DATABASE_URL") },
        ConfigItem { default: Some("in$fo".into()), ..item("RUST_LOG") },
        item("SENTRY_DSN"),
        item("MODE"),
    ];
    formation.processes[0].env =
        vec![("MODE".into(), Template::parse("$RUST_LOG at $ZONE").unwrap())];
    formation.processes[1].args = vec![Template::parse("$FORMATION_WEB_URL").unwrap()];
    let services = services(&formation);
    let web = &services["web"]["environment"];
    assert_eq!(web["DATABASE_URL"], "${DATABASE_URL?set DATABASE_URL}");
    assert_eq!(web["RUST_LOG"], "${RUST_LOG-in$$fo}");
    assert_eq!(web["SENTRY_DSN"], Value::Null);
    assert_eq!(web["MODE"], "${RUST_LOG-in$$fo} at ${ZONE?set ZONE}");
    assert_eq!(services["worker"]["environment"]["MODE"], Value::Null);
    assert_eq!(services["worker"]["command"][1], "http://web:8080");
}

#[test]
fn what_the_image_says_stays_unless_somebody_says_otherwise() {
    let mut formation = sample();
    let env = serde_json::json!({ "env": { "HOST": "0.0.0.0", "MODE": "a$b", "LEVEL": "info" } });
    let settings = crate::formation::Platform { name: "dockerfile".into(), settings: env };
    formation.settings.platforms = vec![settings];
    formation.settings.config = vec![
        item("HOST"),
        item("DSN"),
        ConfigItem { default: Some("debug".into()), ..item("LEVEL") },
    ];
    formation.processes[0].env = vec![
        ("MODE".into(), Template::literal("own")),
        ("WHERE".into(), Template::parse("at $HOST").unwrap()),
    ];
    let services = services(&formation);
    let web = &services["web"]["environment"];
    // Without a value, an engine takes it out of the container.
    assert_eq!(web["HOST"], "${HOST-0.0.0.0}");
    assert_eq!(web["DSN"], Value::Null);
    assert_eq!(web["LEVEL"], "${LEVEL-debug}");
    assert_eq!(web["MODE"], "own");
    assert_eq!(web["WHERE"], "at ${HOST-0.0.0.0}");
    // What nobody else speaks of is a matter of the image.
    assert_eq!(services["worker"]["environment"].get("MODE"), None);
}

#[test]
fn a_backing_service_with_an_image_is_there_before_release() {
    let mut formation = sample();
    let mut postgres = backing("db", Some("docker.io/library/postgres:17"), Port::Exact(5432));
    postgres.env = vec![("POSTGRES_PASSWORD".into(), Template::parse("$DB_PASSWORD").unwrap())];
    formation.settings.services = vec![
        postgres,
        backing("queue", Some("example.com/queue@sha256:abc"), Port::Exact(5672)),
        backing("bundler", None, Port::None),
    ];
    let services = services(&formation);
    assert_eq!(services["db"]["healthcheck"]["test"], serde_json::json!(["CMD", "pg_isready"]));
    assert_eq!(
        services["db"]["environment"]["POSTGRES_PASSWORD"],
        "${DB_PASSWORD?set DB_PASSWORD}"
    );
    let waits = &services["release"]["depends_on"];
    assert_eq!(waits["db"]["condition"], "service_healthy");
    assert_eq!(waits["queue"]["condition"], "service_started");
    assert_eq!(services["web"]["environment"]["FORMATION_DB_URL"], "tcp://db:5432");
    assert_eq!(services["bundler"], Value::Null);
    let warnings = exported(&formation).warnings;
    assert!(warnings[0].to_string().contains("`bundler` is not in it"), "{warnings:?}");
}

#[test]
fn the_treatment_of_the_table_is_that_of_the_service() {
    let mut formation = sample();
    let web = &mut formation.processes[0];
    web.stop = Stop { signal: StopSignal::Quit, timeout: Some(Duration::from_millis(2500)) };
    web.restart = Restart::Never;
    web.resources = Resources { memory: Some(1 << 20), cpu: Some(1250) };
    web.quantity = 1;
    web.extra_ports = vec![ExtraPort { name: "admin".parse().unwrap(), port: Port::Assigned }];
    web.socket = true;
    web.dir = Some("ui".into());
    let exported = exported(&formation);
    let services = services(&formation);
    let web = &services["web"];
    assert_eq!(web["stop_signal"], "SIGQUIT");
    assert_eq!(web["stop_grace_period"], "2500ms");
    assert_eq!(web["restart"], "no");
    let limits = serde_json::json!({"memory": "1048576b", "cpus": "1.250"});
    assert_eq!(web["deploy"]["resources"]["limits"], limits);
    assert_eq!(web["ports"][0]["published"], "4000");
    assert_eq!(web["environment"]["PORT_ADMIN"], "8081");
    let warnings: Vec<String> = exported.warnings.iter().map(ToString::to_string).collect();
    assert!(warnings[0].contains("no directory `ui`"), "{warnings:?}");
    assert_eq!(web["working_dir"], "/app/ui");
    assert!(warnings[1].contains("`web` is not handed its socket"), "{warnings:?}");
}

#[test]
fn what_an_engine_does_not_do_is_told_with_what_does() {
    let mut formation = formation(&["web", "nightly"]);
    formation.processes[1].schedule = Some("0 3 * * *".into());
    let second = Duration::from_secs(1);
    formation.processes[0].health =
        Some(Health { path: "/up".into(), startup: second, interval: second, timeout: second });
    let unsaid: Vec<String> = exported(&formation).unsaid.iter().map(ToString::to_string).collect();
    assert_eq!(
        unsaid,
        [
            "how it starts: `docker compose --file compose.formation.yaml up --detach --build`",
            "whether `web` is well, as its image has nothing to ask with: \
             `curl --fail http://127.0.0.1:4000/up`",
            "that `nightly` runs at `0 3 * * *` (UTC): \
             `docker compose --file compose.formation.yaml run --rm nightly`",
        ]
    );
    let services = services(&formation);
    assert_eq!(services["nightly"]["profiles"][0], "scheduled");
    assert_eq!(services["nightly"]["restart"], "no");
}

#[test]
fn what_a_compose_file_cannot_say_is_refused_with_its_reason() {
    let mut formation = sample();
    formation.processes[0].args = vec![Template::literal("a\0b")];
    formation.processes[1].port = Port::Exact(4001);
    assert!(refusals(&formation)[0].contains("`worker` would have 4001, which is that of `web`"));
    formation.processes[1].port = Port::None;
    let nameless = export(Platform::Compose, &App { package: Some("shop-"), ..shop(&sample()) });
    assert!(nameless.unwrap_err()[0].to_string().contains("it is the image's name"));
    let with = |default: &str| ConfigItem { default: Some(default.into()), ..item("TEXT") };
    for default in ["{}", "a}", "{", "line1\nline2\n", "\n"] {
        formation.settings.config = vec![with(default)];
        let said = refusals(&formation);
        assert!(said[0].contains(r"`a\0b`"), "{said:?}");
        assert!(said[1].starts_with("the default of `TEXT` is `"), "{said:?}");
        assert!(said[1].contains("a brace or a line break ends a default there"), "{said:?}");
        assert_eq!(said.len(), 2, "it is said once: {said:?}");
    }
}

#[test]
fn what_a_container_has_of_its_own_is_not_that_of_the_shell() {
    let template = |text| Template::parse(text).unwrap();
    let mut formation = sample();
    formation.processes[0].env = vec![("PATH".into(), template("/opt/x:$PATH"))];
    formation.processes[0].args = vec![template("$HOME")];
    let mut db = backing("db", Some("postgres"), Port::None);
    db.env = vec![("PGDATA".into(), template("$PWD/data"))];
    formation.settings.services = vec![db];
    let said = refusals(&formation);
    let why = "it would be that of the shell that starts the engine";
    for (said, of) in said.iter().zip(["`web` has `$HOME`", "`web` has `$PATH`", "`db` has `$PWD`"])
    {
        assert!(said.starts_with(of) && said.contains(why), "{said}");
    }
    assert_eq!(said.len(), 3, "{said:?}");
    // What is known, or asked for, is another matter.
    formation.processes[0].env =
        vec![("PATH".into(), template("/opt/x")), ("HOME".into(), template("/data"))];
    formation.settings.services.clear();
    assert_eq!(services(&formation)["web"]["command"][1], "/data");
    formation.processes[0].env.clear();
    formation.settings.config = vec![ConfigItem { required: true, ..item("HOME") }];
    assert_eq!(services(&formation)["web"]["command"][1], "${HOME?set HOME}");
}

/// The specification's interpolation, of a value in which nothing is set.
fn interpolated(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value;
    while let Some(dollar) = rest.find('$') {
        text.push_str(&rest[..dollar]);
        let after = rest[dollar + 1..].strip_prefix('$');
        rest = after.unwrap_or_else(|| panic!("a variable in {value}"));
        text.push('$');
    }
    text + rest
}

proptest! {
    #[test]
    fn every_word_and_variable_arrives_as_it_is(args: Vec<String>, values: Vec<String>) {
        let clean = |texts: Vec<String>| -> Vec<String> {
            texts.into_iter().map(|text| text.replace('\0', "")).collect()
        };
        let (args, values) = (clean(args), clean(values));
        let mut formation = formation(&["worker"]);
        let named: BTreeMap<String, String> =
            values.into_iter().enumerate().map(|(n, value)| (format!("V{n}"), value)).collect();
        formation.processes[0].args = args.iter().map(|arg| Template::literal(arg)).collect();
        formation.processes[0].env = named
            .iter()
            .map(|(name, value)| (name.clone(), Template::literal(value)))
            .collect();
        let services = services(&formation);
        let words = services["worker"]["command"].as_array().unwrap();
        let words: Vec<String> = words.iter().map(|word| interpolated(word.as_str().unwrap())).collect();
        prop_assert_eq!(&words[1..], &args[..]);
        for (name, value) in &named {
            let found = services["worker"]["environment"][name].as_str().unwrap();
            prop_assert_eq!(&interpolated(found), value);
        }
    }
}
