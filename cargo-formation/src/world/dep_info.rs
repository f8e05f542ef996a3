//! Reading what builds have read.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::plan::watch::{BuildScript, DepInfo, Knowledge, parse_dep_info};

/// What the builds of these artifacts have read, as the `.d` files beside them say.
///
/// `after` is what is known of the latest build: [`Knowledge::Complete`] if it succeeded as
/// a whole. A file that is missing or no dep-info makes the knowledge partial.
#[must_use]
pub fn dep_info(artifacts: &[PathBuf], after: Knowledge) -> DepInfo {
    let mut all = DepInfo::default();
    if !artifacts.is_empty() {
        all.knowledge = after;
    }
    for artifact in artifacts {
        let text = fs::read_to_string(artifact.with_extension("d"));
        match text.ok().and_then(|text| parse_dep_info(&text).ok()) {
            Some(paths) => all.inputs.extend(paths.iter().map(|path| resolved(path))),
            None => all.knowledge = Knowledge::Partial,
        }
    }
    all
}

/// The path without `..`, which `include_str!("../x")` leaves in it. Behind a link to a
/// directory `..` is not what the text says.
fn resolved(path: &Path) -> PathBuf {
    if !path.components().any(|part| part == Component::ParentDir) {
        return path.to_path_buf();
    }
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return path.to_path_buf();
    };
    parent.canonicalize().map_or_else(|_| path.to_path_buf(), |parent| parent.join(name))
}

/// What the build script whose `OUT_DIR` this is reads: whether it said so.
///
/// Cargo keeps what the script said beside that directory. Where, is cargo's own affair
/// (seen with cargo 1.95), so without it the script may have read anything.
#[must_use]
pub fn build_script(out_dir: &Path) -> BuildScript {
    match out_dir.parent().map(|run| fs::read(run.join("output"))) {
        Some(Ok(said)) if declares(&said) => BuildScript::Declares,
        Some(Ok(_) | Err(_)) | None => BuildScript::ReadsAnything,
    }
}

/// Whether a script said when it is to run again; see "Change detection" of the chapter
/// "Build scripts" of the cargo book.
fn declares(said: &[u8]) -> bool {
    said.split(|byte| *byte == b'\n').any(|line| {
        let line = line.strip_prefix(b"cargo:").unwrap_or(line);
        line.strip_prefix(b":").unwrap_or(line).starts_with(b"rerun-if-")
    })
}

/// These directories, and their real paths: cargo may name them by either.
#[must_use]
pub fn with_real_paths(directories: &[&Path]) -> Vec<PathBuf> {
    let real = directories.iter().filter_map(|directory| directory.canonicalize().ok());
    let mut paths: Vec<PathBuf> = directories.iter().map(Into::into).chain(real).collect();
    paths.sort();
    paths.dedup();
    paths
}

#[cfg(test)]
mod tests;
