//! What process types and backing services must not do to each other.

use crate::formation::{Binary, Piece, Port, ProcessName, Template};

use super::problem::Problem;
use super::process::Draft;
use super::service::Service;
use super::settings::Shared;
use super::workspace::{Place, Workspace};

/// Names are unique, also as variables, and one namespace for types and services.
pub(super) fn names(drafts: &[Draft], services: &[Service]) -> Vec<Problem> {
    let types = drafts.iter().map(|draft| Named::new("process type", &draft.name, draft.at));
    let services = services
        .iter()
        .map(|service| Named::new("backing service", &service.value.name, service.at));
    let all: Vec<_> = types.chain(services).collect();
    let mut problems = Vec::new();
    for (position, second) in all.iter().enumerate() {
        let same = |first: &&Named<'_>| first.variable == second.variable;
        if let Some(first) = all.iter().take(position).find(same) {
            problems.push(same_name(first, second));
        }
    }
    problems
}

struct Named<'n> {
    what: &'static str,
    name: &'n ProcessName,
    variable: String,
    at: Place,
}

impl<'n> Named<'n> {
    fn new(what: &'static str, name: &'n ProcessName, at: Place) -> Self {
        Self { what, name, variable: name.variable(), at }
    }
}

fn same_name(first: &Named<'_>, second: &Named<'_>) -> Problem {
    if first.name == second.name {
        return Problem::error(format!("the name `{}` is declared twice", second.name))
            .at(second.at, format!("a {} again", second.what))
            .beside(first.at, format!("first a {} here", first.what))
            .help(
                "all the tables of a workspace make one formation: give one of them another name",
            );
    }
    let variable = &second.variable;
    Problem::error(format!("the names `{}` and `{}` are too alike", first.name, second.name))
        .at(second.at, "this name too")
        .beside(first.at, format!("its variables begin with `FORMATION_{variable}_`"))
        .help("give one of them another name")
}

/// A number in `port` is exact, so nobody else can have it.
pub(super) fn ports(drafts: &[Draft], services: &[Service]) -> Vec<Problem> {
    let mut taken: Vec<(u16, Place)> = Vec::new();
    for draft in drafts {
        if let Some((Port::Exact(port), at)) = draft.keys.port.given() {
            taken.push((*port, at));
        }
        for (extra, at) in draft.keys.ports.given().into_iter().flat_map(|(ports, _)| ports) {
            if let Port::Exact(port) = extra.port {
                taken.push((port, *at));
            }
        }
    }
    for service in services {
        if let Port::Exact(port) = service.value.port {
            taken.push((port, service.port_at));
        }
    }
    let mut problems = Vec::new();
    for (position, (port, at)) in taken.iter().enumerate() {
        if let Some((_, first)) = taken.iter().take(position).find(|(other, _)| other == port) {
            problems.push(
                Problem::error(format!("port {port} is given twice"))
                    .at(*at, "given again here")
                    .beside(*first, "first given here")
                    .help("choose another, or write `true` and let the formation choose"),
            );
        }
    }
    problems
}

/// The value of a secret is written nowhere, so that it is in no `env` that is emitted either. What
/// stands in the file of one developer is not.
pub(super) fn secrets(drafts: &[Draft], shared: &Shared, local: Option<usize>) -> Vec<Problem> {
    let types = drafts.iter().flat_map(|draft| {
        let variables = draft.keys.env.given().into_iter().flat_map(|(variables, _)| variables);
        variables.map(|variable| (&draft.name, &variable.name, &variable.value, variable.at))
    });
    let emitted = shared
        .services
        .iter()
        .filter(|service| service.value.image.is_some() && local != Some(service.at.manifest));
    let services = emitted.flat_map(|service| {
        let variables = service.value.env.iter().zip(&service.env_at);
        variables.map(|((name, value), at)| (&service.value.name, name, value, *at))
    });
    let said = types.chain(services).filter(|(_, _, value, _)| says_something(value));
    let secret = |(of, name, _, at): (&ProcessName, &String, &Template, Place)| {
        let (_, secret_at) = shared.secrets.iter().find(|(secret, _)| secret == name)?;
        Some(
            Problem::error(format!("the secret `{name}` has a value in `env` of `{of}`"))
                .at(at, "a secret value does not belong into the manifest")
                .beside(*secret_at, "it is declared a secret here")
                .help(
                    "put the value for development into `.env.local`; what is made of other \
                     variables may stand here: `\"postgres://$USER:$PASSWORD@db\"`",
                ),
        )
    };
    said.filter_map(secret).collect()
}

/// Whether a value is known without its environment. What is between variables is no secret.
fn says_something(value: &Template) -> bool {
    let pieces = value.pieces();
    !pieces.is_empty() && pieces.iter().all(|piece| matches!(piece, Piece::Text(_)))
}

/// Every type owns a range of 100 ports above the base, and there are only 65,535.
pub(super) fn range(shared: &Shared, types: usize) -> Option<Problem> {
    let base = usize::from(shared.settings.base_port?);
    let last = base + 100 * types.max(1) - 1;
    (last > usize::from(u16::MAX)).then(|| {
        Problem::error(format!("{types} process types do not fit above `base-port = {base}`"))
            .at(shared.base_port.unwrap_or_default(), format!("the last range would end at {last}"))
            .help("each process type owns a range of 100 ports: choose a smaller base")
    })
}

/// Two binaries of one name in packages that are built together.
///
/// Cargo builds both into one file, and the last one wins.
pub(super) fn binaries(used: &[(&Draft, Binary)], workspace: &Workspace) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut told: Vec<(&str, &str)> = Vec::new();
    for (draft, binary) in used {
        for (other, theirs) in used {
            if theirs.package == binary.package || told.contains(&(&binary.name, &theirs.package)) {
                continue;
            }
            let has_it = |name: &str| workspace.package(name)?.binary(&binary.name);
            if has_it(&theirs.package).is_none() {
                continue;
            }
            told.push((&binary.name, &theirs.package));
            told.push((&binary.name, &binary.package));
            problems.push(same_binary(draft, binary, other, theirs));
        }
    }
    problems
}

fn same_binary(draft: &Draft, binary: &Binary, other: &Draft, theirs: &Binary) -> Problem {
    let name = &binary.name;
    let label = if theirs.name == *name {
        format!("`{}` of package `{}` runs here", name, theirs.package)
    } else {
        format!("package `{}` is built for this type and has a `{name}` too", theirs.package)
    };
    let packages = [binary.package.as_str(), theirs.package.as_str()];
    Problem::error(format!(
        "packages `{}` and `{}` both have a binary `{name}`",
        packages[0], packages[1]
    ))
    .at(draft.at, format!("`{name}` of package `{}` runs here", binary.package))
    .beside(other.at, label)
    .note("cargo would write both to one file, and the last one would win")
    .help("rename one of the two binary targets")
}
