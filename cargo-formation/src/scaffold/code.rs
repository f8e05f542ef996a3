//! Code from templates: whose names stand in it, and what it says to which database.

use super::Database;
use super::blanks::fill;
use crate::formation::variable;

/// The package that code is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ground<'g> {
    /// The name of its library, as Rust code spells it.
    pub(super) krate: &'g str,
    /// The name of the package.
    pub(super) package: &'g str,
    /// Where its state is.
    pub(super) database: Option<Database>,
    /// Who applies the migrations.
    pub(super) migrates: Migrates,
}

/// Who applies the migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Migrates {
    /// `release`, before the others.
    Release,
    /// Whoever connects first.
    Everybody,
}

impl Ground<'_> {
    /// What belongs to all process types.
    pub(super) fn shared(&self, template: &str) -> String {
        let Self { krate, package, database, migrates } = self;
        let is_postgres = *database == Some(Database::Postgres);
        let (whose, first) = match migrates {
            Migrates::Release => ("that `release` has prepared", ""),
            Migrates::Everybody => {
                ("and prepare it: there is no `release`", "migrate(url).await?;\n    ")
            }
        };
        let (question_mark, now, lock) = if is_postgres {
            ("?", "extract(epoch FROM now())::bigint", " FOR UPDATE SKIP LOCKED")
        } else {
            ("", "unixepoch()", "")
        };
        let blanks = [
            ("__name__", *package),
            ("__crate__", *krate),
            ("__whose__", whose),
            ("__first__", first),
            ("__try__", question_mark),
            ("__now__", now),
            ("__lock__", lock),
        ];
        fill(template, &blanks)
    }

    /// What belongs to one process type.
    pub(super) fn own(&self, name: &str, template: &str) -> String {
        let blanks = [("__type__", name), ("__variable__", &variable(name))];
        self.shared(&fill(template, &blanks))
    }
}
