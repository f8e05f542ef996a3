//! A compose file: the formation in containers of one machine.
//!
//! It is a file of its own, `compose.formation.yaml`, and all of it is ours. A `compose.yaml` that
//! somebody has may include it, or lie over it; why it is not edited in place is in
//! `docs/design/exporting.md`. No anchors and no `<<`, which not every reader resolves.

mod backing;
mod service;
mod text;

use std::path::Path;

use self::backing::{Backing, backing};
use self::service::{Given, service};
use self::text::Text;
use super::app::App;
use super::bound::{Bound, Which, bound};
use super::notice::{Refusal, Unsaid, Warning};
use super::platform::Platform;
use super::shell::ShellLine;
use super::yaml::Node;
use super::{Exported, File, container, dockerfile};
use crate::formation::ProcessType;

/// The platform of this module.
const PLATFORM: Platform = Platform::Compose;

/// What the file is called.
pub(super) const FILE: &str = "compose.formation.yaml";

/// Export the file.
pub(super) fn compose(app: &App<'_>) -> Result<Exported, Vec<Refusal>> {
    if app.formation.processes.is_empty() {
        return Err(vec![Refusal::Empty { platform: PLATFORM }]);
    }
    let name = app.plain_name(PLATFORM).map_err(|refusal| vec![refusal])?;
    let ports = bound(app, PLATFORM, Which::Main)?;
    let backing: Vec<Backing<'_>> =
        app.formation.settings.services.iter().filter_map(Backing::of).collect();
    let given = Given {
        app,
        image: image(app).map_err(|refusal| vec![refusal])?,
        variables: dockerfile::variables(app),
        backing: &backing,
        urls: urls(app, &backing),
    };
    let mut services = Vec::new();
    let mut refusals = Vec::new();
    for (process, ports) in app.formation.processes.iter().zip(&ports) {
        match service(&given, process, ports) {
            Ok(node) => services.push((process.name.to_string(), node)),
            // What is wrong with a default is so for every type.
            Err(more) => {
                let more = more.into_iter().filter(|refusal| !refusals.contains(refusal));
                let more: Vec<Refusal> = more.collect();
                refusals.extend(more);
            }
        }
    }
    for backing in &backing {
        match self::backing(backing) {
            Ok(node) => services.push((backing.service.name.to_string(), node)),
            Err(more) => refusals.extend(more),
        }
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let document = Node::map([("name", Node::text(name)), ("services", Node::Map(services))]);
    let text = format!("# {}\n{document}", PLATFORM.header());
    let files = vec![File::ours(FILE, text)];
    Ok(Exported { files, unsaid: unsaid(app, &ports), warnings: warnings(app) })
}

/// The image with a tag that the machine may say.
fn image(app: &App<'_>) -> Result<Text, Refusal> {
    let image = app.image(PLATFORM)?;
    Ok(Text::literal(&format!("{image}:")).interpolated("${TAG:-latest}"))
}

/// Where everybody is reached, by the names that development has for them.
fn urls(app: &App<'_>, backing: &[Backing<'_>]) -> Vec<(String, String)> {
    let types = app.formation.processes.iter().filter_map(|process| {
        let port = container::ports(process).into_iter().find(|port| port.variable == "PORT")?;
        let url = format!("http://{}:{}", process.name, port.number);
        Some((format!("FORMATION_{}_URL", process.name.variable()), url))
    });
    let backing = backing.iter().filter_map(|backing| {
        let name = &backing.service.name;
        let url = format!("tcp://{name}:{}", backing.port()?);
        Some((format!("FORMATION_{}_URL", name.variable()), url))
    });
    types.chain(backing).collect()
}

fn warnings(app: &App<'_>) -> Vec<Warning> {
    let types = app.formation.processes.iter().flat_map(service::warnings);
    let services = app.formation.settings.services.iter();
    let left_out = services.filter(|service| service.image.is_none());
    let left_out = left_out.map(|service| Warning::NoImage { service: service.name.clone() });
    dockerfile::lost_dirs(app).into_iter().chain(types).chain(left_out).collect()
}

/// The engine with this file.
fn engine(app: &App<'_>) -> ShellLine {
    let file = app.place.unwrap_or(Path::new(FILE)).display().to_string();
    ShellLine::of(["docker", "compose", "--file", &file])
}

/// What starts it, and what an engine does not do by itself.
fn unsaid(app: &App<'_>, ports: &[Vec<Bound>]) -> Vec<Unsaid> {
    let start = engine(app).words(["up", "--detach", "--build"]).to_string();
    let mut unsaid = vec![Unsaid { what: "how it starts".to_owned(), command: start }];
    for (process, ports) in app.formation.processes.iter().zip(ports) {
        unsaid.extend(clock(app, process));
        let port = ports.first().and_then(|bound| bound.port);
        let Some((health, port)) = process.health.as_ref().zip(port) else { continue };
        let url = format!("http://127.0.0.1:{port}{}", health.path);
        unsaid.push(Unsaid {
            what: format!(
                "whether `{}` is well, as its image has nothing to ask with",
                process.name
            ),
            command: ShellLine::of(["curl", "--fail", &url]).to_string(),
        });
    }
    unsaid
}

/// What the machine's own cron has to start.
fn clock(app: &App<'_>, process: &ProcessType) -> Option<Unsaid> {
    let schedule = process.schedule.as_ref()?;
    let command = engine(app).words(["run", "--rm", process.name.as_str()]).to_string();
    Some(Unsaid { what: format!("that `{}` runs at `{schedule}` (UTC)", process.name), command })
}

#[cfg(test)]
mod tests;
