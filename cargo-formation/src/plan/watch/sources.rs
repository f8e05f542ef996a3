//! What a watch set is made of.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::dep_info::normal;
use super::glob::{BadGlob, Base, Globs};
use super::{DepInfo, MANIFEST, Meaning, Rule, WatchSet};
use crate::formation::{Certainty, ProcessType};

/// What cargo, dep-info, the table and the command line say. Paths are absolute.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'s> {
    /// The workspace root.
    pub root: &'s Path,
    /// The manifests of all members.
    pub manifests: &'s [PathBuf],
    /// The local packages that the binaries of the formation are built from.
    pub packages: &'s [LocalPackage],
    /// Where cargo puts what it makes: the target directory, the build directory, and the
    /// same by their real paths.
    pub artifacts: &'s [PathBuf],
    /// Where cargo keeps what is the user's.
    pub cargo_home: Option<&'s Path>,
    /// What builds have read.
    pub dep_info: &'s DepInfo,
    /// The environment files, also those that do not exist.
    pub env_files: &'s [PathBuf],
    /// The process types.
    pub processes: &'s [ProcessType],
}

/// A package of this machine: a member, or a path dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPackage {
    /// Its name.
    pub name: String,
    /// The directory of its manifest.
    pub directory: PathBuf,
    /// What is known of its build script.
    pub script: BuildScript,
    /// The files that its libraries and binaries begin with.
    pub roots: Vec<PathBuf>,
}

impl LocalPackage {
    /// Those of `local` that the binaries of some packages are built from. `built_from` says
    /// for each package from which, itself included.
    #[must_use]
    pub fn needed<'p>(
        local: &[Self],
        built_from: &BTreeMap<String, BTreeSet<String>>,
        packages: impl IntoIterator<Item = &'p String>,
    ) -> Vec<Self> {
        let packages = packages.into_iter().filter_map(|package| built_from.get(package));
        let names: BTreeSet<&String> = packages.flatten().collect();
        local.iter().filter(|package| names.contains(&package.name)).cloned().collect()
    }
}

/// What a build script reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildScript {
    /// There is none.
    None,
    /// It says what it reads (`rerun-if-changed`), so that dep-info has it.
    Declares,
    /// It may read any file of its package: cargo runs it again whenever one changes.
    ReadsAnything,
}

/// The name of what is one developer's own.
const LOCAL_TABLE: &str = "formation.local.toml";
const TOOLCHAIN: [&str; 2] = ["rust-toolchain", "rust-toolchain.toml"];
const CARGO_CONFIG: [&str; 2] = ["config", "config.toml"];

impl WatchSet {
    /// Everything that can make a difference to a formation, and the globs that are none.
    #[must_use]
    pub fn new(sources: &Sources<'_>) -> (Self, Vec<BadGlob>) {
        let (globs, bad) = Globs::read(sources.root, sources.processes);
        let mut set = Self {
            root: sources.root.to_path_buf(),
            packages: by_directory(sources.packages),
            artifacts: sources.artifacts.iter().map(|path| normal(path)).collect(),
            knowledge: sources.dep_info.knowledge,
            ..Self::default()
        };
        let inputs = sources.dep_info.inputs.iter().filter(|path| !set.is_artifact(path));
        set.inputs = inputs.cloned().collect();
        let rust = set.inputs.iter().filter(|path| path.extension().is_some_and(|end| end == "rs"));
        set.source_directories = rust.filter_map(|path| path.parent()).map(Into::into).collect();
        set.named = named(sources);
        set.name_inputs();
        set.places = places(sources, &globs);
        set.globs = globs;
        set.look_for_names();
        (set, bad)
    }

    fn name_inputs(&mut self) {
        for input in &self.inputs {
            self.named.entry(input.clone()).or_default().insert(Meaning::Build(Certainty::Known));
        }
    }

    /// Look where named files lie, and keep by directory what to look for.
    fn look_for_names(&mut self) {
        let mut names: BTreeMap<PathBuf, BTreeSet<_>> = BTreeMap::new();
        for path in self.named.keys().chain(self.globs.literals()) {
            let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else { continue };
            names.entry(directory.to_path_buf()).or_default().insert(name.to_owned());
        }
        for directory in names.keys() {
            self.places.entry(directory.clone()).or_insert(Rule::Named);
        }
        self.names = names;
    }
}

fn by_directory(packages: &[LocalPackage]) -> HashMap<PathBuf, LocalPackage> {
    packages.iter().map(|package| (package.directory.clone(), package.clone())).collect()
}

/// The directories that are looked at as a whole, or whose packages are.
fn places(sources: &Sources<'_>, globs: &Globs) -> BTreeMap<PathBuf, Rule> {
    let mut places = BTreeMap::new();
    let mut look = |path: &Path, rule: Rule| {
        let place = places.entry(path.to_path_buf()).or_insert(rule);
        *place = rule.max(*place);
    };
    // A new member appears beside the others.
    let members = sources.manifests.iter().filter_map(|manifest| manifest.parent());
    for beside in members.filter_map(Path::parent).filter(|path| path.starts_with(sources.root)) {
        look(beside, Rule::Members);
    }
    for package in sources.packages {
        look(&package.directory, Rule::Tracked);
    }
    for base in globs.bases() {
        if let Base::Below(path) = base {
            look(path, Rule::Tracked);
        }
    }
    places
}

/// The single files that mean something by their name.
fn named(sources: &Sources<'_>) -> BTreeMap<PathBuf, BTreeSet<Meaning>> {
    let mut named: BTreeMap<PathBuf, BTreeSet<Meaning>> = BTreeMap::new();
    let mut name = |path: PathBuf, meanings: &[Meaning]| {
        named.entry(normal(&path)).or_default().extend(meanings.iter().cloned());
    };
    let manifests = sources.packages.iter().map(|package| package.directory.join(MANIFEST));
    let manifests = manifests.chain(sources.manifests.iter().cloned());
    for manifest in manifests.chain([sources.root.join(MANIFEST)]) {
        name(manifest, &[Meaning::Build(Certainty::Known), Meaning::Table]);
    }
    name(sources.root.join("Cargo.lock"), &[Meaning::Build(Certainty::Known)]);
    name(sources.root.join(LOCAL_TABLE), &[Meaning::Table]);
    let above = sources.root.ancestors().map(|directory| directory.join(".cargo"));
    for directory in above.chain(sources.cargo_home.map(Into::into)) {
        for file in CARGO_CONFIG {
            // Its table `[env]` is for the processes, too.
            name(directory.join(file), &[Meaning::Build(Certainty::Known), Meaning::Environment]);
        }
    }
    for directory in sources.root.ancestors() {
        for file in TOOLCHAIN {
            name(directory.join(file), &[Meaning::Build(Certainty::Known)]);
        }
    }
    for file in sources.env_files {
        name(file.clone(), &[Meaning::Environment]);
    }
    named
}
