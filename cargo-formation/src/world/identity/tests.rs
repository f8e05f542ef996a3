//! What changes the identity of a build, and what does not: with real executables.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{identity, stamp};
use crate::formation::Identity;

const PROGRAM: &str = r#"fn main() {
    let mut arguments = std::env::args();
    println!("hello {:?}", arguments.nth(1).unwrap());
}
"#;

/// A directory in which every build has one name, as cargo's artifacts have.
struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn build(&self, source: &str, flags: &[&str]) -> PathBuf {
        let program = self.0.path().join("program.rs");
        fs::write(&program, source).unwrap();
        let output = self.0.path().join("program");
        let status = Command::new("rustc")
            .args(["--edition=2024", "-Cdebuginfo=1", "-o"])
            .args([&output, &program])
            .args(flags)
            .status()
            .unwrap();
        assert!(status.success());
        output
    }

    fn identity(&self, source: &str) -> Identity {
        identity(&self.build(source, &[])).unwrap()
    }
}

fn write(directory: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, content).unwrap();
    path
}

#[test]
fn what_is_not_loaded_changes_nothing() {
    let bench = Bench::new();
    let first = bench.identity(PROGRAM);
    assert_eq!(bench.identity(&format!("{PROGRAM}// a comment below\n")), first);
    let silent = "fn main() {\n    println!(\"hello\");\n}\n";
    let first = bench.identity(silent);
    assert_eq!(bench.identity(&format!("// a comment on top\n\n{silent}")), first);
}

#[test]
fn a_panic_that_names_another_line_is_another_build() {
    let bench = Bench::new();
    let first = bench.identity(PROGRAM);
    assert_ne!(bench.identity(&format!("//\n//\n//\n//\n{PROGRAM}")), first);
}

#[test]
fn changed_text_is_another_build() {
    let bench = Bench::new();
    let first = bench.identity(PROGRAM);
    assert_ne!(bench.identity(&PROGRAM.replace("hello", "hallo")), first);
    assert_eq!(bench.identity(PROGRAM), first);
}

#[test]
fn stripping_debug_information_changes_nothing() {
    let bench = Bench::new();
    let full = bench.build(PROGRAM, &[]);
    let (before, size) = (identity(&full).unwrap(), stamp(&full).unwrap().size);
    let Ok(status) = Command::new("strip").arg("--strip-debug").arg(&full).status() else {
        eprintln!("SKIPPED: there is no `strip` here");
        return;
    };
    assert!(status.success());
    assert!(stamp(&full).unwrap().size < size);
    assert_eq!(identity(&full).unwrap(), before);
}

#[test]
fn the_linkers_build_id_is_no_part_of_it() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let bench = Bench::new();
    let build = |id: &str| {
        let path = bench.build(PROGRAM, &[&format!("-Clink-arg=-Wl,--build-id=0x{id}")]);
        (identity(&path).unwrap(), stamp(&path).unwrap())
    };
    let (first, one) = build("0102030405060708");
    let (second, two) = build("0102030405060709");
    assert_eq!(first, second);
    assert_eq!(one.build_id, Some(vec![1, 2, 3, 4, 5, 6, 7, 8]));
    assert!(one.proves_same(&one.clone()));
    assert!(!one.proves_same(&two));
}

#[test]
fn what_is_no_executable_counts_whole() {
    let directory = TempDir::new().unwrap();
    let directory = directory.path();
    let check = |content: &[u8]| identity(&write(directory, "web", content)).unwrap();
    let script = check(b"#!/bin/sh\nexec sleep 1\n");
    assert_ne!(check(b"#!/bin/sh\nexec sleep 2\n"), script);
    assert_eq!(check(b"#!/bin/sh\nexec sleep 1\n"), script);
    // Longer than one read, and different in its last byte.
    let mut long = vec![7; 3 * super::CHUNK];
    let first = check(&long);
    *long.last_mut().unwrap() = 8;
    assert_ne!(check(&long), first);
    // The header of an executable, and nothing behind it.
    assert_ne!(check(b"\x7fELF\x02\x01\x01"), check(b"\x7fELF\x02\x01\x02"));
    let empty = stamp(&write(directory, "empty", "")).unwrap();
    assert!(!empty.proves_same(&empty.clone()));
}

#[test]
fn what_is_not_there_is_an_error() {
    let missing = Path::new("/nowhere/web");
    assert_eq!(identity(missing).unwrap_err().kind(), std::io::ErrorKind::NotFound);
    assert_eq!(stamp(missing).unwrap_err().kind(), std::io::ErrorKind::NotFound);
    assert!(identity(Path::new("/")).is_err());
}
