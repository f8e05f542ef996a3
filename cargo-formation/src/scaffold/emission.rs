//! What is emitted of a workspace: files that follow its table.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Change;
use crate::emit::procfile::{Options, Procfile, procfile};
use crate::emit::{App, File, Platform, Refusal, export};
use crate::formation::Formation;
use crate::manifest::{Workspace, read};

/// Who is emitted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// Whoever reads a Procfile.
    Procfile,
    /// A platform.
    Platform(Platform),
}

impl Reader {
    fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Procfile).chain(Platform::ALL.map(Self::Platform))
    }
}

/// A workspace whose table is sound, as it is emitted: without what is one developer's own.
pub(super) struct Emission<'w> {
    formation: Formation,
    package: Option<&'w str>,
}

impl<'w> Emission<'w> {
    /// Nothing where the table is not sound.
    pub(super) fn of(workspace: &'w Workspace) -> Option<Self> {
        let formation = read(&workspace.shared()).formation?;
        let package = workspace.root_package().map(|package| package.name.as_str());
        Some(Self { formation, package })
    }

    /// What one reader gets, at the usual places, relative to the workspace root. There is nothing
    /// where the reader of a Procfile could not run the formation.
    ///
    /// # Errors
    /// Why the platform could not run the formation.
    pub(super) fn files(&self, reader: Reader) -> Result<Vec<File>, Vec<Refusal>> {
        let platform = match reader {
            Reader::Procfile => {
                let emitted = procfile(&self.formation, &Options::default());
                return Ok(emitted.ok().map(Procfile::file).into_iter().collect());
            }
            Reader::Platform(platform) => platform,
        };
        let app = App { formation: &self.formation, package: self.package };
        let placed = |file: File| File { path: platform.directory().join(&file.path), ..file };
        Ok(export(platform, &app)?.files.into_iter().map(placed).collect())
    }
}

/// The files that may have to follow a change of the table, absolute.
pub(super) fn followers(workspace: &Workspace) -> Vec<PathBuf> {
    let Some(emission) = Emission::of(workspace) else { return Vec::new() };
    let files = Reader::all().flat_map(|reader| emission.files(reader).unwrap_or_default());
    files.map(|file| workspace.root.join(file.path)).collect()
}

/// What becomes of the files that are there when one workspace becomes another. Those of a reader
/// follow if all of them are as they were emitted.
pub(super) fn follow(
    before: &Workspace,
    after: &Workspace,
    files: &BTreeMap<PathBuf, String>,
) -> Vec<Change> {
    let Some((old, new)) = Emission::of(before).zip(Emission::of(after)) else {
        return Vec::new();
    };
    let found = |file: &File| files.get(&after.root.join(&file.path));
    let is_as_emitted = |file: &File| {
        found(file).is_some_and(|found| file.over(found).is_ok_and(|text| text == *found))
    };
    let mut changes = Vec::new();
    for reader in Reader::all() {
        let old = old.files(reader).unwrap_or_default();
        if old.is_empty() || !old.iter().all(is_as_emitted) {
            continue;
        }
        for file in new.files(reader).unwrap_or_default() {
            let before = found(&file);
            let text = before.map_or(Ok(file.text.clone()), |found| file.over(found));
            let Ok(text) = text else { continue };
            if before != Some(&text) {
                let path = after.root.join(&file.path);
                changes.push(Change { path, before: before.cloned(), after: text });
            }
        }
    }
    changes
}
