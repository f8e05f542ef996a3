//! What is written into a fly.toml, whether Fly splits it into the same words, and what becomes
//! of one that is there.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::{prop_assert_eq, proptest};
use snapbox::{Data, assert_data_eq, str};
use toml_edit::DocumentMut;

use crate::emit::sample::{formation, shop};
use crate::emit::{Exported, Platform, Refusal, export};
use crate::formation::{ConfigItem, Formation, Health, Port, Restart, StopSignal, Template};

fn exported(formation: &Formation) -> Exported {
    export(Platform::Fly, &shop(formation)).unwrap()
}

fn refused(formation: &Formation) -> String {
    let refusals = export(Platform::Fly, &shop(formation)).unwrap_err();
    let said: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    said.join("\n")
}

/// The file, the warnings, and what is not in it.
fn check(formation: &Formation, expected: impl Into<Data>) {
    let Exported { files, unsaid, warnings } = exported(formation);
    let mut text = files[0].text.clone();
    text.extend(warnings.iter().map(|warning| format!("warning: {warning}\n")));
    text.extend(unsaid.iter().map(|unsaid| format!("unsaid: {unsaid}\n")));
    assert_data_eq!(text, expected.into());
}

fn health(path: &str) -> Health {
    Health {
        path: path.to_owned(),
        startup: Duration::from_secs(30),
        interval: Duration::from_millis(1500),
        timeout: Duration::from_secs(2),
    }
}

/// A formation with everything that Fly has a word for, or none.
fn full() -> Formation {
    let mut shop = formation(&[
        "web: --listen [::]:$PORT",
        "worker: --queue 'a b'",
        "clock",
        "api",
        "nightly: --all",
        "release: --yes",
    ]);
    shop.processes[0].health = Some(health("/healthz"));
    shop.processes[0].quantity = 2;
    shop.processes[0].env = vec![("MODE".into(), Template::literal("public"))];
    shop.processes[1].quantity = 3;
    shop.processes[1].resources.memory = Some(600 * 1024 * 1024);
    shop.processes[1].resources.cpu = Some(1500);
    shop.processes[1].stop.signal = StopSignal::Int;
    shop.processes[1].stop.timeout = Some(Duration::from_mins(10));
    shop.processes[1].restart = Restart::Always;
    shop.processes[2].singleton = true;
    shop.processes[2].dir = Some("ui".into());
    shop.processes[3].port = Port::Assigned;
    shop.processes[3].health = Some(health("/up"));
    shop.processes[4].schedule = Some("0 3 * * 1".into());
    let item = |name: &str, secret: bool, default: Option<&str>| ConfigItem {
        name: name.to_owned(),
        required: true,
        secret,
        default: default.map(str::to_owned),
        description: None,
    };
    shop.settings.config =
        vec![item("DATABASE_URL", true, None), item("RUST_LOG", false, Some("info"))];
    shop
}

