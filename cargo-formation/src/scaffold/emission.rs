//! What is emitted of a workspace: files that follow its table.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Change;
use crate::emit::procfile::{Options, Procfile, USUAL_NAME, emitted_with, procfile};
use crate::emit::{App, Exported, File, Platform, Refusal, Upkeep, export, is_emitted};
use crate::formation::Formation;
use crate::manifest::{Workspace, read};

/// Who is emitted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Whoever reads a Procfile like this.
    Procfile(Options),
    /// A platform.
    Platform(Platform),
}

impl Reader {
    /// Whether the one `app.json` is that of the other of the two who read one. Heroku's is
    /// Dokku's too where that has nothing to add; what Dokku added is nothing to Heroku, whose
    /// export leaves it as it is.
    fn yields(&self, current: &[(Vec<File>, Self)]) -> bool {
        let files = |platform: Platform| {
            let mut current = current.iter();
            let (files, _) = current.find(|(_, reader)| *reader == Self::Platform(platform))?;
            Some(files.iter().map(|file| &file.text).collect::<Vec<_>>())
        };
        let Some((heroku, dokku)) = files(Platform::AppJson).zip(files(Platform::Dokku)) else {
            return false;
        };
        match self {
            Self::Platform(Platform::AppJson) => heroku != dokku,
            Self::Platform(Platform::Dokku) => heroku == dokku,
            Self::Platform(_) | Self::Procfile(_) => false,
        }
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
    pub(super) fn files(&self, reader: &Reader) -> Result<Vec<File>, Vec<Refusal>> {
        let platform = match reader {
            Reader::Procfile(options) => {
                let emitted = procfile(&self.formation, options);
                return Ok(emitted.ok().map(Procfile::file).into_iter().collect());
            }
            Reader::Platform(platform) => *platform,
        };
        Ok(self.exported(platform)?.files)
    }

    /// What a platform gets, its files where [`Self::files`] has them.
    ///
    /// # Errors
    /// Why it could not run the formation.
    pub(super) fn exported(&self, platform: Platform) -> Result<Exported, Vec<Refusal>> {
        let app = App { formation: &self.formation, package: self.package, place: None };
        let placed = |file: File| File { path: platform.directory().join(&file.path), ..file };
        let exported = export(platform, &app)?;
        Ok(Exported { files: exported.files.into_iter().map(placed).collect(), ..exported })
    }
}

/// The files that may have to follow a change of the table, absolute.
pub(super) fn followers(workspace: &Workspace) -> Vec<PathBuf> {
    let Some(emission) = Emission::of(workspace) else { return Vec::new() };
    let platforms = Platform::ALL.map(Reader::Platform);
    let files = platforms.iter().flat_map(|reader| emission.files(reader).unwrap_or_default());
    let paths = files.map(|file| file.path).chain([PathBuf::from(USUAL_NAME)]);
    paths.map(|path| workspace.root.join(path)).collect()
}

/// What becomes of the files of a workspace when its table changes.
pub(super) struct Followed {
    /// Those that follow.
    pub(super) changes: Vec<Change>,
    /// Those that do not.
    pub(super) left: Vec<Left>,
}

/// A file that was emitted, and is not what the table said before it changed. Nobody knows why,
/// so it stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Where it is, or is missing among the others; absolute.
    pub path: PathBuf,
    /// Whose it is.
    pub reader: Reader,
}

/// What becomes of the files that are there when one workspace becomes another. Those of a reader
/// follow if all of them are as they were emitted.
pub(super) fn follow(
    before: &Workspace,
    after: &Workspace,
    files: &BTreeMap<PathBuf, String>,
) -> Followed {
    let mut followed = Followed { changes: Vec::new(), left: Vec::new() };
    let Some((old, new)) = Emission::of(before).zip(Emission::of(after)) else {
        return followed;
    };
    let there = There { root: &after.root, files };
    let readers = there.readers();
    let old = readers.map(|reader| (old.files(&reader).unwrap_or_default(), reader));
    let (current, other): (Vec<_>, Vec<_>) = old.partition(|(old, _)| there.is_current(old));
    followed.left.extend(other.into_iter().filter_map(|(old, reader)| {
        // A file of two is as it should be if it is that of one.
        let is_current = |file: &File| current.iter().any(|(current, _)| is_among(file, current));
        let stale = old.iter().find(|file| !there.is_as_emitted(file) && !is_current(file))?;
        let path = after.root.join(&stale.path);
        old.iter().any(|file| there.was_emitted(file)).then_some(Left { path, reader })
    }));
    for (_, reader) in &current {
        if reader.yields(&current) {
            continue;
        }
        for file in new.files(reader).unwrap_or_default() {
            let before = there.found(&file);
            let text = before.map_or(Ok(file.text.clone()), |found| file.over(found));
            let Ok(text) = text else { continue };
            if before != Some(&text) {
                let path = after.root.join(&file.path);
                followed.changes.push(Change { path, before: before.cloned(), after: text });
            }
        }
    }
    followed
}

fn is_among(file: &File, files: &[File]) -> bool {
    files.iter().any(|other| other.path == file.path)
}

/// The files that are there.
struct There<'t> {
    root: &'t Path,
    files: &'t BTreeMap<PathBuf, String>,
}

impl There<'_> {
    /// Everybody who could be emitted for. A Procfile says itself for whom it is.
    fn readers(&self) -> impl Iterator<Item = Reader> + use<> {
        let found = self.files.get(&self.root.join(USUAL_NAME));
        let options = found.and_then(|found| emitted_with(found)).unwrap_or_default();
        let platforms = Platform::ALL.map(Reader::Platform);
        std::iter::once(Reader::Procfile(options)).chain(platforms)
    }

    fn found(&self, file: &File) -> Option<&String> {
        self.files.get(&self.root.join(&file.path))
    }

    /// Whether nobody has changed it.
    fn is_as_emitted(&self, file: &File) -> bool {
        self.found(file).is_some_and(|found| file.over(found).is_ok_and(|text| text == *found))
    }

    /// Whether it is there, and says that it was emitted or may have been.
    fn was_emitted(&self, file: &File) -> bool {
        self.found(file).is_some_and(|found| match file.upkeep {
            Upkeep::Ours => is_emitted(found),
            Upkeep::Theirs => false,
            Upkeep::Shared(_) => true,
        })
    }

    fn is_current(&self, files: &[File]) -> bool {
        !files.is_empty() && files.iter().all(|file| self.is_as_emitted(file))
    }
}
