//! The script that brings the formation to a machine, again and again.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use super::PLATFORM;
use super::member::{Instance, Member, Shape};
use crate::emit::app::App;
use crate::emit::release_build::release_build;
use crate::formation::{Formation, Ready};

/// What it does; what it does it with stands before it.
const SCRIPT: &str = include_str!("install.sh");

/// How long it may take until an instance listens, where its health says nothing of it.
const STARTUP: Duration = Duration::from_secs(30);

/// The script. `paths` are the units beside it.
pub(super) fn script(
    app: &App<'_>,
    name: &str,
    members: &[Member<'_>],
    paths: &[PathBuf],
) -> String {
    let binaries: BTreeSet<&str> =
        app.formation.processes.iter().map(|process| process.binary.name.as_str()).collect();
    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let wanted: Vec<String> = members.iter().flat_map(Member::wanted).collect();
    let services: Vec<String> = members.iter().flat_map(Member::services).collect();
    let listening: Vec<String> = members.iter().flat_map(listening).collect();
    let templates: Vec<String> = members
        .iter()
        .filter(|member| member.shape == Shape::Template)
        .map(|member| format!("{}@*.service", member.stem))
        .collect();
    let dirs: BTreeSet<String> = members
        .iter()
        .filter_map(|member| Some(member.process.dir.as_ref()?.display().to_string()))
        .collect();
    let config = app.formation.settings.config.iter();
    let required = config.filter(|item| item.has_to_be_said()).map(|item| item.name.as_str());
    let release = app.release().map(|_| format!("{name}-release.service")).unwrap_or_default();
    let lists = [
        ("binaries", lines(binaries)),
        ("directories", lines(dirs.iter().map(String::as_str))),
        ("units", lines(paths.iter().map(String::as_str))),
        ("wanted", lines(wanted.iter().map(String::as_str))),
        ("services", lines(services.iter().map(String::as_str))),
        ("required", lines(required)),
        ("listening", lines(listening.iter().map(String::as_str))),
        ("templates", lines(templates.iter().map(String::as_str))),
    ];
    let lists = lists.map(|(name, list)| format!("{name}={}\n", shell_words::quote(&list)));
    format!(
        "#!/bin/sh\n# {}\napp={name}\nrelease={release}\n{}{SCRIPT}",
        PLATFORM.header(),
        lists.concat(),
    )
}

/// The instances that are up when they listen: the unit, the port, and the seconds until then.
/// At a socket that systemd holds somebody listens all the time.
fn listening(member: &Member<'_>) -> Vec<String> {
    let process = member.process;
    let is_seen = matches!(process.ready, Ready::Http(_) | Ready::Tcp) && !process.socket;
    let startup = process.health.as_ref().map_or(STARTUP, |health| health.startup);
    let seconds = startup.as_millis().div_ceil(1000);
    let instances = member.instances.iter().filter(|_| is_seen && member.shape != Shape::Once);
    let line = |instance: &Instance| {
        Some(format!("{} {} {seconds}", member.unit(instance), instance.ports.port?))
    };
    instances.filter_map(line).collect()
}

fn lines<'l>(words: impl IntoIterator<Item = &'l str>) -> String {
    words.into_iter().collect::<Vec<_>>().join("\n")
}

/// What builds the binaries, in a checkout.
pub(super) fn build(formation: &Formation) -> String {
    shell_words::join(release_build(formation, &[]).cargo)
}
