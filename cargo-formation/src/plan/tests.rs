//! Plans of whole formations.

use std::ffi::OsStr;

use super::sample::{formation, listening, process};
use super::{
    CargoEnv, EnvFile, PackageEnv, Plan, PlanError, PlanNotice, PlannedInstance, Request,
    Surroundings, plan,
};
use crate::formation::{ConfigItem, ExtraPort, Formation, Port, ProcessType, Template};

/// `web` with a port and an extra one, `worker` without, `api` with a port.
fn shop() -> Formation {
    let mut web = listening("web", Port::Assigned);
    web.extra_ports = vec![ExtraPort { name: "admin".parse().unwrap(), port: Port::Assigned }];
    formation([web, process("worker"), listening("api", Port::Assigned)])
}

fn surroundings(shell: &[(&str, &str)], env_file: &str) -> Surroundings {
    Surroundings {
        root: "/w".into(),
        target_directory: "/w/target".into(),
        shell: shell.iter().map(|(name, value)| (name.into(), value.into())).collect(),
        env_files: vec![EnvFile { path: ".env".into(), text: env_file.into() }],
        base_port: 4000,
        ..Surroundings::default()
    }
}

fn request(select: &[&str], scale: &str) -> Request {
    let select = select.iter().map(|name| name.parse().unwrap()).collect();
    Request { select, scale: scale.parse().unwrap_or_default(), ..Request::default() }
}

fn config(name: &str, required: bool, default: Option<&str>) -> ConfigItem {
    let default = default.map(Into::into);
    ConfigItem { name: name.into(), required, secret: false, default, description: None }
}

/// The plan of one type called `web` with this `env` and these arguments.
fn web(env: &[(&str, &str)], args: &[&str], around: &Surroundings) -> Result<Plan, Vec<PlanError>> {
    let template = |text: &str| Template::parse(text).unwrap();
    let web = ProcessType {
        env: env.iter().map(|(name, value)| ((*name).to_owned(), template(value))).collect(),
        args: args.iter().map(|arg| template(arg)).collect(),
        ..listening("web", Port::Assigned)
    };
    plan(&formation([web]), &Request::default(), around)
}

fn get<'i>(instance: &'i PlannedInstance, name: &str) -> Option<&'i str> {
    let found = instance.env.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.to_str().unwrap())
}

/// The value of `A` in the only instance.
fn value(plan: &Result<Plan, Vec<PlanError>>) -> Option<&str> {
    get(&plan.as_ref().unwrap().instances[0], "A")
}

fn names_and_ports(plan: &Plan) -> Vec<String> {
    let line = |i: &PlannedInstance| {
        format!("{} {:?} PORT={}", i.name, i.ports, get(i, "PORT").unwrap_or("none"))
    };
    plan.instances.iter().map(line).collect()
}

