//! What is written into units, and whether systemd reads the same.

mod reader;

use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};
use snapbox::{Data, assert_data_eq, str};

use self::reader::{assignments, words};
use crate::emit::sample::{formation, shop};
use crate::emit::{App, Exported, Platform, export};
use crate::formation::{
    ConfigItem, ExtraPort, Formation, Health, Port, Ready, Resources, Restart, Stop, StopSignal,
    Template,
};

fn exported(formation: &Formation) -> Exported {
    export(Platform::Systemd, &shop(formation)).unwrap()
}

/// The text of one file.
fn file(formation: &Formation, path: &str) -> String {
    let files = exported(formation).files;
    let found = files.iter().find(|file| file.path.to_str() == Some(path));
    let paths: Vec<_> = files.iter().map(|file| file.path.display().to_string()).collect();
    found.map_or_else(|| panic!("{path} is not in {paths:?}"), |file| file.text.clone())
}

fn check(formation: &Formation, path: &str, expected: impl Into<Data>) {
    assert_data_eq!(file(formation, path), expected.into());
}

/// Why it is not exported.
fn refusals(formation: &Formation) -> Vec<String> {
    let refusals = export(Platform::Systemd, &shop(formation)).unwrap_err();
    refusals.iter().map(ToString::to_string).collect()
}

/// The values of a setting, in order.
fn values(text: &str, key: &str) -> Vec<String> {
    let values = text.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    values.map(str::to_owned).collect()
}

fn sample() -> Formation {
    let mut formation =
        formation(&["web: --listen 0.0.0.0:$PORT", "worker: $QUEUE", "clock", "release: --yes"]);
    formation.processes[0].quantity = 2;
    formation.processes[1].quantity = 3;
    formation.processes[2].singleton = true;
    formation.processes[3].binary.name = "migrate".into();
    formation
}

