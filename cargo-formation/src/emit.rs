//! From a formation to the files of somebody else's process manager.
//!
//! Emitters return files, they do not write them, and must not know where files are.
//! The same formation and options always give the same bytes: there is no clock here.
//! No value of a secret is known here, so none can be written.

use std::path::PathBuf;

mod app;
mod app_json;
mod bound;
mod compose;
mod container;
mod dockerfile;
mod fly;
mod kubernetes;
mod line_ends;
mod literal;
mod notice;
mod own;
mod platform;
pub mod procfile;
mod release_build;
mod resolve;
#[cfg(test)]
mod sample;
mod schedule;
mod shared;
mod shell;
mod systemd;
mod yaml;

use self::own::Own;

pub use self::app::App;
pub use self::notice::{Refusal, Remark, Subject, Unsaid, Warning};
pub use self::platform::Platform;
pub use self::shared::{Shared, Unreadable};

/// A file that an emitter returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it belongs, relative to the workspace root.
    pub path: PathBuf,
    /// What it holds.
    pub text: String,
    /// Whose it is once it is there.
    pub upkeep: Upkeep,
    /// The variables that have no value in it, whoever wrote one there: they are secret.
    pub secrets: Vec<String>,
}

/// Whose a file is once it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upkeep {
    /// Ours: it is replaced, and checked.
    Ours,
    /// Theirs: one that is there is never touched.
    Theirs,
    /// Theirs but for what the table says in it: that alone is replaced, and checked.
    Shared(Shared),
}

impl File {
    /// A file that the table says all of.
    fn ours(path: impl Into<PathBuf>, text: String) -> Self {
        Self { path: path.into(), text, upkeep: Upkeep::Ours, secrets: Vec::new() }
    }

    /// A file to begin with.
    fn theirs(path: impl Into<PathBuf>, text: String) -> Self {
        Self { path: path.into(), text, upkeep: Upkeep::Theirs, secrets: Vec::new() }
    }

    /// A file that the table says a part of.
    fn shared(path: impl Into<PathBuf>, text: String, shared: Shared, app: &App<'_>) -> Self {
        let secrets = app.secrets().map(|item| item.name.clone()).collect();
        Self { path: path.into(), text, upkeep: Upkeep::Shared(shared), secrets }
    }
}

/// Whether a text says that it was emitted: in its first line, or below that of a script.
#[must_use]
pub fn is_emitted(text: &str) -> bool {
    text.lines().take(2).any(|line| line.starts_with("# Emitted by `cargo formation"))
}

/// What a platform needs to run the formation, and what of the formation is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// The files. One at least that is not theirs.
    pub files: Vec<File>,
    /// What the platform's files cannot say, with what says it instead.
    pub unsaid: Vec<Unsaid>,
    /// What is said otherwise than the table means it, in declaration order.
    pub warnings: Vec<Warning>,
}

impl Exported {
    /// Those files that the table says something of.
    pub fn ours(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.upkeep != Upkeep::Theirs)
    }
}

/// Export a formation to a platform.
///
/// # Errors
/// Every reason why the platform could not run it as the table means it.
pub fn export(platform: Platform, app: &App<'_>) -> Result<Exported, Vec<Refusal>> {
    Own::read(app, platform)?;
    match platform {
        Platform::Dockerfile => dockerfile::dockerfile(app),
        Platform::Systemd => systemd::systemd(app),
        Platform::Compose => compose::compose(app),
        Platform::AppJson => app_json::app_json(app),
        Platform::Dokku => app_json::dokku(app),
        Platform::Fly => fly::fly(app),
        Platform::Kubernetes => kubernetes::kubernetes(app),
    }
}
