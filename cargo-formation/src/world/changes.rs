//! Writes what a scaffold has decided: all of it, or nothing.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

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

/// Whether a directory is inside of a repository of git.
#[must_use]
pub fn is_in_repository(directory: &Path) -> bool {
    directory.ancestors().any(|above| above.join(".git").exists())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Draft;
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
}
