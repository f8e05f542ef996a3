//! Files of an earlier export that the one of now has not. Who removes files may err, so nothing
//! here does.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::Context;
use super::emitted::short;
use crate::emit::{Exported, Platform};

/// The files of an earlier export in this directory that are none of this one, sorted.
pub(super) fn leftovers(exported: &Exported, platform: Platform, directory: &Path) -> Vec<PathBuf> {
    if exported.ours().count() < 2 {
        return Vec::new();
    }
    let ours: Vec<PathBuf> = exported.ours().map(|file| directory.join(&file.path)).collect();
    let header = format!("# {}", platform.header());
    let mut found: Vec<PathBuf> = files_in(directory)
        .into_iter()
        .filter(|path| !ours.contains(path) && begins_with(path, &header))
        .collect();
    found.sort();
    found
}

/// What is said of such a file.
pub(super) fn leftover(context: &Context, path: &Path) -> String {
    let path = short(context, path).unwrap_or(path).display();
    format!("`{path}` is of an earlier export, and nobody needs it now; remove it")
}

/// The files in a directory, and in those below it that hold drop-ins: `shop-web@4000.service.d`.
/// Other directories are those of others. No link is followed.
fn files_in(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        if kind.is_file() {
            files.push(path);
        } else if kind.is_dir() && path.extension().is_some_and(|end| end == "d") {
            let below = fs::read_dir(&path).into_iter().flatten().flatten();
            let below = below.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
            files.extend(below.map(|entry| entry.path()));
        }
    }
    files
}

/// Whether this is the first line of a file, or the one below that of a script. No more of it is
/// read, however large it is.
fn begins_with(path: &Path, header: &str) -> bool {
    let Ok(file) = File::open(path) else { return false };
    let most = u64::try_from(2 * header.len()).unwrap_or(u64::MAX);
    let lines = BufReader::new(file.take(most)).lines().map_while(Result::ok);
    lines.take(2).any(|line| line == header)
}
