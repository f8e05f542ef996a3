//! A table for a workspace that has none, or not all of it.
//!
//! What other tools run is the better source: it has been typed by somebody. Only where no file
//! says anything the binaries themselves are proposed. What is declared already stays, and its
//! names are taken; so what was proposed once is not proposed again.

mod claims;
mod directory;
mod homes;
mod remark;
mod sorting;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub use self::remark::Remark;

use self::homes::{Homes, Place};
use self::sorting::{Chosen, Sorting};
use super::Change;
use super::found::Found;
use super::table::{NewType, NotPut, put_services, put_types};
use crate::formation::{Formation, ProcessName};
use crate::manifest::{Guess, Target, Workspace, guesses};

/// What is there.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'g> {
    /// The workspace.
    pub workspace: &'g Workspace,
    /// What it declares already, if it declares process types.
    pub formation: Option<&'g Formation>,
    /// What the files of other tools run; what stands first wins.
    pub found: &'g [Found],
    /// Directories that somebody runs in, as they were written, and that are not there.
    pub missing: &'g BTreeSet<PathBuf>,
}

/// What is proposed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The manifests that change.
    pub changes: Vec<Change>,
    /// The process types that are new.
    pub types: Vec<ProcessName>,
    /// The backing services that are new.
    pub services: Vec<ProcessName>,
    /// What was found and is not taken over as it stood, in the order of the files.
    pub remarks: Vec<Remark>,
}

/// Why nothing can be proposed: a manifest has no place for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPlace {
    /// The manifest.
    pub path: PathBuf,
    /// Why.
    pub why: NotPut,
}

/// Propose a table.
///
/// # Errors
/// When a manifest has no place for it.
pub fn propose(ground: &Ground<'_>) -> Result<Proposal, NoPlace> {
    let mut sorting = Sorting::begin(ground);
    ground.found.iter().cloned().for_each(|found| sorting.entry(found));
    let is_said = ground.formation.is_some() && !ground.found.is_empty();
    if sorting.types.is_empty() && !is_said {
        guess(&mut sorting, ground.workspace);
    } else if ground.formation.is_none() {
        unmentioned(&mut sorting, ground.workspace);
    }
    let Sorting { types, services, remarks, .. } = sorting;
    let mut texts = Texts { workspace: ground.workspace, new: BTreeMap::new() };
    let packages: Vec<_> = types.iter().map(|chosen| chosen.target.package).collect();
    let homes = Homes::look(ground.workspace, &packages);
    for chosen in &types {
        let place = homes.of_type(chosen.target.package);
        let new = new_type(chosen, place, ground.workspace);
        texts.edit(place, |text| put_types(text, place.home, &[new]))?;
    }
    if !services.is_empty() {
        let place = homes.of_services();
        texts.edit(place, |text| put_services(text, place.home, &services))?;
    }
    Ok(Proposal {
        changes: texts.changes(),
        types: types.into_iter().map(|chosen| chosen.name).collect(),
        services: services.into_iter().map(|service| service.name).collect(),
        remarks,
    })
}

/// Propose a type for every binary that no type runs.
fn guess<'w>(sorting: &mut Sorting<'w>, workspace: &'w Workspace) {
    let every = guesses(workspace);
    // Of what stands in the way of others there are two; whatever is alone comes first.
    let is_alone = |guess: &Guess<'_>| {
        let same = |other: &&Guess<'_>| other.target.binary.name == guess.target.binary.name;
        every.iter().filter(same).count() == 1
    };
    let (alone, others): (Vec<_>, Vec<_>) = every.iter().cloned().partition(is_alone);
    for guess in alone.into_iter().chain(others) {
        let own = &guess.target.binary.name;
        // A name that means something may be somebody else's already.
        let name = if sorting.claims.free(&guess.name).is_ok() { &guess.name } else { own };
        if !sorting.claims.runs(&guess.target) {
            sorting.binary(name, guess.target);
        }
    }
}

/// Say which binaries no file runs: they may be tools.
fn unmentioned(sorting: &mut Sorting<'_>, workspace: &Workspace) {
    let targets = Target::all(workspace);
    let unused = targets.iter().filter(|target| !sorting.claims.runs(target));
    let names: Vec<String> = unused.map(|target| target.binary.name.clone()).collect();
    if !names.is_empty() {
        sorting.remarks.push(Remark::Unmentioned(names));
    }
}

/// What has to be written of a type, where it is written.
fn new_type(chosen: &Chosen<'_>, place: Place, workspace: &Workspace) -> NewType {
    let Chosen { name, target, args, quantity, keys } = chosen.clone();
    let binary = &target.binary.name;
    let having =
        Target::all(workspace).into_iter().filter(|other| other.binary.name == *binary).count();
    let told = place.home == super::table::Home::Package || having == 1;
    NewType {
        bin: (name.as_str() != binary).then(|| binary.clone()),
        package: (!told).then(|| target.package.name.clone()),
        name,
        args,
        keys,
        quantity,
    }
}

/// The manifests' texts as they become.
struct Texts<'w> {
    workspace: &'w Workspace,
    new: BTreeMap<usize, String>,
}

impl Texts<'_> {
    fn edit(
        &mut self,
        place: Place,
        edit: impl FnOnce(&str) -> Result<String, NotPut>,
    ) -> Result<(), NoPlace> {
        let Some(manifest) = self.workspace.manifests.get(place.manifest) else { return Ok(()) };
        let text = self.new.get(&place.manifest).unwrap_or(&manifest.text);
        let new = edit(text).map_err(|why| NoPlace { path: manifest.path.clone(), why })?;
        self.new.insert(place.manifest, new);
        Ok(())
    }

    fn changes(self) -> Vec<Change> {
        let Self { workspace, new } = self;
        let change = |(manifest, new): (usize, String)| {
            let manifest = workspace.manifests.get(manifest)?;
            let (path, before) = (manifest.path.clone(), Some(manifest.text.clone()));
            (manifest.text != new).then_some(Change { path, before, after: new })
        };
        new.into_iter().filter_map(change).collect()
    }
}

#[cfg(test)]
mod tests;
