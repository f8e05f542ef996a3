//! The files of a new workspace: one package, a library, and a binary for each process type.

use std::path::{Path, PathBuf};

use super::blanks::fill;
use super::dependencies::dependencies;
use super::{Change, Database, Kind, PackageName, parts, prose};
use crate::emit;
use crate::formation::Formation;
use crate::manifest::{BinaryTarget, Manifest, Package, Workspace, read};

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Design {
    /// The name of the package.
    pub name: PackageName,
    /// Its process types, each at most once; they are declared in the order of [`Kind::ALL`].
    pub kinds: Vec<Kind>,
    /// Where its state is, if it has any.
    pub database: Option<Database>,
    /// Whose files are wanted beside it.
    pub editor: Option<Editor>,
}

/// An editor that can be told how to start a debugger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Editor {
    /// Visual Studio Code.
    VisualStudioCode,
}

/// Every file of a new workspace, by path.
#[must_use]
pub fn workspace(design: &Design) -> Vec<Change> {
    let Design { kinds, database, .. } = design;
    let mut changes = around(design);
    for (name, template) in parts::modules(kinds, *database) {
        changes.push(Change::new(format!("src/{name}.rs"), filled(design, template)));
    }
    for (name, template) in parts::shared_by_tests(kinds, *database) {
        changes.push(Change::new(format!("tests/{name}/mod.rs"), filled(design, template)));
    }
    for kind in kinds {
        changes.extend(process_type(design, *kind));
    }
    changes.extend(database.map(|database| stored(design, database)).unwrap_or_default());
    changes.extend(design.editor.map(|editor| edited(design, editor)).unwrap_or_default());
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    changes
}

/// What every workspace has.
fn around(design: &Design) -> Vec<Change> {
    let manifest = manifest(design);
    let mut changes = vec![
        Change::new(".env.example", prose::env_example(design)),
        Change::new(".gitignore", prose::ignored(design.database)),
        Change::new(".github/workflows/ci.yml", filled(design, include_str!("templates/ci.yml"))),
        Change::new("README.md", filled(design, include_str!("templates/readme.md"))),
        Change::new("src/lib.rs", filled(design, include_str!("templates/lib.rs"))),
    ];
    changes.extend(procfile(design, &manifest).map(|text| Change::new("Procfile", text)));
    changes.push(Change::new("Cargo.toml", manifest));
    changes
}

/// A binary and its test.
fn process_type(design: &Design, kind: Kind) -> [Change; 2] {
    let (name, database) = (kind.name(), design.database);
    [
        Change::new(
            format!("src/bin/{name}.rs"),
            filled_for(design, kind, parts::binary(kind, database)),
        ),
        Change::new(
            format!("tests/{name}.rs"),
            filled_for(design, kind, parts::test(kind, database)),
        ),
    ]
}

/// What a database needs.
fn stored(design: &Design, database: Database) -> Vec<Change> {
    let mut changes = vec![
        Change::new("migrations/1_jobs.sql", parts::migration(database)),
        Change::new(".env.test", prose::env_test(database)),
    ];
    if database == Database::Postgres {
        let server = include_str!("templates/postgres/server.sh");
        changes.push(Change::new("bin/postgres", filled(design, server)));
    }
    changes
}

/// What an editor needs, to start a debugger for the first type that goes on running.
fn edited(design: &Design, editor: Editor) -> Vec<Change> {
    let Editor::VisualStudioCode = editor;
    let Some(kind) = design.kinds.iter().find(|kind| **kind != Kind::Release) else {
        return Vec::new();
    };
    let files = [
        (".vscode/launch.json", include_str!("templates/vscode/launch.json")),
        (".vscode/tasks.json", include_str!("templates/vscode/tasks.json")),
    ];
    files.map(|(path, text)| Change::new(path, filled_for(design, *kind, text))).into()
}

fn manifest(design: &Design) -> String {
    filled(design, include_str!("templates/manifest.toml"))
}

/// The Procfile, emitted as it will be checked.
fn procfile(design: &Design, manifest: &str) -> Option<String> {
    let formation = formation(design, manifest)?;
    let options = emit::procfile::Options::default();
    emit::procfile::procfile(&formation, &options).ok().map(|procfile| procfile.text)
}

/// The formation of a manifest, read as that of a workspace that is there.
fn formation(design: &Design, manifest: &str) -> Option<Formation> {
    let root = Path::new("/");
    let binary = |kind: &Kind| BinaryTarget {
        name: kind.name().to_owned(),
        source: root.join("src/bin").join(kind.name()).with_extension("rs"),
        required_features: Vec::new(),
    };
    let package = Package {
        name: design.name.as_str().to_owned(),
        manifest: 0,
        binaries: design.kinds.iter().map(binary).collect(),
    };
    let manifest = Manifest { path: root.join("Cargo.toml"), text: manifest.to_owned() };
    read(&Workspace {
        root: PathBuf::from(root),
        manifests: vec![manifest],
        packages: vec![package],
        ..Workspace::default()
    })
    .formation
}

