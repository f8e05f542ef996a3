//! What is planned for backing services.

use std::path::Path;

use super::{PlannedService, Readiness, ServiceStart};
use crate::formation::{
    BackingService, Formation, Port, Ready, ServiceSource, Stop, StopSignal, Template,
};
use crate::plan::sample::{formation, listening, process, service};
use crate::plan::{EnvFile, Plan, PlanError, Request, Services, Surroundings, plan};

/// `web` with a port, `worker` without, and these services.
fn shop<const N: usize>(services: [BackingService; N]) -> Formation {
    let mut formation = formation([listening("web", Port::Assigned), process("worker")]);
    formation.settings.services = services.into();
    formation
}

fn surroundings(shell: &[(&str, &str)], env_file: &str) -> Surroundings {
    Surroundings {
        root: "/w".into(),
        shell: shell.iter().map(|(name, value)| (name.into(), value.into())).collect(),
        env_files: vec![EnvFile { path: ".env".into(), text: env_file.into() }],
        base_port: 4000,
        ..Surroundings::default()
    }
}

fn planned<const N: usize>(services: [BackingService; N]) -> Result<Plan, Vec<PlanError>> {
    plan(&shop(services), &Request::default(), &surroundings(&[], ""))
}

/// The only service of a plan.
fn only(service: BackingService) -> PlannedService {
    let mut services = planned([service]).unwrap().services;
    assert_eq!(services.len(), 1);
    services.remove(0)
}

fn with_env(mut service: BackingService, env: &[(&str, &str)]) -> BackingService {
    let variable =
        |&(name, value): &(&str, &str)| (name.to_owned(), Template::parse(value).unwrap());
    service.env = env.iter().map(variable).collect();
    service
}

fn command(program: &str, args: &[&str]) -> ServiceStart {
    let args = args.iter().map(|&arg| arg.to_owned()).collect();
    ServiceStart::Command { program: program.into(), args }
}

fn get<'s>(service: &'s PlannedService, name: &str) -> Option<&'s str> {
    let found = service.env.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.to_str().unwrap())
}

