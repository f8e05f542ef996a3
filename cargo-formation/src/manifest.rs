//! From the text of the manifests to a formation, or every problem at once.
//!
//! Pure: manifests and targets arrive as values, so it must not know files or cargo.
//! Nothing stops at the first problem: what one part of the table says wrong hides
//! nothing of what the others do.

mod absent;
mod across;
mod assemble;
mod binary;
mod dev;
mod entry;
mod guess;
mod json;
mod local;
mod locate;
mod problem;
mod process;
mod profile;
mod resources;
mod rules;
mod service;
mod settings;
mod suggest;
mod tables;
mod value;
mod workspace;

pub use self::absent::Declaration;
pub use self::guess::{Guess, Target, guesses};
pub use self::locate::{locate_process, locate_setting};
pub use self::problem::{Annotation, Problem, Role, Severity};
pub use self::workspace::{BinaryTarget, Manifest, Package, Place, Workspace};

use crate::formation::{Binary, Formation};

use self::process::Draft;
use self::tables::Tables;

/// What the tables of a workspace say.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The formation, if no problem is an error.
    pub formation: Option<Formation>,
    /// Everything that is wrong, in the order of the manifests' text.
    pub problems: Vec<Problem>,
    /// How much is declared at all.
    pub declaration: Declaration,
}

/// Whether this is the manifest of a workspace without a root package that has the table of a
/// package. Cargo then looks for a package there, and says only that its name is missing.
#[must_use]
pub fn is_homeless(manifest: &str) -> bool {
    toml_edit::Document::parse(manifest).is_ok_and(|document| {
        let package = document.get("package");
        let metadata = package.and_then(|package| package.get("metadata"));
        let table = metadata.and_then(|metadata| metadata.get("formation"));
        let name = package.and_then(|package| package.get("name"));
        table.is_some() && name.is_none() && document.contains_key("workspace")
    })
}

/// Read the table of a workspace.
#[must_use]
pub fn read(workspace: &Workspace) -> Reading {
    let mut problems = Vec::new();
    let documents = tables::documents(workspace, &mut problems);
    // A manifest that cannot be read may hold the table that seems to be missing.
    let readable = problems.is_empty();
    let mut tables = tables::tables(workspace, &documents);
    problems.append(&mut tables.problems);
    let declaration = absent::declaration(&tables);
    let absent = absent::problem(declaration, &tables, workspace).filter(|_| readable);
    let formation = formation(tables, workspace, &mut problems);
    // What is wrong elsewhere may be why there seems to be nothing.
    if problems.iter().all(|problem| problem.severity != Severity::Error) {
        problems.extend(absent);
    }
    problems.sort_by_key(|problem| problem.annotations.first().map(|first| first.place));
    let sound = problems.iter().all(|problem| problem.severity != Severity::Error);
    Reading { formation: formation.filter(|_| sound), problems, declaration }
}

/// Check what was read and put it together. There is a formation whenever every type has
/// its binary; whether it is sound, the problems say.
fn formation(
    tables: Tables,
    workspace: &Workspace,
    problems: &mut Vec<Problem>,
) -> Option<Formation> {
    let Tables { drafts, shared, .. } = tables;
    problems.extend(drafts.iter().flat_map(rules::broken));
    problems.extend(across::names(&drafts, &shared.services));
    problems.extend(across::ports(&drafts, &shared.services));
    problems.extend(across::secrets(&drafts, &shared, workspace.local));
    problems.extend(across::range(&shared, drafts.len()));
    let binaries = binaries(&drafts, workspace, problems);
    let mut settings = shared.settings;
    settings.dev = shared.dev.resolve(&drafts, problems);
    settings.services = shared.services.into_iter().map(|service| service.value).collect();
    let mut formation = Formation { processes: Vec::new(), settings };
    formation.processes = drafts
        .into_iter()
        .zip(binaries?)
        .map(|(draft, binary)| assemble::process_type(draft, binary))
        .collect();
    Some(formation)
}

/// The binary of every type, if every type has one.
fn binaries(
    drafts: &[Draft],
    workspace: &Workspace,
    problems: &mut Vec<Problem>,
) -> Option<Vec<Binary>> {
    let mut used = Vec::new();
    for draft in drafts {
        match binary::binary(draft, workspace) {
            Ok(Some(binary)) => used.push((draft, binary)),
            Ok(None) => {}
            Err(fault) => problems.extend(fault.0),
        }
    }
    problems.extend(across::binaries(&used, workspace));
    let complete = used.len() == drafts.len();
    complete.then(|| used.into_iter().map(|(_, binary)| binary).collect())
}
