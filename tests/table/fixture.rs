//! Workspaces that cost a line.

use cargo_formation::formation::{Formation, ProcessType};
use cargo_formation::manifest::{BinaryTarget, Manifest, Package, Reading, Workspace, read};
use cargo_formation::narrate::Paint;
use cargo_formation::narrate::problem::render_all;
use snapbox::IntoData;
use snapbox::assert_data_eq;

/// A workspace at `/ws`. The first manifest is that of the root.
pub(crate) struct Fixture(Workspace);

impl Fixture {
    /// A virtual workspace whose root manifest holds this.
    pub(crate) fn virtual_root(text: &str) -> Self {
        let manifest = Manifest { path: "/ws/Cargo.toml".into(), text: text.to_owned() };
        Self(Workspace { root: "/ws".into(), manifests: vec![manifest], ..Workspace::default() })
    }

    /// A workspace with a root package.
    pub(crate) fn root_package(name: &str, text: &str, binaries: &[&str]) -> Self {
        let mut fixture = Self::virtual_root(text);
        fixture.0.packages.push(package(name, 0, binaries));
        fixture
    }

    /// Add a member in the directory of its name.
    pub(crate) fn member(mut self, name: &str, text: &str, binaries: &[&str]) -> Self {
        let path = format!("/ws/{name}/Cargo.toml").into();
        self.0.packages.push(package(name, self.0.manifests.len(), binaries));
        self.0.manifests.push(Manifest { path, text: text.to_owned() });
        self
    }

    /// Give the last package a binary that needs features.
    pub(crate) fn binary_with_features(mut self, name: &str, features: &[&str]) -> Self {
        let features = features.iter().map(|&feature| feature.to_owned()).collect();
        let target = BinaryTarget { required_features: features, ..target(name) };
        self.0.packages.last_mut().expect("a package").binaries.push(target);
        self
    }

    /// Lay the file of one developer over it.
    pub(crate) fn local(mut self, text: &str) -> Self {
        let path = "/ws/formation.local.toml".into();
        self.0.lay_over(Manifest { path, text: text.to_owned() });
        self
    }

    pub(crate) fn read(&self) -> Reading {
        read(&self.0)
    }

    /// The formation, of a table that is right.
    pub(crate) fn formation(&self) -> Formation {
        let reading = self.read();
        assert_eq!(render_all(&reading.problems, &self.0, Paint::Plain), "");
        reading.formation.expect("a formation")
    }

    /// What is said of a table that is wrong.
    pub(crate) fn refuses(&self, expected: impl IntoData) {
        let reading = self.read();
        assert_eq!(reading.formation, None);
        assert_data_eq!(render_all(&reading.problems, &self.0, Paint::Plain), expected);
    }

    pub(crate) fn rendered(&self, paint: Paint) -> String {
        render_all(&self.read().problems, &self.0, paint)
    }
}

fn package(name: &str, manifest: usize, binaries: &[&str]) -> Package {
    let binaries = binaries.iter().copied().map(target).collect();
    Package { name: name.to_owned(), manifest, binaries }
}

fn target(name: &str) -> BinaryTarget {
    BinaryTarget {
        name: name.to_owned(),
        source: format!("/ws/src/bin/{name}.rs").into(),
        required_features: Vec::new(),
    }
}

/// The binaries of the package `shop`, which most tests are about.
pub(crate) const SHOP: [&str; 5] = ["web", "worker", "clock", "migrate", "release"];

/// The lone package `shop` with these process types.
pub(crate) fn shop(types: &str) -> Fixture {
    Fixture::root_package("shop", &format!("[package.metadata.formation]\n{types}\n"), &SHOP)
}

/// The one process type of the lone package `shop`.
pub(crate) fn process(types: &str) -> ProcessType {
    shop(types).formation().processes.remove(0)
}

/// What is wrong with these process types of the lone package `shop`.
pub(crate) fn check(types: &str, expected: impl IntoData) {
    shop(types).refuses(expected);
}
