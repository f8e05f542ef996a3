//! The first stage of the image: one cargo that builds every binary of the formation.

use super::wishes::Wishes;
use crate::emit::release_build::{ReleaseBuild, release_build};
use crate::formation::Formation;

/// Which of the directories that cargo fills are kept between two builds. They are no part of
/// a layer, which is why the binaries are copied out within the same instruction. `locked`, as
/// two builds at once would wait for cargo's own lock anyway.
const CACHES: [&str; 3] = ["/src/target", "/usr/local/cargo/registry", "/usr/local/cargo/git"];

/// The stage, called `build`, whose result is in `/out`.
pub(super) fn build(formation: &Formation, wishes: &Wishes<'_>) -> String {
    let caches = CACHES.map(|path| format!("--mount=type=cache,target={path},sharing=locked"));
    let ReleaseBuild { cargo, binaries } = release_build(formation, &["--target-dir", "target"]);
    let built: Vec<String> = binaries.iter().map(|name| format!("target/release/{name}")).collect();
    let copy = ["cp"].into_iter().chain(built.iter().map(String::as_str)).chain(["/out/"]);
    format!(
        "ARG RUST_VERSION={}\n\
         FROM rust:${{RUST_VERSION}}-slim-bookworm AS build\n\
         {}WORKDIR /src\n\
         COPY . .\n\
         RUN {} \\\n    {} \\\n && mkdir -p /out \\\n && {}\n",
        wishes.rust,
        packages(&wishes.build_packages),
        caches.join(" \\\n    "),
        shell_words::join(cargo),
        shell_words::join(copy),
    )
}

/// What of Debian the build needs. Its versions are those of the day, as those of the image are.
fn packages(packages: &[&str]) -> String {
    if packages.is_empty() {
        return String::new();
    }
    format!(
        "# hadolint ignore=DL3008\n\
         RUN apt-get update \\\n \
         && apt-get install --yes --no-install-recommends {} \\\n \
         && rm -rf /var/lib/apt/lists/*\n",
        packages.join(" ")
    )
}
