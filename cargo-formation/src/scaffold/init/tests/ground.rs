//! Workspaces that cost a line, and what is proposed for them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use snapbox::{Data, assert_data_eq};

use super::super::{Ground, Proposal, propose};
use crate::manifest::{BinaryTarget, Declaration, Manifest, Package, Reading, Workspace, read};
use crate::scaffold::found::Found;
use crate::scaffold::mprocs::mprocs;
use crate::scaffold::process_compose::process_compose;
use crate::scaffold::procfile::procfile;

/// A workspace at `/ws`, with files of other tools.
#[derive(Clone, Debug, Default)]
pub(super) struct Site {
    pub(super) workspace: Workspace,
    pub(super) found: Vec<Found>,
    missing: BTreeSet<PathBuf>,
}

impl Site {
    /// A package that is the whole workspace.
    pub(super) fn lone(name: &str, binaries: &[&str]) -> Self {
        let mut site = Self::default();
        site.workspace.root = "/ws".into();
        site.package(name, "/ws/Cargo.toml", binaries);
        site
    }

    /// A workspace without a root package.
    pub(super) fn workspace(members: &[(&str, &[&str])]) -> Self {
        let mut site = Self::default();
        site.workspace.root = "/ws".into();
        let manifest = Manifest { path: "/ws/Cargo.toml".into(), text: "[workspace]\n".into() };
        site.workspace.manifests.push(manifest);
        for (name, binaries) in members {
            site.package(name, &format!("/ws/{name}/Cargo.toml"), binaries);
        }
        site
    }

    fn package(&mut self, name: &str, path: &str, binaries: &[&str]) {
        let target = |name: &&str| BinaryTarget {
            name: (*name).to_owned(),
            source: PathBuf::new(),
            required_features: Vec::new(),
        };
        let Workspace { manifests, packages, .. } = &mut self.workspace;
        let (name, manifest) = (name.to_owned(), manifests.len());
        let text = format!("[package]\nname = \"{name}\"\n");
        manifests.push(Manifest { path: path.into(), text });
        packages.push(Package { name, manifest, binaries: binaries.iter().map(target).collect() });
    }

    /// Add to the root manifest.
    pub(super) fn declaring(mut self, text: &str) -> Self {
        let _ = write!(self.workspace.manifests[0].text, "\n{text}");
        self
    }

    pub(super) fn declaring_in(mut self, package: &str, text: &str) -> Self {
        let manifest = self.workspace.package(package).unwrap().manifest;
        let _ = write!(self.workspace.manifests[manifest].text, "\n{text}");
        self
    }

    pub(super) fn depending(self, dependency: &str) -> Self {
        self.declaring(&format!("[dependencies]\n{dependency}\n"))
    }

    pub(super) fn file(mut self, name: &str, text: &str) -> Self {
        self.found.extend(match name {
            "mprocs.yaml" => mprocs(name, text).unwrap(),
            "process-compose.yaml" => process_compose(name, text).unwrap(),
            _ => procfile(name, text),
        });
        self
    }

    pub(super) fn missing(mut self, dir: &str) -> Self {
        self.missing.insert(dir.into());
        self
    }

    pub(super) fn read(&self) -> Reading {
        read(&self.workspace)
    }

    pub(super) fn propose(&self) -> Proposal {
        let reading = self.read();
        assert!(reading.formation.is_some() || reading.declaration != Declaration::Present);
        let Self { workspace, found, missing } = self;
        let formation = reading.formation.as_ref();
        propose(&Ground { workspace, formation, found, missing }).unwrap()
    }

    /// The same, with what was proposed.
    pub(super) fn changed(&self, proposal: &Proposal) -> Self {
        let mut site = self.clone();
        for change in &proposal.changes {
            let mut manifests = site.workspace.manifests.iter_mut();
            let manifest = manifests.find(|it| it.path == change.path).unwrap();
            assert_eq!(Some(&manifest.text), change.before.as_ref());
            manifest.text.clone_from(&change.after);
        }
        site
    }

    /// What is added, and what is said. It can be read, and then nothing more is proposed.
    #[track_caller]
    pub(super) fn proposes(&self, expected: impl Into<Data>) {
        let proposal = self.propose();
        let mut text = String::new();
        for change in &proposal.changes {
            let _ = writeln!(text, "--- {}", change.path.strip_prefix("/ws").unwrap().display());
            let old: Vec<&str> = change.before.iter().flat_map(|text| text.lines()).collect();
            for line in change.after.lines().filter(|line| !old.contains(line) && !line.is_empty())
            {
                let _ = writeln!(text, "{line}");
            }
        }
        for remark in &proposal.remarks {
            let _ = writeln!(text, "{remark}");
        }
        assert_data_eq!(text, expected.into().raw());
        let changed = self.changed(&proposal);
        let reading = changed.read();
        assert_eq!(reading.problems, [], "{:#?}", changed.workspace.manifests);
        let names = |site: &Self| -> Vec<String> {
            let formation = site.read().formation;
            let processes = formation.into_iter().flat_map(|formation| formation.processes);
            processes.map(|process| process.name.to_string()).collect()
        };
        let mut expected = names(self);
        expected.extend(proposal.types.iter().map(ToString::to_string));
        let mut found = names(&changed);
        // Who has tables in members declares in several places.
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
        assert_eq!(changed.propose().changes, [], "once more");
    }
}
