//! Files that people write too: where there is one, only what the table says in it is changed.

use std::fmt;

use super::app_json::Dialect;
use super::line_ends::edited;
use super::{File, Upkeep, app_json, fly};

/// How the table's part is put into a file that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    /// Quantities and variables of an app.json.
    AppJson,
    /// These, and what only Dokku reads of an app.json.
    DokkuJson,
    /// What a fly.toml has of a formation.
    FlyToml,
}

/// A file that is there, and is not understood. It is better left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(pub(super) String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

impl File {
    /// What the file is to hold where it holds `found` now. If that says already what the table
    /// does, it is `found` to the byte.
    ///
    /// # Errors
    /// When `found` cannot be read, so that something in it would be lost.
    pub fn over(&self, found: &str) -> Result<String, Unreadable> {
        match self.upkeep {
            Upkeep::Ours => Ok(self.text.clone()),
            Upkeep::Theirs => Ok(found.to_owned()),
            Upkeep::Shared(shared) => edited(found, |found| match shared {
                Shared::AppJson => app_json::over(self, found, Dialect::Heroku),
                Shared::DokkuJson => app_json::over(self, found, Dialect::Dokku),
                Shared::FlyToml => fly::over(self, found),
            }),
        }
    }

    /// What the platform objects to of what is left of `found`, each a clause about the file. It is
    /// not the table's, so that [`over`](Self::over) leaves it.
    #[must_use]
    pub fn objections(&self, found: &str) -> Vec<String> {
        let Ok(left) = self.over(found) else { return Vec::new() };
        match self.upkeep {
            Upkeep::Shared(Shared::AppJson) => app_json::objections_of_heroku(&left),
            Upkeep::Shared(Shared::FlyToml) => fly::objections(&left),
            Upkeep::Shared(Shared::DokkuJson) | Upkeep::Ours | Upkeep::Theirs => Vec::new(),
        }
    }
}
