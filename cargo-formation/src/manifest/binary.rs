//! Which binary target a process type runs.

use crate::formation::{Binary, nearest};

use super::problem::{Parsed, Problem};
use super::process::{Draft, Home};
use super::suggest;
use super::workspace::{BinaryTarget, Package, Place, Workspace};

/// The binary a type runs, or what is wrong with its choice. `None` when the table's choice
/// is already known to be wrong.
pub(super) fn binary(draft: &Draft, workspace: &Workspace) -> Parsed<Option<Binary>> {
    let Some(wanted) = Wanted::of(draft) else {
        return Ok(None);
    };
    let found = match draft.home {
        Home::Package(position) => match workspace.packages.get(position) {
            Some(package) => wanted.in_package(package, workspace)?,
            None => return Ok(None),
        },
        Home::Workspace => match draft.keys.package.given() {
            Some(((name, at), _)) => {
                wanted.in_package(package(name, *at, workspace)?, workspace)?
            }
            None if draft.keys.package.is_absent() => wanted.anywhere(workspace)?,
            None => return Ok(None),
        },
    };
    let (package, target) = found;
    Ok(Some(Binary {
        package: package.name.clone(),
        name: target.name.clone(),
        required_features: target.required_features.clone(),
    }))
}

fn package<'w>(name: &str, at: Place, workspace: &'w Workspace) -> Result<&'w Package, Problem> {
    workspace.package(name).ok_or_else(|| {
        let names = || workspace.packages.iter().map(|package| package.name.as_str());
        let problem = Problem::error(format!("there is no package `{name}` in this workspace"))
            .at(at, "not a member of the workspace");
        match nearest(name, names()) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.note(format!("the members: {}", suggest::list(names()))),
        }
    })
}

type Found<'w> = (&'w Package, &'w BinaryTarget);

/// The name of a binary, and where it was asked for.
struct Wanted<'t> {
    name: &'t str,
    at: Place,
    why: &'static str,
}

impl<'t> Wanted<'t> {
    fn of(draft: &'t Draft) -> Option<Self> {
        match draft.keys.bin.given() {
            Some(((name, at), _)) => Some(Self { name, at: *at, why: "no such binary target" }),
            None if draft.keys.bin.is_absent() => {
                let why = "a process type runs the binary of its name";
                Some(Self { name: draft.name.as_str(), at: draft.at, why })
            }
            None => None,
        }
    }

    fn in_package<'w>(
        &self,
        package: &'w Package,
        workspace: &Workspace,
    ) -> Result<Found<'w>, Problem> {
        package.binary(self.name).map(|target| (package, target)).ok_or_else(|| {
            let names = || package.binaries.iter().map(|binary| binary.name.as_str());
            let problem = Problem::error(format!(
                "no binary target named `{}` in package `{}`",
                self.name, package.name
            ))
            .at(self.at, self.why)
            .help_if(self.advice(names(), elsewhere(self.name, package, workspace)));
            problem.note(existing(&format!("`{}`", package.name), &names().collect::<Vec<_>>()))
        })
    }

    fn anywhere<'w>(&self, workspace: &'w Workspace) -> Result<Found<'w>, Problem> {
        let with = |package: &'w Package| Some((package, package.binary(self.name)?));
        let found: Vec<_> = workspace.packages.iter().filter_map(with).collect();
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(self.nowhere(workspace)),
            [(first, _), ..] => {
                let owners = found.iter().map(|(package, _)| package.name.as_str());
                Err(Problem::error(format!(
                    "several packages have a binary target `{}`",
                    self.name
                ))
                .at(self.at, "which of them is meant?")
                .note(format!("it exists in the packages {}", suggest::list(owners)))
                .help(format!("add `package = \"{}\"`", first.name)))
            }
        }
    }

    fn nowhere(&self, workspace: &Workspace) -> Problem {
        let mut names: Vec<_> = workspace
            .packages
            .iter()
            .flat_map(|package| package.binaries.iter().map(|binary| binary.name.as_str()))
            .collect();
        names.sort_unstable();
        names.dedup();
        Problem::error(format!("no binary target named `{}` in this workspace", self.name))
            .at(self.at, self.why)
            .help_if(self.advice(names.iter().copied(), None))
            .note(existing("the workspace", &names))
    }

    fn advice<'n>(
        &self,
        names: impl Iterator<Item = &'n str>,
        elsewhere: Option<String>,
    ) -> Option<String> {
        elsewhere
            .or_else(|| {
                let near = nearest(self.name, names)?;
                Some(format!("a binary target with a similar name exists: `{near}`"))
            })
            .or_else(|| Some("say which binary it runs: `bin = \"…\"`".to_owned()))
    }
}

fn elsewhere(name: &str, package: &Package, workspace: &Workspace) -> Option<String> {
    let others = workspace.packages.iter().filter(|other| other.name != package.name);
    let owner = others.into_iter().find(|other| other.binary(name).is_some())?;
    let manifest = workspace.shown(owner.manifest);
    Some(format!("package `{}` has it: declare this process type in `{manifest}`", owner.name))
}

/// A hint stays short in a workspace of fifty binaries.
const MANY: usize = 12;

fn existing(owner: &str, names: &[&str]) -> String {
    let listed = suggest::list(names.iter().copied().take(MANY));
    match names.len() {
        0 => format!("{owner} has no binary targets"),
        count if count <= MANY => format!("the binary targets of {owner}: {listed}"),
        count => format!("the binary targets of {owner}: {listed} and {} more", count - MANY),
    }
}
