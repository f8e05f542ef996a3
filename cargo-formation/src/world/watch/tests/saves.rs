//! How editors save, by their system calls.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{Seek, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::ground::{BOTH, Eyes, Ground, quickly, wait_for_another_tick, write};
use crate::world::clock;

/// A save in this style is reported, once if it was quick.
#[track_caller]
fn check(style: impl Fn(&Path, &str)) {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        let file = ground.path("web/src/main.rs");
        let mut judged = 0;
        for round in 0..20 {
            let was_quick = quickly(|| style(&file, &format!("round {round}\n")));
            let reports = ground.builds(&["web/src/main.rs"]);
            // A sweep may see each step.
            if was_quick && eyes == Eyes::Told {
                judged += 1;
                assert_eq!(reports, 1, "round {round}");
            }
        }
        assert!(judged > 0 || eyes == Eyes::Swept, "the machine was never quick");
    }
}

/// Write a file that is not there yet.
fn create(path: &Path, text: &str) {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn beside(path: &Path, name: &str) -> std::path::PathBuf {
    path.with_file_name(name)
}

#[test]
fn in_place() {
    check(|path, text| {
        let mut file = OpenOptions::new().write(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.set_len(text.len() as u64).unwrap();
    });
}

#[test]
fn emptied_and_written_as_vs_code_and_nano() {
    check(|path, text| {
        let mut file = OpenOptions::new().write(true).truncate(true).open(path).unwrap();
        let (first, second) = text.split_at(3);
        file.write_all(first.as_bytes()).unwrap();
        file.write_all(second.as_bytes()).unwrap();
    });
}

#[test]
fn another_file_in_its_place() {
    check(|path, text| {
        let new = beside(path, ".goutputstream-X1Y2Z3");
        create(&new, text);
        fs::rename(&new, path).unwrap();
    });
}

#[test]
fn as_sed_in_place() {
    check(|path, text| {
        let new = beside(path, "sedAbC123");
        create(&new, text);
        fs::set_permissions(&new, fs::Permissions::from_mode(0o644)).unwrap();
        fs::rename(&new, path).unwrap();
    });
}

#[test]
fn as_vim_that_renames_to_a_backup() {
    check(|path, text| {
        create(&beside(path, "4913"), "");
        fs::remove_file(beside(path, "4913")).unwrap();
        let backup = beside(path, "main.rs~");
        fs::rename(path, &backup).unwrap();
        let mut file = File::create(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        drop(file);
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
        fs::remove_file(backup).unwrap();
    });
}

#[test]
fn as_vim_that_copies_to_a_backup() {
    check(|path, text| {
        let backup = beside(path, "main.rs~");
        fs::copy(path, &backup).unwrap();
        let mut file = OpenOptions::new().write(true).truncate(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        drop(file);
        fs::remove_file(backup).unwrap();
    });
}

#[test]
fn as_vim_that_keeps_a_swap_file() {
    check(|path, text| {
        let swap = beside(path, ".main.rs.swp");
        create(&swap, "swap");
        OpenOptions::new().append(true).open(&swap).unwrap().write_all(b"more").unwrap();
        fs::write(path, text).unwrap();
        fs::remove_file(swap).unwrap();
    });
}

#[test]
fn as_jetbrains_that_writes_safely() {
    check(|path, text| {
        let new = beside(path, "main.rs___jb_tmp___");
        let old = beside(path, "main.rs___jb_old___");
        create(&new, text);
        fs::rename(path, &old).unwrap();
        fs::rename(&new, path).unwrap();
        fs::remove_file(&old).unwrap();
    });
}

#[test]
fn as_emacs_that_locks_and_keeps_a_backup() {
    check(|path, text| {
        let lock = beside(path, ".#main.rs");
        symlink("ann@host.1234:1", &lock).unwrap();
        let backup = beside(path, "main.rs~");
        fs::rename(path, &backup).unwrap();
        create(path, text);
        fs::remove_file(&lock).unwrap();
        fs::remove_file(&backup).unwrap();
    });
}

#[test]
fn deleted_and_made_anew() {
    check(|path, text| {
        fs::remove_file(path).unwrap();
        create(path, text);
    });
}

#[test]
fn touched() {
    check(|path, _| {
        let now = FileTimes::new().set_modified(clock::wall());
        File::options().write(true).open(path).unwrap().set_times(now).unwrap();
    });
}

#[test]
fn a_date_that_goes_backwards() {
    check(|path, text| {
        let old = beside(path, "older~");
        create(&old, text);
        let long_ago =
            FileTimes::new().set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(9));
        File::options().write(true).open(&old).unwrap().set_times(long_ago).unwrap();
        fs::rename(&old, path).unwrap();
    });
}

#[test]
fn same_date_same_size_same_inode() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        let file = ground.path("web/src/main.rs");
        let before = fs::metadata(&file).unwrap();
        for round in 0..6 {
            // Once when its content is remembered, once when it is not.
            if round > 2 {
                wait_for_another_tick();
                ground.settle();
            }
            let mut open = OpenOptions::new().write(true).open(&file).unwrap();
            open.rewind().unwrap();
            open.write_all(if round % 2 == 0 { b"new\n" } else { b"old\n" }).unwrap();
            open.set_times(FileTimes::new().set_modified(before.modified().unwrap())).unwrap();
            drop(open);
            let after = fs::metadata(&file).unwrap();
            assert_eq!((after.mtime_nsec(), after.len()), (before.mtime_nsec(), before.len()));
            ground.builds(&["web/src/main.rs"]);
        }
    }
}

#[test]
fn names_may_be_anything() {
    for eyes in BOTH {
        let names = ["ünï çødé.rs", "two words.rs", "new\nline.rs", "-dash.rs", "qu'ot\"e.rs"];
        let mut ground = Ground::new(eyes, |plan| {
            for name in names {
                write(&plan.root.join("web/src/sub dir").join(name), "old");
                plan.inputs.insert(plan.root.join("web/src/sub dir").join(name));
            }
        });
        for name in names {
            let path = format!("web/src/sub dir/{name}");
            ground.write(&path, "new");
            ground.builds(&[&path]);
        }
    }
}

#[test]
fn a_deleted_file_is_reported() {
    for eyes in BOTH {
        let mut ground = Ground::new(eyes, |_| {});
        fs::remove_file(ground.path("web/src/main.rs")).unwrap();
        ground.builds(&["web/src/main.rs"]);
        ground.write("web/src/main.rs", "back");
        ground.builds(&["web/src/main.rs"]);
    }
}
