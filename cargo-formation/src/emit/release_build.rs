//! What builds the binaries that production runs.

use std::collections::BTreeSet;

use crate::formation::Formation;
use crate::plan::production;

/// A cargo, and what it builds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReleaseBuild {
    /// The words of the command.
    pub(super) cargo: Vec<String>,
    /// The names of the binaries.
    pub(super) binaries: BTreeSet<String>,
}

/// The one build of a formation, with these flags.
pub(super) fn release_build(formation: &Formation, flags: &[&str]) -> ReleaseBuild {
    let selection = production(formation);
    let binaries: BTreeSet<String> =
        selection.binaries.iter().map(|binary| binary.name.clone()).collect();
    let mut cargo = vec!["cargo", "build", "--locked", "--release"];
    cargo.extend(flags);
    for package in &selection.packages {
        cargo.extend(["--package", package]);
    }
    for binary in &binaries {
        cargo.extend(["--bin", binary]);
    }
    let features = selection.features.join(",");
    if !features.is_empty() {
        cargo.extend(["--features", &features]);
    }
    if selection.no_default_features {
        cargo.push("--no-default-features");
    }
    ReleaseBuild { cargo: cargo.into_iter().map(str::to_owned).collect(), binaries }
}
