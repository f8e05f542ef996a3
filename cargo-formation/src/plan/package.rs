//! What `cargo run` tells a binary of its package, for types with `cargo-env = true`.
//!
//! Where it comes from: "Environment variables Cargo sets for crates" of the cargo book,
//! and what `cargo run` was seen to set at run time with cargo 1.95.

use std::env::join_paths;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::environment::Environment;
use super::scrub::library_variable;

/// A package as its binaries see it under `cargo run`. Texts that the manifest does not
/// have are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageEnv {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
    /// The path of its `Cargo.toml`, absolute.
    pub manifest_path: PathBuf,
    /// The authors.
    pub authors: Vec<String>,
    /// The description.
    pub description: String,
    /// The home page.
    pub homepage: String,
    /// The repository.
    pub repository: String,
    /// The license expression.
    pub license: String,
    /// The license file.
    pub license_file: String,
    /// The minimal version of Rust.
    pub rust_version: String,
    /// The readme.
    pub readme: String,
}

/// What `cargo run` tells a binary of the build that made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Where it finds shared libraries, in cargo's order: what build scripts point to, the
    /// directory of dependencies, that of the artifacts.
    pub library_path: Vec<PathBuf>,
    /// `OUT_DIR` of the build script of its package, if it has one.
    pub out_dir: Option<PathBuf>,
}

impl PackageEnv {
    /// The variables, without the library path.
    fn variables(&self) -> impl Iterator<Item = (&'static str, OsString)> {
        let directory = self.manifest_path.parent().unwrap_or(&self.manifest_path);
        let version = Version::split(&self.version);
        let paths =
            [("CARGO_MANIFEST_DIR", directory), ("CARGO_MANIFEST_PATH", &self.manifest_path)];
        let authors = self.authors.join(":");
        let texts = [
            ("CARGO_PKG_AUTHORS", authors.as_str()),
            ("CARGO_PKG_DESCRIPTION", &self.description),
            ("CARGO_PKG_HOMEPAGE", &self.homepage),
            ("CARGO_PKG_LICENSE", &self.license),
            ("CARGO_PKG_LICENSE_FILE", &self.license_file),
            ("CARGO_PKG_NAME", &self.name),
            ("CARGO_PKG_README", &self.readme),
            ("CARGO_PKG_REPOSITORY", &self.repository),
            ("CARGO_PKG_RUST_VERSION", &self.rust_version),
            ("CARGO_PKG_VERSION", &self.version),
            ("CARGO_PKG_VERSION_MAJOR", version.major),
            ("CARGO_PKG_VERSION_MINOR", version.minor),
            ("CARGO_PKG_VERSION_PATCH", version.patch),
            ("CARGO_PKG_VERSION_PRE", version.pre),
        ];
        let texts = texts.map(|(name, value)| (name, OsString::from(value)));
        paths.map(|(name, path)| (name, path.into())).into_iter().chain(texts)
    }
}

/// The parts of a version; what is missing is empty.
#[derive(Debug, PartialEq, Eq)]
struct Version<'v> {
    major: &'v str,
    minor: &'v str,
    patch: &'v str,
    pre: &'v str,
}

impl<'v> Version<'v> {
    fn split(version: &'v str) -> Self {
        let version = version.split_once('+').map_or(version, |(version, _build)| version);
        let (numbers, pre) = version.split_once('-').unwrap_or((version, ""));
        let mut numbers = numbers.split('.');
        let mut next = || numbers.next().unwrap_or_default();
        Self { major: next(), minor: next(), patch: next(), pre }
    }
}

/// Add what `cargo run` would and what is known before the build: the package's variables,
/// and `CARGO` if a cargo started the tool.
pub(super) fn add(env: &mut Environment, package: Option<&PackageEnv>, cargo: Option<&OsStr>) {
    env.extend(cargo.map(|cargo| ("CARGO".into(), cargo.to_owned())));
    let Some(package) = package else { return };
    env.extend(package.variables().map(|(name, value)| (name.into(), value)));
}

/// Add the rest: `OUT_DIR`, and the libraries of the build in front of the library path.
pub(super) fn after(env: &[(OsString, OsString)], made: &Made) -> Vec<(OsString, OsString)> {
    let mut env: Environment = env.iter().cloned().collect();
    env.extend(made.out_dir.as_ref().map(|directory| ("OUT_DIR".into(), directory.into())));
    let variable = OsString::from(library_variable());
    let own = env.get(&variable).map(OsString::as_os_str).unwrap_or_default();
    let own = std::env::split_paths(own).filter(|path| !path.as_os_str().is_empty());
    // A directory with a colon in its name cannot be written down; cargo fails there too.
    if let Ok(path) = join_paths(made.library_path.iter().cloned().chain(own))
        && !path.is_empty()
    {
        env.insert(variable, path);
    }
    env.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::ffi::{OsStr, OsString};

    use super::{Made, PackageEnv, Version, add, after};
    use crate::plan::environment::Environment;

    #[test]
    fn a_version_has_four_parts() {
        let check = |version, [major, minor, patch, pre]: [&str; 4]| {
            assert_eq!(Version::split(version), Version { major, minor, patch, pre });
        };
        check("1.2.3", ["1", "2", "3", ""]);
        check("1.2.3-pre.1+m-x", ["1", "2", "3", "pre.1"]);
        check("0.1.0+build-7", ["0", "1", "0", ""]);
    }

    #[test]
    fn a_package_is_told_about_itself() {
        let package = PackageEnv {
            name: "site".into(),
            manifest_path: "/w/site/Cargo.toml".into(),
            authors: vec!["Ann".into(), "Bo".into()],
            ..PackageEnv::default()
        };
        let mut env = Environment::new();
        add(&mut env, Some(&package), Some("/t/bin/cargo".as_ref()));
        let value = |name: &str| env.get(OsStr::new(name)).and_then(|value| value.to_str());
        assert_eq!(value("CARGO"), Some("/t/bin/cargo"));
        assert_eq!(value("CARGO_MANIFEST_DIR"), Some("/w/site"));
        assert_eq!(value("CARGO_PKG_AUTHORS"), Some("Ann:Bo"));
        assert_eq!(value("CARGO_PKG_DESCRIPTION"), Some(""));
    }

    #[test]
    #[cfg(not(target_os = "macos"))]
    fn the_libraries_of_the_build_stand_before_the_users() {
        let made = Made {
            library_path: vec!["/w/target/debug/deps".into(), "/w/target/debug".into()],
            out_dir: Some("/w/target/debug/build/site/out".into()),
        };
        let check = |own: &str, expected: &str| {
            let env = after(&[("LD_LIBRARY_PATH".into(), own.into())], &made);
            let path = OsString::from(expected);
            assert!(env.contains(&("LD_LIBRARY_PATH".into(), path)), "{env:?}");
            assert!(env.contains(&("OUT_DIR".into(), "/w/target/debug/build/site/out".into())));
        };
        check("/opt/own", "/w/target/debug/deps:/w/target/debug:/opt/own");
        check("", "/w/target/debug/deps:/w/target/debug");
    }
}
