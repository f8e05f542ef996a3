//! The files of a new workspace: one package, a library, and a binary for each process type.

use std::path::Path;

use super::blanks::fill;
use super::code::{Ground, Migrates};
use super::dependencies::{dependencies, oldest_rust};
use super::emission::{Emission, Reader};
use super::{Change, Database, Kind, PackageName, deploying, parts, prose};
use crate::emit::procfile::Options;
use crate::emit::{Exported, File, Platform, Refusal, Warning};
use crate::manifest::{BinaryTarget, Manifest, Package, Workspace};

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
    /// For whom it is exported, besides that it is an image.
    pub deploy: Vec<Platform>,
}

/// An editor that can be told how to start a debugger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Editor {
    /// Visual Studio Code.
    VisualStudioCode,
}

impl Design {
    fn ground<'g>(&'g self, krate: &'g str) -> Ground<'g> {
        let prepares = self.kinds.contains(&Kind::Release);
        Ground {
            krate,
            package: self.name.as_str(),
            database: self.database,
            migrates: if prepares { Migrates::Release } else { Migrates::Everybody },
        }
    }
}

/// A new workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Every file, by path.
    pub files: Vec<Change>,
    /// What those platforms run otherwise than the table means it that were asked for.
    pub warnings: Vec<(Platform, Warning)>,
    /// Those whose containers would not share what the service stores.
    pub losing: Vec<Platform>,
}

/// Make a workspace.
///
/// # Errors
/// Why a platform could not run it.
pub fn workspace(design: &Design) -> Result<Made, Vec<Refusal>> {
    let Design { name, kinds, database, editor, deploy: _ } = design;
    let krate = name.krate();
    let ground = design.ground(&krate);
    let manifest = told(design, include_str!("templates/manifest.toml"));
    let Emitted { mut changes, asked } = emitted(design, &manifest)?;
    changes.push(Change::new("Cargo.toml", manifest));
    changes.extend(around(design, &asked));
    for (name, template) in parts::modules(kinds, *database) {
        changes.push(Change::new(format!("src/{name}.rs"), ground.shared(template)));
    }
    for (name, template) in parts::shared_by_tests(kinds, *database) {
        changes.push(Change::new(format!("tests/{name}/mod.rs"), ground.shared(template)));
    }
    for kind in kinds {
        changes.extend(process_type(kind.name(), *kind, &ground));
    }
    changes.extend(database.map(stored).unwrap_or_default());
    changes.extend(editor.map(|editor| edited(design, editor)).unwrap_or_default());
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    let of = |(platform, exported): (Platform, Exported)| {
        exported.warnings.into_iter().map(move |warning| (platform, warning))
    };
    let warnings = asked.into_iter().flat_map(of).collect();
    Ok(Made { files: changes, warnings, losing: deploying::losing(design) })
}

/// A binary and its test.
pub(super) fn process_type(name: &str, kind: Kind, ground: &Ground<'_>) -> [Change; 2] {
    let (binary, test) = (parts::binary(kind, ground.database), parts::test(kind, ground.database));
    [
        Change::new(format!("src/bin/{name}.rs"), ground.own(name, binary)),
        Change::new(format!("tests/{name}.rs"), ground.own(name, test)),
    ]
}

/// What every workspace has.
fn around(design: &Design, asked: &[(Platform, Exported)]) -> Vec<Change> {
    let readme = told(design, include_str!("templates/readme.md"));
    let readme = fill(&readme, &[("__platforms__\n", &deploying::sections(design, asked))]);
    vec![
        Change::new(".env.example", prose::env_example(design)),
        Change::new(".gitignore", prose::ignored(design.database)),
        Change::new(".github/workflows/ci.yml", told(design, include_str!("templates/ci.yml"))),
        Change::new("README.md", readme),
        Change::new("src/lib.rs", told(design, include_str!("templates/lib.rs"))),
    ]
}