#[test]
fn every_type_is_a_group_of_machines() {
    check(
        &full(),
        str![[r##"
# Begun by `cargo formation export fly`, which keeps what the table says up to date.
app = "shop"
kill_signal = "SIGTERM"
kill_timeout = "300s"

[build]
dockerfile = "Dockerfile"

[deploy]
release_command = "release --yes"
strategy = "rolling"

[env]
PORT = "8080"
MODE = "public"
RUST_LOG = "info"

[processes]
web = "web --listen '[::]:8080'"
worker = "worker --queue 'a b'"
clock = "clock"
api = "api"

[http_service]
internal_port = 8080
force_https = true
auto_stop_machines = "off"
processes = ["web"]

[[http_service.checks]]
method = "GET"
path = "/healthz"
interval = "1500ms"
timeout = "2s"
grace_period = "30s"

[checks.api]
method = "GET"
path = "/up"
interval = "2s"
timeout = "2s"
grace_period = "30s"
type = "http"
port = 8080
processes = ["api"]

[[vm]]
processes = ["worker"]
memory = "768mb"
cpu_kind = "shared"
cpus = 2

[[restart]]
policy = "always"
processes = ["worker"]
warning: `worker` is asked to stop with `SIGTERM`: fly.toml cannot say another signal for it
warning: `worker` has 300 s to stop and no more: fly.toml cannot say a longer time
warning: all types get `MODE` of `web`: fly.toml has one environment for all
warning: `clock` starts in `/app` and not in `ui`: fly.toml cannot say where
unsaid: what is secret: `fly secrets set DATABASE_URL=…`
unsaid: how it is deployed: `fly deploy`
unsaid: how many run: `fly scale count web=2 worker=3 clock=1 api=1`
unsaid: when `nightly` runs (`0 3 * * 1`; Fly has `hourly`, `daily`, `weekly` and `monthly`, and chooses the hour and minute): `fly machine run --schedule weekly . nightly --all`

"##]],
    );
}

#[test]
fn a_type_alone_is_little() {
    check(
        &formation(&["worker"]),
        str![[r##"
# Begun by `cargo formation export fly`, which keeps what the table says up to date.
app = "shop"
kill_signal = "SIGTERM"
kill_timeout = "30s"

[build]
dockerfile = "Dockerfile"

[processes]
worker = "worker"
unsaid: how it is deployed: `fly deploy`
unsaid: how many run: `fly scale count worker=1`

"##]],
    );
}

#[test]
fn what_cannot_be_is_refused_with_the_reason() {
    let platform = Platform::Fly;
    let empty = formation(&["release"]);
    assert_eq!(export(platform, &shop(&empty)), Err(vec![Refusal::Empty { platform }]));
    let worker = formation(&["worker"]);
    let nameless = crate::emit::App { formation: &worker, package: None, place: None };
    let text = export(platform, &nameless).unwrap().files[0].text.clone();
    assert!(!text.contains("\napp = "), "{text}");
    let mut shop = formation(&["web: $DATABASE_URL $PORT", "api"]);
    shop.processes[1].port = Port::Exact(9000);
    shop.processes[1].env = vec![("A".into(), Template::parse("$B").unwrap())];
    shop.processes[1].args = vec![Template::literal("a\0b")];
    shop.processes[1].resources.cpu = Some(17_000);
    assert_data_eq!(
        refused(&shop),
        str![[r#"
`A` of `api` uses `$B`, and fly.toml expands nothing in it; let the program do it, or say `A` on the machine and not in the table
`web` has `$DATABASE_URL`, which fly.toml cannot say: nobody expands variables there; let the program read its environment
`api` has `a/0b`, which fly.toml cannot say: no program can be told a zero byte
`api` has `resources`, which fly.toml cannot say: its largest machine has 16 cores and 128 GiB
"#]]
    );
    let mut shop = formation(&["web", "api"]);
    shop.processes[1].port = Port::Exact(9000);
    assert_data_eq!(
        refused(&shop),
        str![
            "`PORT` is not the same for `web` and `api`, and fly.toml has one environment for all types; give one of the two another name, or both one value"
        ]
    );
}

#[test]
fn a_machine_is_the_smallest_that_fits() {
    let machine = |memory: Option<u64>, cpu: Option<u32>| {
        let mut formation = formation(&["worker"]);
        formation.processes[0].resources.memory = memory.map(|mebibytes| mebibytes << 20);
        formation.processes[0].resources.cpu = cpu;
        let text = exported(&formation).files[0].text.clone();
        let (_, machine) = text.split_once("[[vm]]\nprocesses = [\"worker\"]\n").unwrap();
        machine.replace('\n', " ")
    };
    assert_eq!(machine(Some(1), None), "memory = \"256mb\" cpu_kind = \"shared\" cpus = 1 ");
    assert_eq!(machine(None, Some(2001)), "cpu_kind = \"shared\" cpus = 4 ");
    assert_eq!(machine(Some(3000), None), "memory = \"3072mb\" cpu_kind = \"shared\" cpus = 2 ");
    let large = "memory = \"32768mb\" cpu_kind = \"performance\" cpus = 4 ";
    assert_eq!(machine(Some(32 << 10), None), large);
}

#[test]
fn a_schedule_is_the_rhythm_that_comes_next() {
    for (schedule, rhythm) in [
        ("*/5 * * * *", "hourly"),
        ("0 3 * * *", "daily"),
        ("0 3 * * mon", "weekly"),
        ("0 3 1 * *", "monthly"),
        ("", "hourly"),
        ("0 0 * * mon-fri", "daily"),
        ("0 0 15W * *", "monthly"),
        ("0 0 L * *", "monthly"),
        ("0 0 * * 5L", "monthly"),
        ("0 0 1 1 *", "monthly"),
        ("0 0 1,15 * *", "daily"),
    ] {
        assert_eq!(super::rhythm(schedule), rhythm, "{schedule}");
    }
}

/// What becomes of this file.
fn over(formation: &Formation, found: &str) -> String {
    exported(formation).files[0].over(found).unwrap()
}

const THEIRS: &str = r#"# My shop.
app = "shop-4711"   # as Fly calls it
primary_region = "ams"
kill_timeout = 30 # seconds

# How it is built.
[build]
image = "registry.example.com/shop"

[deploy]
strategy = "bluegreen" # quick
release_command = "migrate"

[env] # for all
MINE = "x"
PORT = '8080' # as it is

[processes]
# What people see.
web = "old" # and hear
old = "gone"

[[mounts]]
source = "data"
destination = "/data"
processes = ["worker"]

[http_service]
processes = [ "web" ]
force_https = false
internal_port = 3000

[[http_service.checks]]
path = "/old"
headers = { Host = "shop" }

[[http_service.checks]]
path = "/mine"

[[vm]]
memory = "1gb"

[[vm]]
processes = ["worker"]
size = "shared-cpu-2x"
"#;

#[test]
fn what_is_there_stays_but_for_what_the_table_says() {
    assert_data_eq!(
        over(&full(), THEIRS),
        str![[r##"
# My shop.
app = "shop-4711"   # as Fly calls it
primary_region = "ams"
kill_timeout = "300s" # seconds
kill_signal = "SIGTERM"

# How it is built.
[build]
image = "registry.example.com/shop"

[deploy]
strategy = "rolling" # quick
release_command = "release --yes"

[env] # for all
MINE = "x"
PORT = '8080' # as it is
MODE = "public"
RUST_LOG = "info"

[processes]
# What people see.
web = "web --listen '[::]:8080'" # and hear
worker = "worker --queue 'a b'"
clock = "clock"
api = "api"

[[mounts]]
source = "data"
destination = "/data"
processes = ["worker"]

[http_service]
processes = [ "web" ]
force_https = false
internal_port = 8080
auto_stop_machines = "off"

[[http_service.checks]]
path = "/healthz"
headers = { Host = "shop" }
method = "GET"
interval = "1500ms"
timeout = "2s"
grace_period = "30s"

[[http_service.checks]]
path = "/mine"

[[vm]]
memory = "1gb"

[[vm]]
processes = ["worker"]
size = "shared-cpu-2x"
memory = "768mb"
cpu_kind = "shared"
cpus = 2

[checks.api]
method = "GET"
path = "/up"
interval = "2s"
timeout = "2s"
grace_period = "30s"
type = "http"
port = 8080
processes = ["api"]

[[restart]]
policy = "always"
processes = ["worker"]

"##]]
    );
}

#[test]
fn a_comment_at_the_end_stays_where_it_was() {
    let worker = formation(&["worker"]);
    for (last, added) in [
        ("[env]\nLOG = \"debug\"\n# NEXT = \"1\"\n", "\n[build]"),
        ("[env]\nLOG = \"debug\"\n\n# NEXT = \"1\"", "\n\n[build]"),
        ("[processes]\nworker = \"old\"\n# web = \"web\"\n", ""),
        ("[[vm]]\nmemory = \"1gb\"\n  # size = \"x\"\n", "\n[build]"),
        ("primary_region = \"ams\"\n# swap = 1\n", "app = "),
        ("# the-end-of-the-file", "\napp = "),
    ] {
        let text = over(&worker, last);
        let expected = format!("{}{added}", last.replace("old", "worker"));
        assert!(text.contains(&expected), "{text}");
        assert!(!text.contains("as-it-was"), "{text}");
        assert_eq!(over(&worker, &text), text);
    }
    // Where a type asks for variables, they come below it.
    let text = over(&formation(&["web"]), "app = \"x\"\n[env]\nLOG = \"debug\"\n# NEXT = \"1\"\n");
    assert!(text.contains("LOG = \"debug\"\n# NEXT = \"1\"\nPORT = \"8080\"\n"), "{text}");
}

#[test]
fn a_secret_loses_the_value_that_it_had() {
    let mut shop = full();
    for env in
        ["[env]\nDATABASE_URL = \"SECRET\" # SECRET\nMINE = \"x\"", "env.DATABASE_URL = 'SECRET'"]
    {
        let text = over(&shop, env);
        assert!(!text.contains("SECRET"), "{text}");
        assert_eq!(text.contains("MINE"), env.contains("MINE"), "{text}");
        assert_eq!(over(&shop, &text), text);
    }
    let said = exported(&shop).files[0].over("[[env]]\nDATABASE_URL = \"SECRET\"").unwrap_err();
    assert_eq!(said.to_string(), "its `env` is no table");
    // Somebody wants it so: the table itself says it to all.
    shop.processes[1].env = vec![("DATABASE_URL".into(), Template::literal("file:shop"))];
    let theirs = "[env]\nDATABASE_URL = \"file:shop\" # mine\n";
    assert!(over(&shop, theirs).contains(theirs.trim_end()));
}

#[test]
fn a_file_that_says_it_already_keeps_every_byte() {
    for formation in [full(), formation(&["worker"])] {
        let once = over(&formation, THEIRS);
        assert_eq!(over(&formation, &once), once);
        let new = exported(&formation).files[0].text.clone();
        assert_eq!(over(&formation, &new), new);
        let dos = new.replace('\n', "\r\n");
        assert_eq!(over(&formation, &dos), dos);
        assert_eq!(over(&formation, &over(&formation, "")), over(&formation, ""));
    }
}

#[test]
fn what_fly_does_anyway_is_said_where_the_file_says_otherwise() {
    let mut shop = formation(&["web", "worker", "api"]);
    shop.processes[0].restart = Restart::Always;
    shop.processes[1].restart = Restart::Never;
    let before = format!(
        "{}\n[[restart]]\npolicy = \"always\"\nprocesses = [\"api\", \"web\"]\n\
         [[restart]]\npolicy = \"always\"\n",
        over(&shop, "")
    );
    shop.processes[0].restart = Restart::OnFailure;
    let policies = |text: &str| {
        let file: DocumentMut = text.parse().unwrap();
        let entries = file["restart"].as_array_of_tables().unwrap().iter();
        let told = entries.map(|entry| {
            let types = entry.get("processes").map_or(String::new(), ToString::to_string);
            format!("{}={}", types.trim(), entry["policy"].as_str().unwrap())
        });
        told.collect::<Vec<String>>().join(" ")
    };
    let after = over(&shop, &before);
    assert_eq!(
        policies(&after),
        r#"["web"]=on-failure ["worker"]=never ["api", "web"]=always =always"#
    );
    assert_eq!(over(&shop, &after), after);
    let twice = "[[restart]]\npolicy = \"never\"\nprocesses = [\"api\"]\nretries = 3\n";
    let after = over(&shop, &twice.repeat(2));
    assert_eq!(policies(&after), r#"["api"]=on-failure ["api"]=on-failure ["worker"]=never"#);
    assert!(after.contains("retries = 3"), "{after}");
    let after = over(&formation(&["web"]), "");
    assert!(!after.contains("restart"), "nobody has to be told: {after}");
}

#[test]
fn a_check_of_a_type_that_requests_come_to_now_follows_too() {
    let mut shop = formation(&["web", "api"]);
    shop.processes[1].port = Port::Assigned;
    shop.processes[1].health = Some(health("/old"));
    let before = over(&shop, "");
    assert!(before.contains("[checks.api]"), "{before}");
    shop.processes.remove(0);
    shop.processes[0].health = Some(health("/new"));
    shop.processes[0].port = Port::Exact(9000);
    let after = over(&shop, &before);
    assert!(!after.contains("/old"), "{after}");
    let file: DocumentMut = after.parse().unwrap();
    assert_eq!(file["checks"]["api"]["port"].as_integer(), Some(9000));
    assert_eq!(file["checks"]["api"]["interval"].as_str(), Some("2s"), "1500ms is too short here");
    assert_eq!(over(&shop, &after), after);
    assert!(!over(&shop, "").contains("[checks"), "nobody has to be told");
    let theirs = "[checks.api]\ntype = \"tcp\"\nport = 1\n";
    assert!(over(&shop, theirs).contains(theirs), "it is not of that type alone");
}

#[test]
fn memory_is_said_once() {
    let mut shop = formation(&["worker"]);
    shop.processes[0].resources.memory = Some(600 << 20);
    let theirs = "[[vm]]\nprocesses = [\"worker\"]\nmemory_mb = 4096\n";
    let text = over(&shop, theirs);
    assert!(text.contains("memory = \"768mb\"") && !text.contains("4096"), "{text}");
    shop.processes[0].resources.memory = None;
    shop.processes[0].resources.cpu = Some(1000);
    assert!(over(&shop, theirs).contains("memory_mb = 4096"), "the table says nothing of it");
}

#[test]
fn what_is_left_of_a_type_is_named() {
    let mut shop = full();
    let told = over(&shop, "");
    let objections = |shop: &Formation, found: &str| exported(shop).files[0].objections(found);
    assert_eq!(objections(&shop, &told), [""; 0]);
    shop.processes.retain(|process| !["api", "worker"].contains(&process.name.as_str()));
    let theirs = "services = { processes = [\"nightly\", \"web\"] }\n\n\
                  [[mounts]]\nsource = \"data\"\nprocesses = [\"web\", \"api\"]\n\n\
                  [[restart]]\npolicy = \"never\"\nprocesses = [\"worker\"]\n";
    let left = format!("{theirs}\n{}", told.replace("[\"web\"]", "[\"api\"]"));
    let objections = objections(&shop, &left).join("\n");
    assert_data_eq!(
        objections,
        str![[r#"
names `nightly`, which `[processes]` does not have, in `[services]`; take it out by hand
names `api`, which `[processes]` does not have, in `[[mounts]]`, `[checks.api]`; take it out by hand
names `worker`, which `[processes]` does not have, in `[[restart]]`, `[[vm]]`; take it out by hand
"#]]
    );
}

#[test]
fn services_of_an_own_making_are_left_alone() {
    let text = over(&full(), "[[services]]\ninternal_port = 1\n");
    assert!(!text.contains("[http_service]"), "{text}");
}

#[test]
fn a_file_that_is_not_understood_is_left_alone() {
    for (found, why) in [
        ("app = ", "it is no TOML: "),
        ("kill_signal = { }\nenv = 3", "its `env` is no table"),
        ("[kill_signal]", "its `kill_signal` is no value"),
        ("[vm]\nmemory = \"1gb\"", "its `vm` is no list written as `[[vm]]`"),
    ] {
        let said = exported(&full()).files[0].over(found).unwrap_err();
        assert!(said.to_string().starts_with(why), "{found}: {said}");
    }
}

/// Words as Fly splits them: `github.com/google/shlex`, its classes of characters and its states.
fn words(text: &str) -> Vec<String> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        Between,
        Word,
        Escaped(Inside),
        Single,
        Double,
        Comment,
    }
    #[derive(Clone, Copy, PartialEq)]
    enum Inside {
        Word,
        Double,
    }
    let (mut words, mut word, mut state) = (Vec::new(), String::new(), State::Between);
    for c in text.chars() {
        let is_space = matches!(c, ' ' | '\t' | '\r' | '\n');
        state = match (state, c) {
            (State::Between, _) if is_space => State::Between,
            (State::Comment, '\n') => State::Between,
            (State::Between, '#') | (State::Comment, _) => State::Comment,
            (State::Word, _) if is_space => {
                words.push(std::mem::take(&mut word));
                State::Between
            }
            (State::Between | State::Word, '\'') => State::Single,
            (State::Between | State::Word, '"') => State::Double,
            (State::Between | State::Word, '\\') => State::Escaped(Inside::Word),
            (State::Double, '\\') => State::Escaped(Inside::Double),
            (State::Single, '\'') | (State::Double, '"') => State::Word,
            (State::Between | State::Word | State::Escaped(Inside::Word), _) => {
                word.push(c);
                State::Word
            }
            (State::Double | State::Escaped(Inside::Double), _) => {
                word.push(c);
                State::Double
            }
            (State::Single, _) => {
                word.push(c);
                State::Single
            }
        };
    }
    match state {
        State::Word => words.push(word),
        State::Between | State::Comment => {}
        State::Escaped(_) | State::Single | State::Double => panic!("no end of quotes: {text}"),
    }
    words
}

#[test]
fn a_carriage_return_is_in_quotes() {
    let mut formation = formation(&["web"]);
    let args = ["--sep", "\r", "a\rb", "x", "it's\r"];
    formation.processes[0].args = args.map(Template::literal).to_vec();
    let file: DocumentMut = exported(&formation).files[0].text.parse().unwrap();
    let command = file["processes"]["web"].as_str().unwrap();
    assert_eq!(command, "web --sep '\r' 'a\rb' x 'it'\\''s\r'");
    assert_eq!(words(command)[1..], args);
}

#[test]
fn the_words_are_those_of_fly() {
    assert_eq!(words(r#"a 'b c' "d \" e" f\ g '' # h"#), ["a", "b c", "d \" e", "f g", ""]);
    assert_eq!(words("a'b'\"c\"#d"), ["abc#d"]);
}

proptest! {
    /// By way of the text of the file, its own parser, and the splitting of Fly.
    #[test]
    fn every_argument_arrives_as_it_is(
        args in vec("[\\x01-\\x20\\x7f\\x85a'\"\\\\#]{0,5}|\\PC*|\\x00", 0..6),
        value in "[\\x01-\\x20\\x7f\\x85a'\"\\\\#]{0,5}|\\PC*",
    ) {
        let has_zero = args.iter().chain([&value]).any(|text| text.contains('\0'));
        let mut formation = formation(&["worker", "release"]);
        for process in &mut formation.processes {
            process.args = args.iter().map(|arg| Template::literal(arg)).collect();
            process.env = vec![("A".into(), Template::literal(&value))];
        }
        match export(Platform::Fly, &shop(&formation)) {
            Err(refusals) => assert!(has_zero, "{refusals:?}"),
            Ok(exported) => {
                assert!(!has_zero);
                for text in [&exported.files[0].text, &over(&formation, THEIRS)] {
                    let file: DocumentMut = text.parse().unwrap();
                    let read = |item: &toml_edit::Item| words(item.as_str().unwrap());
                    prop_assert_eq!(&read(&file["processes"]["worker"])[1..], &args[..]);
                    prop_assert_eq!(&read(&file["deploy"]["release_command"])[1..], &args[..]);
                    prop_assert_eq!(file["env"]["A"].as_str(), Some(value.as_str()));
                }
            }
        }
    }
}

#[test]
fn machines_of_flys_own_are_nobodys_type() {
    let mut shop = formation(&["fly_app_console", "fly_app"]);
    let own = "`fly_app_console` means something to fly.toml: machines of Fly's own, which no \
               deploy changes; give it another name";
    assert_eq!(refused(&shop), own);
    shop.processes.remove(0);
    assert!(exported(&shop).files[0].text.contains("fly_app = "));
}

#[test]
fn the_line_ends_of_a_file_are_its_own() {
    let mut shop = full();
    shop.processes[0].args.push(Template::literal("a\nb"));
    shop.processes[0].env.push(("LINES".into(), Template::literal("c\nd")));
    let theirs = format!("\u{feff}{}", THEIRS.trim_end().replace('\n', "\r\n"));
    let text = over(&shop, &theirs);
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{text:?}");
    let expected = over(&shop, THEIRS);
    assert_eq!(text, format!("\u{feff}{}", expected.trim_end().replace('\n', "\r\n")));
    assert!(text.contains("LINES = \"c\\nd\""), "{text}");
    assert!(text.contains("a\\nb"), "no line end of the file is in an argument: {text}");
    assert_eq!(over(&shop, &text), text);
}
