//! Snapshots in a real directory, beside real artifacts.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{Owner, capture, copy, sweep, take};
use crate::formation::Identity;
use crate::world::identity::identity;

/// What one build leaves at `web`: a new file, as cargo makes it.
fn build(directory: &Path, output: &str) -> (PathBuf, Identity) {
    let artifact = directory.join("web");
    super::remove(&artifact).unwrap();
    write(&artifact, output);
    let identity = identity(&artifact).unwrap();
    (artifact, identity)
}

fn write(path: &Path, output: &str) {
    fs::write(path, format!("#!/bin/sh\necho {output}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// What it would say. Reading has no part in the races of executing what was just written.
fn says(path: &Path) -> String {
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o111, 0o111);
    fs::read_to_string(path).unwrap().rsplit(' ').next().unwrap().trim().to_owned()
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn inode(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

#[test]
fn a_snapshot_outlives_the_artifact() {
    let directory = TempDir::new().unwrap();
    let (artifact, identity) = build(directory.path(), "first");
    let first = take(&artifact, identity, Owner::Workspace).unwrap();
    assert_eq!(first, directory.path().join(format!("web~{}", identity.short())));
    let (_, identity) = build(directory.path(), "second");
    let second = take(&artifact, identity, Owner::Isolated(7)).unwrap();
    assert_eq!(second, directory.path().join(format!("web~{}~7", identity.short())));
    for (snapshot, output) in [(first, "first"), (second, "second")] {
        assert_eq!(says(&snapshot), output);
    }
    assert_eq!(names(directory.path()).len(), 3);
}

#[test]
fn a_capture_knows_what_it_caught() {
    let directory = TempDir::new().unwrap();
    let (artifact, identity) = build(directory.path(), "caught");
    let (caught, snapshot) = capture(&artifact, Owner::Workspace).unwrap();
    assert_eq!(caught, identity);
    assert_eq!(snapshot, take(&artifact, identity, Owner::Workspace).unwrap());
    assert_eq!(names(directory.path()).len(), 2);
}

#[test]
fn a_second_snapshot_of_a_build_is_the_first() {
    let directory = TempDir::new().unwrap();
    let (artifact, identity) = build(directory.path(), "same");
    let snapshot = take(&artifact, identity, Owner::Workspace).unwrap();
    let first = inode(&snapshot);
    assert_eq!(take(&artifact, identity, Owner::Workspace).unwrap(), snapshot);
    // Built again, with the same result: whoever runs the old file keeps its name.
    build(directory.path(), "same");
    assert_ne!(inode(&artifact), first);
    assert_eq!(take(&artifact, identity, Owner::Workspace).unwrap(), snapshot);
    assert_eq!(inode(&snapshot), first);
    assert_eq!(names(directory.path()).len(), 2);
}

/// Whatever was done to the snapshot, the next `take` sets it right.
fn check_damage(damage: impl FnOnce(&Path)) {
    let directory = TempDir::new().unwrap();
    let (artifact, identity) = build(directory.path(), "good");
    let snapshot = take(&artifact, identity, Owner::Workspace).unwrap();
    build(directory.path(), "good");
    damage(&snapshot);
    assert_eq!(take(&artifact, identity, Owner::Workspace).unwrap(), snapshot);
    assert_eq!(says(&snapshot), "good");
    assert_eq!(names(directory.path()).len(), 2);
}

#[test]
fn what_only_has_the_name_is_replaced() {
    check_damage(|snapshot| write(snapshot, "evil"));
    check_damage(|snapshot| fs::write(snapshot, "#!/bin/sh").unwrap());
    check_damage(|snapshot| {
        fs::set_permissions(snapshot, fs::Permissions::from_mode(0o644)).unwrap();
    });
    check_damage(|snapshot| {
        fs::remove_file(snapshot).unwrap();
        std::os::unix::fs::symlink("web", snapshot).unwrap();
    });
    check_damage(|snapshot| {
        let unfinished = format!("web~000000000000~new{}", std::process::id());
        fs::write(snapshot.with_file_name(unfinished), "half").unwrap();
        fs::remove_file(snapshot).unwrap();
    });
}

#[test]
fn what_is_not_there_has_no_snapshot() {
    let directory = TempDir::new().unwrap();
    let (artifact, identity) = build(directory.path(), "gone");
    fs::remove_file(&artifact).unwrap();
    let error = take(&artifact, identity, Owner::Workspace).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    assert!(take(Path::new("/"), identity, Owner::Workspace).is_err());
    assert_eq!(names(directory.path()), [""; 0]);
    let removed = sweep(&directory.path().join("debug"), "web", &[], Owner::Workspace).unwrap();
    assert!(removed.0.is_empty());
}

#[test]
fn a_copy_has_the_content_and_the_permissions() {
    let directory = TempDir::new().unwrap();
    let (artifact, _) = build(directory.path(), "copied");
    fs::set_permissions(&artifact, fs::Permissions::from_mode(0o777)).unwrap();
    let target = directory.path().join("copy");
    copy::copy(&artifact, &target).unwrap();
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o777);
    assert_eq!(says(&target), "copied");
    assert!(copy::copy(&artifact, &directory.path().join("no/where")).is_err());
}

#[test]
fn another_file_system_gets_a_copy() {
    let directory = TempDir::new().unwrap();
    let elsewhere = TempDir::new_in("/dev/shm");
    let Ok(elsewhere) = elsewhere else {
        eprintln!("SKIPPED: there is no /dev/shm here");
        return;
    };
    if fs::metadata(elsewhere.path()).unwrap().dev() == fs::metadata(&directory).unwrap().dev() {
        eprintln!("SKIPPED: /dev/shm is no other file system here");
        return;
    }
    let (artifact, _) = build(directory.path(), "copied");
    let target = elsewhere.path().join("web");
    copy::link_or_copy(&artifact, &target).unwrap();
    assert_eq!(fs::read(&target).unwrap(), fs::read(&artifact).unwrap());
    assert_eq!(fs::metadata(&target).unwrap().mode(), fs::metadata(&artifact).unwrap().mode());
}

/// A process id that was somebody's and is nobody's.
fn dead() -> u32 {
    let mut child = Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    child.id()
}

/// Sweep a directory that has everything in it, and say what is gone.
fn check_sweep(keep: &str, owner: Owner) -> Vec<String> {
    let (own, dead) = (std::process::id(), dead());
    let directory = TempDir::new().unwrap();
    let snapshots = [
        ("old", "web~0000000000aa".to_owned()),
        ("new", "web~0000000000bb".to_owned()),
        ("mine", format!("web~0000000000aa~{own}")),
        ("dead", format!("web~0000000000aa~{dead}")),
        ("mine, unfinished", format!("web~0000000000aa~new{own}")),
        ("dead, unfinished", format!("web~0000000000aa~new{dead}")),
        ("worker's", "worker~0000000000aa".to_owned()),
        ("user's", "web~backup".to_owned()),
        ("cargo's", "web".to_owned()),
        ("cargo's", "web.d".to_owned()),
    ];
    for (_, name) in &snapshots {
        fs::write(directory.path().join(name), "").unwrap();
    }
    let removed = sweep(directory.path(), "web", &[directory.path().join(keep)], owner).unwrap();
    let left = names(directory.path());
    let gone = snapshots.iter().filter(|(_, name)| !left.contains(name));
    let gone: Vec<String> = gone.map(|(whose, _)| (*whose).to_owned()).collect();
    assert_eq!(removed.0.len(), gone.len());
    gone
}

#[test]
fn what_is_removed_keeps_its_place_until_it_is_dropped() {
    let directory = TempDir::new().unwrap();
    let (artifact, identity) = build(directory.path(), "large");
    let snapshot = take(&artifact, identity, Owner::Workspace).unwrap();
    fs::remove_file(&artifact).unwrap();
    let removed = sweep(directory.path(), "web", &[], Owner::Workspace).unwrap();
    assert!(!snapshot.exists());
    let files: Vec<_> = removed.0.iter().map(|file| file.metadata().unwrap()).collect();
    let held: Vec<_> = files.iter().map(|file| (file.nlink(), file.len() > 0)).collect();
    assert_eq!(held, [(0, true)]);
}

#[test]
fn who_holds_the_workspace_sweeps_it_and_after_the_dead() {
    assert_eq!(
        check_sweep("web~0000000000bb", Owner::Workspace),
        ["old", "dead", "dead, unfinished"]
    );
}

#[test]
fn an_isolated_formation_sweeps_its_own_and_after_the_dead() {
    let own = std::process::id();
    let isolated = Owner::Isolated(own);
    assert_eq!(check_sweep("nothing", isolated), ["mine", "dead", "dead, unfinished"]);
    let mine = format!("web~0000000000aa~{own}");
    assert_eq!(check_sweep(&mine, isolated), ["dead", "dead, unfinished"]);
}
