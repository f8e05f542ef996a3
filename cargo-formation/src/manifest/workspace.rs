//! What is read: the manifests' text and the targets cargo knows.

use std::path::{Path, PathBuf};

/// A workspace as cargo sees it, with the text of its manifests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workspace {
    /// The workspace root, absolute.
    pub root: PathBuf,
    /// Every file that may hold a part of the table; problems refer to it by position.
    pub manifests: Vec<Manifest>,
    /// Which manifest is that of the workspace root, virtual or of the root package.
    pub root_manifest: usize,
    /// Which of the files is one developer's own, `formation.local.toml`, if it is there.
    pub local: Option<usize>,
    /// The member packages, in cargo's order.
    pub packages: Vec<Package>,
}

impl Workspace {
    /// Add the file that one developer lays over the settings.
    pub fn lay_over(&mut self, local: Manifest) {
        self.local = Some(self.manifests.len());
        self.manifests.push(local);
    }

    /// The member package of this name.
    #[must_use]
    pub fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// The package of the root manifest, unless that is virtual.
    #[must_use]
    pub fn root_package(&self) -> Option<&Package> {
        self.packages.iter().find(|package| package.manifest == self.root_manifest)
    }

    /// The same without what one developer lays over it.
    #[must_use]
    pub fn shared(&self) -> Self {
        let mut shared = self.clone();
        if shared.local.take().is_some() {
            shared.manifests.pop();
        }
        shared
    }

    /// The path of a manifest as people would type it from the workspace root.
    #[must_use]
    pub fn shown(&self, manifest: usize) -> String {
        let path = self.manifests.get(manifest).map_or(Path::new(""), |found| &found.path);
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

/// A `Cargo.toml`, or the file that one developer lays over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Where it is, absolute.
    pub path: PathBuf,
    /// What it holds.
    pub text: String,
}

/// A member of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its manifest, as a position in [`Workspace::manifests`].
    pub manifest: usize,
    /// Its binary targets. Examples are none: they are no part of what is deployed.
    pub binaries: Vec<BinaryTarget>,
}

impl Package {
    /// The binary target of this name.
    #[must_use]
    pub fn binary(&self, name: &str) -> Option<&BinaryTarget> {
        self.binaries.iter().find(|binary| binary.name == name)
    }
}

/// A binary target of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinaryTarget {
    /// Its name.
    pub name: String,
    /// Its source file, absolute.
    pub source: PathBuf,
    /// The features it does not compile without.
    pub required_features: Vec<String>,
}

/// A stretch of the text of one manifest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The manifest, as a position in [`Workspace::manifests`].
    pub manifest: usize,
    /// The byte offset of its start.
    pub start: usize,
    /// The byte offset behind its end.
    pub end: usize,
}
