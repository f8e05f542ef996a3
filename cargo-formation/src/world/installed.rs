//! Whether a program is there to be run.
//!
//! Found out before it is started: what has been started counts as up, if nothing else is to
//! show that it is.

use std::env::split_paths;
use std::ffi::OsStr;
use std::path::Path;

use rustix::fs::{Access, access};

/// Whether a process with this `PATH` and this working directory could run `program`: a path,
/// or a name without a slash.
#[must_use]
pub fn is_installed(program: &Path, path: Option<&OsStr>, dir: &Path) -> bool {
    if program.as_os_str().as_encoded_bytes().contains(&b'/') {
        return can_run(&dir.join(program));
    }
    // Where nobody says where to look, the system knows some places.
    path.is_none_or(|path| split_paths(path).any(|place| can_run(&dir.join(place).join(program))))
}

fn can_run(file: &Path) -> bool {
    file.is_file() && access(file, Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::is_installed;

    #[test]
    fn a_program_is_a_file_in_one_of_the_places_that_can_be_run() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        fs::create_dir_all(dir.join("bin/tools")).unwrap();
        for (name, mode) in [("bin/mailer", 0o755), ("bin/notes", 0o644)] {
            fs::write(dir.join(name), "#!/bin/sh\n").unwrap();
            fs::set_permissions(dir.join(name), Permissions::from_mode(mode)).unwrap();
        }
        let check = |program: &str, path: Option<&str>, expected| {
            let found = is_installed(Path::new(program), path.map(OsStr::new), dir);
            assert_eq!(found, expected, "{program} in {path:?}");
        };
        check("mailer", Some("/nowhere:bin"), true);
        check("mailer", Some("/nowhere"), false);
        check("mailer", Some(""), false);
        check("notes", Some("bin"), false);
        check("tools", Some("bin"), false);
        check("bin/mailer", Some("/nowhere"), true);
        check("./bin/mailer", None, true);
        check("bin/other", None, false);
        check("mailer", None, true);
    }
}
