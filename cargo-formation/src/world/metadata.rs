//! What cargo knows of the workspace: its members, their binaries, who depends on whom.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::{fmt, io, thread};

use cargo_metadata::{
    DependencyKind, Metadata, MetadataCommand, Node, PackageId, Target, TargetKind,
};

use super::shim::{self, Limit, Program, Traced};
use super::terminal::relay;
use crate::manifest::{BinaryTarget, Manifest, Package, Workspace};
use crate::plan::PackageEnv;
use crate::plan::watch::{BuildScript, LocalPackage};

/// How cargo is asked.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The cargo to ask.
    pub cargo: PathBuf,
    /// Where it is asked.
    pub dir: PathBuf,
    /// The manifest that was named on the command line.
    pub manifest_path: Option<PathBuf>,
    /// Feature, lock and network flags as they were typed.
    pub flags: Vec<String>,
    /// The whole environment of cargo; nothing else is inherited.
    pub env: Vec<(OsString, OsString)>,
}

/// What cargo answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The workspace, with the text of its manifests.
    pub workspace: Workspace,
    /// Where cargo puts artifacts, absolute.
    pub target_directory: PathBuf,
    /// For each member the local packages its binaries are built from, itself included:
    /// through normal and build dependencies, not those of tests.
    pub built_from: BTreeMap<String, BTreeSet<String>>,
    /// Where cargo puts intermediate artifacts, absolute, if it says so.
    pub build_directory: Option<PathBuf>,
    /// The local packages, members and others.
    pub local: Vec<LocalPackage>,
    /// The names of the local packages, by cargo's ids.
    pub names: BTreeMap<String, String>,
    /// What `cargo run` would tell the binaries of each member.
    pub packages: Vec<PackageEnv>,
}

/// Ask cargo.
///
/// # Errors
/// When cargo cannot be started, refuses (its own words go to standard error), says something
/// that is no metadata, or a manifest cannot be read.
pub fn ask(question: &Question) -> Result<Answer, MetadataError> {
    let (output, said) = output(command(question))
        .map_err(|cause| MetadataError::Start { cargo: question.cargo.clone(), cause })?;
    if !output.status.success() {
        return Err(MetadataError::Refused { status: output.status, said });
    }
    understand(&output.stdout)
}

/// What cargo answered, once somebody else has asked it.
///
/// # Errors
/// When it is no metadata, or a manifest cannot be read.
pub fn understand(stdout: &[u8]) -> Result<Answer, MetadataError> {
    let metadata = MetadataCommand::parse(String::from_utf8_lossy(stdout))
        .map_err(|cause| MetadataError::Unreadable(cause.to_string()))?;
    answer(&metadata)
}

/// The command that asks, for whoever starts and collects his children himself.
#[must_use]
pub fn asking(question: &Question, limit: Limit) -> Command {
    let plain = command(question);
    let args: Vec<OsString> = plain.get_args().map(OsString::from).collect();
    let program = plain.get_program();
    let mut command = shim::command(
        Program { file: Path::new(program), name: program, args: &args, traced: Traced::default() },
        limit,
    );
    command.current_dir(&question.dir).env_clear();
    command.envs(question.env.iter().map(|(name, value)| (name, value)));
    command
}

fn command(question: &Question) -> Command {
    let Question { cargo, dir, manifest_path, flags, env } = question;
    let mut metadata = MetadataCommand::new();
    metadata.cargo_path(cargo).current_dir(dir).other_options(flags.clone());
    if let Some(manifest_path) = manifest_path {
        metadata.manifest_path(manifest_path);
    }
    let mut command = metadata.cargo_command();
    command.env_clear().envs(env.iter().map(|(name, value)| (name, value)));
    command
}

/// Cargo is waited for here and now: this is before anything else has been started.
///
/// What it says while it works, that it downloads or waits for another cargo, is for people
/// to see now; and so is why it refuses.
fn output(mut command: Command) -> io::Result<(Output, Said)> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut cargo = command.spawn()?;
    let stderr = cargo.stderr.take();
    thread::scope(|scope| {
        let relay = thread::Builder::new().spawn_scoped(scope, || stderr.map(relay))?;
        let output = cargo.wait_with_output()?;
        let said = match relay.join() {
            Ok(Some(1..)) => Said::Something,
            Ok(Some(0) | None) | Err(_) => Said::Nothing,
        };
        Ok((output, said))
    })
}

fn answer(metadata: &Metadata) -> Result<Answer, MetadataError> {
    Ok(Answer {
        workspace: workspace(metadata)?,
        target_directory: metadata.target_directory.clone().into(),
        built_from: built_from(metadata),
        build_directory: metadata.build_directory.clone().map(Into::into),
        local: local(metadata),
        names: names(metadata),
        packages: members(metadata).map(package_env).collect(),
    })
}

fn names(metadata: &Metadata) -> BTreeMap<String, String> {
    let local = metadata.packages.iter().filter(|package| package.source.is_none());
    local.map(|package| (package.id.repr.clone(), package.name.to_string())).collect()
}

fn local(metadata: &Metadata) -> Vec<LocalPackage> {
    let local = metadata.packages.iter().filter(|package| package.source.is_none());
    let package = |package: &cargo_metadata::Package| {
        let script = package.targets.iter().any(|target| target.is_kind(TargetKind::CustomBuild));
        Some(LocalPackage {
            name: package.name.to_string(),
            directory: package.manifest_path.parent()?.into(),
            // What a script declares is known when it has run.
            script: if script { BuildScript::ReadsAnything } else { BuildScript::None },
            roots: package
                .targets
                .iter()
                .filter(|target| is_built(target))
                .map(|t| t.src_path.clone().into())
                .collect(),
        })
    };
    local.filter_map(package).collect()
}

