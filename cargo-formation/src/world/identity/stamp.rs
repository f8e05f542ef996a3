//! The shortcut to "same build": what the linker says about it.

use std::fs::File;
use std::io;
use std::path::Path;

use object::Object;
use object::read::ReadCache;

/// What the linker calls a build, and how large the file is.
///
/// Read from the headers alone. Linkers make the build-id (Mach-O: the UUID) a hash of
/// their output, hence it says "same" where it is the same, and nothing where it differs:
/// debug information counts in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The build-id or UUID, if the linker wrote one.
    pub build_id: Option<Vec<u8>>,
    /// The size of the file in bytes.
    pub size: u64,
}

impl Stamp {
    /// Whether both certainly are of one build. `false` means: compare identities.
    #[must_use]
    pub fn proves_same(&self, other: &Self) -> bool {
        self.build_id.is_some() && self == other
    }
}

/// The stamp of the file at `path`.
///
/// # Errors
/// When the file cannot be read. A file that is no executable has a stamp without a
/// build-id.
pub fn stamp(path: &Path) -> io::Result<Stamp> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    Ok(Stamp { build_id: build_id(&ReadCache::new(&file)), size })
}

fn build_id(cache: &ReadCache<&File>) -> Option<Vec<u8>> {
    let file = object::File::parse(cache).ok()?;
    match file.build_id() {
        Ok(Some(id)) => Some(id.to_vec()),
        Ok(None) | Err(_) => file.mach_uuid().ok()?.map(Vec::from),
    }
}
