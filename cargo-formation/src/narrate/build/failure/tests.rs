//! What is said of a build that failed.

use std::collections::{BTreeMap, BTreeSet};

use super::{FailedBuild, failure};
use crate::formation::{Binary, ProcessType};
use crate::narrate::build::{Errors, Target, TargetKind};

/// A process type whose binary and, unless they are `web` and `admin`, package are its own.
fn process(name: &str) -> ProcessType {
    let package = if name == "admin" { "web" } else { name };
    let binary = Binary {
        package: package.to_owned(),
        name: name.to_owned(),
        required_features: Vec::new(),
    };
    ProcessType::of_binary(name.parse().unwrap(), binary)
}

/// `web`, `admin` (of one package), `worker` and `clock`; the first three are built from
/// `shop-core`, and that from `shop-macros`.
fn check(errors: &[(&str, &str, TargetKind, usize)], built: &[&str], expected: &str) {
    let processes = ["web", "admin", "worker", "clock"].map(process);
    let core = ["shop-core", "shop-macros"];
    let closure = |package: &str, others: &[&str]| {
        let own = std::iter::once(package).chain(others.iter().copied());
        (package.to_owned(), own.map(str::to_owned).collect::<BTreeSet<_>>())
    };
    let closures =
        BTreeMap::from([closure("web", &core), closure("worker", &core), closure("clock", &[])]);
    let errors: Vec<Errors> = errors
        .iter()
        .map(|&(package, name, kind, count)| {
            let target = Target { package: package.to_owned(), name: name.to_owned(), kind };
            Errors { target, count }
        })
        .collect();
    let text = failure(&FailedBuild {
        processes: &processes.iter().collect::<Vec<_>>(),
        closures: &closures,
        errors: &errors,
        built: &built.iter().map(|name| name.parse().unwrap()).collect(),
    });
    assert_eq!(text, expected);
}

#[test]
fn an_error_below_hits_all_that_is_built_from_it() {
    check(
        &[("shop-core", "shop_core", TargetKind::Library, 2)],
        &["clock"],
        "build failed: web, admin, worker cannot be built (2 errors in shop-core); \
         clock is built",
    );
    check(
        &[("shop-macros", "build-script-build", TargetKind::BuildScript, 1)],
        &["clock"],
        "build failed: web, admin, worker cannot be built (1 error in shop-macros); \
         clock is built",
    );
}

#[test]
fn an_error_in_a_binary_hits_that_binary() {
    check(
        &[("web", "admin", TargetKind::Binary, 1)],
        &["web", "worker", "clock"],
        "build failed: admin cannot be built (1 error in web); web, worker, clock are built",
    );
    check(
        &[("web", "web", TargetKind::Library, 1)],
        &["worker", "clock"],
        "build failed: web, admin cannot be built (1 error in web); worker, clock are built",
    );
}

#[test]
fn each_has_its_own_reasons() {
    check(
        &[
            ("web", "admin", TargetKind::Binary, 1),
            ("web", "web", TargetKind::Library, 2),
            ("shop-core", "shop_core", TargetKind::Library, 1),
            ("clock", "clock", TargetKind::Binary, 4),
        ],
        &[],
        "build failed: web cannot be built (2 errors in web, 1 error in shop-core); \
         admin cannot be built (3 errors in web, 1 error in shop-core); \
         worker cannot be built (1 error in shop-core); \
         clock cannot be built (4 errors in clock)",
    );
}

#[test]
fn what_cargo_only_says_to_people_is_above() {
    check(
        &[],
        &["clock"],
        "build failed: web, admin, worker cannot be built (see what cargo says above); \
         clock is built",
    );
    check(
        &[("web", "some-example", TargetKind::Other, 1)],
        &["web", "admin", "worker", "clock"],
        "build failed: web, admin, worker, clock are built; see what cargo says above",
    );
}
