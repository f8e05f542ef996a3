//! Where a part of the table stands, for what is found wrong with it later than it was read.

use toml_edit::Document;

use super::entry::{Entry, find};
use super::tables::documents;
use super::workspace::{Place, Workspace};

/// Where the process type of this name is declared, or the innermost of these of its keys that is
/// written.
#[must_use]
pub fn locate_process(workspace: &Workspace, name: &str, keys: &[&str]) -> Option<Place> {
    let documents = documents(workspace, &mut Vec::new());
    let of_package = ["package", "metadata", "formation", name];
    let of_workspace = ["workspace", "metadata", "formation", "processes", name];
    workspace
        .packages
        .iter()
        .find_map(|package| innermost(&documents, package.manifest, &of_package, keys))
        .or_else(|| innermost(&documents, workspace.root_manifest, &of_workspace, keys))
}

/// Where this setting is written. `None` where it is not, and has its default.
#[must_use]
pub fn locate_setting(workspace: &Workspace, keys: &[&str]) -> Option<Place> {
    let documents = documents(workspace, &mut Vec::new());
    let homes: [&[&str]; 2] = [
        &["workspace", "metadata", "formation"],
        &["package", "metadata", "formation", "settings"],
    ];
    let at = |home: &[&str]| {
        let path = [home, keys].concat();
        Some(entry(&documents, workspace.root_manifest, &path)?.value())
    };
    homes.into_iter().find_map(at)
}

/// The value at the end of as many keys as are written; where there is none of them, the name.
fn innermost(
    documents: &[Option<Document<String>>],
    manifest: usize,
    home: &[&str],
    keys: &[&str],
) -> Option<Place> {
    let name = entry(documents, manifest, home)?.at;
    let value = |written: usize| {
        let path = [home, keys.get(..written)?].concat();
        Some(entry(documents, manifest, &path)?.value())
    };
    (1..=keys.len()).rev().find_map(value).or(Some(name))
}

fn entry<'d>(
    documents: &'d [Option<Document<String>>],
    manifest: usize,
    path: &[&str],
) -> Option<Entry<'d>> {
    find(documents.get(manifest)?.as_ref()?.as_table(), manifest, path)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Place, locate_process, locate_setting};
    use crate::manifest::{Manifest, Package, Workspace};

    const ROOT: &str = "[workspace.metadata.formation]\napp = \"shop\"\n\
                        platform.fly.region = \"ams\"\n\
                        [workspace.metadata.formation.processes]\nclock = {}\n";
    const MEMBER: &str = "[package.metadata.formation]\nweb = { stop = { timeout = \"60s\" } }\n\
                          worker.env.A = \"b\"\n";

    fn workspace() -> Workspace {
        let manifest =
            |path: &str, text: &str| Manifest { path: PathBuf::from(path), text: text.to_owned() };
        let package = Package { name: "shop".into(), manifest: 1, binaries: Vec::new() };
        Workspace {
            root: "/ws".into(),
            manifests: vec![manifest("/ws/Cargo.toml", ROOT), manifest("/ws/a/Cargo.toml", MEMBER)],
            packages: vec![package],
            ..Workspace::default()
        }
    }

    fn text(workspace: &Workspace, place: Option<Place>) -> Option<&str> {
        let place = place?;
        workspace.manifests[place.manifest].text.get(place.start..place.end)
    }

    #[test]
    fn a_process_type_is_where_it_is_declared() {
        let workspace = workspace();
        let check = |name: &str, keys: &[&str], expected: Option<&str>| {
            let place = locate_process(&workspace, name, keys);
            assert_eq!(text(&workspace, place), expected, "{name} {keys:?}");
        };
        check("web", &[], Some("web"));
        check("web", &["stop", "timeout"], Some("\"60s\""));
        check("web", &["stop", "signal"], Some("{ timeout = \"60s\" }"));
        check("web", &["schedule"], Some("web"));
        check("worker", &["env", "A"], Some("\"b\""));
        check("clock", &["port"], Some("clock"));
        check("nobody", &["port"], None);
    }

    #[test]
    fn a_setting_is_where_it_is_written_or_nowhere() {
        let workspace = workspace();
        let check = |keys: &[&str], expected: Option<&str>| {
            assert_eq!(text(&workspace, locate_setting(&workspace, keys)), expected, "{keys:?}");
        };
        check(&["app"], Some("\"shop\""));
        check(&["platform", "fly", "region"], Some("\"ams\""));
        check(&["image"], None);
    }
}
