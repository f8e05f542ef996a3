//! Who is hit by which error.

use std::collections::{BTreeMap, BTreeSet};

use crate::formation::{ProcessName, ProcessType};

/// What cargo compiles at once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// The name of its package.
    pub package: String,
    /// Its own name.
    pub name: String,
    /// What it is.
    pub kind: TargetKind,
}

/// What a target is to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetKind {
    /// Other targets are built from it: a library, or a procedural macro.
    Library,
    /// A program; nothing is built from it.
    Binary,
    /// What has to run before anything of its package is compiled.
    BuildScript,
    /// An example, a test, a benchmark, or something new.
    Other,
}

/// The errors of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errors {
    /// Where they are.
    pub target: Target,
    /// How many.
    pub count: usize,
}

/// The process types that cannot be built while `target` cannot.
///
/// `closures` has for each package the local packages it is built from, itself included.
#[must_use]
pub fn affected<'a>(
    target: &Target,
    processes: &'a [&ProcessType],
    closures: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<&'a ProcessName> {
    let hit = processes.iter().filter(|process| is_affected(process, target, closures));
    hit.map(|process| &process.name).collect()
}

fn is_affected(
    process: &ProcessType,
    target: &Target,
    closures: &BTreeMap<String, BTreeSet<String>>,
) -> bool {
    let binary = &process.binary;
    let own = binary.package == target.package;
    match target.kind {
        TargetKind::Binary => own && binary.name == target.name,
        TargetKind::Library | TargetKind::BuildScript => {
            own || closures
                .get(&binary.package)
                .is_some_and(|packages| packages.contains(&target.package))
        }
        TargetKind::Other => false,
    }
}
