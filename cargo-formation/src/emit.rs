//! From a formation to the files of somebody else's process manager.
//!
//! Emitters return files, they do not write them, and must not know where files are.
//! The same formation and options always give the same bytes: there is no clock here.

use std::path::PathBuf;

pub mod procfile;

/// A file that an emitter returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it belongs, relative to the workspace root.
    pub path: PathBuf,
    /// What it holds.
    pub text: String,
}