fn messages(plan: Result<Plan, Vec<PlanError>>) -> Vec<String> {
    plan.unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn an_instance_knows_itself_and_the_others() {
    let plan = plan(&shop(), &request(&[], "web=2"), &surroundings(&[], "")).unwrap();
    let variables: Vec<_> = plan.instances[1]
        .env
        .iter()
        .map(|(name, value)| format!("{}={}", name.display(), value.display()))
        .collect();
    assert_eq!(
        variables,
        [
            "FORMATION_API_URL=http://127.0.0.1:4200",
            "FORMATION_INSTANCE=2",
            "FORMATION_PROCESS=web",
            "FORMATION_WEB_URL=http://127.0.0.1:4000",
            "PORT=4000",
            "PORT_ADMIN=4011",
            "PS=web.2",
            "RUST_BACKTRACE=1",
        ]
    );
    assert_eq!(plan.instances[1].ports, [4000, 4011]);
    assert_eq!(plan.instances[1].dir, std::path::Path::new("/w"));
}

#[test]
fn selecting_a_type_does_not_move_its_ports() {
    let all = plan(&shop(), &request(&[], ""), &surroundings(&[], "")).unwrap();
    assert_eq!(
        names_and_ports(&all),
        ["web.1 [4000, 4010] PORT=4000", "worker.1 [] PORT=none", "api.1 [4200] PORT=4200"]
    );
    let one = plan(&shop(), &request(&["api"], ""), &surroundings(&[], "")).unwrap();
    assert_eq!(names_and_ports(&one), ["api.1 [4200] PORT=4200"]);
    assert_eq!(one.instances[0].env, all.instances[2].env);
    assert_eq!(one.instances[0].position, 2);
}

#[test]
fn an_inherited_port_reaches_nobody() {
    let around = surroundings(
        &[("PORT", "9"), ("PS", "x"), ("FORMATION_OLD_URL", "x")],
        "PORT=4000\nPS=y\nFORMATION_WEB_URL=z",
    );
    let plan = plan(&shop(), &request(&[], "api=2"), &around).unwrap();
    assert_eq!(
        names_and_ports(&plan),
        [
            "web.1 [4000, 4010] PORT=4000",
            "worker.1 [] PORT=none",
            "api.1 [4200] PORT=4200",
            "api.2 [4200] PORT=4200"
        ]
    );
    assert_eq!(get(&plan.instances[0], "PS"), Some("web.1"));
    assert_eq!(get(&plan.instances[0], "FORMATION_OLD_URL"), None);
    assert_eq!(get(&plan.instances[0], "FORMATION_WEB_URL"), Some("http://127.0.0.1:4000"));
    assert_eq!(plan.notices, []);
}

#[test]
fn a_hundred_instances_leave_the_next_type_alone() {
    let shop = formation([listening("web", Port::Assigned), listening("api", Port::Assigned)]);
    let plan = plan(&shop, &request(&[], "web=100"), &surroundings(&[], "")).unwrap();
    assert_eq!(plan.instances.len(), 101);
    assert_eq!(plan.instances[99].ports, [4000]);
    assert_eq!(plan.instances[100].ports, [4100]);
    assert_eq!(plan.ports(), [4000, 4100]);
}

#[test]
fn precedence_from_the_strongest_to_the_weakest() {
    let variable = |force| CargoEnv { name: "A".into(), value: "cargo".into(), force };
    let mut around = surroundings(&[("A", "shell")], "A=file");
    around.cargo_env = vec![variable(true)];
    assert_eq!(value(&web(&[("A", "table")], &[], &around)), Some("cargo"));
    around.cargo_env = vec![variable(false)];
    assert_eq!(value(&web(&[("A", "table")], &[], &around)), Some("shell"));
    around.shell.clear();
    assert_eq!(value(&web(&[("A", "table")], &[], &around)), Some("file"));
    around.env_files.clear();
    assert_eq!(value(&web(&[("A", "table")], &[], &around)), Some("table"));
    assert_eq!(value(&web(&[], &[], &around)), Some("cargo"));
    around.cargo_env.clear();
    assert_eq!(value(&web(&[], &[], &around)), None);
    let quiet = surroundings(&[("RUST_BACKTRACE", "0")], "");
    let plan = web(&[], &[], &quiet).unwrap();
    assert_eq!(get(&plan.instances[0], "RUST_BACKTRACE"), Some("0"));
}

#[test]
fn any_value_reaches_the_child_unchanged() {
    for odd in ["$FOO ${FOO}", "100%", "\"'`", "two\nlines\n", "a=b=c", "\\n\\", "", " x "] {
        let around = surroundings(&[("A", odd)], "");
        let plan = web(&[("B", "<$A>")], &["--a=$A"], &around).unwrap();
        assert_eq!(get(&plan.instances[0], "A"), Some(odd));
        assert_eq!(get(&plan.instances[0], "B"), Some(format!("<{odd}>").as_str()));
        assert_eq!(plan.instances[0].args, [format!("--a={odd}")]);
    }
}

#[test]
fn a_name_is_never_taken_for_the_start_of_another() {
    let around = surroundings(&[("FOO", "1")], "FOOBAR=2\nBOTH=$FOO-$FOOBAR-${FOO}BAR");
    let plan = web(&[], &["$FOO", "$FOOBAR", "${FOO}BAR", "$PORT", "$PORTS$$"], &around);
    assert_eq!(
        messages(plan),
        ["argument 5 of `web` uses `$PORTS`, which is not set; \
          set it in `.env`, or write `$$PORTS` for a dollar"]
    );
    let plan = web(&[], &["$FOO", "$FOOBAR", "${FOO}BAR", "$PORT", "$BOTH"], &around).unwrap();
    assert_eq!(plan.instances[0].args, ["1", "2", "1BAR", "4000", "1-2-1BAR"]);
}

#[test]
fn a_value_of_the_table_sees_what_is_above_it_but_not_itself() {
    let mut around = surroundings(&[], "HOST=db");
    around.cargo_env = vec![CargoEnv { name: "A".into(), value: "weak".into(), force: false }];
    let plan = web(&[("URL", "tcp://$HOST:$PORT"), ("A", "$A+$URL")], &[], &around);
    assert_eq!(value(&plan), Some("weak+tcp://db:4000"));
    let messages =
        messages(web(&[("A", "$B"), ("B", "1"), ("C", "$C")], &[], &surroundings(&[], "")));
    assert_eq!(messages.len(), 2);
    assert!(messages[0].starts_with("the variable `A` of `web` uses `$B`, which is not set"));
    assert!(messages[1].starts_with("the variable `C` of `web` uses `$C`, which is not set"));
}

#[test]
#[cfg(unix)]
fn a_value_that_is_not_text_reaches_the_child_but_no_argument() {
    use std::os::unix::ffi::OsStrExt as _;
    let mut around = surroundings(&[], "");
    around.shell.push(("A".into(), OsStr::from_bytes(b"\xff").into()));
    let plan = web(&[], &[], &around).unwrap();
    assert!(plan.instances[0].env.contains(&around.shell[0]));
    let messages = messages(web(&[], &["$A"], &around));
    assert!(messages[0].starts_with("argument 1 of `web` uses `$A`, whose value is not UTF-8"));
}

#[test]
fn the_table_cannot_set_what_is_the_formations() {
    let env = [("PORT", "1"), ("PS", "x"), ("FORMATION_X", "x"), ("PORT_ADMIN", "mine")];
    let messages = messages(web(&env, &[], &surroundings(&[], "")));
    assert_eq!(messages.len(), 3, "{messages:?}");
    assert!(messages[0].starts_with("`web` sets `PORT`, which the formation sets itself"));
}

#[test]
fn what_the_shell_hides_is_said_once() {
    let around = surroundings(&[("A", "1"), ("B", "2"), ("C", "3")], "C=x\nA=x\nB=2\nD=4");
    let plan = plan(&shop(), &request(&[], "web=2"), &around).unwrap();
    let variables = vec!["A".to_owned(), "C".to_owned()];
    assert_eq!(plan.notices, [PlanNotice::ShellHides { variables }]);
    assert_eq!(
        plan.notices[0].to_string(),
        "the shell's values of `A` and `C` hide those of the environment files"
    );
}

#[test]
fn what_the_app_requires_is_missed_only_if_nothing_sets_it() {
    let mut shop = shop();
    shop.settings.config =
        vec![config("A", true, None), config("B", true, Some("b")), config("C", false, None)];
    let without = plan(&shop, &request(&[], ""), &surroundings(&[], "")).unwrap();
    assert_eq!(without.notices, [PlanNotice::RequiredUnset { variables: vec!["A".into()] }]);
    assert_eq!(get(&without.instances[0], "B"), Some("b"));
    let with = plan(&shop, &request(&[], ""), &surroundings(&[], "A=a\nB=own")).unwrap();
    assert_eq!(with.notices, []);
    assert_eq!(get(&with.instances[0], "B"), Some("own"));
}

#[test]
fn only_types_that_ask_see_what_cargo_run_gives() {
    let mut shop = shop();
    shop.processes[1].cargo_env = true;
    let mut around = surroundings(&[("CARGO", "/t/bin/cargo"), ("CARGO_PKG_NAME", "tool")], "");
    let manifest_path = "/w/app/Cargo.toml".into();
    around.packages =
        vec![PackageEnv { name: "app".into(), manifest_path, ..PackageEnv::default() }];
    let plan = plan(&shop, &request(&[], ""), &around).unwrap();
    let told = |instance: usize| {
        let instance = &plan.instances[instance];
        ["CARGO", "CARGO_PKG_NAME", "CARGO_MANIFEST_DIR"].map(|name| get(instance, name))
    };
    assert_eq!(told(0), [None, None, None]);
    assert_eq!(told(1), [Some("/t/bin/cargo"), Some("app"), Some("/w/app")]);
}

#[test]
fn release_is_a_one_off_and_not_an_instance() {
    let release = ProcessType { dir: Some("db".into()), ..process("release") };
    let shop = formation([release, process("worker")]);
    let plan = plan(&shop, &request(&["worker"], ""), &surroundings(&[], "")).unwrap();
    assert_eq!(plan.instances.len(), 1);
    let release = plan.release.unwrap();
    assert_eq!(get(&release, "PS"), Some("release.1"));
    assert_eq!(release.dir, std::path::Path::new("/w/db"));
    assert_eq!(plan.build.binaries.len(), 2);
}

#[test]
fn problems_of_different_kinds_are_told_at_once() {
    let env_file = "A=1\nB='";
    let messages = messages(plan(&shop(), &request(&["wbe"], ""), &surroundings(&[], env_file)));
    assert_eq!(
        messages,
        [
            "`wbe` names no process type of this formation; did you mean `web`?",
            ".env:2: the value has no closing `'`"
        ]
    );
}

#[test]
fn a_file_cannot_use_what_cargo_told_the_tool() {
    let around = surroundings(&[("CARGO_PKG_NAME", "tool")], "A=${CARGO_PKG_NAME:-none}");
    assert_eq!(value(&web(&[], &[], &around)), Some("none"));
}

#[test]
fn what_all_instances_of_a_type_have_wrong_is_told_once() {
    let mut shop = shop();
    shop.processes[1].args = vec![Template::parse("$NOPE").unwrap()];
    let errors = plan(&shop, &request(&[], "worker=3"), &surroundings(&[], "")).unwrap_err();
    assert_eq!(errors.len(), 1);
}

#[test]
fn a_weak_port_reaches_nobody_either() {
    let mut shop = shop();
    shop.settings.config = vec![config("PORT", true, Some("8080"))];
    let mut around = surroundings(&[("RUSTUP_TOOLCHAIN", "stable")], "");
    around.cargo_env = vec![CargoEnv { name: "PS".into(), value: "x".into(), force: false }];
    let plan = plan(&shop, &request(&[], ""), &around).unwrap();
    assert_eq!(get(&plan.instances[1], "PORT"), None);
    assert_eq!(get(&plan.instances[1], "PS"), Some("worker.1"));
    assert_eq!(get(&plan.instances[1], "RUSTUP_TOOLCHAIN"), None);
    assert_eq!(plan.notices, []);
}

#[test]
fn nothing_to_run_is_refused() {
    let messages = messages(plan(&shop(), &request(&[], "all=0"), &surroundings(&[], "")));
    assert!(messages[0].starts_with("nothing to run;"), "{messages:?}");
}

#[test]
fn a_run_has_its_words_with_its_own_port() {
    let env = [("A", "$PORT"), ("B", "at $A"), ("HIDDEN", "$PORT")];
    let around = surroundings(&[("HIDDEN", "shell")], "");
    let plan = web(&env, &["--listen", "127.0.0.1:${PORT}", "$B"], &around).unwrap();
    let planned = &plan.instances[0];
    assert_eq!(planned.args, ["--listen", "127.0.0.1:4000", "at 4000"]);
    let (env, args) = planned.at(20_007, &super::Made::default());
    assert_eq!(args, ["--listen", "127.0.0.1:20007", "at 20007"]);
    let changed = env.iter().filter(|variable| !planned.env.contains(variable));
    let names: Vec<_> =
        changed.map(|(name, value)| format!("{}={}", name.display(), value.display())).collect();
    assert_eq!(names, ["A=20007", "B=at 20007", "PORT=20007"]);
    assert_eq!(env.len(), planned.env.len());
}
