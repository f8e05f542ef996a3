//! What cargo is asked to build.
//!
//! Packages and features are those of every process type, whatever runs: with another
//! set of packages or features cargo resolves other features for shared dependencies,
//! and rebuilds, under the same name, a binary that nobody has edited. Only the
//! binaries follow what runs.

use std::collections::BTreeSet;

use super::Selection;
use crate::formation::{Binary, Formation};

/// The build behind `counts`, which has a number for each process type.
pub(super) fn selection(formation: &Formation, counts: &[u16]) -> Selection {
    let binaries = formation.processes.iter().map(|process| &process.binary);
    let packages: BTreeSet<_> = binaries.clone().map(|binary| binary.package.as_str()).collect();
    let running: BTreeSet<_> =
        binaries.clone().zip(counts).filter(|(_, count)| **count > 0).map(|(b, _)| b).collect();
    let settings = &formation.settings;
    let features: BTreeSet<_> =
        binaries.flat_map(required).chain(settings.features.iter().cloned()).collect();
    Selection {
        packages: packages.into_iter().map(str::to_owned).collect(),
        binaries: running.into_iter().cloned().collect(),
        features: features.into_iter().collect(),
        no_default_features: settings.no_default_features,
    }
}

/// The features that a binary requires, as cargo's command line wants them.
///
/// One of a dependency already has a slash, and cargo accepts no second.
fn required(binary: &Binary) -> impl Iterator<Item = String> {
    binary.required_features.iter().map(|feature| {
        if feature.contains('/') {
            feature.clone()
        } else {
            format!("{}/{feature}", binary.package)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::selection;
    use crate::plan::sample::{formation, process};

    #[test]
    fn packages_and_features_are_the_same_whatever_runs() {
        let mut web = process("web");
        web.binary.package = "site".into();
        web.binary.required_features = vec!["tls".into(), "dep/fast".into()];
        let mut worker = process("worker");
        worker.binary.package = "jobs".into();
        worker.binary.required_features = vec!["queue".into()];
        let mut formation = formation([web, worker, process("clock")]);
        formation.settings.features = vec!["metrics".into(), "jobs/queue".into()];
        formation.settings.no_default_features = true;

        let all = selection(&formation, &[1, 2, 1]);
        assert_eq!(all.packages, ["app", "jobs", "site"]);
        assert_eq!(all.features, ["dep/fast", "jobs/queue", "metrics", "site/tls"]);
        assert!(all.no_default_features);

        let some = selection(&formation, &[0, 1, 0]);
        assert_eq!(some.packages, all.packages);
        assert_eq!(some.features, all.features);
        let names: Vec<_> = some.binaries.iter().map(|binary| binary.name.as_str()).collect();
        assert_eq!(names, ["worker"]);
    }

    #[test]
    fn a_binary_that_two_types_share_is_built_once() {
        let mut high = process("high");
        high.binary.name = "worker".into();
        let formation = formation([process("worker"), high]);
        assert_eq!(selection(&formation, &[1, 1]).binaries.len(), 1);
    }
}
