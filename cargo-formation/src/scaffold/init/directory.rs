//! A working directory as the table has it.

use std::path::{Component, Path, PathBuf};

use super::Ground;
use crate::scaffold::reason::Reason;

/// A directory relative to the workspace root, and nothing for the root itself.
///
/// # Errors
/// When it is not inside of the workspace, or not there.
pub(super) fn directory(dir: &Path, ground: &Ground<'_>) -> Result<Option<String>, Reason> {
    let outside = || Reason::Outside(dir.to_owned());
    let inside = dir.strip_prefix(&ground.workspace.root).unwrap_or(dir);
    let mut path = PathBuf::new();
    for component in inside.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(part) => path.push(part),
            Component::ParentDir if path.pop() => {}
            Component::Prefix(_) | Component::RootDir | Component::ParentDir => {
                return Err(outside());
            }
        }
    }
    if ground.missing.contains(dir) {
        return Err(Reason::NoDirectory(dir.to_owned()));
    }
    let text = path.to_str().filter(|text| text.trim() == *text).ok_or_else(outside)?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}
