//! One more process type for a package that is there: its binary, its test, its line in the table.
//!
//! What binaries share is looked for in the library of the package, and put there where it is
//! missing. Nothing that is there is overwritten: it is extended, or the addition is refused.

use std::collections::BTreeMap;
use std::path::PathBuf;

use toml_edit::{DocumentMut, Item};

use super::blanks::fill;
use super::code::{Ground, Migrates};
use super::dependencies::dependencies;
use super::emission::{Left, follow, followers};
use super::library::{declares, with_module};
use super::manifest::{put_dependency, put_type};
use super::not_added::NotAdded;
use super::table::Home;
use super::workspace::{binary, process_type};
use super::{Change, Database, Kind, parts};
use crate::formation::{Formation, ProcessName};
use crate::manifest::{Package, Workspace, read};

/// What is to be added, and to what.
#[derive(Clone, Copy, Debug)]
pub struct Addition<'w> {
    /// The workspace.
    pub workspace: &'w Workspace,
    /// The package whose binary it will be.
    pub package: &'w Package,
    /// What it does.
    pub kind: Kind,
    /// Its name.
    pub name: &'w ProcessName,
    /// Which of [`sources`] are there, and their texts.
    pub files: &'w BTreeMap<PathBuf, String>,
}

/// What binaries of templates use of each module.
const OFFERED: [(&str, &str); 3] = [
    ("listen", "pub fn address()"),
    ("logging", "pub fn outcome("),
    ("shutdown", "pub struct Shutdown"),
];

/// The files that an addition wants to know about, absolute.
#[must_use]
pub fn sources(workspace: &Workspace, package: &Package, name: &ProcessName) -> Vec<PathBuf> {
    let directory = directory(workspace, package);
    let own = [format!("src/bin/{name}.rs"), format!("src/bin/{name}"), format!("tests/{name}.rs")];
    let shared = ["src/lib.rs", "tests/run/mod.rs", "tests/database/mod.rs"].map(str::to_owned);
    let modules = OFFERED.map(|(module, _)| format!("src/{module}.rs"));
    let all = own.into_iter().chain(shared).chain(modules);
    all.map(|path| directory.join(path)).chain(followers(workspace)).collect()
}

/// What an addition comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The changes, in the order in which they are to be made: the table comes to know of it when
    /// everything else is there, and what is emitted of the table follows.
    pub changes: Vec<Change>,
    /// Emitted files that do not follow.
    pub left: Vec<Left>,
}

/// What adds it.
///
/// # Errors
/// When it is there already, or something else is in its place.
pub fn add(addition: Addition<'_>) -> Result<Added, NotAdded> {
    let Addition { workspace, package, kind, name, .. } = addition;
    if kind == Kind::Release && !name.is_release() {
        return Err(NotAdded::NotRelease(name.clone()));
    }
    check_names(workspace, name)?;
    let site = Site::new(addition)?;
    let mut changes = site.code()?;
    let manifests = site.manifests()?;
    let mut after = workspace.clone();
    for (at, text) in manifests {
        let manifest = &mut after.manifests[at];
        if manifest.text == text {
            continue;
        }
        changes.push(Change {
            path: manifest.path.clone(),
            before: Some(manifest.text.clone()),
            after: text.clone(),
        });
        manifest.text = text;
    }
    for other in after.packages.iter_mut().filter(|other| other.name == package.name) {
        other.binaries.push(binary(name.as_str(), &site.directory));
    }
    if read(&after).formation.is_none() {
        return Err(NotAdded::Table);
    }
    let followed = follow(workspace, &after, addition.files);
    changes.extend(followed.changes);
    Ok(Added { changes, left: followed.left })
}

/// Nobody else has the name, nor one that would share its variables.
fn check_names(workspace: &Workspace, name: &ProcessName) -> Result<(), NotAdded> {
    let declared: Option<Formation> = read(workspace).formation;
    let mut types = declared.iter().flat_map(|formation| &formation.processes);
    if let Some(other) = types.find(|other| other.name.variable() == name.variable()) {
        return Err(NotAdded::Declared(other.name.clone()));
    }
    let owner = workspace.packages.iter().find(|package| package.binary(name.as_str()).is_some());
    owner.map_or(Ok(()), |package| {
        Err(NotAdded::Binary { name: name.clone(), package: package.name.clone() })
    })
}

/// The package, as far as it is understood.
struct Site<'w> {
    addition: Addition<'w>,
    directory: PathBuf,
    manifest: DocumentMut,
    krate: String,
    database: Option<Database>,
}

impl<'w> Site<'w> {
    fn new(addition: Addition<'w>) -> Result<Self, NotAdded> {
        let Addition { workspace, package, files, .. } = addition;
        let manifest = document(workspace, package.manifest)?;
        let directory = directory(workspace, package);
        let library = manifest.get("lib");
        let of_library = |key| library.and_then(|library| library.get(key)).and_then(Item::as_str);
        if of_library("path").is_some_and(|path| path != "src/lib.rs") {
            return Err(NotAdded::Library);
        }
        let discovers = |key| manifest.get("package").and_then(|package| package.get(key));
        if discovers("autobins").and_then(Item::as_bool) == Some(false) {
            return Err(NotAdded::Undiscovered);
        }
        let krate = of_library("name").unwrap_or(&package.name).replace('-', "_");
        let text = files.get(&directory.join("src/lib.rs")).map_or("", String::as_str);
        let has_queue = ["database", "jobs", "logging"].iter().all(|name| declares(text, name));
        let database = has_queue.then(|| kind_of_database(&manifest));
        Ok(Self { addition, directory, manifest, krate, database })
    }