/// Whether a target is built for the binaries of a formation, if its package is.
fn is_built(target: &Target) -> bool {
    let others =
        [TargetKind::Test, TargetKind::Bench, TargetKind::Example, TargetKind::CustomBuild];
    !others.iter().any(|kind| target.kind.contains(kind))
}

fn package_env(package: &cargo_metadata::Package) -> PackageEnv {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let path = |value: &Option<cargo_metadata::camino::Utf8PathBuf>| {
        value.as_ref().map(ToString::to_string).unwrap_or_default()
    };
    PackageEnv {
        name: package.name.to_string(),
        version: package.version.to_string(),
        manifest_path: package.manifest_path.clone().into(),
        authors: package.authors.clone(),
        description: text(&package.description),
        homepage: text(&package.homepage),
        repository: text(&package.repository),
        license: text(&package.license),
        license_file: path(&package.license_file),
        rust_version: package.rust_version.as_ref().map(ToString::to_string).unwrap_or_default(),
        readme: path(&package.readme),
    }
}

/// The members in the order of `members`, which `packages` of the metadata has not.
fn members(metadata: &Metadata) -> impl Iterator<Item = &cargo_metadata::Package> {
    metadata
        .workspace_members
        .iter()
        .filter_map(|id| metadata.packages.iter().find(|package| package.id == *id))
}

fn workspace(metadata: &Metadata) -> Result<Workspace, MetadataError> {
    let root = PathBuf::from(&metadata.workspace_root);
    let mut manifests = vec![manifest(&root.join("Cargo.toml"))?];
    let mut packages = Vec::new();
    for package in members(metadata) {
        let path = package.manifest_path.as_std_path();
        let known = manifests.iter().position(|manifest| manifest.path == path);
        let manifest = if let Some(known) = known {
            known
        } else {
            manifests.push(manifest(path)?);
            manifests.len() - 1
        };
        let binaries = package.targets.iter().filter(|target| is_binary(target)).map(binary);
        packages.push(Package {
            name: package.name.to_string(),
            manifest,
            binaries: binaries.collect(),
        });
    }
    Ok(Workspace { root, manifests, root_manifest: 0, local: None, packages })
}

fn manifest(path: &Path) -> Result<Manifest, MetadataError> {
    let text = std::fs::read_to_string(path)
        .map_err(|cause| MetadataError::Manifest { path: path.to_owned(), cause })?;
    Ok(Manifest { path: path.to_owned(), text })
}

fn is_binary(target: &Target) -> bool {
    target.is_kind(TargetKind::Bin)
}

fn binary(target: &Target) -> BinaryTarget {
    BinaryTarget {
        name: target.name.clone(),
        source: target.src_path.clone().into(),
        required_features: target.required_features.clone(),
    }
}

fn built_from(metadata: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
    let nodes: BTreeMap<&PackageId, &Node> = metadata
        .resolve
        .iter()
        .flat_map(|resolve| &resolve.nodes)
        .map(|node| (&node.id, node))
        .collect();
    // A package without a source is one of this machine, a member or a path dependency.
    let local: BTreeMap<&PackageId, &cargo_metadata::Package> = metadata
        .packages
        .iter()
        .filter(|package| package.source.is_none())
        .map(|package| (&package.id, package))
        .collect();
    members(metadata)
        .map(|member| {
            let reached = closure(&member.id, &nodes);
            let names = reached.iter().filter_map(|id| local.get(id));
            (member.name.to_string(), names.map(|package| package.name.to_string()).collect())
        })
        .collect()
}

/// Everything that is reached from a package by building it; also through packages of a
/// registry, which a patch can make depend on a local one.
fn closure<'m>(
    start: &'m PackageId,
    nodes: &BTreeMap<&'m PackageId, &'m Node>,
) -> BTreeSet<&'m PackageId> {
    let mut reached = BTreeSet::new();
    let mut ahead = vec![start];
    while let Some(id) = ahead.pop() {
        if !reached.insert(id) {
            continue;
        }
        let Some(node) = nodes.get(id) else {
            continue;
        };
        let built = node.deps.iter().filter(|dependency| {
            dependency.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development)
        });
        ahead.extend(built.map(|dependency| &dependency.pkg));
    }
    reached
}

/// Whether cargo has said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It has not.
    Nothing,
    /// It has.
    Something,
}

/// Why cargo gave no metadata.
#[derive(Debug)]
pub enum MetadataError {
    /// Cargo could not be started.
    Start {
        /// The cargo that was to be started.
        cargo: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// Cargo refused, with this status.
    Refused {
        /// How it ended.
        status: ExitStatus,
        /// Whether it has said why, which has been seen.
        said: Said,
    },
    /// Cargo said something that is no metadata.
    Unreadable(String),
    /// A manifest could not be read.
    Manifest {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

impl fmt::Display for MetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start { cargo, cause } => {
                write!(f, "could not start `{}`: {cause}", cargo.display())
            }
            Self::Refused { status, .. } => {
                write!(f, "cargo does not describe the workspace ({status})")
            }
            Self::Unreadable(cause) => {
                write!(f, "could not read the output of `cargo metadata`: {cause}")
            }
            Self::Manifest { path, cause } => {
                write!(f, "could not read `{}`: {cause}", path.display())
            }
        }
    }
}

impl std::error::Error for MetadataError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start { cause, .. } | Self::Manifest { cause, .. } => Some(cause),
            Self::Refused { .. } | Self::Unreadable(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
