//! What is written into a Procfile, and who would misread it.

mod meaning;

use proptest::prelude::{Strategy, prop_assert_eq, proptest};
use snapbox::{Data, assert_data_eq, str};

use super::readers::READERS;
use super::{BinDir, Consumer, Options, Refusal, Warning, procfile};
use crate::formation::{Binary, Formation, Port, ProcessName, ProcessType, StopSignal, Template};

/// A process type with nothing but defaults.
pub(super) fn process(name: &str) -> ProcessType {
    let binary =
        Binary { package: "shop".into(), name: name.to_owned(), required_features: Vec::new() };
    let process = ProcessType::of_binary(name.parse().unwrap(), binary);
    // As the table has it.
    let port = if process.name.is_web() { Port::Assigned } else { Port::None };
    ProcessType { port, ..process }
}

/// `name: arguments` a line, as a table would say it.
fn formation(lines: &[&str]) -> Formation {
    let read = |line: &&str| {
        let (name, args) = line.split_once(": ").unwrap_or((line, ""));
        let args = shell_words::split(args).unwrap();
        let args = args.iter().map(|arg| Template::parse(arg).unwrap()).collect();
        ProcessType { args, ..process(name) }
    };
    Formation { processes: lines.iter().map(read).collect(), ..Formation::default() }
}

fn emit(formation: &Formation, consumer: Consumer) -> String {
    let options = Options { consumer, ..Options::default() };
    match procfile(formation, &options) {
        Ok(file) => {
            let warning = |warning: &Warning| format!("warning: {warning}\n");
            file.text + &file.warnings.iter().map(warning).collect::<String>()
        }
        Err(refusals) => {
            let error = |refusal: &Refusal| format!("error: {refusal}\n");
            refusals.iter().map(error).collect()
        }
    }
}

fn check(lines: &[&str], consumer: Consumer, expected: impl Into<Data>) {
    assert_data_eq!(emit(&formation(lines), consumer), expected.into());
}

const SHOP: &[&str] = &["release: --yes", "web", "worker: --queues mail,images", "clock"];

