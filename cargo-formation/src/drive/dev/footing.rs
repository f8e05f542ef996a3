//! A target directory that is removed while cargo builds in it: the build fails, through no
//! fault of the code.
//!
//! A build that begins where there is no directory has nothing to lose, so that one repeats
//! another once at most.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// What every target directory has, and loses first when it is removed as a whole; see
/// <https://bford.info/cachedir/>.
const TAG: &str = "CACHEDIR.TAG";

/// What a build stands on, as it was at its begin.
#[derive(Debug, Default)]
pub(super) struct Footing {
    /// The tags that were there, each with device and inode.
    tags: Vec<(PathBuf, (u64, u64))>,
}

impl Footing {
    /// That of a build that begins now and writes to these directories.
    pub(super) fn now(directories: &[PathBuf]) -> Self {
        let tags = directories.iter().map(|directory| directory.join(TAG));
        Self { tags: tags.filter_map(|tag| Some((tag.clone(), identity(&tag)?))).collect() }
    }

    /// Whether any of it has been removed since.
    pub(super) fn is_lost(&self) -> bool {
        self.tags.iter().any(|(tag, was)| identity(tag) != Some(*was))
    }
}

fn identity(path: &PathBuf) -> Option<(u64, u64)> {
    fs::symlink_metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Footing, TAG};

    #[test]
    fn it_is_lost_when_a_directory_is_removed_or_made_anew() {
        let root = tempfile::tempdir().unwrap();
        let directories = ["out", "made"].map(|name| root.path().join(name));
        let [out, made] = &directories;
        assert!(!Footing::now(&directories).is_lost(), "there was nothing to lose");
        let early = Footing::now(&directories);
        for directory in &directories {
            fs::create_dir(directory).unwrap();
            fs::write(directory.join(TAG), "").unwrap();
        }
        assert!(!early.is_lost());
        let footing = Footing::now(&directories);
        fs::write(out.join(TAG), "Signature").unwrap();
        assert!(!footing.is_lost());
        // The inode of what is removed may be given to what comes next.
        fs::rename(made, root.path().join("aside")).unwrap();
        assert!(footing.is_lost());
        fs::create_dir(made).unwrap();
        fs::write(made.join(TAG), "").unwrap();
        assert!(footing.is_lost());
    }
}
