//! Where the parts of the table are: in every member's manifest and in that of the workspace.

use toml_edit::Document;

use super::entry::{Entry, Fields, find, place};
use super::local;
use super::problem::Problem;
use super::process::{Draft, Home, process};
use super::settings::{Shared, settings};
use super::suggest;
use super::workspace::{Manifest, Place, Workspace};

/// What the tables say, as far as it can be read.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// The process types, in declaration order.
    pub(super) drafts: Vec<Draft>,
    pub(super) shared: Shared,
    /// Where each table begins, in declaration order; empty if there is no table.
    pub(super) begin: Vec<Place>,
    /// How many keys were meant to be process types, readable or not.
    pub(super) declared: usize,
    pub(super) problems: Vec<Problem>,
    /// Where a table of settings was found.
    settings_at: Option<Place>,
}

/// Keys that belong to the settings, for those who put them among the process types.
const SETTINGS: [&str; 11] = [
    "app",
    "image",
    "base-port",
    "env-file",
    "features",
    "default-features",
    "profile",
    "config",
    "services",
    "dev",
    "platform",
];

/// Parse the manifests; one that is not TOML gives a problem and no document.
pub(super) fn documents(
    workspace: &Workspace,
    problems: &mut Vec<Problem>,
) -> Vec<Option<Document<String>>> {
    let parse = |(position, manifest): (usize, &Manifest)| {
        Document::parse(manifest.text.clone())
            .map_err(|error| {
                let span = error.span().unwrap_or_default();
                let place = place(position, span);
                let what = if workspace.local == Some(position) { "file" } else { "manifest" };
                problems.push(
                    Problem::error(format!("this {what} is not valid TOML"))
                        .at(place, error.message()),
                );
            })
            .ok()
    };
    workspace.manifests.iter().enumerate().map(parse).collect()
}

/// Read every table: that of the root package, that of the workspace, then the members'; at
/// last what one developer says.
pub(super) fn tables(workspace: &Workspace, documents: &[Option<Document<String>>]) -> Tables {
    let mut tables = Tables::default();
    let root = workspace.root_manifest;
    let member =
        |(position, package): (usize, &super::workspace::Package)| (position, package.manifest);
    let (root_package, members): (Vec<_>, Vec<_>) =
        workspace.packages.iter().enumerate().map(member).partition(|(_, at)| *at == root);
    for (position, manifest) in root_package {
        tables.package(position, table(documents, manifest, "package"), Standing::Root);
    }
    tables.workspace(table(documents, root, "workspace"));
    for (position, manifest) in members {
        tables.package(position, table(documents, manifest, "package"), Standing::Member);
    }
    let local = workspace.local.and_then(|file| Some((file, documents.get(file)?.as_ref()?)));
    if let Some((file, document)) = local {
        let fields = Fields::new(document.as_table(), file);
        tables.problems.extend(local::overlay(fields, &mut tables.shared));
    }
    tables
}

fn table<'d>(
    documents: &'d [Option<Document<String>>],
    manifest: usize,
    of: &str,
) -> Option<Entry<'d>> {
    let document = documents.get(manifest)?.as_ref()?;
    find(document.as_table(), manifest, &[of, "metadata", "formation"])
}

/// What a package is to its workspace.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Its manifest is that of the workspace.
    Root,
    /// It is one of several.
    Member,
}

impl Tables {
    fn package(&mut self, position: usize, table: Option<Entry<'_>>, standing: Standing) {
        let Some(table) = table else {
            return;
        };
        self.begin.push(table.at);
        let entries = match table.entries("a table of process types") {
            Ok(entries) => entries,
            Err(fault) => return self.problems.extend(fault.0),
        };
        for entry in entries {
            if entry.key == "settings" {
                self.settings_of_package(entry, standing);
            } else {
                self.process(entry, Home::Package(position));
            }
        }
    }

    fn settings_of_package(&mut self, entry: Entry<'_>, standing: Standing) {
        if standing == Standing::Member {
            let problem = Problem::error("the settings of a workspace are not those of a member");
            self.problems.push(
                problem
                    .at(entry.at, "this package is a member of a workspace")
                    .help("move them to `[workspace.metadata.formation]` in the root manifest"),
            );
            return;
        }
        match entry.fields("a table of settings") {
            Ok(mut fields) => {
                self.shared = settings(&mut fields);
                self.settings_at = Some(entry.at);
                self.problems.extend(fields.problems(|_| None));
            }
            Err(fault) => self.problems.extend(fault.0),
        }
    }

    fn workspace(&mut self, table: Option<Entry<'_>>) {
        let Some(table) = table else {
            return;
        };
        self.begin.push(table.at);
        let mut fields = match table.fields("a table of settings") {
            Ok(fields) => fields,
            Err(fault) => return self.problems.extend(fault.0),
        };
        let shared = settings(&mut fields);
        if let Some(processes) = fields.entry("processes") {
            match processes.entries("a table of process types") {
                Ok(entries) => {
                    for entry in entries {
                        self.process(entry, Home::Workspace);
                    }
                }
                Err(fault) => self.problems.extend(fault.0),
            }
        }
        self.problems.extend(fields.problems(misplaced_process));
        match self.settings_at {
            Some(first) => self.problems.push(settings_twice(table.at, first)),
            None => self.shared = shared,
        }
    }

    fn process(&mut self, entry: Entry<'_>, home: Home) {
        self.declared += 1;
        let (draft, problems) = process(entry, home);
        if SETTINGS.contains(&entry.key) && !problems.is_empty() {
            return self.problems.push(misplaced_setting(entry));
        }
        self.problems.extend(problems);
        self.drafts.extend(draft);
    }
}

fn settings_twice(second: Place, first: Place) -> Problem {
    Problem::error("the settings of the formation are in two places")
        .at(second, "the workspace has settings")
        .beside(first, "so has its root package")
        .help("keep those of the workspace")
}

fn misplaced_setting(entry: Entry<'_>) -> Problem {
    Problem::error(format!("`{}` is a setting, not a process type", entry.key))
        .at(entry.at, "each key of this table is a process type")
        .help(
            "settings belong to `[workspace.metadata.formation]`, \
             or to `[package.metadata.formation.settings]` of a lone package",
        )
}

/// Somebody who puts a process type, or all settings once more, among the settings.
fn misplaced_process(entry: &Entry<'_>) -> Option<String> {
    if entry.key == "settings" {
        let help = "this table is the settings: write the keys into \
                    `[workspace.metadata.formation]` itself; only a lone package has a key \
                    `settings`, in `[package.metadata.formation]`";
        return Some(help.to_owned());
    }
    let known = suggest::key(entry.key, &SETTINGS).is_some() || entry.key == "process";
    let looks_like_one = entry.is_table() || entry.as_str().is_some();
    (!known && looks_like_one)
        .then(|| "process types belong to `[workspace.metadata.formation.processes]`".to_owned())
}