#[test]
fn a_portable_formation_is_said_without_a_warning() {
    check(
        SHOP,
        Consumer::Portable,
        str![[r#"
# Emitted by `cargo formation procfile` from Cargo.toml, to be changed there.
release: ./target/release/release --yes
web: ./target/release/web
worker: ./target/release/worker --queues mail,images
clock: ./target/release/clock
warning: `release` is a type like any other to foreman and its kin: run it before the others

"#]],
    );
}

#[test]
fn every_consumer_has_the_binaries_elsewhere_and_release_in_its_own_way() {
    check(
        SHOP,
        Consumer::Heroku,
        str![[r#"
# Emitted by `cargo formation procfile --for heroku` from Cargo.toml, to be changed there.
release: ./target/release/release --yes
web: ./target/release/web
worker: ./target/release/worker --queues mail,images
clock: ./target/release/clock

"#]],
    );
    check(
        SHOP,
        Consumer::Scalingo,
        str![[r#"
# Emitted by `cargo formation procfile --for scalingo` from Cargo.toml, to be changed there.
postdeploy: ./target/release/release --yes
web: ./target/release/web
worker: ./target/release/worker --queues mail,images
clock: ./target/release/clock
warning: `release` is written as `postdeploy`, which Scalingo runs after the new containers have started, not before

"#]],
    );
    check(
        SHOP,
        Consumer::Paketo,
        str![[r#"
# Emitted by `cargo formation procfile --for paketo` from Cargo.toml, to be changed there.
release: release --yes
web: web
worker: worker --queues mail,images
clock: clock
warning: `release` is a type like any other to Paketo: run it before the others

"#]],
    );
    check(
        SHOP,
        Consumer::Railpack,
        str![[r#"
# Emitted by `cargo formation procfile --for railpack` from Cargo.toml, to be changed there.
web: ./bin/web
worker: ./bin/worker --queues mail,images
clock: ./bin/clock
warning: `release` is left out: Nixpacks would run it during the build; make it the pre-deploy command
warning: Railpack and Nixpacks run only `web` of this file

"#]],
    );
    check(
        SHOP,
        Consumer::Local,
        str![[r#"
# Emitted by `cargo formation procfile --for local` from Cargo.toml, to be changed there.
web: ./target/release/web
worker: ./target/release/worker --queues mail,images
clock: ./target/release/clock
warning: `release` is left out: foreman and its kin would start it beside the others

"#]],
    );
}

#[test]
fn a_name_outside_of_the_common_ones_is_a_warning_for_each_that_changes_it() {
    check(
        &["web", "mail_in", "mail-out"],
        Consumer::Portable,
        str![[r#"
# Emitted by `cargo formation procfile` from Cargo.toml, to be changed there.
web: ./target/release/web
mail_in: ./target/release/mail_in
mail-out: ./target/release/mail-out
warning: `mail_in` may be called `mail-in` by Heroku
warning: `mail_in` is no name for Scalingo: a name is letters and digits only
warning: `mail-out` is no name for Scalingo: a name is letters and digits only
warning: `mail-out` is no name for Google Cloud's buildpacks: a line whose name has a `-` is silently dropped

"#]],
    );
}

#[test]
fn a_name_that_the_chosen_consumer_does_not_run_is_refused() {
    check(
        &["web", "mail-out"],
        Consumer::Google,
        str![[r#"
error: `mail-out` is no name for Google Cloud's buildpacks: a line whose name has a `-` is silently dropped

"#]],
    );
    check(
        &["web", "mail_in"],
        Consumer::Scalingo,
        str![[r#"
error: `mail_in` is no name for Scalingo: a name is letters and digits only

"#]],
    );
    check(
        &["worker"],
        Consumer::Google,
        str![[r#"
error: there is no `web`, and Google Cloud's buildpacks want one

"#]],
    );
    check(
        &["release", "postdeploy"],
        Consumer::Scalingo,
        str![[r#"
error: `postdeploy` is no name for Scalingo: a process of this name runs once, at every deployment

"#]],
    );
}

#[test]
fn quotes_go_to_shells_only() {
    let lines = &["web: --title 'Nuts & bolts'"];
    check(
        lines,
        Consumer::Heroku,
        str![[r#"
# Emitted by `cargo formation procfile --for heroku` from Cargo.toml, to be changed there.
web: ./target/release/web --title 'Nuts & bolts'

"#]],
    );
    check(
        lines,
        Consumer::Dokku,
        str![[r#"
error: `web` needs quotes for 'Nuts & bolts', and Dokku loses them; pass it in a variable the platform sets

"#]],
    );
    check(
        lines,
        Consumer::Portable,
        str![[r#"
# Emitted by `cargo formation procfile` from Cargo.toml, to be changed there.
web: ./target/release/web --title 'Nuts & bolts'
warning: `web` has the quoted word 'Nuts & bolts': Dokku loses quotes

"#]],
    );
    check(
        &["web: 'a: b'"],
        Consumer::Railpack,
        str![[r##"
# Emitted by `cargo formation procfile --for railpack` from Cargo.toml, to be changed there.
web: "./bin/web 'a: b'"

"##]],
    );
    check(
        &["web: 'a: b'"],
        Consumer::Portable,
        str![[r#"
# Emitted by `cargo formation procfile` from Cargo.toml, to be changed there.
web: ./target/release/web 'a: b'
warning: `web` has the quoted word 'a: b': Dokku loses quotes
warning: the command of `web` is no plain YAML: Railpack and Nixpacks misread it

"#]],
    );
}

#[test]
fn variables_are_named_where_they_are_not_expanded() {
    let lines = &["web: --port $PORT", "worker: $FORMATION_WEB_URL"];
    check(
        lines,
        Consumer::Heroku,
        str![[r##"
# Emitted by `cargo formation procfile --for heroku` from Cargo.toml, to be changed there.
web: ./target/release/web --port $PORT
worker: ./target/release/worker "${FORMATION_WEB_URL}"
warning: `worker` uses `$FORMATION_WEB_URL`, which only `cargo formation` sets; set it on the platform

"##]],
    );
    check(
        lines,
        Consumer::Paketo,
        str![[r##"
# Emitted by `cargo formation procfile --for paketo` from Cargo.toml, to be changed there.
web: web --port $PORT
worker: worker "${FORMATION_WEB_URL}"
warning: `web` uses `$PORT` as an argument, which Paketo may not expand; let the program read its environment
warning: `worker` uses `$FORMATION_WEB_URL`, which only `cargo formation` sets; set it on the platform

"##]],
    );
}

#[test]
fn a_grace_that_the_platform_does_not_give_is_told() {
    let mut formation = formation(&["web"]);
    let mut check = |seconds, consumer, expected: &str| {
        formation.processes[0].stop.timeout = Some(std::time::Duration::from_secs(seconds));
        let said = emit(&formation, consumer);
        let warnings: Vec<_> =
            said.lines().filter_map(|line| line.strip_prefix("warning: ")).collect();
        assert_eq!(warnings.concat(), expected);
    };
    let killed = "`web` is killed 30 s after it was asked to stop, which Heroku lets nobody change";
    check(31, Consumer::Heroku, killed);
    check(30, Consumer::Heroku, "");
    check(31, Consumer::Local, "");
}

#[test]
fn what_a_procfile_has_no_words_for_is_said() {
    let mut formation = formation(&["web", "nightly"]);
    let [web, nightly] = formation.processes.as_mut_slice() else { panic!() };
    web.dir = Some("site".into());
    web.stop.signal = StopSignal::Int;
    web.env = vec![("RUST_LOG".into(), Template::literal("info"))];
    nightly.schedule = Some("0 3 * * *".into());
    assert_data_eq!(
        emit(&formation, Consumer::Portable),
        str![[r#"
# Emitted by `cargo formation procfile` from Cargo.toml, to be changed there.
web: env RUST_LOG=info ./target/release/web
warning: `web` starts where the platform starts it: a Procfile cannot say `site`
warning: `web` is asked to stop with SIGTERM: a Procfile cannot say SIGINT
warning: `web` gets `RUST_LOG` from this file: the platform's configuration cannot change that
warning: `nightly` is left out: a Procfile cannot say when it runs

"#]]
    );
    formation.processes.remove(0);
    assert_data_eq!(
        emit(&formation, Consumer::Portable),
        str![[r#"
error: there is no process type to put in a Procfile

"#]]
    );
}

#[test]
fn dokku_finds_there_what_its_clock_runs() {
    let mut formation = formation(&["nightly"]);
    formation.processes[0].schedule = Some("0 3 * * *".into());
    formation.processes[0].args = vec![Template::literal("--all")];
    assert_data_eq!(
        emit(&formation, Consumer::Dokku),
        str![[r#"
# Emitted by `cargo formation procfile --for dokku` from Cargo.toml, to be changed there.
nightly: ./target/release/nightly --all
warning: when `nightly` runs stands in `app.json` alone: `cargo formation export dokku`

"#]]
    );
}

#[test]
fn a_bare_name_must_not_be_the_shells_own() {
    check(
        &["test"],
        Consumer::Paketo,
        str![[r#"
error: `test` would run the shell's own `test`; say where the binary is with `--bin-dir`

"#]],
    );
}

#[test]
fn every_problem_is_reported_in_one_go() {
    let mut formation = formation(&["web", "mail-in"]);
    formation.processes[0].args = vec![Template::literal("a\nb")];
    assert_data_eq!(
        emit(&formation, Consumer::Scalingo),
        str![[r#"
error: `web` has a control character or line break in `'a/nb'`: a command of a Procfile is one line
error: `mail-in` is no name for Scalingo: a name is letters and digits only

"#]]
    );
}

/// A formation that is inside of what every reader accepts.
fn portable() -> impl Strategy<Value = Formation> {
    let word = "[A-Za-z0-9_.,@%+=-][A-Za-z0-9_./:=,@%+-]{0,6}[A-Za-z0-9_./=,@%+-]";
    let args = proptest::collection::vec(word, 0..4);
    let names = proptest::collection::btree_map("[a-z][a-z0-9]{0,23}", args, 0..5);
    names.prop_filter_map("reserved", |mut types| {
        types.insert("web".to_owned(), Vec::new());
        let build = |(name, args): (String, Vec<String>)| {
            let name: ProcessName = name.parse().ok()?;
            let args = args.iter().map(|arg| Template::literal(arg)).collect();
            let port = process(name.as_str()).port;
            Some(ProcessType { name, args, port, ..process("bin") })
        };
        let processes = types.into_iter().map(build).collect::<Option<_>>()?;
        Some(Formation { processes, ..Formation::default() })
    })
}

fn expected(formation: &Formation) -> Vec<(String, String)> {
    let line = |process: &ProcessType| {
        let mut command = "./target/release/bin".to_owned();
        for arg in &process.args {
            command.push(' ');
            command.push_str(&arg.to_string());
        }
        (process.name.to_string(), command)
    };
    formation.processes.iter().map(line).collect()
}

proptest! {
    #[test]
    fn every_reader_finds_the_same_names_and_commands(formation in portable()) {
        let yaml = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
        let constant = |process: &ProcessType| yaml.contains(&process.name.as_str());
        let file = procfile(&formation, &Options::default()).unwrap();
        prop_assert_eq!(!file.warnings.is_empty(), formation.processes.iter().any(constant));
        for (reader, read) in READERS {
            prop_assert_eq!(read(&file.text), Some(expected(&formation)), "{}", reader);
        }
    }

    #[test]
    fn a_railpack_command_is_read_back_whatever_it_holds(arg in "[ -~]{0,12}") {
        let mut formation = formation(&["web"]);
        formation.processes[0].args = vec![Template::literal(&arg)];
        let options = Options { consumer: Consumer::Railpack, bin_dir: BinDir::Usual };
        let text = procfile(&formation, &options).unwrap().text;
        let (_, yaml) = READERS.last().unwrap();
        let command = yaml(&text).unwrap().remove(0).1;
        prop_assert_eq!(shell_words::split(&command).unwrap(), ["./bin/web".to_owned(), arg]);
    }
}

#[test]
fn the_readers_disagree_where_they_are_known_to() {
    let found = |text: &str| -> Vec<&str> {
        let one = |lines: Option<super::readers::Lines>| lines.is_some_and(|l| l.len() == 1);
        READERS.iter().filter(|(_, read)| one(read(text))).map(|(name, _)| *name).collect()
    };
    assert!(!found("web:./w\n").contains(&"overmind"));
    assert!(!found("web:./w\n").contains(&"yaml"));
    assert!(!found("web: ./w a: b\n").contains(&"yaml"));
    assert!(!found("web : ./w\n").contains(&"nf"));
    assert_eq!(found("web.api: ./w\n"), ["herokuish", "goreman", "yaml"]);
    assert_eq!(found("web: ./w\n").len(), READERS.len());
}
