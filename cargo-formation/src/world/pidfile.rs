//! Whether a process has written a PID file.
//!
//! Nothing tells who wrote a file. But a file called `….pid` in one of the usual places,
//! that holds the number of a process of ours, was not written by anybody else.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where programs put them, relative to their working directory.
const IN_WORKING_DIRECTORY: [&str; 6] = ["", "tmp", "tmp/pids", "run", "var/run", "log"];
/// Where programs put them on the whole machine.
const ON_MACHINE: [&str; 3] = ["/run", "/var/run", "/tmp"];
/// No process id is longer than this, with some blanks.
const LONGEST: u64 = 32;

/// A PID file of one of these processes, whose working directory is `dir`.
#[must_use]
pub fn find(dir: &Path, pids: &[u32]) -> Option<PathBuf> {
    let near = IN_WORKING_DIRECTORY.iter().map(|place| dir.join(place));
    let places = near.chain(ON_MACHINE.iter().map(PathBuf::from));
    let entries = places.filter_map(|place| fs::read_dir(place).ok()).flatten().flatten();
    let mut files = entries.map(|entry| entry.path()).filter(|path| is_called_so(path));
    files.find(|path| content(path).is_some_and(|pid| pids.contains(&pid)))
}

fn is_called_so(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "pid")
}

fn content(path: &Path) -> Option<u32> {
    // What is no file, a pipe say, could keep us waiting.
    if !fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    File::open(path).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::find;

    #[test]
    fn a_file_is_found_by_its_name_and_what_it_holds() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("tmp/pids")).unwrap();
        let path = dir.path().join("tmp/pids/server.pid");
        // No process can have this number: it is above the kernel's limit.
        fs::write(&path, "4294967295\n").unwrap();
        fs::write(dir.path().join("notes.txt"), "4294967295").unwrap();
        assert_eq!(find(dir.path(), &[u32::MAX]), Some(path));
        assert_eq!(find(dir.path(), &[u32::MAX - 1]), None);
    }
}
