//! What scaffolded code depends on, and in which version: here, and nowhere else.

use std::fmt;

use super::{Database, Kind};

/// A crate that a template uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dependency {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) defaults: Defaults,
    pub(super) features: &'static [&'static str],
}

/// Whether the features that a crate has unasked are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Defaults {
    Wanted,
    Unwanted,
}

const AXUM: Dependency = Dependency {
    name: "axum",
    version: "0.8.9",
    defaults: Defaults::Unwanted,
    features: &["http1", "tokio"],
};

const TOKIO: Dependency = Dependency {
    name: "tokio",
    version: "1.54.1",
    defaults: Defaults::Wanted,
    features: &["macros", "net", "rt-multi-thread", "signal", "time"],
};

const TRACING: Dependency =
    Dependency { name: "tracing", version: "0.1.41", defaults: Defaults::Wanted, features: &[] };

const TRACING_SUBSCRIBER: Dependency = Dependency {
    name: "tracing-subscriber",
    version: "0.3.20",
    defaults: Defaults::Unwanted,
    features: &["env-filter", "fmt"],
};

/// sqlx without its macros: they double the time that a first build takes.
const fn sqlx(features: &'static [&'static str]) -> Dependency {
    Dependency { name: "sqlx", version: "0.9.0", defaults: Defaults::Unwanted, features }
}

const SQLITE: Dependency = sqlx(&["migrate", "runtime-tokio", "sqlite-bundled"]);

const POSTGRES: Dependency =
    sqlx(&["migrate", "postgres", "runtime-tokio", "tls-rustls-ring-native-roots"]);

/// Every crate that a template may use: no package of theirs can depend on one of its own name.
pub(super) const ALL: [Dependency; 6] =
    [AXUM, SQLITE, POSTGRES, TOKIO, TRACING, TRACING_SUBSCRIBER];

/// What the templates of these kinds use, by name.
pub(super) fn dependencies(kinds: &[Kind], database: Option<Database>) -> Vec<Dependency> {
    let web = kinds.contains(&Kind::Web).then_some(AXUM);
    let sqlx = database.map(|database| match database {
        Database::Sqlite => SQLITE,
        Database::Postgres => POSTGRES,
    });
    web.into_iter().chain(sqlx).chain([TOKIO, TRACING, TRACING_SUBSCRIBER]).collect()
}

/// The oldest Rust that compiles them.
pub(super) fn oldest_rust(database: Option<Database>) -> &'static str {
    if database.is_some() { "1.94" } else { "1.91" }
}

/// As a line of a manifest.
impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, version, defaults, features } = self;
        if *defaults == Defaults::Wanted && features.is_empty() {
            return write!(f, "{name} = \"{version}\"");
        }
        write!(f, "{name} = {{ version = \"{version}\"")?;
        if *defaults == Defaults::Unwanted {
            f.write_str(", default-features = false")?;
        }
        if !features.is_empty() {
            write!(f, ", features = {features:?}")?;
        }
        f.write_str(" }")
    }
}

#[cfg(test)]
mod tests {
    use super::ALL;

    /// What a manifest of this repository asks for.
    fn wanted(manifest: &str, name: &str) -> Option<String> {
        let document: toml_edit::DocumentMut = manifest.parse().unwrap();
        let entry = document["dependencies"].get(name)?;
        let version = entry.get("version").unwrap_or(entry);
        version.as_str().map(str::to_owned)
    }

    #[test]
    fn versions_are_those_that_this_repository_is_tested_with() {
        let app = include_str!("../../../example-app/Cargo.toml");
        for dependency in ALL {
            let version = wanted(app, dependency.name);
            assert_eq!(version.as_deref(), Some(dependency.version), "{}", dependency.name);
        }
    }

    #[test]
    fn a_dependency_is_a_line_of_a_manifest() {
        let lines: Vec<String> = ALL.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines[0],
            r#"axum = { version = "0.8.9", default-features = false, features = ["http1", "tokio"] }"#
        );
        assert_eq!(lines[4], r#"tracing = "0.1.41""#);
    }
}
