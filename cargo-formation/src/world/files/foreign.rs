//! What other process managers are told in the workspace root.

use std::path::Path;

use super::{FileError, FileProblem, text};

/// The files of other tools, with whatever they hold. Where two say something of one process,
/// the first counts: a Procfile is what is deployed, and the others are for development.
const NAMES: [&str; 5] =
    ["Procfile", "Procfile.dev", "mprocs.yaml", "process-compose.yaml", "process-compose.yml"];

/// More than this nobody has written by hand.
const MOST_BYTES: u64 = 1 << 17;

/// The files of other tools that are in a directory, each with its name and its text, or with
/// the reason why it cannot be read.
#[must_use]
pub fn foreign(root: &Path) -> Vec<(&'static str, Result<String, FileError>)> {
    let read = |name: &'static str| Some((name, bounded(&root.join(name)).transpose()?));
    NAMES.into_iter().filter_map(read).collect()
}

fn bounded(path: &Path) -> Result<Option<String>, FileError> {
    if std::fs::metadata(path).is_ok_and(|there| there.is_file() && there.len() > MOST_BYTES) {
        let problem = FileProblem::Unreadable("it has more than 128 KiB".to_owned());
        return Err(FileError { path: path.to_owned(), problem });
    }
    text(path)
}
