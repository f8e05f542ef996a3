//! Names of files that come and go without anybody having written code.
//!
//! They count only if somebody named them: dep-info, a manifest, a glob.

use std::path::Path;

/// Whether an editor made this beside what is edited: a swap file, a backup, a lock, a
/// half-written copy.
pub(super) fn is_of_editor(path: &Path) -> bool {
    let Some(name) = path.file_name() else { return false };
    let name = name.to_string_lossy();
    // vim writes this one to see whether it may.
    name == "4913"
        || [".swp", ".swo", ".swx", "~", "___jb_tmp___", "___jb_old___", ".kate-swp", ".bck"]
            .iter()
            .any(|ending| name.ends_with(ending))
        || [".#", ".goutputstream-", ".nfs"].iter().any(|start| name.starts_with(start))
        || (name.starts_with('#') && name.ends_with('#') && name.len() > 1)
        || name == ".DS_Store"
}

/// Whether it looks like what a running program writes: a database, a log, a socket.
///
/// While nobody knows what the build reads, every file of a package counts; a program that
/// keeps its data there would have cargo run for ever.
pub(super) fn is_of_program(path: &Path) -> bool {
    let Some(name) = path.file_name() else { return false };
    let name = name.to_string_lossy().to_ascii_lowercase();
    let bare = ["-wal", "-shm", "-journal"].iter().find_map(|ending| name.strip_suffix(ending));
    let name = bare.unwrap_or(&name);
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| {
        ["db", "sqlite", "sqlite3", "log", "pid", "sock", "lock"].contains(&ending)
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{is_of_editor, is_of_program};

    #[test]
    fn editors_are_known_by_what_they_leave() {
        let left = [
            ".main.rs.swp",
            ".main.rs.swx",
            "4913",
            "main.rs~",
            ".#main.rs",
            "#main.rs#",
            "main.rs___jb_tmp___",
            "main.rs___jb_old___",
            ".goutputstream-W7AB12",
        ];
        for name in left {
            assert!(is_of_editor(&Path::new("/shop/src").join(name)), "{name}");
        }
        for name in ["main.rs", "#", "4913.rs", "swp", "a.swp.rs", ".env"] {
            assert!(!is_of_editor(&Path::new("/shop/src").join(name)), "{name}");
        }
    }

    #[test]
    fn programs_are_known_by_what_they_write() {
        for name in ["app.db", "app.db-wal", "APP.SQLITE3", "x.sqlite-journal", "web.log"] {
            assert!(is_of_program(Path::new(name)), "{name}");
        }
        for name in ["schema.sql", "main.rs", "db", "log", "index.html", "a-wal"] {
            assert!(!is_of_program(Path::new(name)), "{name}");
        }
    }
}