/// A template of this workspace.
fn filled(design: &Design, template: &str) -> String {
    let Design { name, kinds, database, .. } = design;
    let is_postgres = *database == Some(Database::Postgres);
    let prepares = kinds.contains(&Kind::Release);
    let modules = parts::modules(kinds, *database);
    let modules = lines(modules.iter().map(|(name, _)| format!("pub mod {name};")));
    let types = kinds.iter().map(|kind| format!("{} = {}", kind.name(), parts::entry(*kind)));
    fill(
        template,
        &[
            ("__name__", name.as_str()),
            ("__crate__", &name.krate()),
            ("__modules__\n", &modules),
            ("__types__\n", &lines(types)),
            ("__services__\n", if is_postgres { prose::SERVICES } else { "" }),
            ("__dependencies__\n", &lines(dependencies(kinds, *database))),
            ("__rows__\n", &prose::rows(design)),
            ("__variables__\n", &prose::variables(design)),
            ("__open__", prose::open(kinds)),
            ("__server__\n", if is_postgres { prose::SERVER } else { "" }),
            ("__env_file__", if database.is_some() { " --env-file .env.test" } else { "" }),
            ("__whose__", if prepares { prose::PREPARED } else { prose::UNPREPARED }),
            ("__first__", if prepares { "" } else { "migrate(url).await?;\n    " }),
            ("__try__", if is_postgres { "?" } else { "" }),
            (
                "__now__",
                if is_postgres { "extract(epoch FROM now())::bigint" } else { "unixepoch()" },
            ),
            ("__lock__", if is_postgres { " FOR UPDATE SKIP LOCKED" } else { "" }),
        ],
    )
}

/// A template of this process type of it.
fn filled_for(design: &Design, kind: Kind, template: &str) -> String {
    let name = kind.name();
    let blanks = [("__type__", name), ("__variable__", &name.to_uppercase())];
    filled(design, &fill(template, &blanks))
}

/// Lines, each with its end.
fn lines<T: ToString>(lines: impl IntoIterator<Item = T>) -> String {
    lines.into_iter().map(|line| line.to_string() + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::{Design, Editor, workspace};
    use crate::scaffold::{Change, Database, Kind};

    /// Every subset of the kinds with every database.
    fn designs() -> Vec<Design> {
        let subsets = (1..16_u8).map(|bits| {
            let chosen = (0..4).filter(|bit| bits & (1 << bit) != 0);
            chosen.map(|bit| Kind::ALL[bit]).collect::<Vec<_>>()
        });
        let databases = [None, Some(Database::Sqlite), Some(Database::Postgres)];
        subsets
            .flat_map(|kinds| {
                databases.map(|database| Design {
                    name: "mail-shop".parse().unwrap(),
                    kinds: kinds.clone(),
                    database,
                    editor: Some(Editor::VisualStudioCode),
                })
            })
            .collect()
    }

    /// The first blank that was not filled.
    fn blank(text: &str) -> Option<&str> {
        let parts = text.split("__").skip(1).step_by(2);
        let is_word = |part: &&str| part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        parts.filter(|part| !part.is_empty()).find(is_word)
    }

    #[test]
    fn no_blank_is_left() {
        assert_eq!(blank("a __b__ c"), Some("b"));
        assert_eq!(designs().len(), 45);
        for design in designs() {
            for Change { path, after, .. } in workspace(&design) {
                assert_eq!(blank(&after), None, "{} of {design:?}", path.display());
            }
        }
    }

    #[test]
    fn every_file_ends_with_one_newline_and_there_is_no_file_twice() {
        for design in designs() {
            let mut changes = workspace(&design);
            for Change { path, after, .. } in &changes {
                assert!(after.ends_with('\n') && !after.ends_with("\n\n"), "{}", path.display());
                assert!(!after.contains("\n\n\n"), "{} of {design:?}", path.display());
            }
            let all = changes.len();
            changes.dedup_by(|a, b| a.path == b.path);
            assert_eq!(changes.len(), all);
        }
    }

    #[test]
    fn every_workspace_has_a_procfile_and_no_alias_of_cargo() {
        for design in designs() {
            let changes = workspace(&design);
            let has = |path: &str| changes.iter().any(|change| change.path.starts_with(path));
            assert!(has("Procfile") && !has(".cargo"), "{design:?}");
        }
    }
}