#[test]
fn the_target_wants_every_instance_by_its_exact_name() {
    check(
        &sample(),
        "shop.target",
        str![[r#"
# Emitted by `cargo formation export systemd` from Cargo.toml, to be changed there.
[Unit]
Description=shop formation (web=2 worker=3 clock=1)
Wants=shop-web@4000.service
Wants=shop-web@4001.service
Wants=shop-worker@1.service
Wants=shop-worker@2.service
Wants=shop-worker@3.service
Wants=shop-clock.service

[Install]
WantedBy=multi-user.target

"#]],
    );
}

#[test]
fn a_template_has_its_port_for_its_name() {
    check(
        &sample(),
        "shop-web@.service",
        str![[r#"
# Emitted by `cargo formation export systemd` from Cargo.toml, to be changed there.
[Unit]
Description=shop web.%i
Wants=network-online.target
After=network-online.target
After=shop-release.service
PartOf=shop.target
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=/opt/shop/bin/web --listen 0.0.0.0:%i
WorkingDirectory=/opt/shop
Environment=FORMATION_PROCESS=web
Environment=PORT=%i
Environment=FORMATION_WEB_URL=http://127.0.0.1:4000
EnvironmentFile=-/etc/shop/env
Restart=on-failure
RestartSec=1
KillSignal=SIGTERM
KillMode=mixed
TimeoutStopSec=30s
SyslogIdentifier=shop-web.%i
Slice=shop.slice
User=shop
StateDirectory=shop
DynamicUser=yes
ProtectHome=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
UMask=0077
CapabilityBoundingSet=

"#]],
    );
}

#[test]
fn what_there_is_one_of_and_what_runs_once_are_no_templates() {
    let formation = sample();
    let clock = file(&formation, "shop-clock.service");
    assert!(!clock.contains('@') || clock.contains("@system-service"), "{clock}");
    let release = file(&formation, "shop-release.service");
    assert_eq!(values(&release, "Type"), ["oneshot"]);
    assert_eq!(values(&release, "ExecStart"), ["/opt/shop/bin/migrate --yes"]);
    assert_eq!(values(&release, "Restart"), <[&str; 0]>::default());
    assert!(!release.contains("shop.target"), "nobody starts it with the others: {release}");
}

#[test]
fn the_treatment_of_the_table_is_that_of_the_unit() {
    let mut formation = sample();
    let web = &mut formation.processes[0];
    web.stop =
        Stop { signal: StopSignal::Int, timeout: Some(std::time::Duration::from_millis(1500)) };
    web.restart = Restart::Never;
    web.ready = Ready::Notify;
    web.resources = Resources { memory: Some(256 << 20), cpu: Some(255) };
    web.dir = Some("ui 100%".into());
    let text = file(&formation, "shop-web@.service");
    for (key, value) in [
        ("KillSignal", "SIGINT"),
        ("TimeoutStopSec", "1500ms"),
        ("Restart", "no"),
        ("Type", "notify"),
        ("MemoryMax", "268435456"),
        ("CPUQuota", "25.5%"),
        ("WorkingDirectory", "/opt/shop/ui 100%%"),
    ] {
        assert_eq!(values(&text, key), [value]);
    }
}

#[test]
fn no_time_to_stop_is_not_all_the_time_there_is() {
    let mut formation = sample();
    formation.processes[0].stop.timeout = Some(std::time::Duration::ZERO);
    assert_eq!(values(&file(&formation, "shop-web@.service"), "TimeoutStopSec"), ["1ms"]);
}

#[test]
fn a_socket_is_made_before_its_service_and_outlives_it() {
    let mut formation = sample();
    formation.processes[0].socket = true;
    let socket = file(&formation, "shop-web@.socket");
    assert_eq!(values(&socket, "ListenStream"), ["%i"]);
    let service = file(&formation, "shop-web@.service");
    assert_eq!(values(&service, "Requires"), ["shop-web@%i.socket"]);
    let wants = values(&file(&formation, "shop.target"), "Wants");
    assert_eq!(wants[..2], ["shop-web@4000.socket", "shop-web@4001.socket"]);
}

#[test]
fn who_is_up_when_it_listens_is_waited_for() {
    let mut formation = sample();
    formation.processes[0].health = Some(Health {
        path: "/up".into(),
        startup: std::time::Duration::from_millis(1500),
        interval: std::time::Duration::from_secs(1),
        timeout: std::time::Duration::from_secs(1),
    });
    formation.processes[0].ready = Ready::Http("/up".into());
    formation.processes[2].port = Port::Exact(80);
    formation.processes[2].ready = Ready::Tcp;
    let listening = |formation: &Formation| {
        let script = file(formation, "install.sh");
        let (_, rest) = script.split_once("\nlistening=").unwrap();
        rest.split_once("\ntemplates=").unwrap().0.to_owned()
    };
    let expected =
        "'shop-web@4000.service 4000 2\nshop-web@4001.service 4001 2\nshop-clock.service 80 30'";
    assert_eq!(listening(&formation), expected);
    formation.processes[0].socket = true;
    formation.processes[2].ready = Ready::Started;
    assert_eq!(listening(&formation), "''");
}

#[test]
fn ports_that_do_not_follow_from_the_name_stand_beside_it() {
    let mut formation = sample();
    let extra = ExtraPort { name: "admin".parse().unwrap(), port: Port::Assigned };
    formation.processes[0].extra_ports = vec![extra.clone()];
    formation.processes[2].extra_ports = vec![extra];
    let second = file(&formation, "shop-web@4001.service.d/ports.conf");
    assert_eq!(values(&second, "Environment"), ["PORT_ADMIN=4011"]);
    let clock = file(&formation, "shop-clock.service");
    assert!(values(&clock, "Environment").contains(&"PORT_ADMIN=4210".to_owned()), "{clock}");
}

#[test]
fn a_low_port_needs_the_right_to_listen_there() {
    let mut formation = sample();
    formation.processes[0].port = Port::Exact(80);
    let text = file(&formation, "shop-web@.service");
    assert_eq!(values(&text, "AmbientCapabilities"), ["CAP_NET_BIND_SERVICE"]);
    assert_eq!(values(&file(&formation, "shop.target"), "Wants")[1], "shop-web@81.service");
}

#[test]
fn no_two_instances_have_one_port() {
    let mut formation = sample();
    formation.processes[0].quantity = 101;
    formation.processes[1].port = Port::Exact(4001);
    formation.processes[2].port = Port::Exact(65_535);
    formation.processes[2].singleton = false;
    formation.processes[2].quantity = 2;
    let said = refusals(&formation);
    assert!(
        said.iter().any(|text| text.contains("`worker` would have 4001, which is that of `web`"))
    );
    assert!(said.iter().any(|text| text.contains("`clock` would have 65536, which is none")));
}

#[test]
fn the_environment_file_asks_for_what_is_needed_and_has_no_secret() {
    let mut formation = sample();
    let item = |name: &str| ConfigItem {
        name: name.into(),
        required: false,
        secret: false,
        default: None,
        description: None,
    };
    formation.settings.config = vec![
        ConfigItem {
            required: true,
            secret: true,
            description: Some("Post\ngres".into()),
            ..item("DATABASE_URL")
        },
        ConfigItem { default: Some("in fo%".into()), ..item("RUST_LOG") },
    ];
    check(
        &formation,
        "env.example",
        str![[r#"
# Emitted by `cargo formation export systemd` from Cargo.toml, to be changed there.
# `install.sh` makes /etc/shop/env of it, which only root can read (mode 0600), once.

# DATABASE_URL (required, secret): Post gres
DATABASE_URL=

# RUST_LOG
#RUST_LOG=

# Used by arguments of the table.
#QUEUE=

"#]],
    );
    let web = file(&formation, "shop-web@.service");
    assert_eq!(values(&web, "EnvironmentFile"), ["/etc/shop/env"]);
    assert!(values(&web, "Environment").contains(&r#""RUST_LOG=in fo%%""#.to_owned()), "{web}");
}

#[test]
fn what_systemd_cannot_say_is_refused_with_its_reason() {
    let mut formation = sample();
    formation.processes[0].args = vec![Template::literal("a\0b")];
    let env = |value| vec![("DATA".to_owned(), Template::parse(value).unwrap())];
    formation.processes[1].env = env("$HOME/data");
    formation.processes[2].env = env("\u{1b}[0m");
    formation.processes[3].dir = Some("a\nb".into());
    let said = refusals(&formation);
    assert_eq!(said.len(), 4, "{said:#?}");
    assert!(said[0].contains(r"`a\0b`"), "{said:#?}");
    assert!(said[1].contains("`DATA` of `worker` uses `$HOME`"), "{said:#?}");
    assert!(said[2].contains("no other control characters"), "{said:#?}");
    assert!(said[3].contains("a directory is on one line"), "{said:#?}");
}

#[test]
fn what_is_no_character_is_refused_wherever_it_stands() {
    for c in ['\u{fdd0}', '\u{fdef}', '\u{fffe}', '\u{ffff}', '\u{1fffe}', '\u{10ffff}'] {
        let text = format!("a{c}b");
        let mut formation = sample();
        formation.processes[0].args = vec![Template::literal(&text)];
        formation.processes[1].env = vec![("DATA".to_owned(), Template::literal(&text))];
        formation.processes[2].dir = Some(text.into());
        let said = refusals(&formation);
        assert_eq!(said.len(), 3, "{said:#?}");
        assert!(said.iter().all(|said| said.contains("is no character")), "{said:#?}");
    }
}

#[test]
fn an_app_needs_a_name_that_a_user_can_have() {
    let formation = sample();
    for name in ["Shop", "1shop", "", "shop.x", &"s".repeat(32), "a b", "shop-", "a--b"] {
        let app = App { formation: &formation, package: Some(name), place: None };
        assert!(export(Platform::Systemd, &app).is_err(), "{name}");
    }
    let nobody =
        export(Platform::Systemd, &App { formation: &formation, package: None, place: None });
    let said = nobody.unwrap_err()[0].to_string();
    assert!(said.contains("say `app = \"…\"`"), "{said}");
}

#[test]
fn what_is_not_looked_at_and_not_set_is_told() {
    let mut formation = sample();
    let second = std::time::Duration::from_secs(1);
    formation.processes[0].health =
        Some(Health { path: "/up".into(), startup: second, interval: second, timeout: second });
    formation.processes[1].args = vec![Template::parse("$FORMATION_WEB_URL").unwrap()];
    let Exported { unsaid, warnings, .. } = exported(&formation);
    let unsaid: Vec<String> = unsaid.iter().map(ToString::to_string).collect();
    assert!(unsaid[0].ends_with("--bin clock --bin migrate --bin web --bin worker`"), "{unsaid:?}");
    assert_eq!(unsaid[2], "whether `web` is well: `curl --fail http://127.0.0.1:4000/up`");
    assert_eq!(warnings, []);
    formation.processes[1].args = vec![Template::parse("$FORMATION_INSTANCE").unwrap()];
    let warnings: Vec<String> =
        exported(&formation).warnings.iter().map(ToString::to_string).collect();
    assert!(warnings[0].contains("`worker` uses `$FORMATION_INSTANCE`"), "{warnings:?}");
}

#[test]
fn everybody_is_told_where_the_others_are() {
    let mut formation = sample();
    let url = Template::parse("$FORMATION_WEB_URL").unwrap();
    formation.processes[1].args = vec![url.clone()];
    formation.processes[1].env = vec![("CALLS".to_owned(), url)];
    let worker = file(&formation, "shop-worker@.service");
    assert!(worker.contains("/worker \"${FORMATION_WEB_URL}\"\n"), "{worker}");
    assert!(worker.contains("Environment=FORMATION_WEB_URL=http://127.0.0.1:4000\n"), "{worker}");
    assert!(worker.contains("Environment=CALLS=http://127.0.0.1:4000\n"), "{worker}");
    assert!(!file(&formation, "env.example").contains("FORMATION_WEB_URL"));
}

#[test]
fn long_names_are_names_of_units() {
    let name = "a".repeat(63);
    let formation = formation(&[&name]);
    assert!(file(&formation, &format!("shop-{name}@.service")).contains("ExecStart="));
}

/// Texts with all that means something to somebody.
fn hostile() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "a", " ", "%", "%i", "$", "${HOME}", "$HOME", "#", ";", "\"", "'", "\\", "\\n", "\n", "\t",
        "é", "{", "}", "-", "@", "!", "~", "*", "\u{1}", "\r", "%%", "$$", "|", "=", "\u{85}",
        "\u{2028}", "\u{feff}", "\u{fdcf}", "\u{fdf0}", "\u{fffd}", "\u{e000}",
    ]);
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn every_argument_arrives_as_it_is(args in proptest::collection::vec(hostile(), 0..5), other: String) {
        let mut formation = formation(&["worker"]);
        let args: Vec<String> = args.into_iter().chain([other.replace('\0', "")]).collect();
        formation.processes[0].args = args.iter().map(|arg| Template::literal(arg)).collect();
        let text = file(&formation, "shop-worker@.service");
        let lines: Vec<&str> = text.split('\n').filter(|line| line.starts_with("ExecStart=")).collect();
        let found = words(&lines[0]["ExecStart=".len()..], &|_| None);
        prop_assert_eq!(&found[1..], &args[..]);
        prop_assert_eq!(lines.len(), 1);
    }

    #[test]
    fn every_variable_arrives_as_it_is(values in proptest::collection::vec(hostile(), 1..4)) {
        let mut formation = formation(&["worker"]);
        let values: Vec<String> = values.iter().map(|text| text.replace(['\u{1}', '\r'], "")).collect();
        let named = || values.iter().enumerate().map(|(n, value)| (format!("V{n}"), value));
        formation.processes[0].env =
            named().map(|(name, value)| (name, Template::literal(value))).collect();
        let text = file(&formation, "shop-worker@.service");
        let found: Vec<String> = assignments(&text);
        let expected: Vec<String> = named().map(|(name, value)| format!("{name}={value}")).collect();
        prop_assert_eq!(&found[1..], &expected[..]);
    }

    #[test]
    fn a_variable_is_one_word_whatever_it_holds(before in hostile(), value in any::<String>()) {
        let mut formation = formation(&["worker"]);
        let arg = format!("{}${{QUEUE}}!", before.replace('$', "$$"));
        formation.processes[0].args = vec![Template::parse(&arg).unwrap()];
        let text = file(&formation, "shop-worker@.service");
        let line = values_of(&text, "ExecStart");
        let look = |name: &str| (name == "QUEUE").then(|| value.clone());
        prop_assert_eq!(words(&line, &look)[1].clone(), format!("{before}{value}!"));
    }
}

fn values_of(text: &str, key: &str) -> String {
    values(text, key).concat()
}

#[test]
fn an_app_that_would_take_the_place_of_a_part_of_the_machine_is_refused() {
    let mut formation = formation(&["web"]);
    formation.settings.app = Some("network".into());
    assert_eq!(
        refusals(&formation),
        ["the app's name `network` means something to systemd: it is a target that the machine \
             needs; say another as `app` in the settings"]
    );
    formation.settings.app = Some("networks".into());
    assert!(export(Platform::Systemd, &shop(&formation)).is_ok());
}
