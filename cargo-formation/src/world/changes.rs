//! Writes what a scaffold has decided: all of it, or nothing.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::files::replace;
use crate::scaffold::Change;

/// A directory in the making, beside the place where it will be. Dropped before it is put
/// there, it goes.
#[derive(Debug)]
pub struct Draft {
    place: PathBuf,
    staged: PathBuf,
}

impl Draft {
    /// Begin one for a place that is free, and make the directories above it.
    ///
    /// # Errors
    /// When nobody may write there.
    pub fn begin(place: &Path) -> io::Result<Self> {
        let name = place.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
        let staged = place.with_file_name(format!(".{name}.{}", std::process::id()));
        if let Some(above) = place.parent() {
            fs::create_dir_all(above)?;
        }
        fs::create_dir(&staged)?;
        Ok(Self { place: place.to_owned(), staged })
    }

    /// Write the files.
    ///
    /// # Errors
    /// When one cannot be written.
    pub fn write(&self, changes: &[Change]) -> io::Result<()> {
        changes.iter().try_for_each(|change| {
            let path = self.staged.join(&change.path);
            fs::create_dir_all(path.parent().unwrap_or(&self.staged))?;
            fs::write(path, &change.after)
        })
    }

    /// Make a repository of it. What git says goes to nobody, unless it refuses.
    ///
    /// # Errors
    /// When git cannot be started, or refuses.
    pub fn init_git(&self) -> io::Result<()> {
        let output =
            Command::new("git").args(["init", "--quiet"]).current_dir(&self.staged).output();
        let output = output.map_err(|error| io::Error::other(format!("git: {error}")))?;
        if output.status.success() {
            return Ok(());
        }
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }

    /// Put it in its place.
    ///
    /// # Errors
    /// When somebody else was there first.
    pub fn finish(self) -> io::Result<()> {
        fs::rename(&self.staged, &self.place)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Once it is in its place, there is nothing to remove.
        let _ = fs::remove_dir_all(&self.staged);
    }
}

/// Make changes, one after the other. If one fails, those before it are taken back.
///
/// # Errors
/// Which file cannot be written, or is no longer as it was when the change was decided.
pub fn apply(changes: &[Change]) -> Result<(), (PathBuf, io::Error)> {
    for (done, change) in changes.iter().enumerate() {
        if let Err(error) = make(change) {
            changes[..done].iter().rev().for_each(take_back);
            return Err((change.path.clone(), error));
        }
    }
    Ok(())
}

fn make(change: &Change) -> io::Result<()> {
    let Change { path, before, after } = change;
    let Some(before) = before else {
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        return File::create_new(path)?.write_all(after.as_bytes());
    };
    // The directory may be written, and then a new file takes the place of the protected one.
    if fs::metadata(path)?.permissions().readonly() {
        return Err(io::Error::other("it is read-only"));
    }
    if fs::read_to_string(path)? != *before {
        return Err(io::Error::other("somebody has changed it meanwhile"));
    }
    replace(path, after)
}

/// As far as that can be done: there was an error before.
fn take_back(change: &Change) {
    let _ = match &change.before {
        Some(before) => replace(&change.path, before),
        None => fs::remove_file(&change.path),
    };
}

/// Whether a directory is inside of a repository of git.
#[must_use]
pub fn is_in_repository(directory: &Path) -> bool {
    directory.ancestors().any(|above| above.join(".git").exists())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Draft, apply};
    use crate::scaffold::Change;

    #[test]
    fn nothing_half_is_ever_in_the_place() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("above/shop");
        let draft = Draft::begin(&place).unwrap();
        draft.write(&[Change::new("src/lib.rs", "one")]).unwrap();
        assert!(!place.exists());
        draft.finish().unwrap();
        assert_eq!(fs::read_to_string(place.join("src/lib.rs")).unwrap(), "one");

        let late = Draft::begin(&place).unwrap();
        late.write(&[Change::new("src/lib.rs", "two")]).unwrap();
        late.finish().unwrap_err();
        assert_eq!(fs::read_to_string(place.join("src/lib.rs")).unwrap(), "one");
        drop(Draft::begin(&place).unwrap());
        assert_eq!(fs::read_dir(root.path().join("above")).unwrap().count(), 1);
    }

    #[test]
    fn a_change_that_cannot_be_made_takes_back_those_before_it() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        let read = |name: &str| fs::read_to_string(path(name)).ok();
        fs::write(path("Cargo.toml"), "old").unwrap();
        let edit = |before: &str| Change {
            path: path("Cargo.toml"),
            before: Some(before.to_owned()),
            after: "new".to_owned(),
        };
        let file = Change::new(path("src/a.rs"), "a");
        assert_eq!(apply(&[file.clone(), edit("other")]).unwrap_err().0, path("Cargo.toml"));
        assert_eq!((read("src/a.rs"), read("Cargo.toml")), (None, Some("old".to_owned())));
        apply(&[edit("old"), file.clone(), file.clone()]).unwrap_err();
        assert_eq!((read("src/a.rs"), read("Cargo.toml")), (None, Some("old".to_owned())));
        apply(&[edit("old"), file]).unwrap();
        assert_eq!((read("src/a.rs"), read("Cargo.toml")), (Some("a".into()), Some("new".into())));
    }
}
