//! Where a reader is when a page begins.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use harness::Workspace;

use super::page::root;

/// What the home directory of a reader is on a page.
pub(crate) const HOME: &str = "/home/you";

/// What a clone of this repository has that is built or read.
const PARTS: [&str; 7] =
    [".cargo", "Cargo.toml", "Cargo.lock", "cargo-formation", "docs", "example-app", "tests"];

/// Where a page begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// In a clone of this repository.
    Clone,
    /// In a package with the binaries `migrate`, `shop-server` and `worker`.
    Shop,
}

/// A place that is there.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) directory: PathBuf,
    /// From what is seen there to what a page says.
    pub(crate) words: Vec<(String, String)>,
    /// Whoever has it open is alone there.
    _lock: Option<File>,
}

impl Place {
    /// Make it, in an empty workspace.
    pub(crate) fn prepare(self, workspace: &Workspace) -> Prepared {
        match self {
            Self::Clone => clone(workspace),
            Self::Shop => shop(&workspace.root()),
        }
    }
}

/// What is built lies in the target directory of this repository, so that it is built once
/// and not at every test. The reader sees it through a link.
fn clone(workspace: &Workspace) -> Prepared {
    let here = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clone");
    fs::create_dir_all(&here).unwrap();
    let lock = File::create(here.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let mut kept = BTreeSet::from([here.join("target")]);
    for part in PARTS {
        copy(&root().join(part), &here.join(part), &mut kept);
    }
    sweep(&here, &kept);
    build(workspace, &here);
    let directory = workspace.root().join("cargo-formation");
    std::os::unix::fs::symlink(&here, &directory).unwrap();
    let there = format!("{HOME}/cargo-formation");
    let words = vec![(here.canonicalize().unwrap().to_str().unwrap().to_owned(), there)];
    Prepared { directory, words, _lock: Some(lock) }
}

/// Build it, which may take longer the first time than anybody waits for a line, and may need
/// the network: cargo wants to see what other platforms depend on, too.
fn build(workspace: &Workspace, directory: &Path) {
    let mut tool = workspace.command(&["build"]);
    tool.current_dir(directory).env_remove("CARGO_NET_OFFLINE");
    // Readers have databases of their own, which are nothing to what they build here; and what
    // is set for these tests has to be set for them.
    tool.env("DATABASE_URL", "postgres://you@127.0.0.1:9/other").env_remove("SQLX_OFFLINE");
    let output = tool.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What is as it was keeps its date, or cargo would build it again.
fn write(path: &Path, bytes: &[u8], kept: &mut BTreeSet<PathBuf>) {
    kept.extend(path.ancestors().map(Path::to_owned));
    if fs::read(path).ok().as_deref() != Some(bytes) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn copy(from: &Path, to: &Path, kept: &mut BTreeSet<PathBuf>) {
    if !from.is_dir() {
        return write(to, &fs::read(from).unwrap(), kept);
    }
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        copy(&from.join(&name), &to.join(&name), kept);
    }
}

/// What an earlier sitting left is gone.
fn sweep(directory: &Path, kept: &BTreeSet<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if !kept.contains(&path) {
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.unwrap();
        } else if path.is_dir() && !path.ends_with("target") {
            sweep(&path, kept);
        }
    }
}

fn shop(home: &Path) -> Prepared {
    let directory = home.join("shop");
    let mut kept = BTreeSet::new();
    let manifest = b"[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n";
    write(&directory.join("Cargo.toml"), manifest, &mut kept);
    for binary in ["migrate", "shop-server", "worker"] {
        write(&directory.join(format!("src/bin/{binary}.rs")), b"fn main() {}\n", &mut kept);
    }
    Prepared { directory, words: Vec::new(), _lock: None }
}
