//! What is run, as the table, the environment and cargo's answer have it. Another may take its
//! place while `dev` runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use crate::formation::{Formation, ProcessName};
use crate::narrate::notice::Known;
use crate::plan::watch::{BadGlob, BuildScript, DepInfo, LocalPackage, Sources, WatchSet};
use crate::plan::{Plan, Request, Surroundings};
use crate::world::build::Cargo;
use crate::world::clock;
use crate::world::dep_info::build_script;
use crate::world::metadata::Question;

/// What is run.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The formation.
    pub formation: Formation,
    /// What was asked for: which types, how many of each.
    pub request: Request,
    /// What it was planned with.
    pub surroundings: Surroundings,
    /// What is to be done with it.
    pub plan: Plan,
    /// How to build.
    pub cargo: Cargo,
    /// For each package the local packages it is built from.
    pub closures: BTreeMap<String, BTreeSet<String>>,
    /// What is told of runs beside what happens to them.
    pub known: Known,
    /// What is looked at.
    pub eyes: Eyes,
}

/// What is looked at, as far as it is known before anything is built. Paths are absolute.
#[derive(Clone, Debug)]
pub struct Eyes {
    /// The workspace root.
    pub root: PathBuf,
    /// The manifests of all members.
    pub manifests: Vec<PathBuf>,
    /// The local packages that the binaries of the formation are built from.
    pub packages: Vec<LocalPackage>,
    /// Where cargo puts what it makes, also by the real paths.
    pub artifacts: Vec<PathBuf>,
    /// Where cargo keeps what is the user's.
    pub cargo_home: Option<PathBuf>,
    /// The environment files, also those that do not exist.
    pub env_files: Vec<PathBuf>,
}

/// What the latest build has shown.
#[derive(Clone, Debug, Default)]
pub(in crate::drive) struct Seen {
    /// What the binaries were made of.
    pub(super) dep_info: DepInfo,
    /// The `OUT_DIR` of each package whose build script has run.
    pub(super) scripts: BTreeMap<String, PathBuf>,
}

impl Shape {
    /// Everything that can make a difference, and the globs that are none. Looks at what build
    /// scripts have said.
    pub(super) fn watch_set(&self, seen: &Seen) -> (WatchSet, Vec<BadGlob>) {
        let Eyes { root, manifests, packages, artifacts, cargo_home, env_files } = &self.eyes;
        let packages: Vec<LocalPackage> = packages
            .iter()
            .map(|package| LocalPackage {
                script: match (package.script, seen.scripts.get(&package.name)) {
                    (BuildScript::ReadsAnything, Some(out_dir)) => build_script(out_dir),
                    (script, _) => script,
                },
                ..package.clone()
            })
            .collect();
        WatchSet::new(&Sources {
            root,
            manifests,
            packages: &packages,
            artifacts,
            cargo_home: cargo_home.as_deref(),
            dep_info: &seen.dep_info,
            env_files,
            processes: &self.formation.processes,
        })
    }
}

/// What cargo cannot see.
impl Shape {
    /// Have everything local built again that these types are built from: cargo builds whose
    /// first file has a newer date.
    pub(super) fn touch_for(&self, processes: &BTreeSet<ProcessName>) {
        let built_from = |process: &ProcessName| {
            let process = self.formation.get(process)?;
            self.closures.get(&process.binary.package)
        };
        let names: BTreeSet<&String> = processes.iter().filter_map(built_from).flatten().collect();
        let packages = self.eyes.packages.iter().filter(|package| names.contains(&package.name));
        for root in packages.flat_map(|package| &package.roots) {
            // What cannot be touched is not built, as it would not be without us.
            let file = File::options().write(true).open(root);
            let _ = file.and_then(|file| file.set_modified(clock::wall()));
        }
    }
}

/// What cargo said when it was asked about the workspace.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Its answer.
    pub stdout: Vec<u8>,
    /// What it said to people.
    pub stderr: Vec<u8>,
}

impl Heard {
    /// Whether it has not said a word: it could not even be started.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.stdout.is_empty() && self.stderr.is_empty()
    }
}

/// What the workspace has become.
#[derive(Debug)]
pub struct Anew {
    /// What is to be said of it, line by line.
    pub said: Vec<String>,
    /// What is to be run from now on; nothing if that cannot be told.
    pub shape: Option<Shape>,
    /// Whether cargo understands the workspace at all.
    pub accepted: Cargos,
}

/// What cargo makes of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cargos {
    /// It can be built, or cargo says why not.
    Consent,
    /// Cargo cannot read it.
    Refusal,
}

/// How the table, the environment and cargo's answer are read again.
#[derive(Clone)]
pub struct Reread {
    /// What cargo is asked.
    pub(super) question: Question,
    understand: Arc<dyn Fn(&Heard) -> Anew + Send + Sync>,
}

impl Reread {
    /// Ask this, and understand the answer so.
    pub fn new(
        question: Question,
        understand: impl Fn(&Heard) -> Anew + Send + Sync + 'static,
    ) -> Self {
        Self { question, understand: Arc::new(understand) }
    }

    pub(super) fn understand(&self, heard: &Heard) -> Anew {
        (self.understand)(heard)
    }
}

impl fmt::Debug for Reread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reread").field("question", &self.question).finish_non_exhaustive()
    }
}
