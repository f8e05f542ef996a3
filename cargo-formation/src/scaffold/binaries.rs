//! The binary targets of a workspace, looked for as people and cargo name them.

use std::path::{Component, Path, PathBuf};

use toml_edit::Document;

use super::reason::NoTarget;
use crate::formation::nearest;
use crate::manifest::{Package, Target, Workspace};

/// What `cargo run` is told of the binary.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) package: Option<String>,
    pub(super) binary: Option<String>,
    pub(super) manifest_path: Option<PathBuf>,
}

/// The only binary target of this name.
pub(super) fn named<'w>(name: &str, workspace: &'w Workspace) -> Result<Target<'w>, NoTarget> {
    let every = Target::all(workspace);
    let having: Vec<_> = every.iter().filter(|target| target.binary.name == name).collect();
    match having.as_slice() {
        [one] => Ok(**one),
        [] => {
            let names = every.iter().map(|target| target.binary.name.as_str());
            Err(NoTarget::NoBinary(name.to_owned(), nearest(name, names).map(str::to_owned)))
        }
        several => {
            let packages = several.iter().map(|target| target.package.name.clone());
            Err(NoTarget::Ambiguous(name.to_owned(), packages.collect()))
        }
    }
}

/// The binary target that `cargo run` runs, which is started in `dir`.
pub(super) fn run<'w>(
    asked: &Asked,
    dir: Option<&Path>,
    workspace: &'w Workspace,
) -> Result<Target<'w>, NoTarget> {
    let here = dir.unwrap_or(Path::new(""));
    let manifest = asked.manifest_path.as_ref().map(|path| workspace.root.join(here).join(path));
    let package = match (&asked.package, manifest) {
        (Some(name), _) => {
            // A version may follow, and a path may come before: see `cargo pkgid`.
            let name = name.rsplit(['/', '#']).next().unwrap_or(name);
            let name = name.split('@').next().unwrap_or(name);
            let found = workspace.package(name);
            Some(found.ok_or_else(|| NoTarget::NoPackage(name.to_owned()))?)
        }
        (None, Some(manifest)) => at(&manifest, workspace),
        (None, None) => at(&workspace.root.join(here).join("Cargo.toml"), workspace),
    };
    match (package, &asked.binary) {
        (Some(package), Some(name)) => match package.binary(name) {
            Some(binary) => Ok(Target { package, binary }),
            None => named(name, workspace),
        },
        (None, Some(name)) => named(name, workspace),
        (Some(package), None) => default_of(package, workspace),
        (None, None) => only(&Target::all(workspace)),
    }
}

/// The package whose manifest this is.
fn at<'w>(manifest: &Path, workspace: &'w Workspace) -> Option<&'w Package> {
    let manifest = plain(manifest);
    let position = workspace.manifests.iter().position(|known| plain(&known.path) == manifest)?;
    workspace.packages.iter().find(|package| package.manifest == position)
}

/// A path without `.`.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|component| *component != Component::CurDir).collect()
}

/// The binary that cargo runs where nobody names one.
fn default_of<'w>(package: &'w Package, workspace: &Workspace) -> Result<Target<'w>, NoTarget> {
    let manifest = workspace.manifests.get(package.manifest);
    let document = manifest.and_then(|manifest| Document::parse(manifest.text.as_str()).ok());
    let default = document.as_ref().and_then(|it| it.get("package")?.get("default-run")?.as_str());
    match default.and_then(|name| package.binary(name)) {
        Some(binary) => Ok(Target { package, binary }),
        None => only(&Target::of(package).collect::<Vec<_>>()),
    }
}

fn only<'w>(targets: &[Target<'w>]) -> Result<Target<'w>, NoTarget> {
    match targets {
        [one] => Ok(*one),
        several => {
            let names = several.iter().map(|target| target.binary.name.clone());
            Err(NoTarget::WhichBinary(names.collect()))
        }
    }
}
