//! Whatever the binaries and the files: a table that reads as what was proposed.

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;

use super::ground::Site;
use crate::formation::{Formation, ProcessName, ServiceSource, Template};
use crate::scaffold::found::Command;

/// Names of binaries, packages and processes, good and bad.
const NAMES: [&str; 14] = [
    "web", "worker", "release", "all", "settings", "a-b", "a_b", "9", "w.b", "server", "migrate",
    "services", "dev", "é",
];

/// Parts of a line.
const PARTS: [&str; 40] = [
    "web",
    "worker",
    "a-b",
    "server",
    "./target/release/",
    "target/debug/",
    "cargo run",
    "cargo",
    "watch",
    "-x",
    "'run --bin web'",
    "--bin",
    "-p",
    "one",
    "two",
    "--",
    "$PORT",
    "${PORT:-1}",
    "PORT=3000",
    "PORT=4100",
    "A=$B",
    "A=1",
    "FORMATION_X=1",
    "'a b'",
    "\"$$\"",
    "|",
    "&",
    "&&",
    "cd ui &&",
    "docker compose up",
    "docker-compose up db",
    "npm",
    "exec",
    "env",
    "#",
    "\\",
    "$",
    "\"\"",
    "é\u{7f}\u{1}",
    "{{x}}",
];

fn text() -> impl Strategy<Value = String> {
    let part = (select(&PARTS[..]), any::<bool>());
    let command = vec(part, 0..6).prop_map(|parts| {
        let part = |(part, space): (&str, bool)| format!("{part}{}", if space { " " } else { "" });
        parts.into_iter().map(part).collect::<String>()
    });
    let line =
        (select(&NAMES[..]), command).prop_map(|(name, command)| format!("{name}: {command}"));
    vec(line, 0..8).prop_map(|lines| lines.join("\n"))
}

/// The same entries as a file of process-compose.
fn yaml(procfile: &str) -> String {
    let entry = |line: &str| {
        let (name, command) = line.split_once(": ").unwrap();
        let command = command.replace('\'', "''").replace(['\u{7f}', '\u{1}'], "");
        format!(
            "  '{name}': {{command: '{command}', replicas: 101, environment: ['X=$Y', 'PS=1']}}\n"
        )
    };
    let mut seen = Vec::new();
    let lines = procfile.lines().filter(|line| {
        let name = line.split(':').next();
        let new = !seen.contains(&name);
        seen.push(name);
        new
    });
    format!("processes:\n{}", lines.map(entry).collect::<String>())
}

fn site() -> impl Strategy<Value = Site> {
    let binaries = || vec(select(&NAMES[..]), 0..4);
    (binaries(), binaries(), any::<bool>(), text(), text()).prop_map(|(one, two, alone, a, b)| {
        let unique = |mut names: Vec<&'static str>| {
            names.sort_unstable();
            names.dedup();
            names
        };
        let (one, two) = (unique(one), unique(two));
        let site = if alone {
            Site::lone("one", &one)
        } else {
            Site::workspace(&[("one", &one), ("two", &two)])
        };
        site.file("Procfile", &a).file("process-compose.yaml", &yaml(&b))
    })
}

/// What of a formation was proposed.
fn said(formation: &Formation) -> (Vec<String>, Vec<String>) {
    let types = formation.processes.iter().map(|process| process.name.to_string());
    let services = formation.settings.services.iter().map(|service| service.name.to_string());
    (types.collect(), services.collect())
}

/// Words and variables are those of an entry of that name.
fn is_as_found(formation: &Formation, site: &Site) {
    let entries = |name: &ProcessName| -> Vec<Command> {
        let named = site.found.iter().filter(|found| found.name == name.as_str());
        named.filter_map(|found| found.command.clone().ok()).collect()
    };
    let is_set = |command: &Command, env: &[(String, Template)]| {
        env.iter().all(|variable| command.env.contains(variable))
    };
    for process in &formation.processes {
        // Behind `cargo watch -x` there is one word for all of them.
        let runs = |command: &Command| {
            let watches = command.words.iter().any(|word| word.to_string() == "-x");
            (watches || command.words.ends_with(&process.args)) && is_set(command, &process.env)
        };
        let found = entries(&process.name);
        let guessed = process.args.is_empty() && process.env.is_empty();
        assert!(guessed || found.iter().any(runs), "{process:?} in {found:?}");
    }
    for service in &formation.settings.services {
        let ServiceSource::Command { program, args } = &service.source else { continue };
        let words = [std::slice::from_ref(program), args].concat();
        let runs = |command: &Command| command.words == words && is_set(command, &service.env);
        let found = entries(&service.name);
        assert!(found.iter().any(runs), "{service:?} in {found:?}");
    }
}

proptest! {
    #[test]
    fn what_is_proposed_is_what_is_read(site in site()) {
        let proposal = site.propose();
        let changed = site.changed(&proposal);
        let reading = changed.read();
        let texts = &changed.workspace.manifests;
        if proposal.types.is_empty() {
            // Backing services alone are no formation.
            prop_assert!(reading.formation.is_none());
        } else {
            prop_assert_eq!(&reading.problems, &[], "{:?}", texts);
            let formation = reading.formation.unwrap();
            is_as_found(&formation, &site);
            let (types, services) = said(&formation);
            let names = |names: &[ProcessName]| -> Vec<String> {
                names.iter().map(ToString::to_string).collect()
            };
            prop_assert_eq!(types, names(&proposal.types), "{:?}", texts);
            prop_assert_eq!(services, names(&proposal.services), "{:?}", texts);
            prop_assert_eq!(&changed.propose().changes, &[], "once more: {:?}", texts);
        }
        // Nothing that was found is passed over in silence.
        for found in &site.found {
            let is_declared = proposal.types.iter().chain(&proposal.services).any(|it| it.as_str() == found.name);
            let is_told = proposal.remarks.iter().any(|remark| remark.to_string().starts_with(&found.at.to_string()));
            let compose = found.command.as_ref().is_ok_and(|command| command.words.iter().any(|word| word.to_string().contains("compose")));
            prop_assert!(is_declared || is_told || compose, "{:?}\n{:?}", found, proposal.remarks);
        }
    }
}
