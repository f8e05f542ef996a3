//! Units of systemd: a target for the formation, a template for each process type.
//!
//! The name of an instance is its port, because units cannot count: `shop-web@4001.service`.
//! Types without a port are numbered from 1. What there is never more than one of is no template.
//! `release` is wanted by nobody: `install.sh` runs it before anything is restarted.

mod calendar;
mod environment;
mod install;
mod member;
mod reserved;
mod service;
mod unit;

use std::fmt::Write as _;
use std::path::PathBuf;

use self::calendar::calendar;
use self::member::{Member, Shape, members, urls};
use self::service::service;
use self::unit::Unit;
use super::app::App;
use super::notice::{Refusal, Unsaid, Warning};
use super::platform::Platform;
use super::shell::ShellLine;
use super::{Exported, File};
use crate::formation::Ready;

/// The platform of this module.
const PLATFORM: Platform = Platform::Systemd;

/// Export the units.
pub(super) fn systemd(app: &App<'_>) -> Result<Exported, Vec<Refusal>> {
    if app.formation.processes.is_empty() {
        return Err(vec![Refusal::Empty { platform: PLATFORM }]);
    }
    let name = app.plain_name(PLATFORM).map_err(|refusal| vec![refusal])?;
    if let Some(what) = reserved::meaning(name) {
        let (platform, app) = (PLATFORM, name.to_owned());
        return Err(vec![Refusal::AppMeaning { platform, app, what }]);
    }
    let members = members(app, name)?;
    let urls = urls(&members);
    let mut draft = Draft { name, app, urls: &urls, units: Vec::new(), refusals: Vec::new() };
    draft.units.push((format!("{name}.target"), target(name, &members)));
    for member in &members {
        draft.add(member);
    }
    draft.finish(&members)
}

/// Units in the making.
struct Draft<'f> {
    name: &'f str,
    app: &'f App<'f>,
    /// Where everybody is reached.
    urls: &'f [(String, String)],
    /// By the names of their files.
    units: Vec<(String, Unit)>,
    refusals: Vec<Refusal>,
}

impl Draft<'_> {
    fn add(&mut self, member: &Member<'_>) {
        match service(self.app, self.name, member, self.urls) {
            Ok(unit) => self.units.push((format!("{}.service", member.file_stem()), unit)),
            Err(refusals) => self.refusals.extend(refusals),
        }
        if member.process.socket {
            let unit = socket(self.name, member);
            self.units.push((format!("{}.socket", member.file_stem()), unit));
        }
        self.add_timer(member);
        for instance in member.instances.iter().filter(|_| member.shape == Shape::Template) {
            if !instance.ports.extra.is_empty() {
                let path = format!("{}.d/ports.conf", member.unit(instance));
                self.units.push((path, ports(instance)));
            }
        }
    }

    fn add_timer(&mut self, member: &Member<'_>) {
        let Some(schedule) = &member.process.schedule else { return };
        match calendar(schedule) {
            Ok(times) => {
                let unit = timer(self.name, member, &times);
                self.units.push((format!("{}.timer", member.stem), unit));
            }
            Err(why) => self.refusals.push(Refusal::Schedule {
                process: member.process.name.clone(),
                platform: PLATFORM,
                schedule: schedule.clone(),
                why,
            }),
        }
    }

    fn finish(self, members: &[Member<'_>]) -> Result<Exported, Vec<Refusal>> {
        if !self.refusals.is_empty() {
            return Err(self.refusals);
        }
        let header = format!("# {}\n", PLATFORM.header());
        let unit = |(path, unit): &(String, Unit)| File::ours(path, format!("{header}{unit}"));
        let mut files: Vec<File> = self.units.iter().map(unit).collect();
        let paths: Vec<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
        files.push(File::ours("env.example", environment::example(self.app, self.name, self.urls)));
        files.push(File::ours("install.sh", install::script(self.app, self.name, members, &paths)));
        Ok(Exported {
            files,
            unsaid: unsaid(self.app, members),
            warnings: warnings(members, self.urls),
        })
    }
}

/// What stands for the formation: it wants every instance.
fn target(name: &str, members: &[Member<'_>]) -> Unit {
    let quantities = members.iter().filter(|member| member.shape != Shape::Once);
    let quantities: Vec<String> = quantities
        .filter(|member| member.process.schedule.is_none())
        .map(|member| format!("{}={}", member.process.name, member.instances.len()))
        .collect();
    let mut unit = Unit::default();
    unit.section("Unit");
    unit.set("Description", format!("{name} formation ({})", quantities.join(" ")));
    for wanted in members.iter().flat_map(Member::wanted) {
        unit.set("Wants", wanted);
    }
    unit.section("Install");
    unit.set("WantedBy", "multi-user.target");
    unit
}

/// The socket that is handed to an instance. It stays when the instance is restarted.
fn socket(name: &str, member: &Member<'_>) -> Unit {
    let mut unit = Unit::default();
    unit.section("Unit");
    unit.set("Description", format!("{name} {}, its socket", member.shown()));
    unit.set("PartOf", format!("{name}.target"));
    unit.section("Socket");
    unit.set("ListenStream", member.port_word());
    unit
}

fn timer(name: &str, member: &Member<'_>, times: &[String]) -> Unit {
    let mut unit = Unit::default();
    unit.section("Unit");
    unit.set("Description", format!("{name} {}, its times", member.process.name));
    unit.set("PartOf", format!("{name}.target"));
    unit.section("Timer");
    for time in times {
        unit.set("OnCalendar", time);
    }
    // By default it may come a minute later.
    unit.set("AccuracySec", "1s");
    unit
}

/// The named ports of one instance, which cannot follow from its name.
fn ports(instance: &member::Instance) -> Unit {
    let mut unit = Unit::default();
    unit.section("Service");
    for (variable, port) in &instance.ports.extra {
        unit.set("Environment", format!("{variable}={port}"));
    }
    unit
}

fn warnings(members: &[Member<'_>], urls: &[(String, String)]) -> Vec<Warning> {
    members.iter().flat_map(|member| service::warnings(member, urls)).collect()
}

/// What brings it to a machine, and what systemd does not look at.
fn unsaid(app: &App<'_>, members: &[Member<'_>]) -> Vec<Unsaid> {
    let mut script = app.directory(PLATFORM).to_path_buf();
    script.push("install.sh");
    let script = script.display().to_string();
    let install = ShellLine::of(["sudo", "sh", &script, "target/release"]);
    let mut unsaid = vec![
        Unsaid { what: "the binaries".to_owned(), command: install::build(app.formation) },
        Unsaid { what: "how it comes to this machine".to_owned(), command: install.to_string() },
    ];
    for member in members {
        let Some(health) = &member.process.health else { continue };
        let Some(port) = member.instances.first().and_then(|instance| instance.ports.port) else {
            continue;
        };
        let url = format!("http://127.0.0.1:{port}{}", health.path);
        let mut what = String::new();
        let _ = write!(what, "whether `{}` is well", member.process.name);
        if member.process.ready == Ready::Notify {
            what.push_str(" once it is up");
        }
        let command = ShellLine::of(["curl", "--fail", &url]).to_string();
        unsaid.push(Unsaid { what, command });
    }
    unsaid
}

#[cfg(test)]
mod tests;