fn messages(plan: Result<Plan, Vec<PlanError>>) -> Vec<String> {
    plan.unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn a_service_knows_itself_and_everybody_else() {
    let db = BackingService { port: Port::Exact(5432), ..service("db", &["postgres"]) };
    let mail = BackingService { port: Port::Assigned, ..service("mail-in", &["mailpit"]) };
    let plan = planned([db, with_env(mail, &[("A", "$FORMATION_DB_URL")])]).unwrap();
    let mail = &plan.services[1];
    let line = |(name, value): &(std::ffi::OsString, std::ffi::OsString)| {
        format!("{}={}", name.display(), value.display())
    };
    assert_eq!(
        mail.env.iter().map(line).collect::<Vec<_>>(),
        [
            "A=tcp://127.0.0.1:5432",
            "FORMATION_DB_URL=tcp://127.0.0.1:5432",
            "FORMATION_MAIL_IN_URL=tcp://127.0.0.1:4300",
            "FORMATION_PROCESS=mail-in",
            "FORMATION_WEB_URL=http://127.0.0.1:4000",
            "PORT=4300",
            "PS=mail-in",
            "RUST_BACKTRACE=1",
        ]
    );
    assert_eq!((plan.services[0].position, mail.position), (2, 3));
    assert_eq!((mail.port, mail.dir.as_path()), (Some(4300), Path::new("/w")));
}

#[test]
fn a_service_without_a_port_sees_none() {
    let around = surroundings(&[("PORT", "9"), ("PS", "x")], "PORT=8\nFORMATION_INSTANCE=2");
    let shop = shop([service("assets", &["npm"])]);
    let plan = plan(&shop, &Request::default(), &around).unwrap();
    let assets = &plan.services[0];
    assert_eq!(["PORT", "PS"].map(|name| get(assets, name)), [None, Some("assets")]);
    assert_eq!(get(assets, "FORMATION_INSTANCE"), None);
}

#[test]
fn the_shell_then_the_files_then_its_own_variables() {
    let db = with_env(service("db", &["x", "$A", "$B", "$C"]), &[("A", "table"), ("C", "<$B>")]);
    let given = |shell: &[(&str, &str)], file: &str| {
        let plan = plan(&shop([db.clone()]), &Request::default(), &surroundings(shell, file));
        plan.unwrap().services.remove(0).start
    };
    assert_eq!(given(&[("A", "shell")], "A=file\nB=b"), command("x", &["shell", "b", "<b>"]));
    assert_eq!(given(&[], "A=file\nB=b"), command("x", &["file", "b", "<b>"]));
    assert_eq!(given(&[], "B=b"), command("x", &["table", "b", "<b>"]));
}

#[test]
fn a_program_with_a_slash_is_looked_for_in_its_directory() {
    let starts = |program: &str| {
        let assets = BackingService { dir: Some("ui".into()), ..service("assets", &[program]) };
        let planned = only(with_env(assets, &[("BIN", "/opt/bin"), ("NAME", "vite")]));
        assert_eq!(planned.dir, Path::new("/w/ui"));
        planned.start
    };
    assert_eq!(starts("npm"), command("npm", &[]));
    assert_eq!(starts("bin/serve"), command("/w/ui/bin/serve", &[]));
    assert_eq!(starts("$BIN/$NAME"), command("/opt/bin/vite", &[]));
    assert_eq!(starts("$NAME"), command("vite", &[]));
}

#[test]
fn what_has_to_happen_until_it_is_up_is_said_in_full() {
    let ready = |ready: Ready, port| only(BackingService { port, ready, ..service("db", &["x"]) });
    let port = Port::Assigned;
    assert_eq!(ready(Ready::Tcp, port).ready, Readiness::Tcp(4200));
    let path = || "/up".to_owned();
    let http = Readiness::Http { port: 4200, path: path() };
    assert_eq!(ready(Ready::Http(path()), port).ready, http);
    assert_eq!(ready(Ready::Started, port).ready, Readiness::Started);
    assert_eq!(ready(Ready::Notify, Port::None).ready, Readiness::Notify);
    assert_eq!(ready(Ready::Log("up".into()), port).ready, Readiness::Log("up".into()));
}

#[test]
fn how_it_stops_arrives() {
    let stop = Stop { signal: StopSignal::Int, timeout: Some(std::time::Duration::from_secs(3)) };
    let db = BackingService { stop, pty: true, ..service("db", &["x"]) };
    let planned = only(db);
    assert_eq!((planned.stop, planned.pty), (stop, true));
}

#[test]
fn only_what_is_started_here_needs_a_free_port() {
    let source = || ServiceSource::Compose { service: "postgres".into(), keep: true };
    let db = BackingService { source: source(), port: Port::Exact(5432), ..service("db", &["x"]) };
    let cache = BackingService { port: Port::Assigned, ..service("cache", &["redis-server"]) };
    let plan = planned([db, cache]).unwrap();
    assert_eq!(plan.ports(), [4000, 4300]);
    let start = ServiceStart::Compose { service: "postgres".into(), keep: true };
    assert_eq!((&plan.services[0].start, plan.services[0].port), (&start, Some(5432)));
}

#[test]
fn what_the_developer_has_elsewhere_keeps_its_place() {
    let source = ServiceSource::Elsewhere;
    let db = BackingService { source, port: Port::Assigned, ..service("db", &["x"]) };
    // Nothing of it is used, hence nothing of it can be missing.
    let db = with_env(db, &[("A", "$MISSING")]);
    let cache = BackingService { port: Port::Assigned, ..service("cache", &["redis-server"]) };
    let plan = planned([db, cache]).unwrap();
    let [cache] = plan.services.as_slice() else { panic!("{:?}", plan.services) };
    assert_eq!((cache.port, cache.position), (Some(4300), 3));
    assert_eq!(get(cache, "FORMATION_DB_URL"), Some("tcp://127.0.0.1:4200"));
    assert_eq!(plan.ports(), [4000, 4300]);
}

#[test]
fn all_run_whatever_is_selected() {
    let shop = shop([service("db", &["x"]), service("cache", &["x"])]);
    let select = vec!["worker".parse().unwrap()];
    let request = Request { select, ..Request::default() };
    let started = plan(&shop, &request, &surroundings(&[], "")).unwrap();
    assert_eq!(started.services.len(), 2);
    let left = Request { services: Services::Left, ..request };
    let left = plan(&shop, &left, &surroundings(&[], "")).unwrap();
    assert_eq!((left.services, left.instances), (vec![], started.instances));
}

#[test]
fn what_is_wrong_is_told_with_the_rest() {
    let db = with_env(service("db", &["$NO/run", "$B", "$NONE"]), &[("B", "$MISSING")]);
    let mut shop = shop([db, service("cache", &["$X"])]);
    shop.processes[1].args = vec![Template::parse("$NOPE").unwrap()];
    let around = surroundings(&[], "");
    let told = messages(plan(&shop, &Request::default(), &around));
    let starts = [
        "argument 1 of `worker` uses `$NOPE`, which is not set",
        "the variable `B` of `db` uses `$MISSING`, which is not set",
        "the program of `db` uses `$NO`, which is not set",
        "argument 2 of `db` uses `$NONE`, which is not set",
        "the program of `cache` uses `$X`, which is not set",
    ];
    assert_eq!(told.len(), starts.len(), "{told:#?}");
    for (message, start) in told.iter().zip(starts) {
        assert!(message.starts_with(start), "{message}");
    }
    shop.processes[1].args.clear();
    let left = Request { services: Services::Left, ..Request::default() };
    assert!(plan(&shop, &left, &around).is_ok());
}

#[test]
fn a_service_cannot_set_what_is_the_formations() {
    let db = with_env(service("db", &["x"]), &[("PS", "x"), ("PORT_ADMIN", "1")]);
    let told = messages(planned([db]));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("`db` sets `PS`, which the formation sets itself"));
}
