//! Which manifest and table something new belongs to.
//!
//! Where nothing is declared yet, everything goes to the root manifest: one file is written, whole
//! or not at all, and the order, which gives ports and colours, is that of one place. Who has tables
//! in members keeps them there.

use toml_edit::{Document, Item};

use crate::manifest::{Package, Workspace};
use crate::scaffold::table::Home;

/// A table of a manifest, which is a position in [`Workspace::manifests`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) manifest: usize,
    pub(super) home: Home,
}

/// The tables that are there.
#[derive(Debug)]
pub(super) struct Homes<'w> {
    workspace: &'w Workspace,
    /// The manifests with a table of process types of the package.
    with_types: Vec<usize>,
    root: Root,
    /// Where process types of several packages are, and those that have no table yet.
    common: Home,
}

/// What the root manifest has.
#[derive(Debug)]
struct Root {
    is_workspace: bool,
    has_processes: bool,
    has_package_settings: bool,
}

impl<'w> Homes<'w> {
    /// Look for tables. `packages` are those that will have process types.
    pub(super) fn look(workspace: &'w Workspace, packages: &[&Package]) -> Self {
        let root = workspace.root_manifest;
        let of_package = ["package", "metadata", "formation"];
        let with_types = (0..workspace.manifests.len())
            .filter(|manifest| has(workspace, *manifest, &of_package))
            .collect();
        let table = |path: &[&str]| has(workspace, root, path);
        let root_table = Root {
            is_workspace: table(&["workspace"]),
            has_processes: table(&["workspace", "metadata", "formation", "processes"]),
            has_package_settings: table(&["package", "metadata", "formation", "settings"]),
        };
        let all_in_root = packages.iter().all(|package| package.manifest == root);
        let has_package = table(&["package"]);
        let alone = has_package && (all_in_root || !root_table.is_workspace);
        let common =
            if alone && !root_table.has_processes { Home::Package } else { Home::Workspace };
        Self { workspace, with_types, root: root_table, common }
    }

    /// Where a process type goes that runs a binary of this package.
    pub(super) fn of_type(&self, package: &Package) -> Place {
        if self.with_types.contains(&package.manifest) && !self.root.has_processes {
            return Place { manifest: package.manifest, home: Home::Package };
        }
        Place { manifest: self.workspace.root_manifest, home: self.common }
    }

    /// Where backing services go.
    pub(super) fn of_services(&self) -> Place {
        let Root { is_workspace, has_package_settings, .. } = self.root;
        // Who has settings of the workspace has a workspace.
        let home =
            if has_package_settings || !is_workspace { Home::Package } else { Home::Workspace };
        Place { manifest: self.workspace.root_manifest, home }
    }
}

/// The names of the backing services that a workspace declares, one developer's own included.
pub(super) fn services(workspace: &Workspace) -> Vec<String> {
    let root = workspace.root_manifest;
    let shared = [Home::Package, Home::Workspace].map(|home| (root, home.services()));
    let own: (usize, &[&str]) = (workspace.local.unwrap_or(usize::MAX), &["services"]);
    shared.into_iter().chain([own]).flat_map(|(file, path)| keys(workspace, file, path)).collect()
}

fn has(workspace: &Workspace, manifest: usize, path: &[&str]) -> bool {
    with(workspace, manifest, path, |_| true).unwrap_or(false)
}

fn keys(workspace: &Workspace, manifest: usize, path: &[&str]) -> Vec<String> {
    let keys = with(workspace, manifest, path, |item| {
        let table = item.as_table_like();
        table.map(|table| table.iter().map(|(key, _)| key.to_owned()).collect())
    });
    keys.flatten().unwrap_or_default()
}

/// What somebody makes of the item at a path of a manifest.
fn with<T>(
    workspace: &Workspace,
    manifest: usize,
    path: &[&str],
    make: impl Fn(&Item) -> T,
) -> Option<T> {
    let text = &workspace.manifests.get(manifest)?.text;
    let document = Document::parse(text.as_str()).ok()?;
    let found = path.iter().try_fold(document.as_item(), |item, key| item.get(key))?;
    Some(make(found))
}
