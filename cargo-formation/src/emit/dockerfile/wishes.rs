//! What the table says of the image alone: `platform.dockerfile`.

use std::path::Path;

use super::variables::{Variable, variables};
use crate::emit::app::App;
use crate::emit::notice::{Refusal, Warning};
use crate::emit::own::Own;
use crate::emit::platform::Platform;
use crate::formation::ProcessType;

/// The tag of Rust's own image. A `rust-toolchain.toml` wins: the image has rustup.
const RUST: &str = "1";

/// What the binaries are run on: the C library, certificates, time zones, a user without
/// rights; no shell. Of the same Debian as the image that builds.
const BASE: &str = "gcr.io/distroless/cc-debian12:nonroot";

/// What is wished, or usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wishes<'f> {
    /// The tag of Rust's image, without what it is based on.
    pub(super) rust: &'f str,
    /// The image that the binaries are put on.
    pub(super) base: &'f str,
    /// The packages of Debian that the build needs.
    pub(super) build_packages: Vec<&'f str>,
    /// What else of the checkout is in the image, at its own path below `/app`.
    pub(super) include: Vec<&'f str>,
    /// What every container has in its environment, unless whoever runs it says otherwise.
    pub(super) variables: Vec<Variable<'f>>,
}

impl<'f> Wishes<'f> {
    /// Read them, or say everything that is wrong with them.
    pub(super) fn read(app: &App<'f>) -> Result<Self, Vec<Refusal>> {
        let own = &Own::read(app, Platform::Dockerfile)?;
        let rust = own.text("rust", |c| c.is_ascii_alphanumeric() || ".-_".contains(c));
        let base = own.text("base", |c| c.is_ascii_alphanumeric() || ".-_/:@".contains(c));
        let packages = own.texts("build-packages", "names of packages of Debian", is_package);
        let include = own.texts("include", "paths of the workspace, without wildcards", is_path);
        let variables = variables(own, &app.formation.settings.config);
        match (rust, base, packages, include, variables) {
            (Ok(rust), Ok(base), Ok(build_packages), Ok(include), Ok(variables)) => Ok(Self {
                rust: rust.unwrap_or(RUST),
                base: base.unwrap_or(BASE),
                build_packages,
                include,
                variables,
            }),
            (rust, base, packages, include, variables) => {
                let refusals = [rust.err(), base.err(), packages.err(), include.err()];
                let variables = variables.err().unwrap_or_default();
                Err(refusals.into_iter().flatten().chain(variables).collect())
            }
        }
    }

    /// A working directory that is not in the image.
    pub(super) fn lost_dir(&self, process: &ProcessType) -> Option<Warning> {
        let dir = process.dir.clone()?;
        let is_there = self.include.iter().any(|path| dir.starts_with(Path::new(path)));
        (!is_there).then(|| Warning::Dir { process: process.name.clone(), dir })
    }
}

fn is_package(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "+.-:=~".contains(c))
}

/// Inside of the workspace. A dollar would be expanded, and wildcards are patterns of Go.
fn is_path(path: &str) -> bool {
    let inside = path.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    inside && !path.contains(['$', '*', '?', '[', '\\']) && !path.contains(char::is_control)
}