    fn text(&self, path: &str) -> Option<&'w str> {
        self.addition.files.get(&self.directory.join(path)).map(String::as_str)
    }

    /// The binary, its test, and what they use of others.
    fn code(&self) -> Result<Vec<Change>, NotAdded> {
        let Addition { package, kind, name, .. } = self.addition;
        let ground = Ground {
            krate: &self.krate,
            package: &package.name,
            database: self.database,
            migrates: Migrates::Release,
        };
        let mut changes = Vec::new();
        for change in process_type(name.as_str(), kind, &ground) {
            changes.push(self.new_file(change)?);
        }
        if self.text(&format!("src/bin/{name}")).is_some() {
            return Err(NotAdded::Exists(self.directory.join(format!("src/bin/{name}"))));
        }
        for (module, template) in parts::shared_by_tests(&[kind], self.database) {
            let path = format!("tests/{module}/mod.rs");
            if self.text(&path).is_none() {
                changes.push(self.new_file(Change::new(path, ground.shared(template)))?);
            }
        }
        changes.extend(self.library(&ground)?);
        Ok(changes)
    }

    /// A file of the package that must not be there yet.
    fn new_file(&self, change: Change) -> Result<Change, NotAdded> {
        let path = self.directory.join(change.path);
        if self.addition.files.contains_key(&path) {
            return Err(NotAdded::Exists(path));
        }
        Ok(Change { path, ..change })
    }

    /// The modules that the library lacks.
    fn library(&self, ground: &Ground<'_>) -> Result<Vec<Change>, NotAdded> {
        let before = self.text("src/lib.rs");
        let mut library = before.map_or_else(
            || {
                let template = include_str!("templates/lib.rs");
                fill(template, &[("__name__", ground.package), ("\n__modules__\n", "")])
            },
            str::to_owned,
        );
        let mut changes = Vec::new();
        for (module, template) in parts::modules(&[self.addition.kind], None) {
            let path = format!("src/{module}.rs");
            if declares(&library, module) {
                self.check_offer(module, &path)?;
                continue;
            }
            library = with_module(&library, module);
            changes.push(self.new_file(Change::new(path, ground.shared(template)))?);
        }
        if before != Some(library.as_str()) {
            let path = self.directory.join("src/lib.rs");
            changes.push(Change { path, before: before.map(str::to_owned), after: library });
        }
        Ok(changes)
    }

    /// Whether a module of the library has what the binary will use.
    fn check_offer(&self, module: &str, path: &str) -> Result<(), NotAdded> {
        let offer = OFFERED.iter().find(|(known, _)| *known == module);
        let text = self.text(path).unwrap_or_default();
        match offer.filter(|(_, offer)| !text.contains(offer)) {
            Some((module, _)) => Err(NotAdded::Module(module)),
            None => Ok(()),
        }
    }

    /// The manifests with it, by their position: that of the package, and the one of the
    /// workspace where the table is there.
    fn manifests(&self) -> Result<Vec<(usize, String)>, NotAdded> {
        let Addition { workspace, package, kind, name, .. } = self.addition;
        let (name, entry) = (name.as_str(), parts::entry(kind, name.as_str()));
        let mut own = self.manifest.clone();
        for dependency in dependencies(&[kind], None) {
            put_dependency(&mut own, &dependency).ok_or(NotAdded::Table)?;
        }
        let root = workspace.root_manifest;
        let mut shared = document(workspace, root)?;
        if lookup(&shared, Home::Workspace.types()).is_none() {
            put_type(&mut own, Home::Package.types(), name, entry).ok_or(NotAdded::Table)?;
            return Ok(vec![(package.manifest, own.to_string())]);
        }
        if root == package.manifest {
            put_type(&mut own, Home::Workspace.types(), name, entry).ok_or(NotAdded::Table)?;
            return Ok(vec![(root, own.to_string())]);
        }
        put_type(&mut shared, Home::Workspace.types(), name, entry).ok_or(NotAdded::Table)?;
        Ok(vec![(package.manifest, own.to_string()), (root, shared.to_string())])
    }
}

fn directory(workspace: &Workspace, package: &Package) -> PathBuf {
    let manifest = workspace.manifests.get(package.manifest);
    let directory = manifest.and_then(|manifest| manifest.path.parent());
    directory.unwrap_or(&workspace.root).to_owned()
}

fn document(workspace: &Workspace, manifest: usize) -> Result<DocumentMut, NotAdded> {
    let text = workspace.manifests.get(manifest).map_or("", |manifest| &manifest.text);
    text.parse().map_err(|_| NotAdded::Table)
}

fn lookup<'d>(document: &'d DocumentMut, path: &[&str]) -> Option<&'d Item> {
    path.iter().try_fold(document.as_item(), |item, key| item.get(key))
}

/// Which database a package is made for.
fn kind_of_database(manifest: &DocumentMut) -> Database {
    let features = lookup(manifest, &["dependencies", "sqlx", "features"]);
    let mut features = features.and_then(Item::as_array).into_iter().flatten();
    let is_postgres = features.any(|feature| feature.as_str() == Some("postgres"));
    if is_postgres { Database::Postgres } else { Database::Sqlite }
}