/// What a database needs.
fn stored(database: Database) -> Vec<Change> {
    let mut changes = vec![
        Change::new("migrations/1_jobs.sql", parts::migration(database)),
        Change::new(".env.test", prose::env_test(database)),
    ];
    if database == Database::Postgres {
        changes.push(Change::new("bin/postgres", include_str!("templates/postgres/server.sh")));
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
    let name = kind.name();
    files.map(|(path, text)| Change::new(path, fill(text, &[("__type__", name)]))).into()
}

/// What is emitted of a workspace.
#[derive(Default)]
struct Emitted {
    /// The files, each once.
    changes: Vec<Change>,
    /// What was said to whoever was asked for.
    asked: Vec<(Platform, Exported)>,
}

/// What is emitted of it, as it will be checked: the Procfile, the image, and what was asked for.
fn emitted(design: &Design, manifest: &str) -> Result<Emitted, Vec<Refusal>> {
    let root = Path::new("/");
    let package = Package {
        name: design.name.as_str().to_owned(),
        manifest: 0,
        binaries: design.kinds.iter().map(|kind| binary(kind.name(), root)).collect(),
    };
    let manifest = Manifest { path: root.join("Cargo.toml"), text: manifest.to_owned() };
    let workspace = Workspace {
        root: root.to_owned(),
        manifests: vec![manifest],
        packages: vec![package],
        ..Workspace::default()
    };
    let Some(emission) = Emission::of(&workspace) else { return Ok(Emitted::default()) };
    let mut files = emission.files(&Reader::Procfile(Options::default()))?;
    files.extend(emission.files(&Reader::Platform(Platform::Dockerfile))?);
    let mut asked = Vec::new();
    for platform in &design.deploy {
        let exported = emission.exported(*platform)?;
        files.extend(exported.files.iter().cloned());
        asked.push((*platform, exported));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    let changes = files.into_iter().map(|File { path, text, .. }| Change::new(path, text));
    Ok(Emitted { changes: changes.collect(), asked })
}

/// The binary of this name of the package in a directory.
pub(super) fn binary(name: &str, directory: &Path) -> BinaryTarget {
    BinaryTarget {
        name: name.to_owned(),
        source: directory.join(format!("src/bin/{name}.rs")),
        required_features: Vec::new(),
    }
}

/// A template that says what the workspace has.
fn told(design: &Design, template: &str) -> String {
    let Design { name, kinds, database, .. } = design;
    let is_postgres = *database == Some(Database::Postgres);
    let modules = parts::modules(kinds, *database);
    let modules = lines(modules.iter().map(|(name, _)| format!("pub mod {name};")));
    let types = kinds.iter().map(|kind| {
        let name = kind.name();
        format!("{name} = {}", parts::entry(*kind, name))
    });
    fill(
        template,
        &[
            ("__name__", name.as_str()),
            ("__modules__\n", &modules),
            ("__types__\n", &lines(types)),
            ("__config__\n", &prose::config(design)),
            ("__image__\n", prose::image(design)),
            ("__services__\n", if is_postgres { prose::SERVICES } else { "" }),
            ("__dependencies__\n", &lines(dependencies(kinds, *database))),
            ("__rows__\n", &prose::rows(design)),
            ("__variables__\n", &prose::variables(design)),
            ("__rust__", oldest_rust(*database)),
            ("__open__", prose::open(kinds)),
            ("__server__\n", if is_postgres { prose::SERVER } else { "" }),
            ("__exports__\n", &deploying::exports(design)),
            ("__checks__\n", &deploying::checks(design)),
            ("__env_file__", if database.is_some() { " --env-file .env.test" } else { "" }),
        ],
    )
}

/// Lines, each with its end.
fn lines<T: ToString>(lines: impl IntoIterator<Item = T>) -> String {
    lines.into_iter().map(|line| line.to_string() + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::{Design, Editor, Platform, workspace};
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
                    deploy: Vec::new(),
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
            for Change { path, after, .. } in workspace(&design).unwrap().files {
                assert_eq!(blank(&after), None, "{} of {design:?}", path.display());
            }
        }
    }

    #[test]
    fn an_editor_is_told_what_the_guide_shows() {
        let guide = include_str!("../../../docs/guide/debugging.md");
        let design = &designs()[0];
        let all = workspace(design).unwrap().files;
        let told = all.iter().filter(|change| change.path.starts_with(".vscode"));
        for change in told.clone() {
            let shown = format!("```json\n{}```\n", change.after);
            assert!(guide.contains(&shown), "{}", change.path.display());
        }
        assert_eq!((design.kinds.as_slice(), told.count()), (&[Kind::Web][..], 2));
    }

    #[test]
    fn every_file_ends_with_one_newline_and_there_is_no_file_twice() {
        for design in designs() {
            let mut changes = workspace(&design).unwrap().files;
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
            let changes = workspace(&design).unwrap().files;
            let has = |path: &str| changes.iter().any(|change| change.path.starts_with(path));
            assert!(has("Procfile") && !has(".cargo"), "{design:?}");
        }
    }

    #[test]
    fn an_image_is_always_there_and_every_platform_that_is_asked_for() {
        let all = Platform::ALL.to_vec();
        // Nobody runs a release alone.
        let designs = designs().into_iter().filter(|design| design.kinds != [Kind::Release]);
        for design in designs {
            let plain = workspace(&design).unwrap().files;
            let deployed = workspace(&Design { deploy: all.clone(), ..design }).unwrap().files;
            let has = |changes: &[Change], path: &str| {
                changes.iter().any(|change| change.path.starts_with(path))
            };
            assert!(has(&plain, "Dockerfile") && has(&plain, ".dockerignore"));
            assert!(!has(&plain, "deploy") && !has(&plain, "fly.toml"));
            for path in ["deploy/systemd", "deploy/kubernetes", "fly.toml", "app.json"] {
                assert!(has(&deployed, path), "{path}");
            }
            let mut paths: Vec<_> = deployed.iter().map(|change| &change.path).collect();
            paths.dedup();
            assert_eq!(paths.len(), deployed.len());
        }
    }

    #[test]
    fn what_is_exported_says_what_the_app_needs_and_containers_are_reached() {
        for design in designs() {
            let (kinds, database) = (design.kinds.clone(), design.database);
            if !kinds.contains(&Kind::Web) {
                continue;
            }
            let changes =
                workspace(&Design { deploy: Platform::ALL.to_vec(), ..design }).unwrap().files;
            let holds = |path: &str, text: &str| {
                let file = changes.iter().find(|change| change.path == std::path::Path::new(path));
                file.unwrap_or_else(|| panic!("{path}")).after.contains(text)
            };
            assert!(holds("Dockerfile", "\nENV HOST=\"0.0.0.0\"\n"));
            assert!(!holds("compose.formation.yaml", "HOST"));
            let needs = "DATABASE_URL";
            for path in ["deploy/systemd/env.example", "compose.formation.yaml", "app.json"] {
                assert_eq!(holds(path, needs), database.is_some(), "{path}");
            }
            let secret = holds("deploy/kubernetes/deployment-web.yaml", "secretRef");
            assert_eq!(secret, database.is_some());
        }
    }

    #[test]
    fn what_a_platform_cannot_be_called_is_refused() {
        let design = Design {
            name: "a-name-that-is-longer-than-that-of-a-user".parse().unwrap(),
            deploy: vec![Platform::Systemd],
            ..designs().swap_remove(0)
        };
        let refusals = workspace(&design).unwrap_err();
        assert!(refusals[0].to_string().contains("a-name-that-is"), "{}", refusals[0]);
    }
}
